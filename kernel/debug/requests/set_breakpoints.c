/* SPDX-License-Identifier: BSD-3-Clause
 *
 * setBreakpoints, setFunctionBreakpoints and setDataBreakpoints: read and checked as a whole before
 * anything changes, then the table, then the engine (arm_breakpoints.c), then the answer. Debug
 * thread only.
 */
#include "dap/base/limits.h"
#include "kernel/debug/state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum kind { LINES, FUNCTIONS, DATA };

/* What a client sent for one breakpoint; borrowed from the request. */
struct wanted {
    const char *name;
    const char *access;
    int64_t line, column;
    const char *condition, *hit, *log;
};

static const char *unless_blank(const char *text)
{
    return text && text[strspn(text, " \t\r\n\f\v")] ? text : NULL;
}

static cd_result copy(char **to, const char *from, struct cd_error *reterr)
{
    *to = from ? strdup(from) : NULL;
    return from && !*to ? cd_oom(reterr) : CD_OK;
}

static cd_result fill(struct dbg_breakpoint *b, int owner, const struct wanted *w,
                      struct cd_error *reterr)
{
    struct cd_error bad = CD_ERROR_INIT;
    b->e.owner = owner;
    b->e.line_1based = (int)w->line;
    b->e.column_1based = (int)w->column;
    if (copy(&b->name, w->name, reterr) != CD_OK ||
        copy(&b->e.condition, unless_blank(w->condition), reterr) != CD_OK ||
        copy(&b->hit_text, unless_blank(w->hit), reterr) != CD_OK ||
        copy(&b->e.log_message, unless_blank(w->log), reterr) != CD_OK) {
        return CD_ERR;
    }
    b->armed = dbg_hit_parse(b->hit_text, &b->e.hit, &bad) == CD_OK;
    if (b->armed && w->access && strcmp(w->access, "write") != 0) {
        b->armed = false;
        cd_error_set(&bad, CD_E_UNSUPPORTED,
                     "accessType '%.20s' is not possible: Python tells of writes only", w->access);
    }
    snprintf(b->e.reason, sizeof(b->e.reason), "%s", b->armed ? "pending" : "failed");
    snprintf(b->e.message, sizeof(b->e.message), "%.199s",
             b->armed ? "waits for the interpreter, which is busy" : bad.text);
    return CD_OK;
}

/* "arguments.breakpoints[3].line" */
static const char *field(char *to, size_t size, size_t i, const char *key)
{
    snprintf(to, size, "arguments.breakpoints[%zu].%s", i, key);
    return to;
}

static cd_result read_one(const json_t *item, size_t i, enum kind kind, struct wanted *ret,
                          struct cd_error *reterr)
{
    char at[80];
    *ret = (struct wanted){0};
    if (!json_is_object(item)) {
        return cd_error_set(reterr, CD_E_BAD_TYPE, "expected object at arguments.breakpoints[%zu]",
                            i);
    }
    if (kind != LINES) {
        const char *key = kind == DATA ? "dataId" : "name";
        if (cd_json_str(item, field(at, sizeof(at), i, key), &ret->name, reterr) != CD_OK) {
            return CD_ERR;
        }
        if (!unless_blank(ret->name)) {
            return cd_error_set(reterr, CD_E_BAD_VALUE, "empty %s at %s", key, at);
        }
        if (kind == DATA && cd_json_str_opt(item, field(at, sizeof(at), i, "accessType"),
                                            &ret->access, reterr) != CD_OK) {
            return CD_ERR;
        }
    } else if (cd_json_int(item, field(at, sizeof(at), i, "line"), 0, INT32_MAX, &ret->line,
                           reterr) != CD_OK ||
               cd_json_int_opt(item, field(at, sizeof(at), i, "column"), 0, INT32_MAX, &ret->column,
                               reterr) != CD_OK ||
               cd_json_str_opt(item, field(at, sizeof(at), i, "logMessage"), &ret->log, reterr) !=
                   CD_OK) {
        return CD_ERR;
    }
    if (cd_json_str_opt(item, field(at, sizeof(at), i, "condition"), &ret->condition, reterr) !=
        CD_OK) {
        return CD_ERR;
    }
    return cd_json_str_opt(item, field(at, sizeof(at), i, "hitCondition"), &ret->hit, reterr);
}

/* New list of what the client wants, from `breakpoints` or the older `lines`. */
static cd_result read_list(const json_t *args, int owner, enum kind kind,
                           struct dbg_breakpoint **ret, size_t *ret_count, struct cd_error *reterr)
{
    json_t *items = NULL;
    json_t *lines = NULL;
    if (cd_json_arr_opt(args, "arguments.breakpoints", &items, reterr) != CD_OK ||
        (kind == LINES && cd_json_arr_opt(args, "arguments.lines", &lines, reterr) != CD_OK)) {
        return CD_ERR;
    }
    if (!items && !lines && kind != LINES) {
        return cd_error_set(reterr, CD_E_MISSING, "missing arguments.breakpoints (array)");
    }
    size_t count = json_array_size(items ? items : lines);
    if (count > CD_MAX_BREAKPOINTS) {
        return cd_error_set(reterr, CD_E_LIMIT, "%zu breakpoints in one source: at most %u", count,
                            CD_MAX_BREAKPOINTS);
    }
    struct dbg_breakpoint *list = calloc(count + 1, sizeof(*list));
    cd_result result = list ? CD_OK : cd_oom(reterr);
    for (size_t i = 0; result == CD_OK && i < count; i++) {
        struct wanted w = {0};
        const json_t *item = json_array_get(items ? items : lines, i);
        if (items) {
            result = read_one(item, i, kind, &w, reterr);
        } else if (json_is_integer(item) && json_integer_value(item) >= 0 &&
                   json_integer_value(item) <= INT32_MAX) {
            w.line = json_integer_value(item);
        } else {
            result =
                cd_error_set(reterr, CD_E_BAD_TYPE, "expected integer at arguments.lines[%zu]", i);
        }
        if (result == CD_OK) {
            result = fill(&list[i], owner, &w, reterr);
        }
    }
    if (result != CD_OK) {
        dbg__breakpoint_list_free(list, count);
        return CD_ERR;
    }
    *ret = list;
    *ret_count = count;
    return CD_OK;
}

static cd_result read_source(const json_t *args, const char **ret_path, const char **ret_cell_id,
                             struct cd_error *reterr)
{
    json_t *source = NULL;
    json_t *data = NULL;
    if (cd_json_obj(args, "arguments.source", &source, reterr) != CD_OK ||
        cd_json_str_opt(source, "arguments.source.path", ret_path, reterr) != CD_OK) {
        return CD_ERR;
    }
    data = json_object_get(source, "adapterData"); // any JSON value may be here
    if (json_is_object(data) && cd_json_str_opt(data, "arguments.source.adapterData.cellId",
                                                ret_cell_id, reterr) != CD_OK) {
        return CD_ERR;
    }
    if (!unless_blank(*ret_path)) {
        *ret_path = NULL;
    }
    if (!*ret_path && !*ret_cell_id) {
        return cd_error_set(reterr, CD_E_MISSING, "missing arguments.source.path (string)");
    }
    return CD_OK;
}

static cd_result op_breakpoint_locations(const struct engine_ops *engine, const json_t *args,
                                         json_t **ret, json_t **ret_extra, struct cd_error *reterr)
{
    (void)ret_extra;
    return engine->breakpoint_locations(args, ret, reterr);
}

void dbg__req_breakpoint_locations(struct dbg_session *s, struct dbg_client *c,
                                   struct dbg_request *r)
{
    (void)c;
    dbg__post_arm(s, r, dbg__job_op(s, op_breakpoint_locations));
}

void dbg__req_set_breakpoints(struct dbg_session *s, struct dbg_client *c, struct dbg_request *r)
{
    struct cd_error err = CD_ERROR_INIT;
    const char *path = NULL;
    const char *cell_id = NULL;
    struct dbg_breakpoint *list = NULL;
    struct dbg_source *src = NULL;
    size_t count = 0;
    if (read_source(r->dap.arguments, &path, &cell_id, &err) != CD_OK ||
        read_list(r->dap.arguments, c->id, LINES, &list, &count, &err) != CD_OK) {
        dbg__fail(r, &err);
        return;
    }
    src = dbg__source_get(s, path, cell_id);
    if (!src) {
        dbg__breakpoint_list_free(list, count);
        cd_oom(&err);
    } else if (dbg__source_replace(s, src, c->id, list, count, &err) == CD_OK) {
        dbg__arm_source(s, r, src, c->id);
        dbg__source_drop_if_empty(s, src);
        return;
    }
    dbg__fail(r, &err);
}

static void set_all(struct dbg_session *s, const struct dbg_client *c, struct dbg_request *r,
                    struct dbg_source *all, enum kind kind)
{
    struct cd_error err = CD_ERROR_INIT;
    struct dbg_breakpoint *list = NULL;
    size_t count = 0;
    if (read_list(r->dap.arguments, c->id, kind, &list, &count, &err) != CD_OK ||
        dbg__source_replace(s, all, c->id, list, count, &err) != CD_OK) {
        dbg__fail(r, &err);
        return;
    }
    dbg__arm_source(s, r, all, c->id);
}

void dbg__req_set_function_breakpoints(struct dbg_session *s, struct dbg_client *c,
                                       struct dbg_request *r)
{
    set_all(s, c, r, &s->functions, FUNCTIONS);
}

void dbg__req_set_data_breakpoints(struct dbg_session *s, struct dbg_client *c,
                                   struct dbg_request *r)
{
    set_all(s, c, r, &s->data, DATA);
}
