/* SPDX-License-Identifier: BSD-3-Clause
 *
 * disconnect and terminate (contracts.md §7), in any order and as often as a client likes.
 */
#include "bridge/requests/requests.h"
#include "dap/base/log.h"

#include <stdlib.h>

#define DETACH_MS 800

static void on_detached(void *ctx, json_t *response, const struct cd_error *err)
{
    struct bridge_session *s = ctx;
    struct bridge_request *req = cd_take(s->disconnect_request);

    (void)response;
    (void)err;
    if (!req) {
        return;
    }
    bridge_reply(req, NULL);
    bridge_request_unref(req);
    s->over = true;
    bridge_finish(s);
}

/* keepKernel: the kernel lives on, and can be found by its connection file. */
static void detach(struct bridge_session *s)
{
    bridge_say(s, "important", "celldap: the kernel lives on: %s\n",
               bridge_process_connection_file(s->process));
    free(cd_take(s->folder)); /* it is the kernel's now */
    bridge_client_debug(s->kernel, "disconnect", NULL, DETACH_MS, on_detached, s);
}

static void end_now(struct bridge_session *s)
{
    bool notebook = s->launch->kind == BRIDGE_LAUNCH_NOTEBOOK;

    if (s->kernel_state == BRIDGE_KERNEL_ENDING && notebook) {
        return; /* its time is running */
    }
    bridge_end(s, notebook ? BRIDGE_END_SHUTDOWN : BRIDGE_END_KILL);
}

void bridge_req_disconnect(struct bridge_request *req)
{
    struct bridge_session *s = req->session;
    const json_t *args = req->dap.arguments;
    struct cd_error err = CD_ERROR_INIT;
    bool terminate = true, suspend = false, restart = false;

    if (cd_json_bool_opt(args, "arguments.terminateDebuggee", &terminate, &err) != CD_OK ||
        cd_json_bool_opt(args, "arguments.suspendDebuggee", &suspend, &err) != CD_OK ||
        cd_json_bool_opt(args, "arguments.restart", &restart, &err) != CD_OK) {
        bridge_fail(req, &err);
        return;
    }
    if (s->disconnect_request) {
        bridge_reply(req, NULL);
        return;
    }
    if (s->kernel && bridge_lives_on(s)) {
        bridge_detach(req);
        return;
    }
    if (!s->process) {
        bridge_reply(req, NULL);
        s->over = true;
        bridge_finish(s);
        return;
    }
    s->disconnect_request = bridge_request_ref(req);
    s->restarting = false;
    if (!terminate && s->launch->keep_kernel && s->debugging &&
        s->kernel_state == BRIDGE_KERNEL_READY) {
        detach(s);
    } else {
        end_now(s);
    }
}

/* The kernel is not ours and lives on. */
static void end_cell(struct bridge_session *s)
{
    if (!s->foreign) {
        bridge_debug_quiet(s, "terminate", NULL);
    } else if (s->stops == 0) {
        bridge_interrupt(s);
    } else { /* a stop that is interrupted is the end of its debugger (facts: jupyter.md §4) */
        bridge_say(s, "important",
                   "celldap: this kernel's debugger does not survive an interrupt "
                   "while it is stopped: the cell runs on\n");
        bridge_leave(s, NULL); /* `terminated` follows */
        return;
    }
    bridge_terminated(s);
}

void bridge_req_terminate(struct bridge_request *req)
{
    struct bridge_session *s = req->session;
    struct cd_error err = CD_ERROR_INIT;
    bool restart = false, again = s->terminating;

    if (cd_json_bool_opt(req->dap.arguments, "arguments.restart", &restart, &err) != CD_OK) {
        bridge_fail(req, &err);
        return;
    }
    bridge_reply(req, NULL);
    if (s->ended) {
        return;
    }
    s->terminating = true;
    s->restarting = false;
    if (s->kernel && s->debugging && bridge_lives_on(s)) {
        end_cell(s);
    } else if (!s->process) {
        if (!s->leaving) {
            bridge_terminated(s);
        }
    } else if (again) {
        bridge_end(s, BRIDGE_END_KILL);
    } else if (s->launch->kind == BRIDGE_LAUNCH_NOTEBOOK) {
        s->exit_code = 0;
        s->exit_known = true;
        bridge_end(s, BRIDGE_END_SHUTDOWN);
    } else {
        bridge_end(s, s->launch->kill_at_once ? BRIDGE_END_KILL : BRIDGE_END_POLITE);
    }
}
