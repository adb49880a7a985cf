/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cancel: the request is answered `cancelled` at once, whoever works on it is told to stop.
 */
#include "bridge/requests/requests.h"

#include <string.h>

static void cancel_request(struct bridge_session *s, struct bridge_request *target)
{
    const struct bridge_exec *running = s->exec.running;

    if (target == s->launch_request) {
        s->restarting = false;
        if (!s->process) { /* an attach: nothing of ours runs */
            bridge_forget_kernel(s);
        }
        bridge_end(s, BRIDGE_END_KILL);
        return;
    }
    if (target == s->disconnect_request) {
        return; /* what ends, ends */
    }
    if (target->cancel) {
        target->cancel(target);
    }
    if (running && running->req == target) {
        bridge_interrupt(s);
    }
    bridge_failf(target, CD_E_CANCELLED, "'%s' was cancelled", target->dap.command);
}

void bridge_req_cancel(struct bridge_request *req)
{
    struct bridge_session *s = req->session;
    struct cd_error err = CD_ERROR_INIT;
    struct bridge_request *target;
    const char *progress = NULL;
    int64_t id = -1;

    if (cd_json_int_opt(req->dap.arguments, "arguments.requestId", 0, INT64_MAX, &id, &err) ||
        cd_json_str_opt(req->dap.arguments, "arguments.progressId", &progress, &err) != CD_OK) {
        bridge_fail(req, &err);
        return;
    }
    target = id >= 0 ? bridge_request_find(s, id) : NULL;
    if (progress && progress[0] && strcmp(progress, s->progress_id) == 0) {
        target = s->launch_request;
    }
    bridge_reply(req, NULL);
    if (target && target != req) {
        cancel_request(s, target);
    }
}
