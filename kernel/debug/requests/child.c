/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Child processes. In the parent: celldap/child tells the clients of a new one, and it what is set.
 * In the child: a client that is nobody holds that until a real one comes, and no stop waits for
 * ever for it (design.md: its first hit waits at most 2 s). Debug thread only.
 */
#include "kernel/debug/state.h"

#include <string.h>

/* ---- parent ---- */

/* Whether some client wants to see child processes. */
static bool wanted(const struct dbg_session *s)
{
    for (const struct dbg_client *c = s->clients; c; c = c->next) {
        if (c->attached && !c->away && c->sub_process) {
            return true;
        }
    }
    return false;
}

/* Arguments of setBreakpoints, one for each source. New. */
static json_t *sources_json(const struct dbg_session *s)
{
    json_t *all = json_array();
    for (const struct dbg_source *src = s->sources; src; src = src->next) {
        json_t *list = json_array();
        for (size_t i = 0; i < src->count; i++) {
            json_array_append_new(list, dbg__source_breakpoint_json(&src->list[i]));
        }
        if (json_array_size(list) == 0) {
            json_decref(list);
            continue;
        }
        json_t *source = json_pack("{s:s*}", "path", src->path);
        if (src->cell_id) {
            json_object_set_new(source, "adapterData", json_pack("{s:s}", "cellId", src->cell_id));
        }
        json_array_append_new(all, json_pack("{s:o, s:o}", "source", source, "breakpoints", list));
    }
    return all;
}

static json_t *functions_json(const struct dbg_session *s)
{
    json_t *list = json_array();
    for (size_t i = 0; i < s->functions.count; i++) {
        const struct dbg_breakpoint *b = &s->functions.list[i];
        json_array_append_new(list, json_pack("{s:s, s:s*, s:s*}", "name", b->name, "condition",
                                              b->e.condition, "hitCondition", b->hit_text));
    }
    return json_pack("{s:o}", "breakpoints", list);
}

static void add_filter(json_t *options, bool on, const char *id, const char *condition)
{
    if (on) {
        json_array_append_new(options,
                              json_pack("{s:s, s:s*}", "filterId", id, "condition", condition));
    }
}

static json_t *exceptions_json(const struct dbg_session *s)
{
    json_t *options = json_array();
    for (const struct dbg_client *c = s->clients; c; c = c->next) {
        const struct engine_exception_filters *f = &c->exceptions;
        if (c->away) {
            continue;
        }
        add_filter(options, f->raised, "raised", f->raised_condition);
        add_filter(options, f->uncaught, "uncaught", f->uncaught_condition);
        add_filter(options, f->user_unhandled, "userUnhandled", f->user_unhandled_condition);
    }
    return json_pack("{s:[], s:o}", "filters", "filterOptions", options);
}

static cd_result check(const json_t *args, struct cd_error *reterr)
{
    const char *text = NULL;
    int64_t pid = 0;
    return cd_json_int(args, "arguments.pid", 1, INT32_MAX, &pid, reterr) != CD_OK ||
                   cd_json_str(args, "arguments.name", &text, reterr) != CD_OK ||
                   cd_json_str(args, "arguments.connectionFile", &text, reterr) != CD_OK
               ? CD_ERR
               : CD_OK;
}

void dbg__req_child(struct dbg_session *s, struct dbg_client *c, struct dbg_request *r)
{
    struct cd_error err = CD_ERROR_INIT;
    if (check(r->dap.arguments, &err) != CD_OK) {
        dbg__fail(r, &err);
        return;
    }
    if (!wanted(s)) {
        dbg__answer(r, json_pack("{s:b}", "attached", 0));
        return;
    }
    json_t *event = json_deep_copy(r->dap.arguments);
    dbg__answer(r, json_pack("{s:b, s:b, s:o, s:o, s:o}", "attached", 1, "justMyCode",
                             s->engine_just_my_code, "breakpoints", sources_json(s),
                             "functionBreakpoints", functions_json(s), "exceptionBreakpoints",
                             exceptions_json(s)));
    dbg__event_attached(s, c, "celldap/child", event);
    json_decref(event);
}

/* ---- child ---- */

static void ask(struct dbg_session *s, int client, const char *command, json_t *arguments)
{
    json_t *request = json_pack("{s:i, s:s, s:s, s:O*}", "seq", 1, "type", "request", "command",
                                command, "arguments", arguments);
    if (request) {
        dbg_session_request(s, client, NULL, request);
    }
}

void dbg_session_inherit(struct dbg_session *s, const json_t *body)
{
    static const char name[] = "the parent process";
    const int id = dbg_session_client(s, name, sizeof name - 1);
    struct dbg_client *c = dbg__client_by_id(s, id);
    size_t i;
    json_t *source;
    if (!c) {
        return;
    }
    c->initialized = c->attached = c->inherited = true;
    c->just_my_code = json_is_true(json_object_get(body, "justMyCode"));
    s->unattended_ms = json_integer_value(json_object_get(body, "waitMs"));
    json_array_foreach(json_object_get(body, "breakpoints"), i, source)
    {
        ask(s, id, "setBreakpoints", source);
    }
    ask(s, id, "setFunctionBreakpoints", json_object_get(body, "functionBreakpoints"));
    ask(s, id, "setExceptionBreakpoints", json_object_get(body, "exceptionBreakpoints"));
    dbg__tell_engine(s);
}

static struct dbg_client *stand_in(const struct dbg_session *s)
{
    struct dbg_client *c = s->clients;
    while (c && !c->inherited) {
        c = c->next;
    }
    return c && c->attached ? c : NULL;
}

void dbg__inherited_over(struct dbg_session *s)
{
    struct dbg_client *c = stand_in(s);
    if (c) {
        c->away = true; // its breakpoints are orphans: the client's take their place
        c->attached = false;
    }
}

/* One that said hello: it is about to attach. */
static bool somebody_comes(const struct dbg_session *s)
{
    for (const struct dbg_client *c = s->clients; c; c = c->next) {
        if (!c->inherited && c->id != DBG_CLIENT_CONTROL && !c->away) {
            return true;
        }
    }
    return false;
}

int64_t dbg__inherited_tick(struct dbg_session *s, int64_t now)
{
    struct dbg_client *c = stand_in(s);
    if (!c || !s->stop || somebody_comes(s)) {
        s->unattended_since_ms = 0;
        return -1;
    }
    if (s->unattended_since_ms == 0) {
        s->unattended_since_ms = now;
    }
    const int64_t left = s->unattended_since_ms + s->unattended_ms - now;
    if (left > 0) {
        return left;
    }
    dbg__inherited_over(s);
    dbg__tell_engine(s);
    dbg__resume_all(s, NULL);
    return -1;
}
