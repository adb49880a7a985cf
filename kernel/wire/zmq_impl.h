/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Inside of contexts and sockets, for zmq_socket.c and zmq_monitor.c only.
 */
#ifndef WIRE_ZMQ_IMPL_H
#define WIRE_ZMQ_IMPL_H

#include "kernel/wire/zmq_socket.h"

struct wire_context {
    void *zmq;
};
struct wire_socket {
    void *zmq;
    int fd; /* zeromq's: becomes readable when ZMQ_EVENTS may have changed; -1: none */
    enum wire_socket_type type;
    char *file; /* owned: a bound ipc socket's, which zeromq leaves behind */
};

#endif
