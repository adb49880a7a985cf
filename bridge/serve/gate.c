/* SPDX-License-Identifier: BSD-3-Clause
 *
 * See gate.h.
 */
#include "bridge/serve/gate.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <unistd.h>

static void base64url(const unsigned char *bytes, size_t len, char *out)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    for (size_t i = 0; i < len; i += 3) {
        unsigned long n = (unsigned long)bytes[i] << 16;

        n |= i + 1 < len ? (unsigned long)bytes[i + 1] << 8 : 0;
        n |= i + 2 < len ? bytes[i + 2] : 0;
        for (size_t k = 0; k < 4 && i + k < len + 1; k++) {
            *out++ = digits[(n >> (18 - 6 * k)) & 63];
        }
    }
    *out = '\0';
}

cd_result bridge_gate_init(struct bridge_gate *g, const char *host, const char *const *more_hosts,
                           struct cd_error *reterr)
{
    unsigned char bytes[32];

    *g = (struct bridge_gate){.host = host, .more_hosts = more_hosts};
    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes) {
        return cd_error_errno(reterr, errno, "no random bytes for a token");
    }
    base64url(bytes, sizeof bytes, g->token);
    if (!bridge_gate_is_loopback(host) && gethostname(g->machine, sizeof g->machine - 1) != 0) {
        g->machine[0] = '\0';
    }
    return CD_OK;
}

bool bridge_gate_is_loopback(const char *address)
{
    return strncmp(address, "127.", 4) == 0 || strcmp(address, "::1") == 0 ||
           strcmp(address, "localhost") == 0;
}

/* As long a time for any text of the right length. */
static bool is_token(const struct bridge_gate *g, const char *given, size_t len)
{
    unsigned char differ = 0;

    if (len != BRIDGE_TOKEN_CHARS) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        differ |= (unsigned char)(given[i] ^ g->token[i]);
    }
    return differ == 0;
}

bool bridge_gate_token(const struct bridge_gate *g, const char *given)
{
    return is_token(g, given, strlen(given));
}

bool bridge_gate_bearer(const struct bridge_gate *g, const char *header)
{
    const char *at = header;

    if (strncasecmp(at, "bearer ", 7) != 0 && strncasecmp(at, "token ", 6) != 0) {
        return false;
    }
    at = strchr(at, ' ');
    at += strspn(at, " ");
    return is_token(g, at, strcspn(at, " "));
}

bool bridge_gate_subprotocol(const struct bridge_gate *g, const char *header)
{
    static const char prefix[] = "token.";
    const char *at = header;
    bool found = false;

    while (*at) {
        size_t n;

        at += strspn(at, ", \t");
        n = strcspn(at, ", \t");
        if (n > sizeof prefix - 1 && strncmp(at, prefix, sizeof prefix - 1) == 0) {
            found |= is_token(g, at + sizeof prefix - 1, n - (sizeof prefix - 1));
        }
        at += n;
    }
    return found;
}

/* The name in HOST or HOST:PORT or [V6]:PORT; false: it is none. */
static bool host_name(const char *header, char *out, size_t out_bytes)
{
    const bool v6 = header[0] == '[';
    const char *begin = v6 ? header + 1 : header;
    const size_t n = strcspn(begin, v6 ? "]" : ":");

    if (n == 0 || n >= out_bytes || (v6 && begin[n] != ']')) {
        return false;
    }
    memcpy(out, begin, n);
    out[n] = '\0';
    return true;
}

bool bridge_gate_host(const struct bridge_gate *g, const char *header)
{
    char name[256];

    if (!host_name(header, name, sizeof name)) {
        return false;
    }
    if (bridge_gate_is_loopback(name) || strcasecmp(name, g->host) == 0 ||
        (g->machine[0] && strcasecmp(name, g->machine) == 0)) {
        return true;
    }
    for (size_t i = 0; g->more_hosts && g->more_hosts[i]; i++) {
        if (strcasecmp(name, g->more_hosts[i]) == 0) {
            return true;
        }
    }
    return false;
}

bool bridge_gate_origin(const char *origin, const char *host_header, bool tls)
{
    const char *scheme = tls ? "https://" : "http://";
    const size_t n = strlen(scheme);

    return !origin || !origin[0] ||
           (strncasecmp(origin, scheme, n) == 0 && strcasecmp(origin + n, host_header) == 0);
}
