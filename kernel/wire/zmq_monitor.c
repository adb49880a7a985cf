/* SPDX-License-Identifier: BSD-3-Clause
 *
 * See zmq_monitor.h. zeromq tells a socket's events over an inproc pair, whose one end is ours.
 * Must never block.
 */
#include "kernel/wire/zmq_monitor.h"

#include "kernel/wire/zmq_impl.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zmq.h>

struct wire_monitor {
    struct wire_socket *watched; /* borrowed */
    void *pair;
};

static void monitor_end(struct wire_monitor *m)
{
    (void)zmq_socket_monitor(m->watched->zmq, NULL, 0);
    if (m->pair) {
        (void)zmq_close(m->pair);
    }
    free(m);
}

void wire_monitor_free(struct wire_monitor *m)
{
    if (m) {
        monitor_end(m);
    }
}

static cd_result connect_pair(struct wire_monitor *m, struct wire_context *c,
                              struct cd_error *reterr)
{
    static atomic_uint last;
    char name[64];
    const int no_linger = 0;

    (void)snprintf(name, sizeof name, "inproc://celldap-monitor-%u", atomic_fetch_add(&last, 1));
    m->pair = zmq_socket(c->zmq, ZMQ_PAIR);
    if (!m->pair || zmq_setsockopt(m->pair, ZMQ_LINGER, &no_linger, sizeof no_linger) ||
        zmq_socket_monitor(m->watched->zmq, name,
                           ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED) ||
        zmq_connect(m->pair, name)) {
        return cd_error_set(reterr, CD_E_SYSTEM, "cannot watch a zeromq socket: %s",
                            zmq_strerror(zmq_errno()));
    }
    return CD_OK;
}

struct wire_monitor *wire_monitor_new(struct wire_context *c, struct wire_socket *watched,
                                      struct cd_error *reterr)
{
    struct wire_monitor *m = calloc(1, sizeof *m);

    if (!m) {
        (void)cd_oom(reterr);
        return NULL;
    }
    m->watched = watched;
    if (connect_pair(m, c, reterr) != CD_OK) {
        monitor_end(m);
        return NULL;
    }
    return m;
}

int wire_monitor_fd(const struct wire_monitor *m)
{
    int fd = -1;
    size_t len = sizeof fd;

    return zmq_getsockopt(m->pair, ZMQ_FD, &fd, &len) ? -1 : fd;
}

int wire_monitor_next(struct wire_monitor *m, bool *ret_up)
{
    unsigned char event[8]; /* 16 bits of event, 32 of value, in this machine's order */
    char address[256];
    uint16_t number = 0;
    int n;

    do {
        n = zmq_recv(m->pair, event, sizeof event, ZMQ_DONTWAIT);
    } while (n < 0 && zmq_errno() == EINTR);
    if (n < (int)sizeof number) {
        return 0;
    }
    (void)zmq_recv(m->pair, address, sizeof address, ZMQ_DONTWAIT);
    memcpy(&number, event, sizeof number);
    *ret_up = number == ZMQ_EVENT_HANDSHAKE_SUCCEEDED;
    return 1;
}
