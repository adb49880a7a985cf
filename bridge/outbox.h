/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What waits to be written to one DAP client. Messages keep their order and get their seq when they
 * are handed to the transport, so that nothing is missing in the count. A client that reads slowly
 * has its requests wait; of one that does not read, program output is left out, the oldest first,
 * and it is told so; replies and stops never are. The kernel is never held up. Bridge loop only.
 */
#ifndef BRIDGE_OUTBOX_H
#define BRIDGE_OUTBOX_H

#include "bridge/transport.h"

#include <stdint.h>

struct bridge_outbox;

enum bridge_outbox_kind {
    BRIDGE_OUT_MESSAGE, /* never left out */
    BRIDGE_OUT_OUTPUT   /* what a program printed */
};

/* now_ms: a clock that only goes forward. Drops what still waits. */
void bridge_outbox_free(struct bridge_outbox *o);
struct bridge_outbox *bridge_outbox_new(uint64_t (*now_ms)(void *ctx), void *ctx)
    CD_NEW(bridge_outbox_free);
/* Borrowed; NULL: messages are dropped. */
void bridge_outbox_connect(struct bridge_outbox *o, struct bridge_transport *t);
/* object: the text of a JSON object without its seq, copied. ret_seq (may be NULL) gets the number
 * as soon as it has one, and must live until then. false: too much waits, the client is lost. */
bool bridge_outbox_send(struct bridge_outbox *o, const char *object, size_t len,
                        enum bridge_outbox_kind kind, int64_t *ret_seq);
/* The transport wrote something. */
void bridge_outbox_written(struct bridge_outbox *o);
/* Hands over all that waits, before the transport is closed. */
void bridge_outbox_flush(struct bridge_outbox *o);

#endif
