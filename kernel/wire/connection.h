/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The Jupyter connection file (facts: jupyter.md §8), read and written by kernel and bridge.
 */
#ifndef WIRE_CONNECTION_H
#define WIRE_CONNECTION_H

#include "dap/base/error.h"

enum wire_channel {
    WIRE_SHELL,
    WIRE_IOPUB,
    WIRE_STDIN,
    WIRE_CONTROL,
    WIRE_HB,
    WIRE_DEBUG, /* celldap's own; debug_port may be absent (0) in files of others */
    WIRE_CHANNEL_COUNT
};

enum wire_transport { WIRE_TCP, WIRE_IPC };

enum { WIRE_Z85_CHARS = 40 }; /* of a CURVE key as text */

struct wire_connection {
    enum wire_transport transport;
    char ip[256];                 /* ipc: path prefix, endpoint is <ip>-<port> */
    int port[WIRE_CHANNEL_COUNT]; /* 1..65535; 0 = choose one and write it back */
    char key[256];                /* "" = messages are not signed */
    char kernel_name[128];
    char curve_public[WIRE_Z85_CHARS + 1]; /* "" = nothing is encrypted; else the kernel's pair, */
    char curve_secret[WIRE_Z85_CHARS + 1]; /* which its clients use as theirs too */
};

/* Caps the size, names the field that is wrong. */
cd_result wire_connection_read(const char *path, struct wire_connection *ret,
                               struct cd_error *reterr) CD_MUST_CHECK;
/* Atomic (temporary file + rename), mode 0600; unknown members of an existing file are kept. */
cd_result wire_connection_write(const char *path, const struct wire_connection *c,
                                struct cd_error *reterr) CD_MUST_CHECK;
/* "tcp://ip:port" or "ipc://ip-port"; tcp port 0 gives "tcp://ip:*". */
cd_result wire_connection_endpoint(const struct wire_connection *c, enum wire_channel channel,
                                   char *out, size_t out_bytes, struct cd_error *reterr)
    CD_MUST_CHECK;
/* The same as a client needs it: an address that means "everywhere" becomes this machine's. */
struct wire_connection wire_connection_reachable(const struct wire_connection *c);
/* Port number at the end of a tcp endpoint, 0 when there is none. */
int wire_connection_port_of(const char *endpoint);
/* ipc with port 0: the lowest number whose socket file is not there and that no other channel has.
 */
cd_result wire_connection_choose_port(struct wire_connection *c, enum wire_channel channel,
                                      struct cd_error *reterr) CD_MUST_CHECK;

#endif
