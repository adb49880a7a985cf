/* SPDX-License-Identifier: BSD-3-Clause
 *
 * How the channels of one kernel are reached: ZeroMQ sockets (channels_zmq.c), or one websocket of
 * a Jupyter Server (remote/channels.c). They carry messages and know nothing of requests, which are
 * the kernel client's. Bridge loop only; events come from the loop, never from inside a call.
 */
#ifndef BRIDGE_CHANNELS_H
#define BRIDGE_CHANNELS_H

#include "kernel/wire/connection.h"
#include "kernel/wire/msg.h"

#include <uv.h>

struct bridge_channels;

struct bridge_channels_ops {
    bool (*has)(const struct bridge_channels *ch, enum wire_channel channel);
    /* Never waits; what cannot be sent is logged. Only a channel that it has. */
    void (*send)(struct bridge_channels *ch, enum wire_channel channel, struct wire_msg *m_owned);
    /* Tells all that has arrived already. Its events may close. NULL: nothing ever waits. */
    void (*drain)(struct bridge_channels *ch);
    /* Frees, at once or from the loop; nothing is told any more. Also from inside an event. */
    void (*close)(struct bridge_channels *ch);
};

struct bridge_channels {
    const struct bridge_channels_ops *ops;
};

/* Implemented by the kernel client. Each may close the channels. */
struct bridge_channels_events {
    void *ctx;
    /* One message; borrowed, but may be taken out of *m. */
    void (*message)(void *ctx, enum wire_channel channel, struct wire_msg **m);
    /* The kernel can be reached (again), or not any more. NULL: not wanted. */
    void (*link)(void *ctx, bool up);
    /* It will never be reached again. */
    void (*gone)(void *ctx, const struct cd_error *why);
    /* Messages that the kernel sent to iopub may be missing; goes_on: and those that follow, until
     * the cell that runs is through. */
    void (*gap)(void *ctx, bool goes_on);
};

/* where: what the implementation needs to know, borrowed for the call. identity: the client's, a
 * uuid. */
typedef cd_result (*bridge_channels_open_fn)(uv_loop_t *loop, const void *where,
                                             const char *identity,
                                             const struct bridge_channels_events *events,
                                             struct bridge_channels **ret, struct cd_error *reterr);

/* channels_zmq.c; where: a struct wire_connection. A channel whose port is 0 is not there. */
cd_result bridge_channels_zmq(uv_loop_t *loop, const void *where, const char *identity,
                              const struct bridge_channels_events *events,
                              struct bridge_channels **ret, struct cd_error *reterr) CD_MUST_CHECK;

#endif
