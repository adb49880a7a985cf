/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What all connections to a Jupyter Server have in common (http.h): a vhost with the certificates
 * that it trusts, and the headers that say who we are. Must never log one of those.
 */
#include "bridge/lws_loop.h"
#include "bridge/remote/http.h"
#include "bridge/remote/ws_frame.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The library keeps a pointer to a vhost's name: these live as long as the process. */
struct name {
    struct name *next;
    char text[1100];
};

enum { REMOTE_HTTP, REMOTE_WS };

static const struct lws_protocols protocols[] = {
    [REMOTE_HTTP] = {.name = "celldap-http",
                     .callback = remote_http_callback,
                     .rx_buffer_size = 16384},
    [REMOTE_WS] = {.name = "celldap-ws", .callback = remote_ws_callback, .rx_buffer_size = 65536},
    {0}};

/* NULL: out of memory. */
static const char *lasting_name(const char *cacert)
{
    static struct name *names;
    char text[sizeof names->text];
    struct name *n;

    (void)snprintf(text, sizeof text, "celldap-remote:%s", cacert);
    for (n = names; n && strcmp(n->text, text) != 0; n = n->next) {
    }
    if (!n && (n = calloc(1, sizeof *n)) != NULL) {
        memcpy(n->text, text, sizeof text);
        n->next = names;
        names = n;
    }
    return n ? n->text : NULL;
}

/* Connections that trust the same certificates share one. */
static struct lws_vhost *vhost_for(struct lws_context *context, const struct remote_server *server)
{
    const char *name = lasting_name(server->cacert);
    struct lws_vhost *vhost = name ? lws_get_vhost_by_name(context, name) : NULL;
    struct lws_context_creation_info info = {
        .port = CONTEXT_PORT_NO_LISTEN,
        .protocols = protocols,
        .vhost_name = name,
        .client_ssl_ca_filepath = server->cacert[0] ? server->cacert : NULL,
        .options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT,
        /* else the library takes $http_proxy, for the loopback too: it knows no $no_proxy */
        .http_proxy_address = "none:0",
    };

    return vhost || !name ? vhost : lws_create_vhost(context, &info);
}

cd_result remote_connect(const struct remote_server *server, const struct remote_dial *dial,
                         struct lws **ret, struct cd_error *reterr)
{
    /* a peer that vanished without a word is noticed */
    static const lws_retry_bo_t patience = {.secs_since_valid_ping = 20,
                                            .secs_since_valid_hangup = 30};
    struct lws_context *context = bridge_lws(server->loop, reterr);
    struct lws_client_connect_info info = {.context = context};
    char host[300];

    if (!context) {
        return CD_ERR;
    }
    info.vhost = vhost_for(context, server);
    if (!info.vhost) {
        return cd_error_set(reterr, CD_E_SYSTEM, "libwebsockets cannot be a client");
    }
    remote_url_host(&server->url, host, sizeof host);
    info.address = server->address;
    info.port = server->url.port;
    info.host = host;
    info.path = dial->path;
    info.method = dial->method;
    info.protocol = dial->method ? NULL : REMOTE_V1;
    info.ssl_connection = (int)LCCSCF_HTTP_NO_FOLLOW_REDIRECT;
    info.ssl_connection |= server->url.tls ? LCCSCF_USE_SSL : 0;
    info.local_protocol_name = protocols[dial->method ? REMOTE_HTTP : REMOTE_WS].name;
    info.alpn = "http/1.1";
    info.retry_and_idle_policy = dial->method ? NULL : &patience;
    info.userdata = dial->user;
    info.pwsi = ret;
    return lws_client_connect_via_info(&info)
               ? CD_OK
               : cd_error_set(reterr, CD_E_KERNEL, "cannot be reached");
}

void remote_let_go(struct lws *wsi)
{
    lws_set_wsi_user(wsi, NULL);
    lws_set_timeout(wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
}

static int add(struct lws *wsi, const char *name, const char *value, unsigned char **at,
               unsigned char *end)
{
    return lws_add_http_header_by_name(wsi, (const unsigned char *)name,
                                       (const unsigned char *)value, (int)strlen(value), at, end);
}

int remote_add_headers(const struct remote_server *server, struct lws *wsi, unsigned char **at,
                       unsigned char *end)
{
    char xsrf[1024], token[sizeof server->token + 8];

    remote_cookie(server, "_xsrf", xsrf, sizeof xsrf);
    (void)snprintf(token, sizeof token, "token %s", server->token);
    return (server->token[0] && add(wsi, "authorization:", token, at, end)) ||
                   (server->cookies[0] && add(wsi, "cookie:", server->cookies, at, end)) ||
                   (xsrf[0] && add(wsi, "x-xsrftoken:", xsrf, at, end))
               ? -1
               : 0;
}

/* Where "name=" begins in the cookies, or NULL. */
static char *find_cookie(const char *cookies, const char *name, size_t name_len)
{
    for (const char *c = cookies; *c; c += strspn(c, "; ")) {
        if (strncmp(c, name, name_len) == 0 && c[name_len] == '=') {
            return (char *)(uintptr_t)c;
        }
        c += strcspn(c, ";");
    }
    return NULL;
}

void remote_cookie(const struct remote_server *server, const char *name, char *out,
                   size_t out_bytes)
{
    const char *found = find_cookie(server->cookies, name, strlen(name));
    const char *value = found ? strchr(found, '=') + 1 : "";

    (void)snprintf(out, out_bytes, "%.*s", (int)strcspn(value, ";"), value);
}

void remote_set_cookie(struct remote_server *server, const char *header)
{
    const size_t len = strcspn(header, ";"), name_len = strcspn(header, "=;");
    char *old = find_cookie(server->cookies, header, name_len);
    size_t used;

    if (name_len == 0 || header[name_len] != '=') {
        return;
    }
    if (old) {
        char *after = old + strcspn(old, ";");

        after += strspn(after, "; ");
        memmove(old, after, strlen(after) + 1);
    }
    used = strlen(server->cookies);
    if (used + len + 3 < sizeof server->cookies) {
        (void)snprintf(server->cookies + used, sizeof server->cookies - used, "%s%.*s",
                       used && server->cookies[used - 1] != ' ' ? "; " : "", (int)len, header);
    }
}
