/* SPDX-License-Identifier: BSD-3-Clause
 *
 * See ws.h. A transport lives until both its connection and its session are gone.
 */
#include "bridge/serve/ws.h"

#include "bridge/serve/headers.h"
#include "dap/base/limits.h"
#include "dap/base/log.h"
#include "dap/framing.h"

#include <stdlib.h>
#include <string.h>

#include <libwebsockets.h>

#define TRY_AGAIN_LATER 1013 /* of the registry of close codes; the library has no name for it */
#define PIECE_BYTES     (128u * 1024) /* of a long message, so that others get their turn */

struct outgoing {
    struct outgoing *next;
    size_t len, sent;
    unsigned char bytes[]; /* LWS_PRE of room, then the message */
};

struct ws_transport {
    struct bridge_transport base;
    struct bridge_transport_events events;
    struct lws *wsi; /* NULL: closed */
    struct cd_buf message;
    struct dap_framing *framing; /* NULL: bare messages */
    struct outgoing *first, **last;
    size_t waiting;
    enum lws_close_status code;
    char reason[124]; /* a close frame has room for 123 bytes */
    bool closing, freed;
};

static void free_transport(struct ws_transport *t)
{
    while (t->first) {
        struct outgoing *out = t->first;

        t->first = out->next;
        free(out);
    }
    dap_framing_free(t->framing);
    cd_buf_done(&t->message);
    free(t);
}

static void ws_free(struct bridge_transport *base)
{
    struct ws_transport *t = (struct ws_transport *)base;

    t->freed = true;
    if (!t->wsi) {
        free_transport(t);
    }
}

static void queue(struct ws_transport *t, const char *body, size_t len)
{
    struct cd_error err = CD_ERROR_INIT;
    cd_autobuf struct cd_buf framed;
    struct outgoing *out;

    cd_buf_init(&framed, len + 64);
    if (t->framing && dap_framing_write(&framed, body, len, &err) == CD_OK) {
        body = framed.data;
        len = framed.len;
    }
    out = malloc(sizeof *out + LWS_PRE + len);
    if (!out) {
        cd_log(CD_LOG_ERROR, "ws", "out of memory: a message is lost");
        return;
    }
    *out = (struct outgoing){.len = len};
    memcpy(out->bytes + LWS_PRE, body, len);
    *t->last = out;
    t->last = &out->next;
    t->waiting += len;
}

static void ws_send(struct bridge_transport *base, const char *body, size_t len)
{
    struct ws_transport *t = (struct ws_transport *)base;

    if (t->wsi && !t->closing) {
        queue(t, body, len);
        lws_callback_on_writable(t->wsi);
    }
}

static size_t ws_waiting(const struct bridge_transport *base)
{
    return ((const struct ws_transport *)base)->waiting;
}

static void ws_pause(struct bridge_transport *base, bool paused)
{
    struct ws_transport *t = (struct ws_transport *)base;

    if (t->wsi) {
        lws_rx_flow_control(t->wsi, !paused);
    }
}

static void ws_close(struct bridge_transport *base)
{
    struct ws_transport *t = (struct ws_transport *)base;

    t->closing = true;
    if (t->wsi) {
        lws_callback_on_writable(t->wsi);
    }
}

static const struct bridge_transport_ops ws_ops = {
    .send = ws_send, .waiting = ws_waiting, .pause = ws_pause, .close = ws_close};

/* Marks a connection whose headers, gone when it is established, were good. */
static const char good[] = "";

/* What is wrong with it, or good. */
static const char *judge(struct bridge_web *w, struct lws *wsi)
{
    const struct bridge_gate *gate = bridge_hub_gate(bridge_web_config(w)->hub);
    char path[64], protocols[512], bearer[256];

    if (!http_from_here(w, wsi)) {
        return "this host or origin may not come in";
    }
    if (!http_header(wsi, WSI_TOKEN_GET_URI, path, sizeof path) || strcmp(path, "/dap") != 0) {
        return "only /dap is a websocket here";
    }
    if ((http_header(wsi, WSI_TOKEN_PROTOCOL, protocols, sizeof protocols) &&
         bridge_gate_subprotocol(gate, protocols)) ||
        (http_header(wsi, WSI_TOKEN_HTTP_AUTHORIZATION, bearer, sizeof bearer) &&
         bridge_gate_bearer(gate, bearer))) {
        return good;
    }
    return "wrong or missing token: use the URL that celldap serve printed";
}

/* It is refused when it is established: then a client, a browser's too, is told why. */
int ws_filter(struct bridge_web *w, struct lws *wsi)
{
    lws_set_opaque_user_data(wsi, (void *)(uintptr_t)judge(w, wsi));
    return 0;
}

static int refuse(struct lws *wsi, enum lws_close_status code, const char *text)
{
    char reason[120];

    (void)lws_snprintf(reason, sizeof reason, "%s", text); /* a close frame holds 123 bytes */
    cd_log(CD_LOG_WARN, "ws", "a connection was refused: %s", text);
    lws_close_reason(wsi, code, (unsigned char *)reason, strlen(reason));
    return -1;
}

/* Quicker and smaller than the library's own choice. Its windows stay as they are: it would read
 * with the one that it writes with (4.1). */
static void compress_small(struct lws *wsi)
{
    static const struct {
        const char *name, *value;
    } options[] = {{"compression_level", "1"}, {"mem_level", "4"}, {"tx_buf_size", "13"}};

    for (size_t i = 0; i < CD_ARRAY_LEN(options); i++) {
        (void)lws_set_extension_option(wsi, "permessage-deflate", options[i].name,
                                       options[i].value);
    }
}

int ws_established(struct bridge_web *w, struct lws *wsi, struct ws_transport **slot)
{
    struct bridge_hub *hub = bridge_web_config(w)->hub;
    const char *verdict = lws_get_opaque_user_data(wsi);
    struct cd_error err = CD_ERROR_INIT;
    struct bridge_session *session;
    struct ws_transport *t;

    if (verdict != good) {
        return refuse(wsi, LWS_CLOSE_STATUS_POLICY_VIOLATION, verdict ? verdict : "not known");
    }
    session = bridge_hub_open(hub, true, &err);
    if (!session) {
        return refuse(wsi, (enum lws_close_status)TRY_AGAIN_LATER, err.text);
    }
    t = calloc(1, sizeof *t);
    if (!t) {
        bridge_hub_refuse(hub, session);
        return -1;
    }
    t->base.ops = &ws_ops;
    t->events = bridge_session_transport_events;
    t->events.ctx = session;
    t->wsi = wsi;
    t->last = &t->first;
    t->code = LWS_CLOSE_STATUS_NORMAL;
    cd_buf_init(&t->message, CD_MAX_BODY_BYTES);
    *slot = t;
    compress_small(wsi);
    bridge_hub_seat(hub, session, &t->base, ws_free);
    return 0;
}

static void broken(struct ws_transport *t, const struct cd_error *err)
{
    t->code =
        err->id == CD_E_LIMIT ? LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE : LWS_CLOSE_STATUS_PROTOCOL_ERR;
    (void)lws_snprintf(t->reason, sizeof t->reason, "%s", err->text);
    t->events.broken(t->events.ctx, err);
}

/* A stream of framed messages that somebody put into websocket messages as it came. */
static void take_framed(struct ws_transport *t, const char *bytes, size_t len)
{
    struct cd_error err = CD_ERROR_INIT;
    const char *body;
    size_t body_len;
    int r = dap_framing_feed(t->framing, bytes, len, &err) == CD_OK ? 1 : -1;

    while (r > 0 && !t->closing && (r = dap_framing_next(t->framing, &body, &body_len, &err)) > 0) {
        t->events.message(t->events.ctx, body, body_len);
    }
    if (r < 0 && !t->closing) {
        broken(t, &err);
    }
}

static void take_message(struct ws_transport *t)
{
    if (!t->framing && t->message.len >= 14 &&
        strncasecmp(t->message.data, "content-length", 14) == 0) {
        t->framing = dap_framing_new(DAP_FRAMING_STRICT);
    }
    if (t->framing) {
        take_framed(t, t->message.data, t->message.len);
    } else if (t->message.len > 0) {
        t->events.message(t->events.ctx, t->message.data, t->message.len);
    }
    cd_buf_clear(&t->message);
    if (t->message.cap > PIECE_BYTES) { /* one long message must not cost for ever */
        cd_buf_done(&t->message);
        cd_buf_init(&t->message, CD_MAX_BODY_BYTES);
    }
}

int ws_received(struct ws_transport *t, const char *bytes, size_t len)
{
    struct cd_error err = CD_ERROR_INIT;

    if (t->closing) {
        return 0;
    }
    if (cd_buf_append(&t->message, bytes, len, &err) != CD_OK) {
        broken(t, &err);
    } else if (lws_is_final_fragment(t->wsi) && lws_remaining_packet_payload(t->wsi) == 0) {
        take_message(t);
    }
    return 0;
}

/* One piece of the first message. -1: the connection is broken. */
static int write_piece(struct ws_transport *t)
{
    struct outgoing *out = t->first;
    const size_t left = out->len - out->sent;
    const size_t n = left < PIECE_BYTES ? left : PIECE_BYTES;
    const int flags = lws_write_ws_flags(LWS_WRITE_TEXT, out->sent == 0, n == left);

    if (lws_write(t->wsi, out->bytes + LWS_PRE + out->sent, n, (enum lws_write_protocol)flags) <
        0) {
        return -1;
    }
    out->sent += n;
    t->waiting -= n;
    return 0;
}

/* The compression may still read a message's end after lws_write, until the next turn. */
static void drop_written(struct ws_transport *t)
{
    struct outgoing *out = t->first;

    if (out && out->sent == out->len) {
        t->first = out->next;
        if (!t->first) {
            t->last = &t->first;
        }
        free(out);
    }
}

int ws_writable(struct ws_transport *t)
{
    drop_written(t);
    if (t->first) {
        if (write_piece(t) != 0) {
            return -1;
        }
        if (!t->closing && !t->freed) {
            t->events.written(t->events.ctx);
        }
        lws_callback_on_writable(t->wsi);
    } else if (t->closing || t->freed) {
        /* told to close from a write, the library (4.1) sends no close frame */
        lws_set_timer_usecs(t->wsi, 1);
    }
    return 0;
}

int ws_say_goodbye(struct ws_transport *t)
{
    lws_close_reason(t->wsi, t->code, (unsigned char *)t->reason, strlen(t->reason));
    return -1;
}

void ws_closed(struct ws_transport **slot)
{
    struct ws_transport *t = cd_take(*slot);

    if (!t) {
        return;
    }
    t->wsi = NULL;
    if (t->freed) {
        free_transport(t);
    } else {
        t->events.gone(t->events.ctx); /* frees it when the session is over */
    }
}
