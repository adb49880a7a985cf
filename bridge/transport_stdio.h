/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A DAP client on our standard input and output, or on a socket (bridge/door.h), which is both.
 */
#ifndef BRIDGE_TRANSPORT_STDIO_H
#define BRIDGE_TRANSPORT_STDIO_H

#include "bridge/transport.h"
#include "dap/framing.h"

#include <uv.h>

/* Call before anything can print: takes fd 1 away and points it to fd 2. Returns the fd to write
 * to, -1 on failure. */
int bridge_stdio_claim(struct cd_error *reterr);

/* in_fd is read, out_fd (from bridge_stdio_claim) written; both belong to it from now on. */
cd_result bridge_stdio_new(uv_loop_t *loop, int in_fd, int out_fd, enum dap_framing_mode mode,
                           const struct bridge_transport_events *events,
                           struct bridge_transport **ret, struct cd_error *reterr) CD_MUST_CHECK;
/* After the session is gone; memory goes when the handles are closed. */
void bridge_stdio_free(struct bridge_transport *t);

#endif
