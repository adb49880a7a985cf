/* SPDX-License-Identifier: BSD-3-Clause
 *
 * All sessions of a process that serves many clients, however they come in. Bridge loop only.
 */
#ifndef BRIDGE_SERVE_HUB_H
#define BRIDGE_SERVE_HUB_H

#include "bridge/serve/gate.h"
#include "bridge/session.h"

struct bridge_hub;
struct bridge_rooms;

struct bridge_hub_config {
    uv_loop_t *loop;
    const struct bridge_gate *gate; /* borrowed */
    const char *kernel_log;         /* --log of its kernels, or NULL */
    int max_sessions;
    int alone_s;              /* see celldap-kernel --alone */
    void (*empty)(void *ctx); /* after bridge_hub_end, when the last session is gone */
    void *ctx;
};

void bridge_hub_free(struct bridge_hub *h);
struct bridge_hub *bridge_hub_new(const struct bridge_hub_config *config, struct cd_error *reterr)
    CD_NEW(bridge_hub_free);
const struct bridge_gate *bridge_hub_gate(const struct bridge_hub *h);
uv_loop_t *bridge_hub_loop(const struct bridge_hub *h);
struct bridge_rooms *bridge_hub_rooms(const struct bridge_hub *h);

/* One more session for a client that is coming in; bridge_hub_seat follows, or bridge_hub_refuse
 * where its transport cannot be made. trusted: its token was checked already, else its launch or
 * attach has to carry it. Fails with CD_E_LIMIT when there are too many. */
struct bridge_session *bridge_hub_open(struct bridge_hub *h, bool trusted, struct cd_error *reterr)
    CD_MUST_CHECK;
/* free_transport: called once, when the session is over. */
void bridge_hub_seat(struct bridge_hub *h, struct bridge_session *s, struct bridge_transport *t,
                     void (*free_transport)(struct bridge_transport *t));
void bridge_hub_refuse(struct bridge_hub *h, struct bridge_session *s);
/* Ends them all; nobody is let in any more. */
void bridge_hub_end(struct bridge_hub *h);

#endif
