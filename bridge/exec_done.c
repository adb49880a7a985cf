/* SPDX-License-Identifier: BSD-3-Clause
 *
 * After an execution: its reply goes to who asked, its outputs are kept for saving, and a failure
 * ends the run (contracts.md §5).
 */
#include "bridge/session_impl.h"

#include <string.h>

#define LAST_WORDS_MS 1000

static const char *text(const json_t *object, const char *key)
{
    const char *v = json_string_value(json_object_get(object, key));

    return v ? v : "";
}

static bool failed(const struct bridge_exec *e)
{
    return strcmp(text(e->reply, "status"), "ok") != 0;
}

static int count_of(const struct bridge_exec *e)
{
    return (int)json_integer_value(json_object_get(e->reply, "execution_count"));
}

static bool run_goes_on(const struct bridge_session *s)
{
    for (const struct bridge_exec *e = s->exec.first; e; e = e->next) {
        if (e->in_run) {
            return true;
        }
    }
    return false;
}

static void run_failed(struct bridge_session *s, const struct bridge_exec *e)
{
    struct bridge_cell_view cell;
    int left = bridge_exec_flush(s, true);

    bridge_cells_view(s->cells, e->cell, &cell);
    bridge_say(s, "important", "celldap: cell %d failed with %s; %d %s not run.\n", cell.index,
               text(e->reply, "ename")[0] ? text(e->reply, "ename") : "an error", left,
               left == 1 ? "cell was" : "cells were");
    bridge_run_over(s, true);
}

static void cell_done(struct bridge_session *s, struct bridge_exec *e)
{
    bool bad = failed(e);

    bridge_cell_state(s, e->cell, bad ? "error" : "ok", count_of(e));
    if (!e->in_run) {
        return;
    }
    if (bad && !e->raises && !s->launch->continue_on_error) {
        run_failed(s, e);
    } else if (!run_goes_on(s)) {
        bridge_run_over(s, false);
    }
}

static void console_done(struct bridge_exec *e)
{
    const char *result = text(e->result, "text/plain");

    if (!e->req) {
        return;
    }
    if (failed(e)) {
        bridge_failf(e->req, CD_E_EVALUATE, "%s%s%.300s", text(e->reply, "ename"),
                     text(e->reply, "evalue")[0] ? ": " : "", text(e->reply, "evalue"));
        return;
    }
    bridge_reply(e->req, json_pack("{s:s, s:i}", "result", result, "variablesReference", 0));
}

/* The debug socket is in order: what the program's last lines logged came before this answer. */
static void on_all_said(void *ctx, json_t *response, const struct cd_error *err)
{
    struct bridge_session *s = ctx;

    (void)response;
    (void)err;
    if (s->kernel && s->kernel_state != BRIDGE_KERNEL_ENDING) {
        bridge_end(s, BRIDGE_END_FINISHED);
    }
}

static void file_done(struct bridge_session *s, const struct bridge_exec *e)
{
    const json_t *code = json_object_get(json_object_get(e->reply, "celldap"), "exitCode");

    s->exit_code = json_is_integer(code) ? (int)json_integer_value(code) : failed(e);
    s->exit_known = true;
    if (!s->debugging ||
        !bridge_client_debug(s->kernel, "celldap/ping", NULL, LAST_WORDS_MS, on_all_said, s)) {
        bridge_end(s, BRIDGE_END_FINISHED);
    }
}

void bridge_exec_finished(struct bridge_session *s, struct bridge_exec *e)
{
    bridge_input_clear(s);
    s->stops = 0; /* what is over is not stopped */
    s->evaluations = 0;
    switch (e->kind) {
    case BRIDGE_EXEC_CELL:
        cell_done(s, e);
        break;
    case BRIDGE_EXEC_CONSOLE:
        console_done(e);
        break;
    case BRIDGE_EXEC_FILE:
        if (s->kernel_state != BRIDGE_KERNEL_ENDING) {
            file_done(s, e);
        }
        break;
    }
}
