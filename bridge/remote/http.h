/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Requests to one Jupyter Server, and what both they and its websocket need: address, login,
 * cookies, trusted certificates. Bridge loop only.
 */
#ifndef BRIDGE_REMOTE_HTTP_H
#define BRIDGE_REMOTE_HTTP_H

#include "bridge/remote/resolve.h"
#include "bridge/remote/url.h"
#include "dap/base/buf.h"

#include <uv.h>

#include <libwebsockets.h>

struct remote_server {
    uv_loop_t *loop;
    struct remote_url url;
    char address[REMOTE_ADDRESS_BYTES]; /* of its host; "" before it is known */
    char token[1024];                   /* "" when there is none */
    char cookies[4096];                 /* "a=b; c=d", as the server set them */
    char cacert[1024];                  /* "" = what the system trusts alone */
};

/* One connection: a request where there is a method, else the websocket. */
struct remote_dial {
    const char *method; /* NULL: websocket */
    const char *path;
    void *user; /* of the callback */
};

/* *ret is set by the library as soon as there is a wsi. A failure may come by the callback before
 * this returns it. */
cd_result remote_connect(const struct remote_server *server, const struct remote_dial *dial,
                         struct lws **ret, struct cd_error *reterr) CD_MUST_CHECK;
/* In LWS_CALLBACK_CLIENT_CONNECTION_ERROR: what is wrong with the server's certificate; NULL:
 * nothing. */
const char *remote_tls_reason(struct lws *wsi);
/* The wsi is the library's to close; its user gets no callback any more. */
void remote_let_go(struct lws *wsi);
/* Token, cookies and X-XSRFToken, in LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER. 0, or -1 where
 * they do not fit. */
int remote_add_headers(const struct remote_server *server, struct lws *wsi, unsigned char **at,
                       unsigned char *end);
/* One Set-Cookie header of the server: later ones of a name replace earlier ones. */
void remote_set_cookie(struct remote_server *server, const char *header);
/* The value of one cookie, "" where there is none. */
void remote_cookie(const struct remote_server *server, const char *name, char *out,
                   size_t out_bytes);

struct remote_http;

struct remote_reply {
    int status;
    const char *body; /* NUL-terminated */
    size_t len;
};

/* reply NULL: *err says why there is none. Borrowed. May cancel nothing: the request is over. */
typedef void (*remote_reply_fn)(void *ctx, const struct remote_reply *reply,
                                const struct cd_error *err);

/* path: below the server's base, no '/' at its beginning. type: of the body; both NULL: none. fn
 * comes once, from the loop. */
cd_result remote_http_send(struct remote_server *server, const char *method, const char *path,
                           const char *type, const char *body, remote_reply_fn fn, void *ctx,
                           struct remote_http **ret, struct cd_error *reterr) CD_MUST_CHECK;
/* fn is not called. NULL: nothing. */
void remote_http_cancel(struct remote_http *h);

/* The vhost's two protocols (http.c, channels.c). */
int remote_http_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                         size_t len);
int remote_ws_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                       size_t len);

#endif
