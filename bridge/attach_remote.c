/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A session with a kernel behind a Jupyter Server: it is searched first, its connection may be cut
 * for a while, and what the server did not pass on is asked for (facts: jupyter.md §7). Bridge loop
 * only.
 */
#include "bridge/remote/remote.h"
#include "bridge/session_impl.h"
#include "dap/base/log.h"

#include <string.h>

#define READY_MS   60000 /* it may have been started just now */
#define RESYNC_MS  5000
#define POLL_MS    1000
#define LOST_LOOKS 2 /* the server sees it a little later than we do */

static void on_found(void *ctx, const struct cd_error *err)
{
    struct bridge_session *s = ctx;
    const struct bridge_client_events events = bridge_attach_events(s);
    struct cd_error bad = CD_ERROR_INIT;

    if (err) {
        bad = *err;
    } else {
        cd_log(CD_LOG_INFO, "attach", "kernel %s of %s", bridge_remote_kernel_id(s->remote),
               bridge_remote_server(s->remote));
        (void)!bridge_client_open(s->config.loop, bridge_channels_remote, s->remote, &events,
                                  &s->kernel, &bad);
    }
    if (bad.id) {
        bridge_start_failed(s, &bad);
        return;
    }
    bridge_client_start(s->kernel, READY_MS, bridge_on_kernel_info, s);
}

cd_result bridge_attach_remote(struct bridge_session *s, struct cd_error *reterr)
{
    const struct bridge_launch *l = s->launch;
    const struct bridge_remote_wish wish = {.server = l->server,
                                            .token = l->server_token,
                                            .password = l->server_password,
                                            .cacert = l->cacert,
                                            .kernel_id = l->kernel_id,
                                            .notebook = l->server_notebook,
                                            .kernel_name = l->kernel_name};

    return bridge_remote_new(s->config.loop, &wish, on_found, s, &s->remote, reterr);
}

/* As if the kernel had told it. */
static void tell(struct bridge_session *s, const char *event, json_t *body_owned)
{
    json_t *e = json_pack("{s:s, s:o}", "event", event, "body", body_owned);

    if (e) {
        bridge_on_debug_event(s, e);
    }
    json_decref(e);
}

static void on_info(void *ctx, json_t *response, const struct cd_error *err)
{
    struct bridge_session *s = ctx;
    const json_t *body = json_object_get(response, "body");
    const json_t *stopped = json_object_get(body, "stoppedThreads");
    const json_t *thread = json_array_get(stopped, 0);

    if (!json_is_array(stopped) || s->kernel_state != BRIDGE_KERNEL_READY || !s->debugging) {
        cd_log(CD_LOG_INFO, "attach", "no state of the kernel: %s", err ? err->text : "no answer");
        return;
    }
    if (thread) {
        uv_timer_stop(&s->resync_timer);
    }
    if (thread && s->stops == 0) {
        tell(s, "stopped",
             json_pack("{s:s, s:s, s:O, s:b}", "reason", "pause", "description",
                       "Stopped while the server told nothing", "threadId", thread,
                       "allThreadsStopped", 1));
    } else if (!thread && s->stops > 0 && !s->view) {
        s->stops = 1;
        tell(s, "continued", json_pack("{s:i, s:b}", "threadId", 1, "allThreadsContinued", 1));
    } else if (thread && s->client.invalidated) { /* it may be another stop */
        bridge_event(s, "invalidated", json_pack("{s:[s]}", "areas", "all"));
    }
}

static void resync(struct bridge_session *s)
{
    if (s->kernel && s->debugging && s->kernel_state == BRIDGE_KERNEL_READY) {
        bridge_client_debug(s->kernel, "debugInfo", NULL, RESYNC_MS, on_info, s);
    }
}

/* A request that was on its way when the connection was cut is lost, or its answer is: nothing runs
 * though we wait. Never sent again, since it may have run. */
static void on_idle(void *ctx, bool idle)
{
    struct bridge_session *s = ctx;

    s->idle_looks = idle && s->exec.running ? s->idle_looks + 1 : 0;
    if (s->idle_looks >= LOST_LOOKS) {
        s->idle_looks = 0;
        bridge_client_expire(s->kernel, s->exec.running->msg_id);
    }
}

static void on_poll(uv_timer_t *t)
{
    struct bridge_session *s = t->data;

    if (!s->remote || !s->kernel) {
        uv_timer_stop(t);
        return;
    }
    resync(s);
    if (s->exec.running) {
        bridge_remote_ask_idle(s->remote, on_idle, s);
    }
}

void bridge_on_gap(void *ctx, bool goes_on)
{
    struct bridge_session *s = ctx;

    s->idle_looks = 0;
    if (!goes_on) { /* else a little later: what is dropped comes next */
        resync(s);
    }
    if (goes_on || s->exec.running) {
        uv_timer_start(&s->resync_timer, on_poll, POLL_MS, POLL_MS);
    }
}

void bridge_gap_over(struct bridge_session *s, const struct wire_msg *idle)
{
    const char *of = json_string_value(json_object_get(idle->parent, "msg_type"));

    if (of && strcmp(of, "execute_request") == 0) {
        uv_timer_stop(&s->resync_timer);
    }
}

static void on_restarted(void *ctx, const struct cd_error *err)
{
    struct bridge_session *s = ctx;

    if (err) {
        bridge_say(s, "important", "celldap: the kernel is not restarted: %s\n", err->text);
    } else {
        resync(s); /* what it says to that is under its new session: see client_pump.c */
    }
}

void bridge_remote_restart(struct bridge_session *s)
{
    bridge_remote_order(s->remote, BRIDGE_REMOTE_RESTART, on_restarted, s);
}

void bridge_remote_interrupt(struct bridge_session *s)
{
    bridge_remote_order(s->remote, BRIDGE_REMOTE_INTERRUPT, NULL, NULL);
}

static void on_ended(void *ctx, const struct cd_error *err)
{
    struct bridge_session *s = ctx;

    if (err) {
        bridge_say(s, "important", "celldap: the kernel may live on: %s\n", err->text);
    }
    bridge_remote_close(cd_take(s->remote));
    bridge_answer_disconnect(s);
}

bool bridge_remote_end(struct bridge_session *s)
{
    const struct bridge_request *req = s->disconnect_request;

    if (!s->remote || !bridge_remote_started(s->remote) ||
        !json_is_true(json_object_get(req->dap.arguments, "terminateDebuggee"))) {
        return false;
    }
    bridge_client_close(cd_take(s->kernel));
    bridge_remote_order(s->remote, BRIDGE_REMOTE_END, on_ended, s);
    return true;
}
