/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Cells that another front end runs on the same kernel: execute_input tells their code, and with
 * celldap's kernel their id. So their frames, outputs and states are the cell's here too.
 */
#include "bridge/session_impl.h"
#include "dap/base/log.h"

#include <stdio.h>
#include <string.h>

#define MAX_OTHERS 64 /* whose end was not seen; the oldest is forgotten */

/* By its id where that is known, else the first cell that has this very text now. -1: none. */
static int cell_of(const struct bridge_session *s, const struct wire_msg *m, const char *code)
{
    const char *id = json_string_value(json_object_get(m->metadata, "cellId"));
    int cell = id ? bridge_cells_by_id(s->cells, id) : -1;

    for (int i = 0; cell < 0 && i < bridge_cells_count(s->cells); i++) {
        struct bridge_cell_view view;

        bridge_cells_view(s->cells, i, &view);
        if (strcmp(view.code, code) == 0) {
            cell = i;
        }
    }
    return cell;
}

static void finish(struct bridge_exec **at, const char *state)
{
    struct bridge_exec *e = *at;

    *at = e->next;
    bridge_cell_state(e->session, e->cell, state, e->execution_count);
    bridge_exec_free(e);
}

static void keep_few(struct bridge_session *s)
{
    struct bridge_exec **at = &s->exec.others;

    for (int i = 0; *at && i < MAX_OTHERS; i++) {
        at = &(*at)->next;
    }
    if (*at) {
        finish(at, "error");
    }
}

void bridge_others_input(struct bridge_session *s, const struct wire_msg *m)
{
    const char *code = json_string_value(json_object_get(m->content, "code"));
    const char *parent = json_string_value(json_object_get(m->parent, "msg_id"));
    int cell = code && parent ? cell_of(s, m, code) : -1;
    struct bridge_exec *e = cell >= 0 ? bridge_exec_new(s, BRIDGE_EXEC_CELL, code, NULL) : NULL;

    if (!e) {
        return;
    }
    e->cell = cell;
    e->execution_count = (int)json_integer_value(json_object_get(m->content, "execution_count"));
    (void)snprintf(e->msg_id, sizeof e->msg_id, "%s", parent);
    e->next = s->exec.others;
    s->exec.others = e;
    (void)bridge_executed(s, cell, code);
    bridge_keep_begin(s, e);
    bridge_cell_state(s, cell, "running", 0);
    keep_few(s);
}

bool bridge_others_idle(struct bridge_session *s, const struct bridge_exec *e)
{
    for (struct bridge_exec **at = &s->exec.others; *at; at = &(*at)->next) {
        if (*at == e) {
            finish(at, e->failed ? "error" : "ok");
            return true;
        }
    }
    return false;
}

void bridge_others_abandon(struct bridge_session *s)
{
    while (s->exec.others) {
        finish(&s->exec.others, "error");
    }
}
