/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Breakpoints at the kernel: one request per kernel source, its answer and the kernel's events in
 * the client's ids and sources.
 */
#include "bridge/breakpoints_impl.h"
#include "dap/base/log.h"

#include <stdlib.h>
#include <string.h>

#define SET_MS 10000

/* A request that is on its way. */
struct sent {
    struct bridge_breakpoints *store;
    struct bp_wait *wait;
    bool sync;
    size_t count;
    int ids[];
};

void bp_set_unverified(struct bp *p, const struct bp_list *list, const char *reason,
                       const char *message)
{
    json_t *state = json_pack("{s:i, s:b, s:s, s:s}", "id", p->id, "verified", 0, "message",
                              message, "reason", reason);
    json_t *line = json_object_get(p->spec, "line");

    if (state && list->source) {
        json_object_set_new(state, "source", json_deep_copy(list->source));
        json_object_set_new(state, "line", json_deep_copy(line));
    }
    json_decref(p->state);
    p->state = state;
}

/* The line of it in what the kernel compiled. */
static int line_in(const struct bridge_breakpoints *b, const struct bp *p)
{
    return p->where == BP_IN_CELL ? bridge_cells_kernel_line(b->session->cells, p->cell, p->line)
                                  : p->line;
}

static int id_of(const json_t *object)
{
    const json_t *id = json_object_get(object, "id");

    return json_is_integer(id) ? (int)json_integer_value(id) : BP_NO_ID;
}

bool bp_apply(struct bridge_breakpoints *b, struct bp *p, const json_t *kernel_breakpoint)
{
    struct bp_list *list = bp_list_of(b, p->id);
    json_t *state = json_deep_copy(kernel_breakpoint);
    json_t *old = p->state;
    bool changed;

    if (!json_is_object(state)) {
        json_decref(state);
        return false;
    }
    p->kernel_id = id_of(state);
    json_object_set_new(state, "id", json_integer(p->id));
    if (p->where == BP_IN_CELL) {
        json_object_set_new(state, "source",
                            bridge_cells_kernel_source(b->session->cells, p->cell));
        if (!json_object_get(state, "line")) {
            json_object_set_new(state, "line", json_integer(line_in(b, p)));
        }
        if (bridge_cells_object_out(b->session->cells, state, NULL) != CD_OK) {
            cd_log(CD_LOG_WARN, "breakpoints", "a source could not be mapped");
        }
    } else if (p->where == BP_IN_SOURCE) {
        json_object_set_new(state, "source", json_deep_copy(list->source));
    }
    if (!json_is_true(json_object_get(state, "verified")) && !json_object_get(state, "message")) {
        json_object_set_new(state, "message",
                            json_string("the kernel has no code there, or has not said why"));
    }
    changed = !json_equal(state, old);
    json_decref(old);
    p->state = state;
    return changed;
}

static void tell(struct bridge_breakpoints *b, const struct bp *p)
{
    bridge_event(b->session, "breakpoint",
                 json_pack("{s:s, s:O}", "reason", "changed", "breakpoint", p->state));
}

static void on_set(void *ctx, json_t *response, const struct cd_error *err)
{
    struct sent *sent = ctx;
    struct bridge_breakpoints *b = sent->store;
    const json_t *list = json_object_get(json_object_get(response, "body"), "breakpoints");
    const char *message = json_string_value(json_object_get(response, "message"));

    for (size_t i = 0; i < sent->count; i++) {
        struct bp *p = bp_by_id(b, sent->ids[i]);
        bool changed = false;

        if (!p) {
            continue;
        }
        if (json_is_true(json_object_get(response, "success"))) {
            changed = bp_apply(b, p, json_array_get(list, i));
        } else if (b->session->debugging) {
            bp_set_unverified(p, bp_list_of(b, p->id), "failed",
                              err       ? err->text
                              : message ? message
                                        : "the kernel refused");
            changed = true;
        }
        if (changed && !sent->wait && !b->session->over) {
            tell(b, p);
        }
    }
    bp_wait_done(b, sent->wait);
    if (sent->sync) {
        bridge_sync_answered(b->session);
    }
    free(sent);
}

/* Kernels that know no cells, only texts, have one list for all cells of the same text. */
static bool same_for_kernel(const struct bridge_session *s, int cell, int other)
{
    struct bridge_cell_view a, b;

    if (cell == other || !s->foreign) {
        return cell == other;
    }
    bridge_cells_view(s->cells, cell, &a);
    bridge_cells_view(s->cells, other, &b);
    return strcmp(a.path, b.path) == 0;
}

static bool in_group(const struct bridge_breakpoints *b, const struct bp_list *list,
                     const struct bp *p, const struct bp_group *group)
{
    return p->where == group->where &&
           (p->where == BP_IN_CELL ? same_for_kernel(b->session, p->cell, group->cell)
                                   : list == group->list);
}

/* What the kernel is told of one. */
static json_t *spec_in(const struct bridge_breakpoints *b, const struct bp *p)
{
    json_t *spec = json_deep_copy(p->spec);

    if (p->where != BP_FUNCTION && p->where != BP_DATA) {
        json_object_set_new(spec, "line", json_integer(line_in(b, p)));
        if (p->column > 0) {
            json_object_set_new(spec, "column", json_integer(p->column));
        } else {
            json_object_del(spec, "column");
        }
    }
    return spec;
}

const char *bp_command(const struct bp_group *group)
{
    return group->where == BP_FUNCTION ? "setFunctionBreakpoints"
           : group->where == BP_DATA   ? "setDataBreakpoints"
                                       : "setBreakpoints";
}

json_t *bp_arguments(const struct bridge_breakpoints *b, const struct bp_group *group,
                     json_t *breakpoints_owned)
{
    if (group->where == BP_FUNCTION || group->where == BP_DATA) {
        return json_pack("{s:o}", "breakpoints", breakpoints_owned);
    }
    return json_pack("{s:o, s:o}", "source",
                     group->where == BP_IN_CELL
                         ? bridge_cells_kernel_source(b->session->cells, group->cell)
                         : json_deep_copy(group->list->kernel_source),
                     "breakpoints", breakpoints_owned);
}

static struct sent *collect(struct bridge_breakpoints *b, const struct bp_group *group,
                            json_t *breakpoints)
{
    struct sent *sent;
    size_t count = 0;

    for (const struct bp_list *list = b->lists; list; list = list->next) {
        count += list->count;
    }
    sent = calloc(1, sizeof *sent + count * sizeof sent->ids[0]);
    if (!sent) {
        return NULL;
    }
    sent->store = b;
    for (const struct bp_list *list = b->lists; list; list = list->next) {
        for (size_t i = 0; i < list->count; i++) {
            if (in_group(b, list, &list->items[i], group)) {
                sent->ids[sent->count++] = list->items[i].id;
                json_array_append_new(breakpoints, spec_in(b, &list->items[i]));
            }
        }
    }
    return sent;
}

void bp_send_group(struct bridge_breakpoints *b, const struct bp_group *group, struct bp_wait *wait,
                   bool sync)
{
    json_t *breakpoints = json_array();
    struct sent *sent = collect(b, group, breakpoints);

    if (!sent) {
        json_decref(breakpoints);
        return;
    }
    sent->sync = sync;
    sent->wait = wait;
    if (wait) {
        wait->open++;
    }
    if (sync) {
        b->session->sync_open++;
    }
    bridge_client_debug(b->session->kernel, bp_command(group), bp_arguments(b, group, breakpoints),
                        SET_MS, on_set, sent);
}

bool bridge_breakpoints_event(struct bridge_breakpoints *b, json_t *body)
{
    const json_t *breakpoint = json_object_get(body, "breakpoint");
    struct bp *p = bp_by_kernel_id(b, id_of(breakpoint));

    if (!p || !bp_apply(b, p, breakpoint)) {
        return false;
    }
    json_object_set(body, "breakpoint", p->state);
    return true;
}

void bridge_breakpoints_map_ids(struct bridge_breakpoints *b, json_t *ids)
{
    for (size_t i = json_array_size(ids); i-- > 0;) {
        const struct bp *p = bp_by_kernel_id(b, json_integer_value(json_array_get(ids, i)));

        if (p) {
            json_array_set_new(ids, i, json_integer(p->id));
        } else {
            json_array_remove(ids, i);
        }
    }
}
