/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A kernel behind a Jupyter Server or an Enterprise Gateway: found or started by REST, spoken to by
 * one websocket. The bridge's way in; nothing of it runs before somebody asks. Bridge loop only;
 * callbacks come from the loop, never from inside the call that registered them.
 */
#ifndef BRIDGE_REMOTE_REMOTE_H
#define BRIDGE_REMOTE_REMOTE_H

#include "bridge/channels.h"
#include "dap/base/json.h"

struct bridge_remote;

/* Which kernel of which server. Borrowed for the call. */
struct bridge_remote_wish {
    const char *server; /* an address, or NULL: the local servers that tell of themselves */
    const char *token, *password, *cacert;          /* or NULL; cacert: a file in PEM */
    const char *kernel_id, *notebook, *kernel_name; /* one of them; none: all are listed */
};

typedef void (*bridge_remote_fn)(void *ctx, const struct cd_error *err); /* err NULL: done */

/* fn is told once whether the kernel is found (or started). */
cd_result bridge_remote_new(uv_loop_t *loop, const struct bridge_remote_wish *wish,
                            bridge_remote_fn fn, void *ctx, struct bridge_remote **ret,
                            struct cd_error *reterr) CD_MUST_CHECK;
/* Gives up what is under way: fn is not called any more. After the channels' close. NULL: nothing.
 */
void bridge_remote_close(struct bridge_remote *r);

/* Of a kernel that was found. */
const char *bridge_remote_kernel_id(const struct bridge_remote *r);
const char *bridge_remote_server(const struct bridge_remote *r); /* its address, without a token */
bool bridge_remote_started(const struct bridge_remote *r);       /* by us: we may end it */

enum bridge_remote_order { BRIDGE_REMOTE_INTERRUPT, BRIDGE_REMOTE_RESTART, BRIDGE_REMOTE_END };
/* fn may be NULL. Orders go one after the other. */
void bridge_remote_order(struct bridge_remote *r, enum bridge_remote_order order,
                         bridge_remote_fn fn, void *ctx);

/* Whether the kernel runs nothing, as its server sees it; false where that is not known. */
void bridge_remote_ask_idle(struct bridge_remote *r, void (*fn)(void *ctx, bool idle), void *ctx);

/* list.c: what runs behind the server of wish, or behind all of this machine. *ret: new array of
 * {server, kernels: [{id, name, execution_state?, last_activity?, notebook?}]}, or {server, error}.
 * On a loop of its own, before any other: it waits, at most some seconds for all together. */
cd_result bridge_remote_list(const struct bridge_remote_wish *wish, json_t **ret,
                             struct cd_error *reterr) CD_MUST_CHECK;

/* channels.c; where: the struct bridge_remote, which outlives them. */
cd_result bridge_channels_remote(uv_loop_t *loop, const void *where, const char *identity,
                                 const struct bridge_channels_events *events,
                                 struct bridge_channels **ret, struct cd_error *reterr)
    CD_MUST_CHECK;

#endif
