/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Owned ZeroMQ sockets (zmq.h: here, in zmq_options.c and zmq_monitor.c). A socket belongs to the
 * thread that polls it; the context may be used by any. EINTR is retried here and nowhere else.
 * Must never block in send, and never drop a message for a high-water mark.
 */
#include "kernel/wire/zmq_socket.h"

#include "dap/base/limits.h"
#include "kernel/wire/frames.h"
#include "kernel/wire/zmq_impl.h"
#include "kernel/wire/zmq_options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <zmq.h>

enum { LINGER_MS = 1000, ENDPOINT_BYTES = 512 };

static cd_result fail(struct cd_error *reterr, const char *what)
{
    return cd_error_set(reterr, CD_E_SYSTEM, "%s: %s", what, zmq_strerror(zmq_errno()));
}

static void context_end(struct wire_context *c)
{
    while (c && c->zmq && zmq_ctx_term(c->zmq) && zmq_errno() == EINTR) {
    }
    free(c);
}

struct wire_context *wire_context_new(struct cd_error *reterr)
{
    struct wire_context *c = calloc(1, sizeof *c);
    if (!c) {
        (void)cd_oom(reterr);
        return NULL;
    }
    c->zmq = zmq_ctx_new();
    if (!c->zmq || zmq_ctx_set(c->zmq, ZMQ_MAX_SOCKETS, 4096)) {
        (void)fail(reterr, "cannot start zeromq");
        context_end(c);
        return NULL;
    }
    return c;
}

void wire_context_free(struct wire_context *c)
{
    context_end(c);
}

void wire_context_shutdown(struct wire_context *c)
{
    (void)zmq_ctx_shutdown(c->zmq);
}

static int set_int(void *zmq, int option, int value)
{
    return zmq_setsockopt(zmq, option, &value, sizeof value);
}

static cd_result set_options(struct wire_socket *s)
{
    const int64_t max_bytes = CD_MAX_WIRE_BYTES;
    int failed = set_int(s->zmq, ZMQ_LINGER, LINGER_MS);
    failed |= set_int(s->zmq, ZMQ_SNDHWM, 0);
    failed |= set_int(s->zmq, ZMQ_RCVHWM, 0);
    failed |= zmq_setsockopt(s->zmq, ZMQ_MAXMSGSIZE, &max_bytes, sizeof max_bytes);
    if (s->type == WIRE_ROUTER) {
        failed |= set_int(s->zmq, ZMQ_ROUTER_HANDOVER, 1);
    } else if (s->type == WIRE_XPUB) {
        failed |= set_int(s->zmq, ZMQ_XPUB_VERBOSE, 1);
        failed |= set_int(s->zmq, ZMQ_XPUB_MANUAL, 1);
    } else if (s->type == WIRE_SUB) {
        failed |= zmq_setsockopt(s->zmq, ZMQ_SUBSCRIBE, "", 0);
    }
    return failed ? CD_ERR : CD_OK;
}

static void socket_end(struct wire_socket *s)
{
    if (s->zmq) {
        (void)zmq_close(s->zmq);
    }
    if (s->file) {
        (void)unlink(s->file);
        free(s->file);
    }
    free(s);
}

struct wire_socket *wire_socket_new(struct wire_context *c, enum wire_socket_type type,
                                    struct cd_error *reterr)
{
    static const int zmq_types[] = {
        [WIRE_ROUTER] = ZMQ_ROUTER, [WIRE_DEALER] = ZMQ_DEALER, [WIRE_XPUB] = ZMQ_XPUB,
        [WIRE_SUB] = ZMQ_SUB,       [WIRE_REP] = ZMQ_REP,       [WIRE_REQ] = ZMQ_REQ,
    };
    struct wire_socket *s = calloc(1, sizeof *s);
    if (!s) {
        (void)cd_oom(reterr);
        return NULL;
    }
    s->type = type;
    if (!(s->zmq = zmq_socket(c->zmq, zmq_types[type])) || set_options(s)) {
        (void)fail(reterr, "cannot make a zeromq socket");
        socket_end(s);
        return NULL;
    }
    size_t len = sizeof s->fd;
    if (zmq_getsockopt(s->zmq, ZMQ_FD, &s->fd, &len)) {
        s->fd = -1;
    }
    return s;
}

void wire_socket_free(struct wire_socket *s)
{
    if (s) {
        socket_end(s);
    }
}

cd_result wire_socket_identity(struct wire_socket *s, const void *id, size_t len,
                               struct cd_error *reterr)
{
    if (len < 1 || len > 255) {
        return cd_error_set(reterr, CD_E_BAD_VALUE,
                            "a socket identity has %zu bytes, expected 1 to 255", len);
    }
    return zmq_setsockopt(s->zmq, ZMQ_ROUTING_ID, id, len)
               ? fail(reterr, "cannot set a socket identity")
               : CD_OK;
}

static cd_result read_back_port(struct wire_socket *s, int *ret, struct cd_error *reterr)
{
    char endpoint[ENDPOINT_BYTES] = "";
    size_t len = sizeof endpoint;
    (void)zmq_getsockopt(s->zmq, ZMQ_LAST_ENDPOINT, endpoint, &len);
    *ret = wire_connection_port_of(endpoint);
    return *ret > 0 ? CD_OK : fail(reterr, "cannot read a socket's port");
}

cd_result wire_socket_bind(struct wire_socket *s, struct wire_connection *c,
                           enum wire_channel channel, struct cd_error *reterr)
{
    const bool choose = c->port[channel] == 0;
    char endpoint[ENDPOINT_BYTES];
    if (choose && c->transport == WIRE_IPC && wire_connection_choose_port(c, channel, reterr)) {
        return CD_ERR;
    }
    if (wire_connection_endpoint(c, channel, endpoint, sizeof endpoint, reterr) ||
        wire_zmq_options(s->zmq, c, WIRE_SERVER, reterr)) {
        return CD_ERR;
    }
    if (zmq_bind(s->zmq, endpoint)) {
        return cd_error_set(reterr, CD_E_SYSTEM, "cannot bind '%s': %s", endpoint,
                            zmq_strerror(zmq_errno()));
    }
    if (c->transport == WIRE_IPC) {
        s->file = strdup(endpoint + strlen("ipc://"));
        return s->file && chmod(s->file, 0600) == 0 ? CD_OK : fail(reterr, endpoint);
    }
    return choose ? read_back_port(s, &c->port[channel], reterr) : CD_OK;
}

cd_result wire_socket_connect(struct wire_socket *s, const struct wire_connection *c,
                              enum wire_channel channel, struct cd_error *reterr)
{
    char endpoint[ENDPOINT_BYTES];
    const struct wire_connection at = wire_connection_reachable(c);
    if (wire_connection_endpoint(&at, channel, endpoint, sizeof endpoint, reterr) ||
        wire_zmq_options(s->zmq, c, WIRE_CLIENT, reterr)) {
        return CD_ERR;
    }
    return zmq_connect(s->zmq, endpoint) ? fail(reterr, endpoint) : CD_OK;
}

int wire_socket_fd(const struct wire_socket *s)
{
    return s->fd;
}

/* The frames of one message. zmq_msg_t may not be copied: used in place. */
struct parts {
    zmq_msg_t msg[CD_MAX_WIRE_PARTS];
    struct wire_blob blob[CD_MAX_WIRE_PARTS]; /* borrowed from msg */
    size_t count;
    size_t dropped; /* frames over the cap, drained */
};

static void parts_done(struct parts *p)
{
    for (size_t i = 0; i < p->count; i++) {
        (void)zmq_msg_close(&p->msg[i]);
    }
    p->count = 0;
}

static int receive_frame(struct wire_socket *s, zmq_msg_t *msg, int flags)
{
    int n;
    (void)zmq_msg_init(msg);
    while ((n = zmq_msg_recv(msg, s->zmq, flags)) < 0 && zmq_errno() == EINTR) {
    }
    return n; /* < 0: msg is still empty and holds nothing to close */
}

/* 1, 0 or -1 as wire_socket_recv. The frames of a message arrive together: after the first one
 * nothing is waited for. */
static int receive_parts(struct wire_socket *s, struct parts *p, int flags, struct cd_error *reterr)
{
    p->count = 0;
    p->dropped = 0;
    for (bool more = true; more;) {
        zmq_msg_t extra;
        const bool keep = p->count < CD_MAX_WIRE_PARTS;
        zmq_msg_t *msg = keep ? &p->msg[p->count] : &extra;
        if (receive_frame(s, msg, flags) < 0) {
            const bool nothing = zmq_errno() == EAGAIN && p->count == 0;
            if (!nothing) {
                (void)fail(reterr, "cannot receive");
            }
            parts_done(p);
            return nothing ? 0 : -1;
        }
        more = zmq_msg_more(msg) != 0;
        if (keep) {
            p->blob[p->count].data = zmq_msg_data(msg);
            p->blob[p->count].len = zmq_msg_size(msg);
            p->count++;
        } else {
            p->dropped++;
            (void)zmq_msg_close(msg);
        }
    }
    return 1;
}

int wire_socket_recv(struct wire_socket *s, struct wire_signer *signer, struct wire_msg **ret,
                     struct cd_error *reterr)
{
    struct parts p;
    const int got = receive_parts(s, &p, ZMQ_DONTWAIT, reterr);
    if (got <= 0) {
        return got;
    }
    const cd_result result = p.dropped
                                 ? cd_error_set(reterr, CD_E_BAD_FRAME,
                                                "a message of %zu frames, at most %u are allowed",
                                                p.count + p.dropped, CD_MAX_WIRE_PARTS)
                                 : wire_msg_parse(p.blob, p.count, signer, ret, reterr);
    parts_done(&p);
    return result ? -1 : 1;
}

int wire_socket_recv_raw(struct wire_socket *s, void *out, size_t out_bytes, size_t *ret_len,
                         struct cd_error *reterr)
{
    struct parts p;
    const int got = receive_parts(s, &p, ZMQ_DONTWAIT, reterr);
    if (got <= 0) {
        return got;
    }
    const size_t len = p.blob[0].len;
    const bool fits = p.count == 1 && !p.dropped && len <= out_bytes;
    if (fits) {
        memcpy(out, p.blob[0].data, len);
        *ret_len = len;
    } else {
        (void)cd_error_set(reterr, CD_E_BAD_FRAME, "expected one frame of at most %zu bytes",
                           out_bytes);
    }
    parts_done(&p);
    return fits ? 1 : -1;
}

static int send_frame(struct wire_socket *s, const void *bytes, size_t len, bool more)
{
    const int flags = ZMQ_DONTWAIT | (more ? ZMQ_SNDMORE : 0);
    int n;
    while ((n = zmq_send(s->zmq, bytes, len, flags)) < 0 && zmq_errno() == EINTR) {
    }
    return n < 0 ? -1 : 0;
}

static int send_blobs(struct wire_socket *s, const struct wire_blob *blobs, size_t count, bool more)
{
    for (size_t i = 0; i < count; i++) {
        if (send_frame(s, blobs[i].data, blobs[i].len, more || i + 1 < count)) {
            return -1;
        }
    }
    return 0;
}

cd_result wire_socket_send(struct wire_socket *s, struct wire_signer *signer,
                           struct wire_msg *m_owned, struct cd_error *reterr)
{
    wire_automsg struct wire_msg *m = m_owned;
    struct wire_blob json[WIRE_JSON_FRAMES];
    char signature[WIRE_SIGNATURE_CHARS + 1];
    if (wire_msg_frames(m, json, reterr)) {
        return CD_ERR;
    }
    if (wire_signer_sign(signer, json, signature, reterr)) {
        wire_frames_done(json);
        return CD_ERR;
    }
    const bool failed = send_blobs(s, m->idents, m->ident_count, true) ||
                        send_frame(s, WIRE_DELIMITER, strlen(WIRE_DELIMITER), true) ||
                        send_frame(s, signature, strlen(signature), true) ||
                        send_blobs(s, json, WIRE_JSON_FRAMES, m->buffer_count > 0) ||
                        send_blobs(s, m->buffers, m->buffer_count, false);
    wire_frames_done(json);
    return failed ? fail(reterr, "cannot send") : CD_OK;
}

cd_result wire_socket_send_raw(struct wire_socket *s, const void *bytes, size_t len,
                               struct cd_error *reterr)
{
    return send_frame(s, bytes, len, false) ? fail(reterr, "cannot send") : CD_OK;
}

cd_result wire_socket_answer_subscription(struct wire_socket *xpub, const char *frame, size_t len,
                                          struct cd_error *reterr)
{
    if (len < 1 || (frame[0] != 0 && frame[0] != 1)) {
        return CD_OK; /* no subscription at all */
    }
    const int option = frame[0] == 1 ? ZMQ_SUBSCRIBE : ZMQ_UNSUBSCRIBE;
    return zmq_setsockopt(xpub->zmq, option, frame + 1, len - 1)
               ? fail(reterr, "cannot accept a subscription")
               : CD_OK;
}

void wire_echo_all(struct wire_socket *rep)
{
    for (;;) {
        struct parts p;
        const int got = receive_parts(rep, &p, ZMQ_DONTWAIT, NULL);
        if (got <= 0) {
            return;
        }
        (void)send_blobs(rep, p.blob, p.count,
                         false); /* an ended context shows in the next receive */
        parts_done(&p);
    }
}

void wire_zmq_version(char *out, size_t out_bytes)
{
    int major, minor, patch;
    zmq_version(&major, &minor, &patch);
    (void)snprintf(out, out_bytes, "%d.%d.%d", major, minor, patch);
}
