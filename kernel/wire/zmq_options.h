/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What a zeromq socket must be told about a connection before it binds or connects; zmq_socket.c's.
 */
#ifndef WIRE_ZMQ_OPTIONS_H
#define WIRE_ZMQ_OPTIONS_H

#include "kernel/wire/connection.h"

enum wire_side { WIRE_SERVER, WIRE_CLIENT };

/* IPv6 where the address is one; CURVE where the connection has keys, and then nothing without:
 * fails where the library that runs cannot encrypt. */
cd_result wire_zmq_options(void *zmq, const struct wire_connection *c, enum wire_side side,
                           struct cd_error *reterr) CD_MUST_CHECK;

#endif
