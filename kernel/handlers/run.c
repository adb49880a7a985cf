/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What main does with a request of its queue: busy, run, idle. The channel's thread only puts it
 * there. Requests that stop_on_error aborts are answered here too.
 */
#include "dap/base/log.h"
#include "kernel/handlers/handlers.h"

#include <stdio.h>
#include <string.h>

void kernel_handle_run(struct kernel *k, enum wire_channel channel, struct wire_msg *m_owned)
{
    (void)channel;
    (void)cd_queue_push(k->run, m_owned);
}

void kernel_abort_request(struct kernel *k, const struct wire_msg *m)
{
    if (strcmp(wire_msg_type(m), "execute_request") != 0) {
        return; /* comm messages have no reply */
    }
    kernel_publish_status(k, m, "busy");
    kernel_reply(k, WIRE_SHELL, m, "execute_reply", json_pack("{s:s}", "status", "aborted"));
    kernel_publish_status(k, m, "idle");
}

void kernel_run_request(struct kernel *k, struct wire_msg *m_owned)
{
    wire_automsg struct wire_msg *m = m_owned;
    kernel_output_parent(k, m);
    kernel_publish_status(k, m, "busy");
    if (strcmp(wire_msg_type(m), "execute_request") == 0) {
        kernel_run_execute(k, m);
    } else {
        kernel_run_comm(k, m);
    }
    kernel_publish_status(k, m, "idle");
}
