/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The doors of an adapter that an editor starts and then connects to: a port of the loopback, or a
 * unix socket (contracts.md §10). One client, of our own user; before the loop runs, so both wait.
 */
#ifndef BRIDGE_DOOR_H
#define BRIDGE_DOOR_H

#include "dap/base/error.h"

/* Listens on 127.0.0.1:port (0: any that is free), prints `DAP server listening at: HOST:PORT` on
 * standard output, and returns the first connection that our own user made; others are closed. -1
 * on failure. */
int bridge_door_port(int port, struct cd_error *reterr);
/* The same on a unix socket at path, mode 0600, which is gone when somebody is connected. A socket
 * that nobody listens on any more is replaced, anything else at path is an error. */
int bridge_door_pipe(const char *path, struct cd_error *reterr);

#endif
