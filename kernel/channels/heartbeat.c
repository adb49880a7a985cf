/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Heartbeat thread: echoes what clients send, whatever Python does. Needs nothing of the kernel but
 * its socket; ends with the context.
 */
#include "kernel/channels/channels.h"

void kernel_hb_loop(struct kernel *k)
{
    wire_echo_loop(k->sockets[WIRE_HB]);
}
