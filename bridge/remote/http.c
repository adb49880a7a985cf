/* SPDX-License-Identifier: BSD-3-Clause
 *
 * One request to a Jupyter Server (http.h), on a connection of its own. What the library tells is
 * only noted; the reply is told from the loop, so that its taker may do anything.
 */
#include "bridge/remote/http.h"

#include "dap/base/limits.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REQUEST_MS 20000 /* a server that starts a kernel takes its time */

struct remote_http {
    struct remote_server *server;
    char *path; /* owned; with the server's base */
    const char *method, *type;
    struct cd_buf body; /* of the request, LWS_PRE bytes before it */
    struct cd_buf reply;
    struct lws *wsi; /* NULL: not any more */
    int status;      /* 0: no answer yet */
    struct cd_error err;
    bool over;          /* the library has no more to tell */
    remote_reply_fn fn; /* NULL: cancelled */
    void *ctx;
    uv_timer_t timer; /* first the time limit, then tells the end */
};

static void on_closed(uv_handle_t *handle)
{
    struct remote_http *h = handle->data;

    cd_buf_done(&h->body);
    cd_buf_done(&h->reply);
    free(h->path);
    free(h);
}

static void on_over(uv_timer_t *timer)
{
    struct remote_http *h = timer->data;
    const struct remote_reply reply = {h->status, h->reply.data, h->reply.len};

    uv_close((uv_handle_t *)timer, on_closed);
    if (h->fn) {
        h->fn(h->ctx, h->err.id ? NULL : &reply, h->err.id ? &h->err : NULL);
    }
}

static void over(struct remote_http *h)
{
    if (h->wsi) {
        lws_set_wsi_user(cd_take(h->wsi), NULL);
    }
    if (h->over) {
        return;
    }
    h->over = true;
    if (h->status == 0 && h->err.id == CD_E_NONE) {
        cd_error_set(&h->err, CD_E_KERNEL, "the server closed the connection");
    }
    cd_error_prefix(&h->err, "%.200s", h->server->url.text);
    uv_timer_start(&h->timer, on_over, 0, 0);
}

static void on_late(uv_timer_t *timer)
{
    struct remote_http *h = timer->data;

    cd_error_set(&h->err, CD_E_TIMEOUT, "the server does not answer");
    if (h->wsi) {
        remote_let_go(cd_take(h->wsi));
    }
    over(h);
}

void remote_http_cancel(struct remote_http *h)
{
    if (!h) {
        return;
    }
    h->fn = NULL;
    if (h->wsi) {
        remote_let_go(cd_take(h->wsi));
    }
    if (!uv_is_closing((uv_handle_t *)&h->timer)) {
        uv_close((uv_handle_t *)&h->timer, on_closed);
    }
}

static int add_headers(struct remote_http *h, struct lws *wsi, unsigned char **at, size_t room)
{
    unsigned char *end = *at + room;
    char length[32];
    const size_t body = h->body.len - LWS_PRE;

    if (remote_add_headers(h->server, wsi, at, end)) {
        return -1;
    }
    if (!h->type) {
        return 0;
    }
    (void)snprintf(length, sizeof length, "%zu", body);
    lws_client_http_body_pending(wsi, 1);
    lws_callback_on_writable(wsi);
    return lws_add_http_header_by_token(wsi, WSI_TOKEN_HTTP_CONTENT_TYPE,
                                        (const unsigned char *)h->type, (int)strlen(h->type), at,
                                        end) ||
                   lws_add_http_header_by_token(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH,
                                                (const unsigned char *)length, (int)strlen(length),
                                                at, end)
               ? -1
               : 0;
}

static int write_body(struct remote_http *h, struct lws *wsi)
{
    const size_t len = h->body.len - LWS_PRE;

    if (!h->type) {
        return 0;
    }
    lws_client_http_body_pending(wsi, 0);
    return lws_write(wsi, (unsigned char *)h->body.data + LWS_PRE, len, LWS_WRITE_HTTP_FINAL) <
                   (int)len
               ? -1
               : 0;
}

/* -1: there is no body to wait for. */
static int read_head(struct remote_http *h, struct lws *wsi)
{
    char cookie[2048];

    h->status = (int)lws_http_client_http_response(wsi);
    for (int i = 0;
         lws_hdr_copy_fragment(wsi, cookie, sizeof cookie, WSI_TOKEN_HTTP_SET_COOKIE, i) > 0; i++) {
        remote_set_cookie(h->server, cookie);
    }
    return h->status == 204 || (h->status >= 300 && h->status < 400) ? -1 : 0;
}

static int read_body(struct lws *wsi)
{
    char buffer[LWS_PRE + 16384];
    char *at = buffer + LWS_PRE;
    int len = sizeof buffer - LWS_PRE;

    return lws_http_client_read(wsi, &at, &len) < 0 ? -1 : 0;
}

static void on_error(struct remote_http *h, struct lws *wsi, const char *text, size_t len)
{
    const char *reason = remote_tls_reason(wsi);

    if (reason) {
        cd_error_set(&h->err, CD_E_KERNEL, "its certificate is not trusted: %s", reason);
    } else if (h->status == 0) { /* else it is our own end after the head: nothing follows it */
        cd_error_set(&h->err, CD_E_KERNEL, "cannot be reached: %.*s", (int)len, text ? text : "");
    }
    over(h);
}

int remote_http_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                         size_t len)
{
    struct remote_http *h = user;

    if (!h) {
        return 0;
    }
    switch (reason) {
    case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER:
        return add_headers(h, wsi, in, len);
    case LWS_CALLBACK_CLIENT_HTTP_WRITEABLE:
        return write_body(h, wsi);
    case LWS_CALLBACK_ESTABLISHED_CLIENT_HTTP:
        return read_head(h, wsi);
    case LWS_CALLBACK_RECEIVE_CLIENT_HTTP:
        return read_body(wsi);
    case LWS_CALLBACK_RECEIVE_CLIENT_HTTP_READ:
        return cd_buf_append(&h->reply, in, len, &h->err) == CD_OK ? 0 : -1;
    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
        on_error(h, wsi, in, len);
        return 0;
    case LWS_CALLBACK_COMPLETED_CLIENT_HTTP:
        over(h);
        return -1; /* the connection is not used again */
    case LWS_CALLBACK_CLOSED_CLIENT_HTTP:
    case LWS_CALLBACK_WSI_DESTROY:
        over(h);
        return 0;
    default:
        return 0;
    }
}

static cd_result fill(struct remote_http *h, const char *path, const char *body,
                      struct cd_error *reterr)
{
    static const char room[LWS_PRE];

    cd_buf_init(&h->body, CD_MAX_BODY_BYTES);
    cd_buf_init(&h->reply, CD_MAX_REST_BYTES);
    if (asprintf(&h->path, "%s%s", h->server->url.base, path) < 0) {
        h->path = NULL;
        return cd_oom(reterr);
    }
    return cd_buf_append(&h->body, room, sizeof room, reterr) == CD_OK &&
                   cd_buf_append(&h->body, body ? body : "", body ? strlen(body) : 0, reterr) ==
                       CD_OK &&
                   cd_buf_append(&h->reply, "", 0, reterr) == CD_OK
               ? CD_OK
               : CD_ERR;
}

cd_result remote_http_send(struct remote_server *server, const char *method, const char *path,
                           const char *type, const char *body, remote_reply_fn fn, void *ctx,
                           struct remote_http **ret, struct cd_error *reterr)
{
    struct remote_http *h = calloc(1, sizeof *h);

    if (!h) {
        return cd_oom(reterr);
    }
    h->server = server;
    h->method = method;
    h->type = type;
    h->fn = fn;
    h->ctx = ctx;
    uv_timer_init(server->loop, &h->timer);
    h->timer.data = h;
    if (fill(h, path, body, reterr) != CD_OK) {
        uv_close((uv_handle_t *)&h->timer, on_closed);
        return CD_ERR;
    }
    uv_timer_start(&h->timer, on_late, REQUEST_MS, 0);
    if (remote_connect(server, &(struct remote_dial){method, h->path, h}, &h->wsi, &h->err) !=
        CD_OK) {
        over(h);
    }
    *ret = h;
    return CD_OK;
}
