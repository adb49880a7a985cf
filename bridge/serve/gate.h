/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Who may come in to `celldap serve` (contracts.md §10): whoever knows the token of this start, and
 * no web page of another site, whatever name it reached us by. Pure: texts in, yes or no out.
 */
#ifndef BRIDGE_SERVE_GATE_H
#define BRIDGE_SERVE_GATE_H

#include "dap/base/error.h"

#define BRIDGE_TOKEN_CHARS 43 /* 32 random bytes in base64url */

struct bridge_gate {
    char token[BRIDGE_TOKEN_CHARS + 1]; /* never logged */
    const char *host;                   /* the address that is listened on; borrowed */
    const char *const *more_hosts;      /* names that are ours besides, NULL-terminated; or NULL */
    char machine[256];                  /* this machine's name; "" where only loopback is served */
};

/* With a new token. host, more_hosts: borrowed. */
cd_result bridge_gate_init(struct bridge_gate *g, const char *host, const char *const *more_hosts,
                           struct cd_error *reterr) CD_MUST_CHECK;
/* Whether address is one of this machine's own only: 127.x, ::1, localhost. */
bool bridge_gate_is_loopback(const char *address);
bool bridge_gate_token(const struct bridge_gate *g, const char *given);
/* Authorization: Bearer TOKEN */
bool bridge_gate_bearer(const struct bridge_gate *g, const char *header);
/* Sec-WebSocket-Protocol: dap, token.TOKEN */
bool bridge_gate_subprotocol(const struct bridge_gate *g, const char *header);
/* The Host header names us: a page whose name was made to point here (DNS rebinding) does not. */
bool bridge_gate_host(const struct bridge_gate *g, const char *header);
/* The Origin header is our own page's; NULL and "" (no browser) are good too. */
bool bridge_gate_origin(const char *origin, const char *host_header, bool tls);

#endif
