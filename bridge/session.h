/* SPDX-License-Identifier: BSD-3-Clause
 *
 * One session: one DAP client and the kernel that it launched. Bridge loop only.
 */
#ifndef BRIDGE_SESSION_H
#define BRIDGE_SESSION_H

#include "bridge/transport.h"

#include <uv.h>

struct bridge_session;
struct bridge_rooms;

struct bridge_session_config {
    uv_loop_t *loop;
    const char *kernel_log;     /* --log of its kernels, or NULL */
    struct bridge_rooms *rooms; /* where launched notebooks' kernels live; NULL: with the session */
    const char *token;          /* launch and attach have to carry it (celldapToken); NULL: none */
    /* The session is over and its kernel gone; free it from the loop. status: exit status of a
     * process that serves just this session. */
    void (*done)(void *ctx, int status);
    void *ctx;
};

void bridge_session_free(struct bridge_session *s);
struct bridge_session *bridge_session_new(const struct bridge_session_config *config,
                                          struct cd_error *reterr) CD_MUST_CHECK;
/* Once, before the first message; borrowed. */
void bridge_session_connect(struct bridge_session *s, struct bridge_transport *t);
/* For the transport: ctx is the session. */
extern const struct bridge_transport_events bridge_session_transport_events;
/* As if the client had gone (SIGTERM). */
void bridge_session_end(struct bridge_session *s);

#endif
