/* SPDX-License-Identifier: BSD-3-Clause
 *
 * DAP over websocket: one bare JSON message a text message (or a binary one), fragments put
 * together; a client that begins with `Content-Length` is answered in the same form (facts: dap.md
 * §3). Bridge loop only.
 */
#ifndef BRIDGE_SERVE_WS_H
#define BRIDGE_SERVE_WS_H

#include "bridge/serve/web.h"

struct lws;
struct ws_transport;

/* May this connection become a websocket? As libwebsockets wants it returned. */
int ws_filter(struct bridge_web *w, struct lws *wsi);
/* It became one: *slot is its transport from now on. */
int ws_established(struct bridge_web *w, struct lws *wsi, struct ws_transport **slot);
int ws_received(struct ws_transport *t, const char *bytes, size_t len);
int ws_writable(struct ws_transport *t);
/* From a timer: ends the connection with its close code. */
int ws_say_goodbye(struct ws_transport *t);
void ws_closed(struct ws_transport **slot);

#endif
