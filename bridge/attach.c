/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A session with a kernel that is not ours: found by its connection file, left alive at the end
 * (contracts.md §7), noticed when it goes away and when another process takes its place. Bridge
 * loop only.
 */
#include "bridge/connection_files.h"
#include "bridge/remote/remote.h"
#include "bridge/session_impl.h"
#include "dap/base/log.h"

#include <string.h>

#define READY_MS  10000 /* it runs already: kernel_info is answered at once */
#define GONE_MS   10000 /* a manager that restarts it needs some seconds */
#define CUT_MS    60000 /* a server, a network or a laptop that sleeps needs more */
#define DETACH_MS 800   /* disconnect is answered within a second */

void bridge_answer_disconnect(struct bridge_session *s)
{
    struct bridge_request *req = cd_take(s->disconnect_request);

    if (req) {
        bridge_reply(req, NULL);
        bridge_request_unref(req);
        s->over = true;
        bridge_finish(s);
    }
}

static void on_gone(void *ctx, const struct cd_error *why)
{
    struct bridge_session *s = ctx;
    bool child = !bridge_client_has(s->kernel, WIRE_SHELL);

    cd_log(CD_LOG_INFO, "attach", "the kernel is gone: %s", why->text);
    if (s->kernel_state == BRIDGE_KERNEL_STARTING) {
        bridge_start_failed(s, why);
        bridge_answer_disconnect(s);
        return;
    }
    if (!child && !s->ended) {
        bridge_say(s, "important", "celldap: the kernel is gone%s%s\n", s->remote ? ": " : "",
                   s->remote ? why->text : "");
    }
    bridge_forget_kernel(s);
    bridge_terminated(s);
    bridge_answer_disconnect(s);
    if (s->over) {
        bridge_finish(s);
    }
}

static void on_patience_over(uv_timer_t *t)
{
    struct bridge_session *s = t->data;
    struct cd_error err = CD_ERROR_INIT;

    cd_error_set(&err, CD_E_KERNEL,
                 s->remote ? "its server cannot be reached" : "the kernel ended");
    on_gone(s, &err);
}

static void on_link(void *ctx, bool up)
{
    struct bridge_session *s = ctx;
    /* nobody starts a child process again */
    const uint64_t patience = s->remote                                  ? CUT_MS
                              : bridge_client_has(s->kernel, WIRE_SHELL) ? GONE_MS
                                                                         : 0;

    if (s->remote) {
        bridge_say(s, "console", "celldap: the connection to %s %s\n",
                   bridge_remote_server(s->remote),
                   up ? "is back" : "is cut: it is tried again for a minute");
    }
    if (up) {
        uv_timer_stop(&s->link_timer);
        if (!s->remote && s->kernel_state == BRIDGE_KERNEL_READY &&
            bridge_client_has(s->kernel, WIRE_CONTROL)) {
            /* the same process, or another one whose first words on iopub came before we listened:
             * its answer says so */
            bridge_client_request(s->kernel, WIRE_CONTROL, "kernel_info_request", json_object(),
                                  NULL, READY_MS, NULL, NULL, NULL);
        }
    } else {
        cd_log(CD_LOG_INFO, "attach", "the kernel cannot be reached");
        uv_timer_start(&s->link_timer, on_patience_over, patience, 0);
    }
}

/* Another process under the same connection: it knows nothing of us. */
static void on_restarted(void *ctx)
{
    struct bridge_session *s = ctx;

    bridge_say(s, "important", "celldap: the kernel was restarted; breakpoints are set again\n");
    if (s->stops > 0) {
        bridge_event(s, "continued",
                     json_pack("{s:i, s:b}", "threadId", 1, "allThreadsContinued", 1));
    }
    bridge_exec_abandon(s);
    bridge_input_clear(s);
    bridge_breakpoints_forget_kernel(s->breakpoints);
    s->stops = s->evaluations = s->sync_open = 0;
    s->debugging = false;
    s->kernel_state = BRIDGE_KERNEL_STARTING;
    bridge_client_start(s->kernel, READY_MS, bridge_on_kernel_info, s);
}

struct bridge_client_events bridge_attach_events(struct bridge_session *s)
{
    return (struct bridge_client_events){.ctx = s,
                                         .iopub = bridge_on_iopub,
                                         .input = bridge_on_input,
                                         .debug_event = bridge_on_debug_event,
                                         .link = on_link,
                                         .gone = on_gone,
                                         .gap = bridge_on_gap,
                                         .restarted = on_restarted};
}

cd_result bridge_reach(struct bridge_session *s, const struct wire_connection *connection,
                       struct cd_error *reterr)
{
    const struct bridge_client_events events = bridge_attach_events(s);

    return bridge_client_new(s->config.loop, connection, &events, &s->kernel, reterr);
}

static cd_result reach(struct bridge_session *s, struct cd_error *reterr)
{
    const char *file = s->launch->connection_file;
    struct wire_connection connection;

    if (wire_connection_read(file, &connection, reterr) != CD_OK) {
        return CD_ERR;
    }
    if (connection.port[WIRE_CONTROL] == 0 && connection.port[WIRE_DEBUG] == 0) {
        return cd_error_set(reterr, CD_E_MISSING, "'%s' names no control_port", file);
    }
    if (!bridge_connection_listens(&connection)) {
        return cd_error_set(reterr, CD_E_KERNEL,
                            "the kernel of '%s' does not run any more: 'celldap kernels' lists "
                            "those that do",
                            file);
    }
    return bridge_reach(s, &connection, reterr);
}

void bridge_first_word(struct bridge_session *s)
{
    bridge_client_start(s->kernel, READY_MS, bridge_on_kernel_info, s);
}

void bridge_attach(struct bridge_session *s)
{
    struct cd_error err = CD_ERROR_INIT;

    s->kernel_state = BRIDGE_KERNEL_STARTING;
    if ((s->launch->program && bridge_load_notebook(s, &err) != CD_OK) ||
        (s->launch->remote ? bridge_attach_remote(s, &err) : reach(s, &err)) != CD_OK) {
        s->kernel_state = BRIDGE_KERNEL_NONE;
        bridge_start_failed(s, &err);
        return;
    }
    bridge_progress_begin(s);
    bridge_room_visit(s);
    if (s->kernel) {
        bridge_first_word(s);
    }
}

static void on_left(void *ctx, json_t *response, const struct cd_error *err)
{
    struct bridge_session *s = ctx;

    (void)response;
    (void)err;
    s->leaving = false;
    if (!s->kernel) { /* it is being forgotten: whoever does that answers */
        return;
    }
    if (s->terminating) {
        bridge_terminated(s);
    }
    if (s->disconnect_request && bridge_remote_end(s)) {
        return;
    }
    bridge_answer_disconnect(s);
    if (s->over) {
        bridge_finish(s);
    }
}

void bridge_leave(struct bridge_session *s, json_t *arguments_owned)
{
    s->leaving = true;
    if (s->foreign && bridge_foreign_is_shared(s->foreign)) {
        bridge_foreign_leave(s, arguments_owned, DETACH_MS, on_left);
    } else {
        bridge_client_debug(s->kernel, "disconnect", arguments_owned, DETACH_MS, on_left, s);
    }
    s->debugging = false;
}

void bridge_detach(struct bridge_request *req)
{
    struct bridge_session *s = req->session;

    s->disconnect_request = bridge_request_ref(req);
    if (s->leaving) {
        return; /* answered with it */
    }
    if (s->debugging) {
        bridge_leave(s, json_incref(req->dap.arguments));
    } else if (!bridge_remote_end(s)) {
        bridge_answer_disconnect(s);
    }
}
