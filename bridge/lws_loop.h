/* SPDX-License-Identifier: BSD-3-Clause
 *
 * libwebsockets on our loop: one context for the whole process, made when the first websocket or
 * HTTP connection is wanted, so that a plain session never pays for it. Whoever uses it makes a
 * vhost of their own in it. Bridge loop only.
 */
#ifndef BRIDGE_LWS_LOOP_H
#define BRIDGE_LWS_LOOP_H

#include "dap/base/error.h"

#include <uv.h>

struct lws_context;

/* The context, the same at each call; borrowed. It does not keep the loop alive by itself: its
 * connections do. NULL: *reterr says why. */
struct lws_context *bridge_lws(uv_loop_t *loop, struct cd_error *reterr) CD_MUST_CHECK;
/* Ends it and all that is left of its vhosts and connections, turning the loop until they are gone.
 * From outside of the loop's callbacks, before the loop is closed. Without a context: nothing. */
void bridge_lws_done(uv_loop_t *loop);

#endif
