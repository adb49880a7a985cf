/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Requests and replies of HTTP: see http.h.
 */
#include "bridge/serve/http.h"

#include "bridge/serve/headers.h"
#include "dap/base/limits.h"
#include "dap/base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libwebsockets.h>

#define PIECE_BYTES  (64u * 1024)
#define HEADER_BYTES 2048

static const char page_policy[] =
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: "
    "blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; frame-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/* Whatever a notebook's output does, it does in an origin of its own, without the network. */
static const char sandbox_policy[] =
    "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline'; style-src "
    "'unsafe-inline'; img-src data: blob:; font-src data:; media-src data: blob:; frame-ancestors "
    "'self'";

void http_call_unref(struct http_call *c)
{
    if (c && --c->refs == 0) {
        cd_buf_done(&c->body);
        cd_buf_done(&c->reply);
        free(c);
    }
}

void http_closed(struct http_call **slot)
{
    struct http_call *c = cd_take(*slot);

    if (c) {
        c->wsi = NULL;
        http_call_unref(c);
    }
}

bool http_query(const struct http_call *c, const char *name, char *out, size_t out_bytes)
{
    char wanted[40];
    const char *value;

    (void)snprintf(wanted, sizeof wanted, "%s=", name);
    value = c->wsi ? lws_get_urlarg_by_name(c->wsi, wanted, out, (int)out_bytes) : NULL;
    if (value) {
        memmove(out, value, strlen(value) + 1); /* it lies behind its name, in out */
    }
    return value != NULL;
}

void http_send(struct http_call *c, int status)
{
    if (c->status == 0) {
        c->status = status;
        if (c->wsi && !c->wants_body) {
            lws_callback_on_writable(c->wsi);
        }
    }
}

void http_json(struct http_call *c, int status, json_t *body_owned)
{
    json_auto_t *body = body_owned;
    struct cd_error err = CD_ERROR_INIT;

    if (c->status != 0) {
        return;
    }
    (void)snprintf(c->type, sizeof c->type, "application/json");
    cd_buf_clear(&c->reply);
    if (!body || cd_json_dump(body, &c->reply, &err) != CD_OK) {
        cd_log(CD_LOG_ERROR, "http", "no reply: %s", body ? err.text : "out of memory");
        status = 500;
    }
    http_send(c, status);
}

void http_fail(struct http_call *c, int status, const char *format, ...)
{
    char text[500];
    va_list ap;

    va_start(ap, format);
    (void)vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    http_json(c, status, json_pack("{s:{s:o}}", "error", "message", cd_json_textz(text)));
}

static enum http_method method_of(struct lws *wsi, char **uri, int *len)
{
    switch (lws_http_get_uri_and_method(wsi, uri, len)) {
    case LWSHUMETH_GET:
        return HTTP_GET;
    case LWSHUMETH_HEAD:
        return HTTP_HEAD;
    case LWSHUMETH_PUT:
        return HTTP_PUT;
    case LWSHUMETH_POST:
        return HTTP_POST;
    default:
        return HTTP_OTHER;
    }
}

static struct http_call *new_call(struct bridge_web *w, struct lws *wsi, const char *path)
{
    struct http_call *c = calloc(1, sizeof *c);
    char length[32];
    char *uri;
    int len;

    if (!c) {
        return NULL;
    }
    c->web = w;
    c->wsi = wsi;
    c->refs = 1;
    c->method = method_of(wsi, &uri, &len);
    (void)snprintf(c->path, sizeof c->path, "%s", path);
    (void)http_header(wsi, WSI_TOKEN_HTTP_IF_MATCH, c->etag_wanted, sizeof c->etag_wanted);
    (void)http_header(wsi, WSI_TOKEN_HTTP_IF_NONE_MATCH, c->etag_known, sizeof c->etag_known);
    (void)http_header(wsi, WSI_TOKEN_HTTP_ACCEPT_ENCODING, c->encodings, sizeof c->encodings);
    cd_buf_init(&c->body, CD_MAX_NOTEBOOK_BYTES);
    cd_buf_init(&c->reply, CD_MAX_NOTEBOOK_BYTES);
    c->wants_body = (c->method == HTTP_PUT || c->method == HTTP_POST) &&
                    http_header(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH, length, sizeof length) &&
                    strcmp(length, "0") != 0;
    return c;
}

static void begin_call(struct http_call *c)
{
    char bearer[256];

    if (strlen(c->path) + 1 >= sizeof c->path) {
        http_fail(c, 414, "the path is too long");
    } else if (!http_from_here(c->web, c->wsi)) {
        http_fail(c, 403,
                  "this host or origin may not ask here: open the URL that celldap serve "
                  "printed (--allow-host NAME allows another name)");
    } else if (strcmp(c->path, "/healthz") == 0) {
        http_json(c, 200, json_pack("{s:s}", "status", "ok"));
    } else if (strncmp(c->path, "/api/", 5) != 0) {
        http_serve_file(c);
    } else if (!http_header(c->wsi, WSI_TOKEN_HTTP_AUTHORIZATION, bearer, sizeof bearer) ||
               !bridge_gate_bearer(bridge_hub_gate(bridge_web_config(c->web)->hub), bearer)) {
        http_fail(c, 401, "wrong or missing token: open the URL that celldap serve printed");
    } else {
        http_serve_api(c);
    }
}

int http_request(struct bridge_web *w, struct lws *wsi, struct http_call **slot, const char *uri)
{
    struct http_call *c;

    http_closed(slot); /* the one before on this connection */
    c = new_call(w, wsi, uri);
    if (!c) {
        return -1;
    }
    *slot = c;
    begin_call(c);
    return 0;
}

int http_body(struct http_call *c, const void *bytes, size_t len)
{
    struct cd_error err = CD_ERROR_INIT;

    if (c->status == 0 && cd_buf_append(&c->body, bytes, len, &err) != CD_OK) {
        http_fail(c, 413, "the file is too long: %s", err.text);
    }
    return 0;
}

int http_body_end(struct http_call *c)
{
    c->wants_body = false;
    if (c->status == 0) {
        http_serve_api(c);
    } else {
        lws_callback_on_writable(c->wsi);
    }
    return 0;
}

/* One more header; -1: no room. */
static int add(struct http_call *c, const char *name, const char *value, unsigned char **p,
               unsigned char *end)
{
    return value[0] ? lws_add_http_header_by_name(c->wsi, (const unsigned char *)name,
                                                  (const unsigned char *)value, (int)strlen(value),
                                                  p, end)
                    : 0;
}

static int send_headers(struct http_call *c)
{
    unsigned char bytes[LWS_PRE + HEADER_BYTES], *p = bytes + LWS_PRE, *begin = p;
    unsigned char *end = bytes + sizeof bytes - 1;
    const bool bare = c->status == 304;
    const char *cache = c->immutable ? "public, max-age=31536000, immutable" : "no-cache";

    if (lws_add_http_common_headers(c->wsi, (unsigned)c->status, c->type[0] ? c->type : NULL,
                                    bare ? 0 : c->reply.len, &p, end) ||
        add(c, "etag:", c->etag, &p, end) || add(c, "content-encoding:", c->encoding, &p, end) ||
        add(c, "vary:", c->encoding[0] ? "accept-encoding" : "", &p, end) ||
        add(c, "cache-control:", c->etag[0] ? cache : "no-store", &p, end) ||
        add(c, "x-content-type-options:", "nosniff", &p, end) ||
        add(c, "referrer-policy:", "no-referrer", &p, end) ||
        add(c, "cross-origin-resource-policy:", "same-origin", &p, end) ||
        add(c, "cross-origin-opener-policy:", c->page ? "same-origin" : "", &p, end) ||
        add(c, "content-security-policy:",
            c->sandboxed ? sandbox_policy
            : c->page    ? page_policy
                         : "default-src 'none'; frame-ancestors 'none'",
            &p, end) ||
        lws_finalize_write_http_header(c->wsi, begin, &p, end)) {
        return -1;
    }
    c->headers_sent = true;
    return 0;
}

/* The next piece of the body. 1: all is sent. */
static int send_piece(struct http_call *c)
{
    unsigned char bytes[LWS_PRE + PIECE_BYTES];
    const size_t left = c->reply.len - c->sent, n = left < PIECE_BYTES ? left : PIECE_BYTES;

    memcpy(bytes + LWS_PRE, c->reply.data + c->sent, n);
    if (lws_write(c->wsi, bytes + LWS_PRE, n, n == left ? LWS_WRITE_HTTP_FINAL : LWS_WRITE_HTTP) <
        0) {
        return -1;
    }
    c->sent += n;
    return n == left;
}

int http_writable(struct http_call *c)
{
    int r;

    if (c->status == 0 || c->wants_body) {
        return 0;
    }
    if (!c->headers_sent && send_headers(c) != 0) {
        return -1;
    }
    r = c->method == HTTP_HEAD || c->status == 304 || c->reply.len == 0 ? 1 : send_piece(c);
    if (r < 0) {
        return -1;
    }
    if (r == 0) {
        lws_callback_on_writable(c->wsi);
        return 0;
    }
    return lws_http_transaction_completed(c->wsi) ? -1 : 0;
}
