/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The addresses of a server's name, asked for on libuv's worker: a name server that does not answer
 * would hold up every session of the loop otherwise (libwebsockets waits for it).
 */
#ifndef BRIDGE_REMOTE_RESOLVE_H
#define BRIDGE_REMOTE_RESOLVE_H

#include "dap/base/error.h"

#include <uv.h>

#define REMOTE_ADDRESSES     8
#define REMOTE_ADDRESS_BYTES 48

struct remote_addresses {
    char text[REMOTE_ADDRESSES][REMOTE_ADDRESS_BYTES];
    size_t count; /* 1 at least */
};

struct remote_resolve;

/* found NULL: *err says why; it names host. Borrowed. */
typedef void (*remote_resolved_fn)(void *ctx, const struct remote_addresses *found,
                                   const struct cd_error *err);

/* fn comes once, from the loop. */
cd_result remote_resolve(uv_loop_t *loop, const char *host, remote_resolved_fn fn, void *ctx,
                         struct remote_resolve **ret, struct cd_error *reterr) CD_MUST_CHECK;
/* fn is not called. NULL: nothing. */
void remote_resolve_cancel(struct remote_resolve *q);
/* Whether it is an address already. */
bool remote_is_address(const char *host);

#endif
