/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Who debugs (contracts.md §6): the control channel as one client, and debug-socket clients by
 * uuid, which are away when nothing was heard of them for 10 s. Events go out from here. Debug
 * thread only.
 */
#include "kernel/debug/state.h"

#include <stdlib.h>
#include <string.h>

struct dbg_client *dbg__client_by_id(const struct dbg_session *s, int id)
{
    struct dbg_client *c = s->clients;
    while (c && c->id != id) {
        c = c->next;
    }
    return c;
}

bool dbg__present(const struct dbg_session *s, int client_id)
{
    const struct dbg_client *c = dbg__client_by_id(s, client_id);
    return c && !c->away;
}

size_t dbg__attached_count(const struct dbg_session *s, bool with_away)
{
    size_t n = 0;
    for (const struct dbg_client *c = s->clients; c; c = c->next) {
        n += c->attached && (with_away || !c->away);
    }
    return n;
}

bool dbg_session_attended(const struct dbg_session *s)
{
    for (const struct dbg_client *c = s->clients; c; c = c->next) {
        if (c->id != DBG_CLIENT_CONTROL && c->attached && !c->away && !c->inherited) {
            return true;
        }
    }
    return false;
}

void dbg__tell_engine(struct dbg_session *s)
{
    bool attached = false;
    bool just_my_code = true;
    for (const struct dbg_client *c = s->clients; c; c = c->next) {
        if (c->attached && !c->away) {
            attached = true;
            just_my_code = just_my_code && c->just_my_code;
        }
    }
    if (attached && !s->engine_attached) {
        dbg__loaded_from_now(s);
    }
    if (attached != s->engine_attached || just_my_code != s->engine_just_my_code) {
        s->engine_attached = attached;
        s->engine_just_my_code = just_my_code;
        s->engine->set_attached(attached, just_my_code);
    }
}

struct dbg_client *dbg__client_new(struct dbg_session *s, int id)
{
    struct dbg_client *c = calloc(1, sizeof(*c));
    if (c) {
        c->id = id;
        c->just_my_code = true;
        c->sub_process = true;
        c->seen_ms = s->transport->now_ms(s->transport->ctx);
        c->next = s->clients;
        s->clients = c;
    }
    return c;
}

static void free_client(struct dbg_client *c)
{
    dbg__exceptions_clear(&c->exceptions);
    json_decref(c->presentation);
    free(c->uuid);
    free(c);
}

int dbg_session_client(struct dbg_session *s, const void *uuid, size_t len)
{
    for (const struct dbg_client *c = s->clients; c; c = c->next) {
        if (c->uuid && c->uuid_len == len && memcmp(c->uuid, uuid, len) == 0) {
            return c->id;
        }
    }
    struct dbg_client *c = dbg__client_new(s, s->last_client + 1);
    if (!c) {
        return 0;
    }
    c->uuid = malloc(len + 1);
    if (!c->uuid) {
        s->clients = c->next;
        free_client(c);
        return 0;
    }
    memcpy(c->uuid, uuid, len);
    c->uuid[len] = '\0';
    c->uuid_len = len;
    return ++s->last_client;
}

void dbg__clients_done(struct dbg_session *s)
{
    while (s->clients) {
        struct dbg_client *c = s->clients;
        s->clients = c->next;
        free_client(c);
    }
}

/* The body as this client may see it: of the breakpoints that were hit only its own. */
static json_t *body_for(const struct dbg_session *s, const struct dbg_client *c, const json_t *body)
{
    json_t *copy = json_deep_copy(body);
    json_t *hit = json_object_get(copy, "hitBreakpointIds");
    for (size_t i = json_array_size(hit); i-- > 0;) {
        int id = (int)json_integer_value(json_array_get(hit, i));
        const struct dbg_breakpoint *b = dbg__breakpoint_by_id(s, id, NULL);
        if (!b || b->e.owner != c->id) {
            json_array_remove(hit, i);
        }
    }
    if (hit && json_array_size(hit) == 0) {
        json_object_del(copy, "hitBreakpointIds");
    }
    return copy;
}

void dbg__event_to(struct dbg_session *s, const struct dbg_client *c, const char *event,
                   const json_t *body, uint64_t iopub_count)
{
    json_t *copy = body ? body_for(s, c, body) : NULL;
    dbg__blanks_out(s, c->id, copy);
    json_t *message = dap_event_new(event, copy);
    if (message) {
        s->transport->event(s->transport->ctx, c->id, message, iopub_count);
    }
}

void dbg__event_all(struct dbg_session *s, const struct dbg_client *but, const char *event,
                    const json_t *body, uint64_t iopub_count)
{
    for (const struct dbg_client *c = s->clients; c; c = c->next) {
        // iopub has listeners that never sent a request
        bool listens = c->id == DBG_CLIENT_CONTROL || (c->attached && !c->away);
        if (c != but && listens) {
            dbg__event_to(s, c, event, body, iopub_count);
        }
    }
}

void dbg__event_attached(struct dbg_session *s, const struct dbg_client *but, const char *event,
                         const json_t *body)
{
    for (const struct dbg_client *c = s->clients; c; c = c->next) {
        if (c != but && c->id != DBG_CLIENT_CONTROL && c->attached && !c->away) {
            dbg__event_to(s, c, event, body, 0);
        }
    }
}

void dbg__client_back(struct dbg_session *s, struct dbg_client *c)
{
    dbg__tell_engine(s);
    if (!c->attached) {
        return;
    }
    if (s->stop && c->told_stop != s->stop->number) {
        dbg__show_stop(s, c);
    } else if (!s->stop && c->told_stop) {
        json_t *body =
            json_pack("{s:i, s:b}", "threadId", DBG_MAIN_THREAD, "allThreadsContinued", true);
        c->told_stop = 0;
        dbg__event_to(s, c, "continued", body, 0);
        json_decref(body);
    }
}

int64_t dbg__clients_tick(struct dbg_session *s, int64_t now)
{
    int64_t wait = -1;
    for (struct dbg_client *c = s->clients; c; c = c->next) {
        int64_t left = c->seen_ms + s->away_after_ms - now;
        if (c->id == DBG_CLIENT_CONTROL || c->away || c->inherited) {
            continue;
        }
        if (left <= 0) {
            c->away = true; // never freed: its owner may have kept the id
        } else if (wait < 0 || left < wait) {
            wait = left;
        }
    }
    dbg__tell_engine(s);
    return wait;
}

void dbg__client_reset(struct dbg_session *s, struct dbg_client *c)
{
    bool had_exceptions =
        c->exceptions.raised || c->exceptions.uncaught || c->exceptions.user_unhandled;
    c->initialized = false;
    c->attached = false;
    c->just_my_code = true;
    c->counts_without_blanks = false;
    json_decref(c->presentation);
    c->presentation = NULL;
    c->told_stop = 0;
    dbg__view_leave(s, c);
    dbg__rules_arm(s, c, &(struct engine_rules){0});
    dbg__exceptions_clear(&c->exceptions);
    dbg__tell_engine(s);
    dbg__breakpoints_drop(s, c->id);
    if (had_exceptions) {
        dbg__arm_exceptions(s, NULL, NULL);
    }
}
