/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Waiting for ZeroMQ sockets and other fds at once. The sockets' own thread. In place of zmq_poll,
 * which asks everything twice: a request passes three such waits, and each costs system calls.
 * Must never sleep without having asked ZMQ_EVENTS: zeromq's fd tells of changes, not of a state.
 */
#include "kernel/wire/zmq_impl.h"
#include "kernel/wire/zmq_socket.h"

#include <poll.h>
#include <time.h>

#include <zmq.h>

enum { POLL_MAX = 16 };

static int64_t now_ms(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Also when the context ended: receiving says so. Takes what zeromq's fd was readable for. */
static bool has_input(const struct wire_socket *s)
{
    int events = 0;
    size_t len = sizeof events;
    return zmq_getsockopt(s->zmq, ZMQ_EVENTS, &events, &len) || (events & ZMQ_POLLIN);
}

static unsigned inputs(struct wire_socket *const *sockets, size_t count)
{
    unsigned bits = 0;
    for (size_t i = 0; i < count; i++) {
        bits |= has_input(sockets[i]) ? 1u << i : 0;
    }
    return bits;
}

/* As zmq_poll, with half of its system calls: zeromq's fd is readable when something happened, and
 * ZMQ_EVENTS, asked before each wait, says whether that is input. */
unsigned wire_poll(struct wire_socket *const *sockets, size_t socket_count, const int *fds,
                   size_t fd_count, int timeout_ms)
{
    struct pollfd items[POLL_MAX];
    const size_t count = socket_count + fd_count;
    if (count > POLL_MAX) {
        return 0;
    }
    for (size_t i = 0; i < count; i++) {
        items[i].fd = i < socket_count ? sockets[i]->fd : fds[i - socket_count];
        items[i].events = POLLIN;
    }
    const int64_t deadline = timeout_ms < 0 ? 0 : now_ms() + timeout_ms;
    int64_t left = timeout_ms;
    for (;;) {
        unsigned bits = inputs(sockets, socket_count);
        const int ready = poll(items, count, bits ? 0 : (int)left);
        bool stirred = false;
        for (size_t i = 0; ready > 0 && i < count; i++) {
            stirred |= items[i].revents != 0;
            bits |= i >= socket_count && items[i].revents ? 1u << i : 0;
        }
        bits |= stirred ? inputs(sockets, socket_count) : 0;
        if (bits || (timeout_ms >= 0 && (left = deadline - now_ms()) <= 0)) {
            return bits;
        }
    }
}
