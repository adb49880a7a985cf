/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A foreign debugger that did not answer, or answered something else: debugInfo tells whether it
 * still answers at all, and what is stopped; the client is brought to that. It reads nothing while
 * it owes an answer, so one that does not answer this either never will again (facts: jupyter.md
 * §4).
 */
#include "bridge/foreign_impl.h"
#include "dap/base/log.h"

#define INFO_MS   3000
#define RESUME_MS 5000

static const char trouble[] = "this kernel's debugger does not answer any more; a restart of the "
                              "kernel helps (celldap/restartKernel, .restart), celldap's own "
                              "kernel does not have this fault";

const char *bridge_foreign_trouble(const struct bridge_session *s)
{
    return s->foreign && s->foreign->wedged ? trouble : NULL;
}

static void give_up(struct bridge_session *s)
{
    s->foreign->wedged = true;
    s->debugging = false;
    bridge_say(s, "important", "celldap: %s\n", trouble);
}

static void now_stopped(struct bridge_session *s)
{
    json_t *event = json_pack("{s:s, s:{s:s, s:s, s:i, s:b}}", "event", "stopped", "body", "reason",
                              "pause", "description", "Stopped; the kernel's event of it was lost",
                              "threadId", 1, "allThreadsStopped", 1);

    bridge_on_debug_event(s, event);
    json_decref(event);
}

static void now_running(struct bridge_session *s)
{
    json_t *event = json_pack("{s:s, s:{s:I, s:b}}", "event", "continued", "body", "threadId",
                              (json_int_t)s->foreign->stopped_thread, "allThreadsContinued", 1);

    bridge_on_debug_event(s, event);
    json_decref(event);
}

/* The client's view follows the kernel's words. */
static bool is_stopped_there(struct bridge_session *s, const json_t *response)
{
    const json_t *body = json_object_get(response, "body");
    bool there = json_array_size(json_object_get(body, "stoppedThreads")) > 0;

    if (there && s->stops == 0) {
        now_stopped(s);
    } else if (!there && s->stops > 0) {
        now_running(s);
    }
    return there;
}

static void on_doubt(void *ctx, json_t *response, const struct cd_error *err)
{
    struct bridge_session *s = ctx;

    if (!s->foreign || s->kernel_state != BRIDGE_KERNEL_READY) {
        return;
    }
    s->foreign->doubting = false;
    if (response) {
        (void)is_stopped_there(s, response);
    } else if (err->id == CD_E_TIMEOUT && s->debugging) {
        give_up(s);
    }
}

void bridge_foreign_doubt(struct bridge_session *s)
{
    if (s->kernel && !s->foreign->doubting && s->debugging &&
        s->kernel_state == BRIDGE_KERNEL_READY) {
        cd_log(CD_LOG_WARN, "foreign", "an answer is missing: asking how things stand");
        s->foreign->doubting = true;
        bridge_client_debug(s->kernel, "debugInfo", NULL, INFO_MS, on_doubt, s);
    }
}

static void on_looked(void *ctx, json_t *response, const struct cd_error *err)
{
    struct bridge_request *req = ctx;
    struct bridge_session *s = req->session;

    if (!response) {
        bridge_fail(req, err);
        if (err->id == CD_E_TIMEOUT) {
            bridge_foreign_doubt(s);
        }
    } else if (is_stopped_there(s, response)) {
        bridge_forward(req, RESUME_MS);
    } else {
        bridge_reply(req, json_pack("{s:b}", "allThreadsContinued", 1));
    }
    bridge_request_unref(req);
}

void bridge_foreign_continue(struct bridge_request *req)
{
    bridge_client_debug(req->session->kernel, "debugInfo", NULL, INFO_MS, on_looked,
                        bridge_request_ref(req));
}
