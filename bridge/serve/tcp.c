/* SPDX-License-Identifier: BSD-3-Clause
 *
 * See tcp.h. A web page can post to a loopback port: the framing takes nothing of HTTP
 * (dap/framing.h), and nothing starts without the token.
 */
#include "bridge/serve/tcp.h"

#include "bridge/transport_stdio.h"
#include "dap/base/json.h"
#include "dap/base/log.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct bridge_tcp {
    struct bridge_hub *hub;
    uv_poll_t poll;
    int fd;
    char address[80];
};

union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

static cd_result parse(const char *text, union address *ret, struct cd_error *reterr)
{
    const char *colon = strrchr(text, ':');
    char host[64];
    char *end = NULL;
    long port = colon ? strtol(colon + 1, &end, 10) : -1;
    size_t n = colon ? (size_t)(colon - text) : 0;

    if (!colon || end == colon + 1 || *end || port < 0 || port > 65535 || n == 0 ||
        n >= sizeof host) {
        return cd_error_set(reterr, CD_E_BAD_VALUE,
                            "'%.60s' is no address to listen on: HOST:PORT is wanted, as in "
                            "127.0.0.1:0",
                            text);
    }
    memcpy(host, text, n);
    host[n] = '\0';
    memset(ret, 0, sizeof *ret);
    if (host[0] == '[' && host[n - 1] == ']') {
        host[n - 1] = '\0';
        ret->v6 =
            (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};
        if (inet_pton(AF_INET6, host + 1, &ret->v6.sin6_addr) == 1) {
            return CD_OK;
        }
    } else {
        const char *name = strcmp(host, "localhost") == 0 ? "127.0.0.1" : host;

        ret->v4 = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
        if (inet_pton(AF_INET, name, &ret->v4.sin_addr) == 1) {
            return CD_OK;
        }
    }
    return cd_error_set(reterr, CD_E_BAD_VALUE, "'%.60s' is no numeric address", host);
}

static void format(const union address *a, char *out, size_t out_bytes, bool *ret_loopback)
{
    char host[INET6_ADDRSTRLEN] = "";

    if (a->any.sa_family == AF_INET6) {
        (void)inet_ntop(AF_INET6, &a->v6.sin6_addr, host, sizeof host);
        (void)snprintf(out, out_bytes, "[%s]:%d", host, ntohs(a->v6.sin6_port));
    } else {
        (void)inet_ntop(AF_INET, &a->v4.sin_addr, host, sizeof host);
        (void)snprintf(out, out_bytes, "%s:%d", host, ntohs(a->v4.sin_port));
    }
    *ret_loopback = bridge_gate_is_loopback(host);
}

/* One output event, so that an editor shows why. fd stays the caller's. */
static void tell(int fd, const char *why)
{
    char body[600], frame[700];
    json_auto_t *event =
        json_pack("{s:i, s:s, s:s, s:{s:s, s:o}}", "seq", 1, "type", "event", "event", "output",
                  "body", "category", "important", "output", json_sprintf("celldap: %s\n", why));
    const size_t n = event ? json_dumpb(event, body, sizeof body, JSON_COMPACT) : 0;
    int len;

    if (n > 0 && n <= sizeof body) {
        len = snprintf(frame, sizeof frame, "Content-Length: %zu\r\n\r\n%.*s", n, (int)n, body);
        (void)send(fd, frame, (size_t)len, MSG_DONTWAIT | MSG_NOSIGNAL);
    }
}

static cd_result let_in(struct bridge_hub *hub, int fd, struct cd_error *reterr)
{
    struct bridge_session *s = bridge_hub_open(hub, false, reterr);
    struct bridge_transport_events events = bridge_session_transport_events;
    struct bridge_transport *transport = NULL;
    int out;

    if (!s) {
        tell(fd, reterr->text);
        close(fd);
        return CD_ERR;
    }
    events.ctx = s;
    out = fcntl(fd, F_DUPFD_CLOEXEC, 3);
    if (out < 0 || bridge_stdio_new(bridge_hub_loop(hub), fd, out, DAP_FRAMING_STRICT, &events,
                                    &transport, reterr) != CD_OK) {
        if (out < 0) {
            cd_error_errno(reterr, errno, "cannot use the connection");
            close(fd);
        }
        bridge_hub_refuse(hub, s);
        return CD_ERR;
    }
    bridge_hub_seat(hub, s, transport, bridge_stdio_free);
    return CD_OK;
}

static void on_knock(uv_poll_t *poll, int status, int events)
{
    struct bridge_tcp *t = poll->data;
    const int yes = 1;

    (void)events;
    for (int i = 0; status == 0 && i < 16; i++) { /* then others get their turn */
        struct cd_error err = CD_ERROR_INIT;
        int fd = accept4(t->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

        if (fd < 0) {
            return;
        }
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        if (let_in(t->hub, fd, &err) != CD_OK) {
            cd_log(CD_LOG_WARN, "tcp", "a connection was refused: %s", err.text);
        }
    }
}

static int listen_on(const union address *at, const char *text, struct cd_error *reterr)
{
    const socklen_t len = at->any.sa_family == AF_INET6 ? sizeof at->v6 : sizeof at->v4;
    const int yes = 1;
    int fd = socket(at->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (fd < 0 || bind(fd, &at->any, len) != 0 || listen(fd, 256) != 0) {
        cd_error_errno(reterr, errno, "cannot listen on '%.60s'", text);
        if (fd >= 0) {
            close(fd);
        }
        return -1;
    }
    return fd;
}

static void on_closed(uv_handle_t *h)
{
    free(h->data);
}

cd_result bridge_tcp_listen(struct bridge_hub *hub, const char *address, struct bridge_tcp **ret,
                            struct cd_error *reterr)
{
    struct bridge_tcp *t = calloc(1, sizeof *t);
    union address at;
    socklen_t len = sizeof at;
    bool loopback = false;

    if (!t) {
        return cd_oom(reterr);
    }
    if (parse(address, &at, reterr) != CD_OK) {
        free(t);
        return CD_ERR;
    }
    format(&at, t->address, sizeof t->address, &loopback);
    if (!loopback) {
        cd_error_set(reterr, CD_E_BAD_VALUE,
                     "--tcp %s: DAP over TCP is not encrypted, so it listens on the loopback only; "
                     "use an ssh tunnel, or the websocket with --tls-cert and --tls-key",
                     t->address);
        free(t);
        return CD_ERR;
    }
    t->hub = hub;
    t->fd = listen_on(&at, address, reterr);
    if (t->fd < 0) {
        free(t);
        return CD_ERR;
    }
    (void)getsockname(t->fd, &at.any, &len);
    format(&at, t->address, sizeof t->address, &loopback);
    uv_poll_init(bridge_hub_loop(hub), &t->poll, t->fd);
    t->poll.data = t;
    uv_poll_start(&t->poll, UV_READABLE, on_knock);
    *ret = t;
    return CD_OK;
}

const char *bridge_tcp_address(const struct bridge_tcp *t)
{
    return t->address;
}

void bridge_tcp_close(struct bridge_tcp *t)
{
    if (t) {
        uv_poll_stop(&t->poll);
        close(t->fd);
        uv_close((uv_handle_t *)&t->poll, on_closed);
    }
}
