/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Where a Jupyter Server is: the address that a person copies from a browser or a terminal. Pure.
 */
#ifndef BRIDGE_REMOTE_URL_H
#define BRIDGE_REMOTE_URL_H

#include "dap/base/error.h"

struct remote_url {
    bool tls;
    char host[256]; /* a name or an address, IPv6 without its brackets */
    int port;
    char base[1024];  /* path of the server, begins and ends with '/': "/", "/user/ada/" */
    char token[1024]; /* of ?token=; "" when there is none */
    char text[1400];  /* the address without its token: for messages */
};

/* http or https, with or without the page that a browser shows (lab, tree, notebooks). */
cd_result remote_url_parse(const char *text, struct remote_url *ret, struct cd_error *reterr)
    CD_MUST_CHECK;
/* For an HTTP Host header and for lws: "name:port", "[::1]:port". */
void remote_url_host(const struct remote_url *url, char *out, size_t out_bytes);

#endif
