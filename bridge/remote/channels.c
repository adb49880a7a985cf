/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A kernel's channels as one websocket of its Jupyter Server (channels.h). When it is cut it is
 * opened again, under the same session id, so that the server hands over what came meanwhile; what
 * may be lost nevertheless is told as a gap. Bridge loop only; an event may close the channels.
 */
#include "bridge/remote/http.h"
#include "bridge/remote/look.h"
#include "bridge/remote/notice.h"
#include "bridge/remote/remote_impl.h"
#include "bridge/remote/ws_frame.h"
#include "dap/base/limits.h"
#include "dap/base/log.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define RETRY_FIRST_MS 100
#define RETRY_MOST_MS  5000

/* Framed when it goes: the server says at the handshake which framing it takes. */
struct outgoing {
    struct outgoing *next;
    enum wire_channel channel;
    struct wire_msg *m;
};

struct remote_channels {
    struct bridge_channels base;
    struct bridge_channels_events events;
    struct bridge_remote *remote;
    struct remote_look *look; /* for a kernel that says it ends */
    char session[64];         /* as the server knows this connection */
    char path[2048];
    struct wire_signer *signer; /* of an empty key */
    struct lws *wsi;
    enum remote_framing framing;
    int status; /* of the server's answer to the handshake; 0: none yet */
    bool open, closed;
    bool was_open;  /* once */
    unsigned tries; /* since it was cut */
    uv_timer_t retry;
    struct cd_buf incoming;
    struct cd_buf bytes; /* LWS_PRE of room, then a message that goes */
    struct outgoing *first, **last;
    size_t queued;
};

static void dial(struct remote_channels *r);

static void outgoing_free(struct outgoing *o)
{
    wire_msg_free(o->m);
    free(o);
}

static void on_retry(uv_timer_t *timer)
{
    dial(timer->data);
}

/* What cannot get better: the kernel is gone, or the server does not want us. */
static bool is_final(const struct remote_channels *r, struct cd_error *ret)
{
    const char *server = remote_server_of(r->remote)->url.text;

    if (r->status == 404 || r->status == 410) {
        cd_error_set(ret, CD_E_KERNEL, "%.200s: the kernel is not there any more", server);
    } else if (r->status == 401 || r->status == 403) {
        cd_error_set(ret, CD_E_KERNEL,
                     "%.200s: the server refuses the websocket (status %d): is the token right?",
                     server, r->status);
    }
    return ret->id != CD_E_NONE;
}

static void on_cut(struct remote_channels *r, const char *why)
{
    struct cd_error err = CD_ERROR_INIT;
    const bool was_open = r->open;
    const unsigned shift = r->tries < 6 ? r->tries : 6;
    const uint64_t wait = (uint64_t)RETRY_FIRST_MS << shift;

    if (r->wsi) {
        lws_set_wsi_user(cd_take(r->wsi), NULL); /* its end was told */
    }
    r->open = false;
    cd_log(CD_LOG_INFO, "remote", "the websocket is cut: %s", why);
    if (!is_final(r, &err) && !r->was_open) {
        cd_error_set(&err, CD_E_KERNEL, "%.200s: the websocket cannot be opened: %.150s",
                     remote_server_of(r->remote)->url.text, why);
    }
    if (err.id) {
        r->events.gone(r->events.ctx, &err);
        return;
    }
    r->tries++;
    uv_timer_start(&r->retry, on_retry, wait < RETRY_MOST_MS ? wait : RETRY_MOST_MS, 0);
    if (was_open && r->events.link) {
        r->events.link(r->events.ctx, false);
    }
}

static void dial(struct remote_channels *r)
{
    struct cd_error err = CD_ERROR_INIT;

    r->status = 0;
    if (remote_connect(remote_server_of(r->remote), &(struct remote_dial){NULL, r->path, r},
                       &r->wsi, &err) != CD_OK) {
        on_cut(r, err.text);
    }
}

static void on_looked(void *ctx)
{
    struct remote_channels *r = ctx;
    struct cd_error err = CD_ERROR_INIT;

    cd_error_set(&err, CD_E_KERNEL, "it was ended on %.200s",
                 remote_server_of(r->remote)->url.text);
    r->events.gone(r->events.ctx, &err);
}

static void pass_on(struct remote_channels *r, enum wire_channel channel, struct wire_msg **m)
{
    const enum remote_notice notice =
        channel == WIRE_IOPUB ? remote_notice_of(*m, r->session) : REMOTE_NOTICE_NONE;
    struct cd_error err = CD_ERROR_INIT;

    if (notice == REMOTE_NOTICE_END) {
        remote_look(r->look);
    } else if (notice != REMOTE_NOTICE_NONE) {
        json_object_del((*m)->header, "session"); /* it is no kernel's */
    }
    r->events.message(r->events.ctx, channel, m);
    if (!r->closed && notice == REMOTE_NOTICE_GAP) {
        r->events.gap(r->events.ctx, true);
    }
    if (!r->closed && notice == REMOTE_NOTICE_DEAD) {
        cd_error_set(&err, CD_E_KERNEL, "it died, and its server gave it up");
        r->events.gone(r->events.ctx, &err);
    }
}

/* One whole websocket message. */
static void on_message(struct remote_channels *r, bool binary)
{
    struct cd_error err = CD_ERROR_INIT;
    enum wire_channel channel = WIRE_SHELL;
    struct wire_msg *m = NULL;

    if (remote_frame_read(r->framing, binary, r->incoming.data, r->incoming.len, r->signer,
                          &channel, &m, &err) != CD_OK) {
        cd_log(CD_LOG_WARN, "remote", "dropped a message of the server: %s", err.text);
        return;
    }
    pass_on(r, channel, &m);
    wire_msg_free(m);
}

/* Servers do not switch Nagle's algorithm off: an event would wait for the ACK of the reply before
 * it, which we would send 40 ms later. The kernel of the machine forgets this each time. */
static void ack_at_once(struct lws *wsi)
{
    (void)setsockopt(lws_get_socket_fd(wsi), IPPROTO_TCP, TCP_QUICKACK, &(int){1}, sizeof(int));
}

static int on_receive(struct remote_channels *r, struct lws *wsi, const void *in, size_t len)
{
    struct cd_error err = CD_ERROR_INIT;

    ack_at_once(wsi);
    if (lws_is_first_fragment(wsi)) {
        cd_buf_clear(&r->incoming);
    }
    if (cd_buf_append(&r->incoming, in, len, &err) != CD_OK) {
        cd_log(CD_LOG_ERROR, "remote", "the server sent too much: %s", err.text);
        return -1;
    }
    if (lws_is_final_fragment(wsi) && lws_remaining_packet_payload(wsi) == 0) {
        on_message(r, lws_frame_is_binary(wsi) != 0);
    }
    return r->closed ? -1 : 0;
}

static struct outgoing *pop(struct remote_channels *r)
{
    struct outgoing *o = r->first;

    r->first = o->next;
    if (!r->first) {
        r->last = &r->first;
    }
    r->queued--;
    return o;
}

static int on_writable(struct remote_channels *r, struct lws *wsi)
{
    static const char room[LWS_PRE];
    struct outgoing *o = r->first ? pop(r) : NULL;
    struct cd_error err = CD_ERROR_INIT;
    bool binary = false;
    int written = 0;

    if (!o) {
        return 0;
    }
    cd_buf_clear(&r->bytes);
    if (cd_buf_append(&r->bytes, room, sizeof room, &err) != CD_OK ||
        remote_frame_write(r->framing, o->channel, o->m, &r->bytes, &binary, &err) != CD_OK) {
        cd_log(CD_LOG_ERROR, "remote", "'%s' is not sent: %s", wire_msg_type(o->m), err.text);
    } else {
        written = lws_write(wsi, (unsigned char *)r->bytes.data + LWS_PRE, r->bytes.len - LWS_PRE,
                            binary ? LWS_WRITE_BINARY : LWS_WRITE_TEXT);
    }
    outgoing_free(o);
    if (r->first) {
        lws_callback_on_writable(wsi);
    }
    return written < 0 ? -1 : 0;
}

/* The headers are there for this one callback. */
static void choose_framing(struct remote_channels *r, struct lws *wsi)
{
    char protocol[64] = "";

    (void)lws_hdr_copy(wsi, protocol, sizeof protocol, WSI_TOKEN_PROTOCOL);
    r->framing = strcmp(protocol, REMOTE_V1) == 0 ? REMOTE_FRAMING_V1 : REMOTE_FRAMING_LEGACY;
}

static void on_open(struct remote_channels *r, struct lws *wsi)
{
    const bool again = r->was_open;

    r->open = r->was_open = true;
    r->tries = 0;
    cd_log(CD_LOG_INFO, "remote", "the websocket is open, %s framing",
           r->framing == REMOTE_FRAMING_V1 ? "v1" : "legacy");
    if (again && r->events.link) {
        r->events.link(r->events.ctx, true);
    }
    if (again && !r->closed) {
        r->events.gap(r->events.ctx, false);
    }
    if (!r->closed && r->first) {
        lws_callback_on_writable(wsi);
    }
}

int remote_ws_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                       size_t len)
{
    struct remote_channels *r = user;

    if (!r) {
        return 0;
    }
    switch (reason) {
    case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER:
        return remote_add_headers(remote_server_of(r->remote), wsi, (unsigned char **)in,
                                  *(unsigned char **)in + len);
    case LWS_CALLBACK_ESTABLISHED_CLIENT_HTTP:
        r->status = (int)lws_http_client_http_response(wsi);
        return 0;
    case LWS_CALLBACK_CLIENT_FILTER_PRE_ESTABLISH:
        choose_framing(r, wsi);
        return 0;
    case LWS_CALLBACK_CLIENT_ESTABLISHED:
        on_open(r, wsi);
        return r->closed ? -1 : 0;
    case LWS_CALLBACK_CLIENT_RECEIVE:
        return on_receive(r, wsi, in, len);
    case LWS_CALLBACK_CLIENT_WRITEABLE:
        return on_writable(r, wsi);
    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
        on_cut(r, in ? (const char *)in : "no connection");
        return 0;
    case LWS_CALLBACK_CLIENT_CLOSED:
    case LWS_CALLBACK_CLOSED_CLIENT_HTTP: /* the server closed in place of an answer */
    case LWS_CALLBACK_WSI_DESTROY:
        if (wsi == r->wsi) {
            on_cut(r, "closed");
        }
        return 0;
    default:
        return 0;
    }
}

static bool ws_has(const struct bridge_channels *ch, enum wire_channel channel)
{
    (void)ch;
    return channel == WIRE_SHELL || channel == WIRE_IOPUB || channel == WIRE_STDIN ||
           channel == WIRE_CONTROL;
}

static void ws_send(struct bridge_channels *ch, enum wire_channel channel, struct wire_msg *m_owned)
{
    struct remote_channels *r = (struct remote_channels *)ch;
    struct outgoing *o = r->queued < CD_MAX_REMOTE_QUEUE ? calloc(1, sizeof *o) : NULL;

    if (!o) {
        cd_log(CD_LOG_ERROR, "remote", "'%s' is not sent: too much waits for the server",
               wire_msg_type(m_owned));
        wire_msg_free(m_owned);
        return;
    }
    o->channel = channel;
    o->m = m_owned;
    *r->last = o;
    r->last = &o->next;
    r->queued++;
    if (r->open) {
        lws_callback_on_writable(r->wsi);
    }
}

static void on_handle_closed(uv_handle_t *h)
{
    struct remote_channels *r = h->data;

    while (r->first) {
        outgoing_free(pop(r));
    }
    cd_buf_done(&r->bytes);
    cd_buf_done(&r->incoming);
    wire_signer_free(r->signer);
    free(r);
}

static void ws_close(struct bridge_channels *ch)
{
    struct remote_channels *r = (struct remote_channels *)ch;

    r->closed = true;
    if (r->wsi) {
        remote_let_go(cd_take(r->wsi));
    }
    remote_look_close(cd_take(r->look));
    uv_close((uv_handle_t *)&r->retry, on_handle_closed);
}

static const struct bridge_channels_ops ws_ops = {
    .has = ws_has, .send = ws_send, .close = ws_close};

cd_result bridge_channels_remote(uv_loop_t *loop, const void *where, const char *identity,
                                 const struct bridge_channels_events *events,
                                 struct bridge_channels **ret, struct cd_error *reterr)
{
    struct remote_channels *r = calloc(1, sizeof *r);

    if (!r) {
        return cd_oom(reterr);
    }
    r->base.ops = &ws_ops;
    r->events = *events;
    r->remote = (struct bridge_remote *)(uintptr_t)where;
    r->last = &r->first;
    r->signer = wire_signer_new("", reterr);
    cd_buf_init(&r->incoming, CD_MAX_BODY_BYTES);
    cd_buf_init(&r->bytes, CD_MAX_BODY_BYTES);
    r->look =
        remote_look_new(remote_server_of(r->remote), bridge_remote_kernel_id(where), on_looked, r);
    if (!r->signer || !r->look) {
        remote_look_close(r->look);
        wire_signer_free(r->signer);
        free(r);
        return cd_oom(reterr);
    }
    (void)snprintf(r->session, sizeof r->session, "%s", identity);
    (void)snprintf(r->path, sizeof r->path, "%sapi/kernels/%s/channels?session_id=%s",
                   remote_server_of(r->remote)->url.base, bridge_remote_kernel_id(where), identity);
    uv_timer_init(loop, &r->retry);
    r->retry.data = r;
    uv_timer_start(&r->retry, on_retry, 0, 0); /* what goes wrong is told from the loop */
    *ret = &r->base;
    return CD_OK;
}
