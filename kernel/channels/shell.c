/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Shell thread: owns the shell ROUTER, answers what needs no Python and hands the rest on.
 * Must never run Python nor wait for a thread that does.
 */
#include "kernel/channels/channels.h"
#include "kernel/handlers/handlers.h"
#include "kernel/shells.h"

/* A cell failed and stop_on_error was set: what was sent before its reply is still to be aborted,
 * so it is fetched from the socket first, and an end mark follows it. */
static void drain_for_abort(struct kernel *k, struct wire_signer *signer)
{
    if (atomic_exchange(&k->drain_shell, false)) {
        kernel_receive_all(k, WIRE_SHELL, signer, kernel_dispatch);
        kernel_shells_mark_abort_end(k);
    }
}

void kernel_shell_loop(struct kernel *k)
{
    struct wire_signer *signer = kernel_signer(k);
    const int queue_fd = cd_queue_fd(k->shell);
    while (signer && !kernel_drained(k->shell)) {
        (void)wire_poll(&k->sockets[WIRE_SHELL], 1, &queue_fd, 1, -1);
        drain_for_abort(k, signer);
        kernel_send_all(k, WIRE_SHELL, signer, k->shell);
        kernel_receive_all(k, WIRE_SHELL, signer, kernel_dispatch);
        drain_for_abort(k, signer);
        kernel_send_all(k, WIRE_SHELL, signer, k->shell);
    }
    wire_signer_free(signer);
}
