/* SPDX-License-Identifier: BSD-3-Clause
 *
 * debug_request on the control channel: moved to the debug thread, which says busy, replies and
 * says idle.
 */
#include "kernel/handlers/handlers.h"

void kernel_handle_debug(struct kernel *k, enum wire_channel channel, struct wire_msg *m_owned)
{
    (void)channel;
    kernel_debug_request(k, m_owned);
}
