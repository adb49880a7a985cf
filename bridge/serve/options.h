/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What `celldap serve` was started with.
 */
#ifndef BRIDGE_SERVE_OPTIONS_H
#define BRIDGE_SERVE_OPTIONS_H

#include <limits.h>
#include <stdbool.h>

#define SERVE_MORE_HOSTS 16

struct serve_options {
    const char *host, *tcp, *tls_cert, *tls_key, *log;
    const char *allow_hosts[SERVE_MORE_HOSTS + 1]; /* NULL-terminated */
    bool compress;
    int port, max_sessions, alone_s;
    char root[PATH_MAX]; /* absolute, real */
    char open[PATH_MAX]; /* in root; "": nothing is opened */
};

/* Opens the log too. -1: go on; else the exit status. */
int serve_options_read(int argc, char **argv, struct serve_options *ret);

#endif
