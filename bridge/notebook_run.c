/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What a launch runs: the cells of a notebook in order (contracts.md §5), or a file. And single
 * cells later.
 */
#include "bridge/requests/requests.h"
#include "dap/base/log.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#define ENTRY_MS 5000

void bridge_cell_state(struct bridge_session *s, int cell, const char *state, int count)
{
    json_t *body;

    if (!s->client.cell_state || cell < 0 || s->freed) {
        return;
    }
    body = json_pack("{s:o, s:s}", "cell", bridge_cell_name(s, cell), "state", state);
    if (body && count > 0) {
        json_object_set_new(body, "executionCount", json_integer(count));
    }
    bridge_event(s, "celldap/cellState", body);
}

void bridge_interrupt(struct bridge_session *s)
{
    if (!s->kernel || (s->foreign && !bridge_foreign_may_interrupt(s))) {
        return;
    }
    if (s->remote) {
        bridge_remote_interrupt(s);
    } else {
        bridge_client_request(s->kernel, WIRE_CONTROL, "interrupt_request", json_object(), NULL, 0,
                              NULL, NULL, NULL);
    }
}

bool bridge_executed(struct bridge_session *s, int cell, const char *code)
{
    int line = cell >= 0 ? bridge_cells_kernel_line(s->cells, cell, INT_MAX) : 0;

    if (bridge_cells_executed(s->cells, cell, code, strlen(code), NULL) != CD_OK) {
        cd_log(CD_LOG_WARN, "exec", "a text that is executed could not be kept");
    }
    if (cell < 0 || bridge_cells_kernel_line(s->cells, cell, INT_MAX) == line) {
        return false;
    }
    bridge_breakpoints_resolve(s->breakpoints); /* their lines are others now */
    return true;
}

cd_result bridge_run_cell(struct bridge_session *s, int cell, const char *code, bool in_run,
                          struct cd_error *reterr)
{
    struct bridge_cell_view view;
    struct bridge_exec *e;

    bridge_cells_view(s->cells, cell, &view);
    e = bridge_exec_new(s, BRIDGE_EXEC_CELL, code ? code : view.code, NULL);
    if (!e) {
        return cd_oom(reterr);
    }
    e->cell = cell;
    e->in_run = in_run;
    e->raises = view.raises_exception;
    (void)snprintf(e->cell_id, sizeof e->cell_id, "%s", view.id);
    if (!in_run && s->stops > 0 && !s->view && s->debugging && !s->foreign) {
        return bridge_live_run(s, e, reterr);
    }
    bridge_exec_push(s, e);
    return CD_OK;
}

/* Whether launch's `cells` picks this one: by its index or its id. */
static bool picked(const struct bridge_launch *l, const struct bridge_cell_view *cell)
{
    size_t i;
    json_t *item;

    json_array_foreach(l->cells, i, item)
    {
        if (json_is_integer(item) ? json_integer_value(item) == cell->index
                                  : strcmp(json_string_value(item), cell->id) == 0) {
            return true;
        }
    }
    return l->cells == NULL;
}

static void run_notebook(struct bridge_session *s)
{
    int count = bridge_notebook_count(s->notebook), pushed = 0;

    for (int index = 0; index < count; index++) {
        int cell = bridge_cells_by_index(s->cells, index);
        struct bridge_cell_view view;

        if (cell < 0) {
            continue;
        }
        bridge_cells_view(s->cells, cell, &view);
        if (picked(s->launch, &view) && !view.skip_execution && view.code_len > 0 &&
            bridge_run_cell(s, cell, NULL, true, NULL) == CD_OK) {
            pushed++;
        }
    }
    if (pushed == 0) {
        bridge_run_over(s, false);
    }
}

static void run_file(struct bridge_session *s)
{
    const struct bridge_launch *l = s->launch;
    struct bridge_exec *e = bridge_exec_new(s, BRIDGE_EXEC_FILE, "", NULL);

    if (e) {
        e->run_file = json_pack("{s:s*, s:s*, s:s*, s:O}", "program", l->program, "module",
                                l->module, "code", l->code, "args", l->args);
        bridge_exec_push(s, e);
    }
}

static void run_all(struct bridge_session *s)
{
    if (s->launch->kind == BRIDGE_LAUNCH_NOTEBOOK) {
        run_notebook(s);
    } else {
        run_file(s);
    }
}

static void on_entry_armed(void *ctx, json_t *response, const struct cd_error *err)
{
    struct bridge_session *s = ctx;

    (void)err;
    if (s->kernel_state != BRIDGE_KERNEL_READY) {
        return;
    }
    s->entry_stop = json_is_true(json_object_get(response, "success"));
    run_all(s);
}

void bridge_run(struct bridge_session *s)
{
    if (s->launch->notes[0]) {
        bridge_say(s, "important", "celldap: not supported here, and left out: %s\n",
                   s->launch->notes);
    }
    if (s->launch->stop_on_entry && s->foreign) {
        bridge_say(s, "important", "celldap: this kernel cannot stop at its first line\n");
    }
    if (s->launch->stop_on_entry && s->debugging && !s->foreign) {
        /* the pause travels on another socket than the program: it must be there first */
        s->entry_stop = true;
        bridge_client_debug(s->kernel, "pause", json_pack("{s:i}", "threadId", 1), ENTRY_MS,
                            on_entry_armed, s);
    } else {
        run_all(s);
    }
}

void bridge_run_over(struct bridge_session *s, bool failed)
{
    if (s->kernel_state != BRIDGE_KERNEL_READY) {
        return;
    }
    if (s->launch->exit_when_done) {
        s->exit_code = failed ? 1 : 0;
        s->exit_known = true;
        bridge_end(s, BRIDGE_END_SHUTDOWN);
    } else if (!failed) {
        bridge_say(s, "console",
                   "celldap: the notebook has run; its kernel is here, .help helps.\n");
    }
}
