/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The table of breakpoints: by source, each with its owner. A client replaces its own and those of
 * clients that are away (contracts.md §6). Debug thread only; the engine gets copies.
 */
#include "kernel/debug/state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void dbg__breakpoint_clear(struct dbg_breakpoint *b)
{
    free(b->e.condition);
    free(b->e.log_message);
    free(b->name);
    free(b->hit_text);
    memset(b, 0, sizeof(*b));
}

void dbg__breakpoint_list_free(struct dbg_breakpoint *list, size_t count)
{
    for (size_t i = 0; list && i < count; i++) {
        dbg__breakpoint_clear(&list[i]);
    }
    free(list);
}

void dbg__source_done(struct dbg_source *src)
{
    dbg__breakpoint_list_free(src->list, src->count);
    src->list = NULL;
    src->count = 0;
    free(cd_take(src->path));
    free(cd_take(src->cell_id));
}

void dbg__breakpoints_done(struct dbg_session *s)
{
    while (s->sources) {
        struct dbg_source *src = s->sources;
        s->sources = src->next;
        dbg__source_done(src);
        free(src);
    }
    dbg__source_done(&s->functions);
    dbg__source_done(&s->data);
}

static bool same(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

struct dbg_source *dbg__source_find(const struct dbg_session *s, const char *path,
                                    const char *cell_id)
{
    struct dbg_source *src = s->sources;
    // a cell keeps its id when its text, and so its path, changes
    while (src && (!same(src->cell_id, cell_id) || (!cell_id && !same(src->path, path)))) {
        src = src->next;
    }
    return src;
}

struct dbg_source *dbg__source_get(struct dbg_session *s, const char *path, const char *cell_id)
{
    struct dbg_source *src = dbg__source_find(s, path, cell_id);
    if (src) {
        char *copy = path && !same(src->path, path) ? strdup(path) : NULL;
        if (copy) {
            free(src->path);
            src->path = copy;
        }
        return src;
    }
    src = calloc(1, sizeof(*src));
    if (!src) {
        return NULL;
    }
    src->path = path ? strdup(path) : NULL;
    src->cell_id = cell_id ? strdup(cell_id) : NULL;
    if ((path && !src->path) || (cell_id && !src->cell_id)) {
        dbg__source_done(src);
        free(src);
        return NULL;
    }
    src->next = s->sources;
    s->sources = src;
    return src;
}

void dbg__source_drop_if_empty(struct dbg_session *s, struct dbg_source *src)
{
    for (struct dbg_source **pp = &s->sources; *pp; pp = &(*pp)->next) {
        if (*pp == src && src->count == 0) {
            *pp = src->next;
            dbg__source_done(src);
            free(src);
            return;
        }
    }
}

static bool unchanged(const struct dbg_breakpoint *a, const struct dbg_breakpoint *b)
{
    return a->e.owner == b->e.owner && a->e.line_1based == b->e.line_1based &&
           a->e.column_1based == b->e.column_1based && a->armed == b->armed &&
           same(a->name, b->name) && same(a->e.condition, b->e.condition) &&
           same(a->hit_text, b->hit_text) && same(a->e.log_message, b->e.log_message);
}

/* Gives each of list an id: that of an equal one of before (with its result), or a new one. */
static void number_them(struct dbg_session *s, const struct dbg_source *src,
                        struct dbg_breakpoint *list, size_t count, bool *used)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < src->count && !list[i].e.id; k++) {
            const struct engine_breakpoint *old = &src->list[k].e;
            if (used[k] || !unchanged(&src->list[k], &list[i])) {
                continue;
            }
            used[k] = true;
            list[i].e.id = old->id;
            list[i].e.verified = old->verified;
            list[i].e.actual_line = old->actual_line;
            list[i].e.column = old->column;
            list[i].e.end_line = old->end_line;
            list[i].e.end_column = old->end_column;
            memcpy(list[i].e.reason, old->reason, sizeof(old->reason));
            memcpy(list[i].e.message, old->message, sizeof(old->message));
        }
        if (!list[i].e.id) {
            list[i].e.id = ++s->last_breakpoint;
        }
    }
}

cd_result dbg__source_replace(struct dbg_session *s, struct dbg_source *src, int owner,
                              struct dbg_breakpoint *list_owned, size_t count,
                              struct cd_error *reterr)
{
    cd_autofree bool *used = calloc(src->count + 1, sizeof(*used));
    struct dbg_breakpoint *all = calloc(src->count + count + 1, sizeof(*all));
    size_t n = 0;
    if (!used || !all) {
        free(all);
        dbg__breakpoint_list_free(list_owned, count);
        return cd_oom(reterr);
    }
    number_them(s, src, list_owned, count, used);
    for (size_t k = 0; k < src->count; k++) {
        int old = src->list[k].e.owner;
        if (old != owner && dbg__present(s, old)) {
            all[n++] = src->list[k];
        } else {
            dbg__breakpoint_clear(&src->list[k]);
        }
    }
    for (size_t i = 0; i < count; i++) {
        all[n++] = list_owned[i];
    }
    free(list_owned);
    free(src->list);
    src->list = all;
    src->count = n;
    return CD_OK;
}

static json_t *source_json(const char *path, const char *cell_id)
{
    json_t *o = json_object();
    if (path) {
        json_object_set_new(o, "path", cd_json_textz(path));
    }
    if (cell_id) {
        json_t *data = json_object();
        json_object_set_new(data, "cellId", cd_json_textz(cell_id));
        json_object_set_new(o, "adapterData", data);
    }
    return o;
}

static void set_positive(json_t *o, const char *key, int n)
{
    if (n > 0) {
        json_object_set_new(o, key, json_integer(n));
    }
}

json_t *dbg__breakpoint_json(const struct engine_breakpoint *e, const char *path,
                             const char *cell_id)
{
    int line = e->verified && e->actual_line > 0 ? e->actual_line : e->line_1based;
    json_t *o = json_pack("{s:i, s:b}", "id", e->id, "verified", e->verified);
    set_positive(o, "line", line);
    set_positive(o, "column", e->verified ? e->column : e->column_1based);
    set_positive(o, "endLine", e->verified ? e->end_line : 0);
    set_positive(o, "endColumn", e->verified ? e->end_column : 0);
    if (path || cell_id) {
        json_object_set_new(o, "source", source_json(path, cell_id));
    }
    if (e->message[0]) {
        json_object_set_new(o, "message", cd_json_textz(e->message));
    }
    if (!e->verified && e->reason[0]) {
        json_object_set_new(o, "reason", cd_json_textz(e->reason));
    }
    return o;
}

struct dbg_breakpoint *dbg__breakpoint_in(const struct dbg_source *src, int id, size_t *hint)
{
    for (size_t n = 0; src && n < src->count; n++) {
        size_t i = (*hint + n) % src->count;
        if (src->list[i].e.id == id) {
            *hint = i + 1;
            return &src->list[i];
        }
    }
    return NULL;
}

struct dbg_breakpoint *dbg__breakpoint_by_id(const struct dbg_session *s, int id,
                                             struct dbg_source **ret_source)
{
    size_t hint = 0;
    struct dbg_breakpoint *b = dbg__breakpoint_in(&s->functions, id, &hint);
    b = b ? b : dbg__breakpoint_in(&s->data, id, &hint);
    if (b && ret_source) {
        *ret_source = NULL;
    }
    for (struct dbg_source *src = s->sources; !b && src; src = src->next) {
        b = dbg__breakpoint_in(src, id, &hint);
        if (b && ret_source) {
            *ret_source = src;
        }
    }
    return b;
}

/* What the engine says of a breakpoint by itself, e.g. that its code was compiled now. */
static void take_over(struct engine_breakpoint *e, const json_t *said)
{
    const char *reason = json_string_value(json_object_get(said, "reason"));
    const char *message = json_string_value(json_object_get(said, "message"));
    json_int_t line = json_integer_value(json_object_get(said, "line"));
    json_int_t end_line = json_integer_value(json_object_get(said, "endLine"));
    e->verified = json_is_true(json_object_get(said, "verified"));
    e->actual_line = line > 0 && line <= INT32_MAX ? (int)line : 0;
    e->end_line = end_line > 0 && end_line <= INT32_MAX ? (int)end_line : 0;
    snprintf(e->reason, sizeof(e->reason), "%s", reason ? reason : "");
    snprintf(e->message, sizeof(e->message), "%s", message ? message : "");
}

void dbg__breakpoint_note(struct dbg_session *s, const struct engine_note *n)
{
    const json_t *said = json_object_get(n->body, "breakpoint");
    int id = (int)json_integer_value(json_object_get(said, "id"));
    struct dbg_source *src = NULL;
    struct dbg_breakpoint *b = dbg__breakpoint_by_id(s, id, &src);
    if (!b) {
        return; // removed meanwhile
    }
    take_over(&b->e, said);
    const struct dbg_client *c = dbg__client_by_id(s, b->e.owner);
    if (c && !c->away) {
        json_t *body = json_pack(
            "{s:s, s:o}", "reason", "changed", "breakpoint",
            dbg__breakpoint_json(&b->e, src ? src->path : NULL, src ? src->cell_id : NULL));
        dbg__event_to(s, c, "breakpoint", body, 0);
        json_decref(body);
    }
}

json_t *dbg__source_breakpoint_json(const struct dbg_breakpoint *b)
{
    bool moved = b->e.verified && b->e.actual_line > 0;
    json_t *o = json_object();
    json_object_set_new(o, "line", json_integer(moved ? b->e.actual_line : b->e.line_1based));
    set_positive(o, "column", b->e.verified && b->e.column > 0 ? b->e.column : b->e.column_1based);
    if (b->e.condition) {
        json_object_set_new(o, "condition", cd_json_textz(b->e.condition));
    }
    if (b->hit_text) {
        json_object_set_new(o, "hitCondition", cd_json_textz(b->hit_text));
    }
    if (b->e.log_message) {
        json_object_set_new(o, "logMessage", cd_json_textz(b->e.log_message));
    }
    return o;
}

json_t *dbg__breakpoints_info(const struct dbg_session *s)
{
    json_t *by_path = json_object(); // the same file may be there by path and by cell id
    json_t *list = json_array();
    for (const struct dbg_source *src = s->sources; src; src = src->next) {
        for (size_t i = 0; src->path && i < src->count; i++) {
            int owner = src->list[i].e.owner;
            if (owner != DBG_CLIENT_CONTROL && dbg__present(s, owner)) {
                continue;
            }
            if (!json_object_get(by_path, src->path)) {
                json_object_set_new(by_path, src->path, json_array());
            }
            json_array_append_new(json_object_get(by_path, src->path),
                                  dbg__source_breakpoint_json(&src->list[i]));
        }
    }
    const char *path;
    json_t *breakpoints;
    json_object_foreach(by_path, path, breakpoints)
    {
        json_array_append_new(list,
                              json_pack("{s:s, s:O}", "source", path, "breakpoints", breakpoints));
    }
    json_decref(by_path);
    return list;
}

static void drop_in(struct dbg_session *s, struct dbg_source *src, int owner)
{
    size_t kept = 0;
    size_t before = src->count;
    for (size_t i = 0; i < before; i++) {
        if (src->list[i].e.owner == owner) {
            dbg__breakpoint_clear(&src->list[i]);
        } else {
            src->list[kept++] = src->list[i];
        }
    }
    src->count = kept;
    if (kept != before) {
        dbg__arm_source(s, NULL, src, owner);
    }
}

void dbg__breakpoints_drop(struct dbg_session *s, int owner)
{
    drop_in(s, &s->functions, owner);
    drop_in(s, &s->data, owner);
    for (struct dbg_source *src = s->sources, *next; src; src = next) {
        next = src->next;
        drop_in(s, src, owner);
        dbg__source_drop_if_empty(s, src);
    }
}
