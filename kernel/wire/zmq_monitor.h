/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Whether a connecting socket has its peer: zeromq reconnects in silence, and who waits for a
 * kernel that is gone would wait for ever. Belongs to the thread that owns the socket.
 */
#ifndef WIRE_ZMQ_MONITOR_H
#define WIRE_ZMQ_MONITOR_H

#include "kernel/wire/zmq_socket.h"

struct wire_monitor;

/* Before the socket it watches is freed. */
void wire_monitor_free(struct wire_monitor *m);
/* Before the socket connects, so that nothing is missed. One monitor a socket. */
struct wire_monitor *wire_monitor_new(struct wire_context *c, struct wire_socket *watched,
                                      struct cd_error *reterr) CD_NEW(wire_monitor_free);
/* Edge-triggered as wire_socket_fd: take until 0. */
int wire_monitor_fd(const struct wire_monitor *m);
/* 1: *ret_up tells that the peer is there (handshake done), or gone; 0: nothing now. */
int wire_monitor_next(struct wire_monitor *m, bool *ret_up);

#endif
