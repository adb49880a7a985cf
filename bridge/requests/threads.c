/* SPDX-License-Identifier: BSD-3-Clause
 *
 * threads and continue: what is answered also where the kernel cannot be asked (contracts.md §8).
 */
#include "bridge/requests/requests.h"

#define THREADS_MS 5000

void bridge_req_threads(struct bridge_request *req)
{
    struct bridge_session *s = req->session;

    if (s->kernel && s->debugging && s->kernel_state == BRIDGE_KERNEL_READY) {
        bridge_forward(req, THREADS_MS);
    } else {
        bridge_reply(req, json_pack("{s:[{s:i, s:s}]}", "threads", "id", 1, "name", "MainThread"));
    }
}

void bridge_req_continue(struct bridge_request *req)
{
    struct bridge_session *s = req->session;
    struct cd_error err = CD_ERROR_INIT;
    enum dap_state state = bridge_state(s);
    int64_t thread = 0;

    if (cd_json_int(req->dap.arguments, "arguments.threadId", INT32_MIN, INT32_MAX, &thread,
                    &err)) {
        bridge_fail(req, &err);
        return;
    }
    if (s->foreign && s->debugging && state == DAP_S_STOPPED) {
        bridge_foreign_continue(req);
        return;
    }
    /* while idle it takes back a pause that waits for the next cell */
    if (state == DAP_S_STOPPED || (state == DAP_S_IDLE && s->debugging && !s->foreign)) {
        bridge_forward(req, THREADS_MS);
        return;
    }
    bridge_reply(req, json_pack("{s:b}", "allThreadsContinued", 1));
}
