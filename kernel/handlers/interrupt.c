/* SPDX-License-Identifier: BSD-3-Clause
 *
 * interrupt_request: a KeyboardInterrupt in whatever main does, SIGINT for the processes that the
 * user's code started. Subshells go on (JEP 91). Control thread; does not wait for it.
 */
#include "kernel/children.h"
#include "kernel/handlers/handlers.h"
#include "kernel/shells.h"

void kernel_handle_interrupt(struct kernel *k, enum wire_channel channel, struct wire_msg *m_owned)
{
    wire_automsg struct wire_msg *m = m_owned;
    kernel_publish_status(k, m, "busy");
    kernel_shell_interrupt(k);
    kernel_children_interrupt();
    kernel_reply(k, channel, m, "interrupt_reply", json_pack("{s:s}", "status", "ok"));
    kernel_publish_status(k, m, "idle");
}
