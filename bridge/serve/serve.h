/* SPDX-License-Identifier: BSD-3-Clause
 *
 * `celldap serve`: the page, DAP over websocket and over TCP, for many clients.
 */
#ifndef BRIDGE_SERVE_SERVE_H
#define BRIDGE_SERVE_SERVE_H

/* argv from its own name on; returns the exit status. */
int bridge_serve_main(int argc, char **argv);

#endif
