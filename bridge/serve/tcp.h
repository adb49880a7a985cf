/* SPDX-License-Identifier: BSD-3-Clause
 *
 * DAP over TCP for many clients, one after another and at once; the token comes in launch or attach
 * (contracts.md §10). Bridge loop only.
 */
#ifndef BRIDGE_SERVE_TCP_H
#define BRIDGE_SERVE_TCP_H

#include "bridge/serve/hub.h"

struct bridge_tcp;

/* address: HOST:PORT, HOST a numeric address or localhost, [V6]:PORT; PORT 0: any. Nothing is
 * listened on beyond the loopback. */
cd_result bridge_tcp_listen(struct bridge_hub *hub, const char *address, struct bridge_tcp **ret,
                            struct cd_error *reterr) CD_MUST_CHECK;
/* HOST:PORT as it is listened on. */
const char *bridge_tcp_address(const struct bridge_tcp *t);
/* Nobody is let in any more; frees it. NULL: nothing. */
void bridge_tcp_close(struct bridge_tcp *t);

#endif
