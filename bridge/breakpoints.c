/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The client's lists of breakpoints: see breakpoints.h.
 */
#include "bridge/breakpoints_impl.h"
#include "dap/base/log.h"

#include <stdlib.h>
#include <string.h>

void bp_items_free(struct bp *items, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        json_decref(items[i].spec);
        json_decref(items[i].state);
    }
    free(items);
}

static void list_free(struct bp_list *list)
{
    if (list) {
        bp_items_free(list->items, list->count);
        json_decref(list->source);
        json_decref(list->kernel_source);
        free(list->key);
        free(list);
    }
}

void bridge_breakpoints_free(struct bridge_breakpoints *b)
{
    while (b && b->lists) {
        struct bp_list *list = b->lists;

        b->lists = list->next;
        list_free(list);
    }
    free(b);
}

struct bridge_breakpoints *bridge_breakpoints_new(struct bridge_session *s)
{
    struct bridge_breakpoints *b = calloc(1, sizeof *b);

    if (b) {
        b->session = s;
    }
    return b;
}

struct bp_list *bp_list_of(struct bridge_breakpoints *b, int id)
{
    for (struct bp_list *list = b->lists; list; list = list->next) {
        for (size_t i = 0; i < list->count; i++) {
            if (list->items[i].id == id) {
                return list;
            }
        }
    }
    return NULL;
}

struct bp *bp_by_id(struct bridge_breakpoints *b, int id)
{
    struct bp_list *list = bp_list_of(b, id);

    for (size_t i = 0; list && i < list->count; i++) {
        if (list->items[i].id == id) {
            return &list->items[i];
        }
    }
    return NULL;
}

struct bp *bp_by_kernel_id(struct bridge_breakpoints *b, int64_t kernel_id)
{
    for (struct bp_list *list = b->lists; list && kernel_id >= 0; list = list->next) {
        for (size_t i = 0; i < list->count; i++) {
            if (list->items[i].kernel_id == kernel_id) {
                return &list->items[i];
            }
        }
    }
    return NULL;
}

static struct bp_list *list_get(struct bridge_breakpoints *b, const char *key)
{
    struct bp_list *list = b->lists;

    while (list && strcmp(list->key, key) != 0) {
        list = list->next;
    }
    if (!list && (list = calloc(1, sizeof *list)) != NULL) {
        list->key = strdup(key);
        if (!list->key) {
            free(list);
            return NULL;
        }
        list->next = b->lists;
        b->lists = list;
    }
    return list;
}

static void place_in_source(struct bridge_breakpoints *b, struct bp_list *list, struct bp *p)
{
    json_t *probe = json_pack("{s:O}", "source", list->source);
    struct cd_error err = CD_ERROR_INIT;

    if (!probe || bridge_cells_object_in(b->session->cells, probe, &err) != CD_OK) {
        bp_set_unverified(p, list, "failed", err.text);
    } else {
        p->where = BP_IN_SOURCE;
        json_decref(list->kernel_source);
        list->kernel_source = json_incref(json_object_get(probe, "source"));
    }
    json_decref(probe);
}

void bp_place(struct bridge_breakpoints *b, struct bp_list *list,
              const struct bridge_source *source, struct bp *p)
{
    int line = (int)json_integer_value(json_object_get(p->spec, "line"));
    struct cd_error err = CD_ERROR_INIT;

    p->where = BP_NOWHERE;
    p->line = line;
    p->column = (int)json_integer_value(json_object_get(p->spec, "column"));
    if (!list->source) {
        p->where = strcmp(list->key, BP_DATA_ITEMS) == 0 ? BP_DATA : BP_FUNCTION;
    } else if (source->kind == BRIDGE_SOURCE_PENDING) {
        bp_set_unverified(p, list, "pending", "waits for the cell to be known");
        return;
    } else if (source->kind == BRIDGE_SOURCE_CELL || source->kind == BRIDGE_SOURCE_NOTEBOOK) {
        if (!bridge_cells_line_in(b->session->cells, source, line, &p->cell, &p->line, &err)) {
            bp_set_unverified(p, list, "failed", err.text);
            return;
        }
        p->column = bridge_cells_column_in(b->session->cells, source, line, p->column);
        p->where = BP_IN_CELL;
    } else {
        place_in_source(b, list, p);
    }
    if (!p->state) {
        bp_set_unverified(p, list, "pending", "waits for the kernel");
    }
}

cd_result bp_groups_of(struct bp_list *list, struct bp_group **groups, size_t *count)
{
    for (size_t i = 0; list && i < list->count; i++) {
        const struct bp *p = &list->items[i];
        struct bp_group group = {.where = p->where,
                                 .cell = p->where == BP_IN_CELL ? p->cell : -1,
                                 .list = p->where == BP_IN_CELL ? NULL : list};
        bool known = p->where == BP_NOWHERE;

        for (size_t k = 0; k < *count && !known; k++) {
            known = (*groups)[k].where == group.where && (*groups)[k].cell == group.cell &&
                    (*groups)[k].list == group.list;
        }
        if (!known) {
            struct bp_group *more = realloc(*groups, (*count + 1) * sizeof *more);

            if (!more) {
                return CD_ERR;
            }
            *groups = more;
            (*groups)[(*count)++] = group;
        }
    }
    return CD_OK;
}

void bp_wait_done(struct bridge_breakpoints *b, struct bp_wait *wait)
{
    json_t *list;

    if (!wait || --wait->open > 0) {
        return;
    }
    list = json_array();
    for (size_t i = 0; i < wait->count; i++) {
        const struct bp *p = bp_by_id(b, wait->ids[i]);

        json_array_append_new(list, p ? json_incref(p->state)
                                      : json_pack("{s:b, s:s}", "verified", 0, "message",
                                                  "replaced by a later request"));
    }
    bridge_reply(wait->req, json_pack("{s:o}", "breakpoints", list));
    bridge_request_unref(wait->req);
    free(wait);
}

static struct bp_wait *wait_new(struct bridge_request *req, const struct bp_list *list)
{
    struct bp_wait *wait = calloc(1, sizeof *wait + list->count * sizeof wait->ids[0]);

    if (wait) {
        wait->req = bridge_request_ref(req);
        wait->open = 1; /* ours, until all groups are sent */
        wait->count = list->count;
        for (size_t i = 0; i < list->count; i++) {
            wait->ids[i] = list->items[i].id;
        }
    }
    return wait;
}

static void explain_no_debug(struct bridge_breakpoints *b, struct bp_list *list)
{
    const struct bridge_session *s = b->session;
    bool off = s->launch && s->launch->no_debug;

    for (size_t i = 0; i < list->count && (off || s->ended); i++) {
        bp_set_unverified(&list->items[i], list, "failed",
                          off ? "debugging is off (launched with noDebug)" : "the session ended");
    }
}

/* The list's items are new: the kernel gets the groups that it had and has. */
static void replace(struct bridge_breakpoints *b, struct bp_list *list,
                    const struct bridge_source *source, struct bp *items, size_t count,
                    struct bridge_request *req)
{
    struct bp_group *groups = NULL;
    size_t group_count = 0;
    struct bp_wait *wait;
    bool failed = bp_groups_of(list, &groups, &group_count) != CD_OK;

    bp_items_free(list->items, list->count);
    list->items = items;
    list->count = count;
    for (size_t i = 0; i < count; i++) {
        bp_place(b, list, source, &items[i]);
    }
    explain_no_debug(b, list);
    wait = wait_new(req, list);
    if (failed || !wait || bp_groups_of(list, &groups, &group_count) != CD_OK) {
        bridge_failf(req, CD_E_OOM, "out of memory");
    }
    for (size_t i = 0; wait && i < group_count && b->session->debugging; i++) {
        bp_send_group(b, &groups[i], wait, false);
    }
    bp_wait_done(b, wait);
    free(groups);
}

void bridge_breakpoints_set(struct bridge_breakpoints *b, struct bridge_request *req)
{
    struct cd_error err = CD_ERROR_INIT;
    struct bridge_source source;
    struct bp_list *list = NULL;
    struct bp *items = NULL;
    size_t count = 0;
    json_t *from = NULL;

    if (cd_json_obj(req->dap.arguments, "arguments.source", &from, &err) != CD_OK ||
        bridge_cells_resolve(b->session->cells, from, &source, &err) != CD_OK ||
        !(list = list_get(b, source.key)) ||
        bp_read(b, req->dap.arguments, list, BP_IN_SOURCE, &items, &count, &err) != CD_OK) {
        if (!err.id) {
            cd_oom(&err);
        }
        bridge_fail(req, &err);
        return;
    }
    json_decref(list->source);
    list->source = json_deep_copy(from);
    replace(b, list, &source, items, count, req);
}

static void set_named(struct bridge_breakpoints *b, struct bridge_request *req, const char *key,
                      enum bp_where where)
{
    struct cd_error err = CD_ERROR_INIT;
    struct bp_list *list = list_get(b, key);
    struct bp *items = NULL;
    size_t count = 0;

    if (!list || bp_read(b, req->dap.arguments, list, where, &items, &count, &err) != CD_OK) {
        if (!err.id) {
            cd_oom(&err);
        }
        bridge_fail(req, &err);
        return;
    }
    replace(b, list, NULL, items, count, req);
}

void bridge_breakpoints_set_functions(struct bridge_breakpoints *b, struct bridge_request *req)
{
    set_named(b, req, BP_FUNCTIONS, BP_FUNCTION);
}

void bridge_breakpoints_set_data(struct bridge_breakpoints *b, struct bridge_request *req)
{
    set_named(b, req, BP_DATA_ITEMS, BP_DATA);
}

static void send_all(struct bridge_breakpoints *b, bool sync)
{
    struct bp_group *groups = NULL;
    size_t count = 0;

    for (struct bp_list *list = b->lists; list; list = list->next) {
        if (bp_groups_of(list, &groups, &count) != CD_OK) {
            cd_log(CD_LOG_ERROR, "breakpoints", "out of memory: not all are set");
        }
    }
    for (size_t i = 0; i < count; i++) {
        bp_send_group(b, &groups[i], NULL, sync);
    }
    free(groups);
}

void bridge_breakpoints_sync(struct bridge_breakpoints *b)
{
    send_all(b, true);
}

void bridge_breakpoints_withdraw(struct bridge_breakpoints *b)
{
    struct bp_group *groups = NULL;
    size_t count = 0;

    for (struct bp_list *list = b->lists; list; list = list->next) {
        if (bp_groups_of(list, &groups, &count) != CD_OK) {
            cd_log(CD_LOG_ERROR, "breakpoints", "out of memory: not all are taken back");
        }
    }
    for (size_t i = 0; i < count; i++) {
        bridge_debug_quiet(b->session, bp_command(&groups[i]),
                           bp_arguments(b, &groups[i], json_array()));
    }
    free(groups);
}

void bridge_breakpoints_resolve(struct bridge_breakpoints *b)
{
    for (struct bp_list *list = b->lists; list; list = list->next) {
        struct bridge_source source;
        char *key;

        if (!list->source ||
            bridge_cells_resolve(b->session->cells, list->source, &source, NULL) != CD_OK ||
            !(key = strdup(source.key))) {
            continue;
        }
        free(list->key);
        list->key = key;
        for (size_t i = 0; i < list->count; i++) {
            bp_place(b, list, &source, &list->items[i]);
        }
    }
    if (b->session->debugging) {
        send_all(b, false);
    }
}

void bridge_breakpoints_forget_kernel(struct bridge_breakpoints *b)
{
    for (struct bp_list *list = b->lists; list; list = list->next) {
        for (size_t i = 0; i < list->count; i++) {
            list->items[i].kernel_id = BP_NO_ID;
        }
    }
}
