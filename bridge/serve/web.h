/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The web side of `celldap serve`: one port with the page's files, a small JSON API over the served
 * folder, and DAP over websocket. libwebsockets on our loop; what comes in passes the gate first.
 * Inside of bridge/serve only. Bridge loop only.
 */
#ifndef BRIDGE_SERVE_WEB_H
#define BRIDGE_SERVE_WEB_H

#include "bridge/serve/hub.h"

struct bridge_web;

struct bridge_web_config {
    struct bridge_hub *hub;
    const char *host;               /* address to listen on */
    int port;                       /* 0: any */
    const char *tls_cert, *tls_key; /* both or neither */
    bool compress;                  /* offers permessage-deflate: 0.1 MB a connection */
    const char *root;               /* the folder that is served, absolute */
    const char *open;               /* path in root to open first, or NULL */
};

void bridge_web_free(struct bridge_web *w);
struct bridge_web *bridge_web_new(const struct bridge_web_config *config, struct cd_error *reterr)
    CD_NEW(bridge_web_free);
int bridge_web_port(const struct bridge_web *w);
const struct bridge_web_config *bridge_web_config(const struct bridge_web *w);
/* Nobody is let in any more. */
void bridge_web_close(struct bridge_web *w);

#endif
