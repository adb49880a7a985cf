/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The vhost of `celldap serve` and the one callback that libwebsockets calls for it: HTTP goes to
 * http.c, websockets to ws.c.
 */
#include "bridge/serve/web.h"

#include "bridge/lws_loop.h"
#include "bridge/serve/headers.h"
#include "bridge/serve/http.h"
#include "bridge/serve/ws.h"

#include <stdlib.h>
#include <string.h>

#include <libwebsockets.h>

#define RX_BYTES 4096 /* each websocket has a buffer of this size */

struct bridge_web {
    struct bridge_web_config config;
    struct lws_vhost *vhost;
};

/* One connection: it is the one or the other. */
struct connection {
    struct http_call *http;
    struct ws_transport *ws;
};

bool http_header(struct lws *wsi, int token, char *out, size_t out_bytes)
{
    const int n = lws_hdr_total_length(wsi, (enum lws_token_indexes)token);

    return n > 0 && (size_t)n < out_bytes &&
           lws_hdr_copy(wsi, out, (int)out_bytes, (enum lws_token_indexes)token) == n;
}

bool http_from_here(struct bridge_web *w, struct lws *wsi)
{
    char host[300], origin[300] = "";
    const bool has_origin = lws_hdr_total_length(wsi, WSI_TOKEN_ORIGIN) > 0;

    return http_header(wsi, WSI_TOKEN_HOST, host, sizeof host) &&
           bridge_gate_host(bridge_hub_gate(w->config.hub), host) &&
           (!has_origin || (http_header(wsi, WSI_TOKEN_ORIGIN, origin, sizeof origin) &&
                            bridge_gate_origin(origin, host, w->config.tls_cert != NULL)));
}

static int on_websocket(struct bridge_web *w, struct lws *wsi, enum lws_callback_reasons reason,
                        struct connection *c, void *in, size_t len)
{
    switch (reason) {
    case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
        return ws_filter(w, wsi);
    case LWS_CALLBACK_ESTABLISHED:
        return ws_established(w, wsi, &c->ws);
    case LWS_CALLBACK_RECEIVE:
        return c->ws ? ws_received(c->ws, in, len) : 0;
    case LWS_CALLBACK_SERVER_WRITEABLE:
        return c->ws ? ws_writable(c->ws) : -1;
    case LWS_CALLBACK_TIMER:
        return c->ws ? ws_say_goodbye(c->ws) : 0;
    case LWS_CALLBACK_CLOSED:
        ws_closed(&c->ws);
        return 0;
    default:
        return 0;
    }
}

static int callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                    size_t len)
{
    struct lws_vhost *vhost = lws_get_vhost(wsi);
    struct bridge_web *w = vhost ? lws_get_vhost_user(vhost) : NULL;
    struct connection *c = user;

    switch (reason) {
    case LWS_CALLBACK_HTTP:
        return http_request(w, wsi, &c->http, in);
    case LWS_CALLBACK_HTTP_BODY:
        return c->http ? http_body(c->http, in, len) : -1;
    case LWS_CALLBACK_HTTP_BODY_COMPLETION:
        return c->http ? http_body_end(c->http) : -1;
    case LWS_CALLBACK_HTTP_WRITEABLE:
        return c->http ? http_writable(c->http) : 0;
    case LWS_CALLBACK_CLOSED_HTTP:
    case LWS_CALLBACK_HTTP_DROP_PROTOCOL:
        if (c) {
            http_closed(&c->http);
        }
        return 0;
    case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
    case LWS_CALLBACK_ESTABLISHED:
    case LWS_CALLBACK_RECEIVE:
    case LWS_CALLBACK_SERVER_WRITEABLE:
    case LWS_CALLBACK_TIMER:
    case LWS_CALLBACK_CLOSED:
        return on_websocket(w, wsi, reason, c, in, len);
    default:
        return lws_callback_http_dummy(wsi, reason, user, in, len);
    }
}

/* The first serves clients that offer no subprotocol. */
static const struct lws_protocols protocols[] = {
    {"http", callback, sizeof(struct connection), RX_BYTES, 0, NULL, 0},
    {"dap", callback, sizeof(struct connection), RX_BYTES, 0, NULL, 0},
    {NULL, NULL, 0, 0, 0, NULL, 0}};

static const struct lws_extension extensions[] = {
    {"permessage-deflate", lws_extension_callback_pm_deflate,
     "permessage-deflate; client_no_context_takeover; client_max_window_bits"},
    {NULL, NULL, NULL}};

static struct lws_vhost *make_vhost(struct bridge_web *w, struct lws_context *context)
{
    struct lws_context_creation_info info = {
        .port = w->config.port,
        .iface = w->config.host,
        .protocols = protocols,
        .extensions = w->config.compress ? extensions : NULL,
        .vhost_name = "celldap",
        .user = w,
        .alpn = "http/1.1",
        .keepalive_timeout = 60,
        .timeout_secs = 20,
        .options = LWS_SERVER_OPTION_FAIL_UPON_UNABLE_TO_BIND,
    };

    if (w->config.tls_cert) {
        info.options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT; /* else it serves without TLS */
        info.ssl_cert_filepath = w->config.tls_cert;
        info.ssl_private_key_filepath = w->config.tls_key;
        info.ssl_options_set = SSL_OP_NO_SSLv3 | SSL_OP_NO_TLSv1 | SSL_OP_NO_TLSv1_1;
    }
    return lws_create_vhost(context, &info);
}

struct bridge_web *bridge_web_new(const struct bridge_web_config *config, struct cd_error *reterr)
{
    struct lws_context *context = bridge_lws(bridge_hub_loop(config->hub), reterr);
    struct bridge_web *w = context ? calloc(1, sizeof *w) : NULL;

    if (!context) {
        return NULL;
    }
    if (!w) {
        cd_oom(reterr);
        return NULL;
    }
    w->config = *config;
    w->vhost = make_vhost(w, context);
    if (!w->vhost || lws_get_vhost_listen_port(w->vhost) <= 0) {
        cd_error_set(reterr, CD_E_SYSTEM, "cannot serve on %s port %d%s%s", config->host,
                     config->port, config->tls_cert ? " with the certificate " : "",
                     config->tls_cert ? config->tls_cert : "");
        free(w);
        return NULL;
    }
    return w;
}

int bridge_web_port(const struct bridge_web *w)
{
    return lws_get_vhost_listen_port(w->vhost);
}

const struct bridge_web_config *bridge_web_config(const struct bridge_web *w)
{
    return &w->config;
}

void bridge_web_close(struct bridge_web *w)
{
    if (w->vhost) {
        lws_vhost_destroy(cd_take(w->vhost));
    }
}

void bridge_web_free(struct bridge_web *w)
{
    free(w);
}
