/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Owned ZeroMQ sockets: the one place that includes zmq.h. A socket has one owner thread: whoever
 * polls it. EINTR is retried here. linger 1000 ms; no high-water mark (messages are never dropped).
 */
#ifndef WIRE_ZMQ_SOCKET_H
#define WIRE_ZMQ_SOCKET_H

#include "kernel/wire/connection.h"
#include "kernel/wire/msg.h"

enum wire_socket_type {
    WIRE_ROUTER, /* ROUTER_HANDOVER on */
    WIRE_DEALER,
    WIRE_XPUB, /* XPUB_VERBOSE and XPUB_MANUAL on: see wire_socket_answer_subscription */
    WIRE_SUB,  /* subscribed to everything */
    WIRE_REP,
    WIRE_REQ
};

struct wire_context;
struct wire_socket;

void wire_context_free(struct wire_context *c); /* ends every socket's wait; blocks for linger */
struct wire_context *wire_context_new(struct cd_error *reterr) CD_NEW(wire_context_free);

void wire_socket_free(struct wire_socket *s);
struct wire_socket *wire_socket_new(struct wire_context *c, enum wire_socket_type type,
                                    struct cd_error *reterr) CD_NEW(wire_socket_free);
/* DEALER only, before connect; 1..255 bytes. */
cd_result wire_socket_identity(struct wire_socket *s, const void *id, size_t len,
                               struct cd_error *reterr) CD_MUST_CHECK;
/* Binds; where the connection's port was 0, fills it in. */
cd_result wire_socket_bind(struct wire_socket *s, struct wire_connection *c,
                           enum wire_channel channel, struct cd_error *reterr) CD_MUST_CHECK;
cd_result wire_socket_connect(struct wire_socket *s, const struct wire_connection *c,
                              enum wire_channel channel, struct cd_error *reterr) CD_MUST_CHECK;
/* The edge-triggered fd (ZMQ_FD): readable means "look", then receive until 0 (facts: engine.md
 * §13.11). */
int wire_socket_fd(const struct wire_socket *s);

/* 1: *ret is a new message; 0: nothing there now; -1: a message was dropped (bad signature, bad
 * frames; reterr says why and the socket goes on) or the context ended (CD_E_SYSTEM). */
int wire_socket_recv(struct wire_socket *s, struct wire_signer *signer, struct wire_msg **ret,
                     struct cd_error *reterr);
/* Signs and sends; takes m_owned even on failure. Never blocks. */
cd_result wire_socket_send(struct wire_socket *s, struct wire_signer *signer,
                           struct wire_msg *m_owned, struct cd_error *reterr);
/* Raw frames (heartbeat, XPUB subscriptions). recv: 1 / 0 / -1 as above, *ret_len bytes copied. */
int wire_socket_recv_raw(struct wire_socket *s, void *out, size_t out_bytes, size_t *ret_len,
                         struct cd_error *reterr);
cd_result wire_socket_send_raw(struct wire_socket *s, const void *bytes, size_t len,
                               struct cd_error *reterr) CD_MUST_CHECK;

/* XPUB: the subscription or its end that wire_socket_recv_raw read last takes effect now, not
 * before: what is sent in between does not reach the subscriber. */
cd_result wire_socket_answer_subscription(struct wire_socket *xpub, const char *frame, size_t len,
                                          struct cd_error *reterr) CD_MUST_CHECK;

/* Waits until one of the sockets can be read or one of the fds is readable, at most timeout_ms
 * (-1: for ever). bits: 1 << index, sockets first, then fds. Returns the bits, 0 on timeout. */
unsigned wire_poll(struct wire_socket *const *sockets, size_t socket_count, const int *fds,
                   size_t fd_count, int timeout_ms);
/* Heartbeat: sends back all that is there. */
void wire_echo_all(struct wire_socket *rep);
/* Makes every blocked wait of every socket return; sockets must still be freed by their owners. */
void wire_context_shutdown(struct wire_context *c);
/* "4.3.5": of the library that runs. */
void wire_zmq_version(char *out, size_t out_bytes);

#endif
