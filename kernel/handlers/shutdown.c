/* SPDX-License-Identifier: BSD-3-Clause
 *
 * shutdown_request: the reply first (to the client, and to all on iopub), then the control thread
 * ends the kernel. A restart is a shutdown: whoever started the kernel starts the next one.
 */
#include "kernel/handlers/handlers.h"

static json_t *content_new(bool restart)
{
    return json_pack("{s:s, s:b}", "status", "ok", "restart", restart);
}

void kernel_handle_shutdown(struct kernel *k, enum wire_channel channel, struct wire_msg *m_owned)
{
    wire_automsg struct wire_msg *m = m_owned;
    bool restart = false;
    struct cd_error err = CD_ERROR_INIT;
    if (cd_json_bool_opt(m->content, "content.restart", &restart, &err)) {
        restart = false;
    }
    kernel_publish_status(k, m, "busy");
    kernel_reply(k, channel, m, "shutdown_reply", content_new(restart));
    kernel_publish(k, wire_msg_new("shutdown_reply", m, content_new(restart)));
    kernel_publish_status(k, m, "idle");
    kernel_ask_stop(k);
}
