/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Jupyter messages on a server's websocket, in both framings (facts: jupyter.md §7): v1 (binary,
 * offsets, the subprotocol of REMOTE_V1) and the older one (JSON text, or binary where there are
 * buffers). Nothing is signed there: the server does that. Pure.
 */
#ifndef BRIDGE_REMOTE_WS_FRAME_H
#define BRIDGE_REMOTE_WS_FRAME_H

#include "kernel/wire/connection.h"
#include "kernel/wire/msg.h"

#define REMOTE_V1 "v1.kernel.websocket.jupyter.org"

enum remote_framing { REMOTE_FRAMING_LEGACY, REMOTE_FRAMING_V1 };

/* Appends one websocket message. *ret_binary: of which kind. channel: shell, control or stdin. */
cd_result remote_frame_write(enum remote_framing framing, enum wire_channel channel,
                             const struct wire_msg *m, struct cd_buf *out, bool *ret_binary,
                             struct cd_error *reterr) CD_MUST_CHECK;
/* Never trusts a length. signer: one with an empty key. A channel that is not known is an error. */
cd_result remote_frame_read(enum remote_framing framing, bool binary, const char *bytes, size_t len,
                            struct wire_signer *signer, enum wire_channel *ret_channel,
                            struct wire_msg **ret, struct cd_error *reterr) CD_MUST_CHECK;

#endif
