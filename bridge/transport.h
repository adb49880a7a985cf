/* SPDX-License-Identifier: BSD-3-Clause
 *
 * How one DAP client is connected. The transport frames: it hands whole bodies to the session and
 * takes whole bodies from it. Bridge loop only.
 */
#ifndef BRIDGE_TRANSPORT_H
#define BRIDGE_TRANSPORT_H

#include "dap/base/error.h"

struct bridge_transport;

struct bridge_transport_ops {
    /* One whole body, copied; never waits. What cannot be written ends the connection (gone). */
    void (*send)(struct bridge_transport *t, const char *body, size_t len);
    /* Bytes that were sent and are not written yet. */
    size_t (*waiting)(const struct bridge_transport *t);
    /* true: the client is not read from, so that its requests wait with it. */
    void (*pause)(struct bridge_transport *t, bool paused);
    /* Nothing is read any more; closed after all that was sent is written. */
    void (*close)(struct bridge_transport *t);
};

struct bridge_transport {
    const struct bridge_transport_ops *ops;
};

/* What a transport tells (implemented by the session). */
struct bridge_transport_events {
    void *ctx;
    void (*message)(void *ctx, const char *body, size_t len);
    /* The framing is broken: nothing can be read any more. */
    void (*broken)(void *ctx, const struct cd_error *err);
    /* Something that was sent is written. */
    void (*written)(void *ctx);
    /* End of input, or the client cannot be written to any more. At most once. */
    void (*gone)(void *ctx);
};

#endif
