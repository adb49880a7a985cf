/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What a request's header says, and whether it may come in at all.
 */
#ifndef BRIDGE_SERVE_HEADERS_H
#define BRIDGE_SERVE_HEADERS_H

#include "bridge/serve/web.h"

struct lws;

/* The header token (enum lws_token_indexes) as text; false: it is not there or too long. */
bool http_header(struct lws *wsi, int token, char *out, size_t out_bytes);
/* Host and Origin are ours: no page of another site, no name that was made to point here. */
bool http_from_here(struct bridge_web *w, struct lws *wsi);

#endif
