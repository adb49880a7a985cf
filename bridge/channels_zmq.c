/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A kernel's channels as ZeroMQ sockets (channels.h). Every socket is received empty (ZMQ_FD is
 * edge-triggered), and a monitor tells whether the kernel is there, which ZeroMQ hides. Bridge loop
 * only; nothing here waits.
 */
#include "bridge/channels.h"
#include "dap/base/log.h"
#include "kernel/wire/zmq_monitor.h"

#include <stdlib.h>
#include <string.h>

#define PUMP_BUDGET  512 /* messages in one go, then the loop turns once */
#define DRAIN_BUDGET 1000000

/* In the order in which they are received: output before the stop that follows it. */
static const enum wire_channel order[] = {WIRE_IOPUB, WIRE_STDIN, WIRE_SHELL, WIRE_CONTROL,
                                          WIRE_DEBUG};

struct zmq_channels {
    struct bridge_channels base;
    uv_loop_t *loop;
    struct bridge_channels_events events;
    struct wire_signer *signer;
    struct wire_socket *sockets[WIRE_CHANNEL_COUNT]; /* NULL: the kernel has no such channel */
    uv_poll_t polls[WIRE_CHANNEL_COUNT];
    struct wire_monitor *monitor; /* of the debug socket, else of control */
    uv_poll_t monitor_poll;
    uv_idle_t pump; /* runs while there may be something to receive that no fd tells of */
    int open_handles;
    bool closed;
};

/* Lives as long as the process: ending a context waits for messages to peers that may be dead. */
static struct wire_context *shared_context;

static void on_closed(uv_handle_t *h)
{
    struct zmq_channels *z = h->data;

    if (--z->open_handles == 0) {
        free(z);
    }
}

static void open_handle(struct zmq_channels *z, uv_handle_t *h)
{
    h->data = z;
    z->open_handles++;
}

static void look_at_link(struct zmq_channels *z)
{
    bool up = false;

    while (z->monitor && wire_monitor_next(z->monitor, &up) > 0) {
        z->events.link(z->events.ctx, up);
        if (z->closed) {
            return;
        }
    }
}

/* One pass over all sockets; false: closed. */
static bool pump_once(struct zmq_channels *z, int *budget, bool *ret_more)
{
    *ret_more = false;
    for (size_t i = 0; i < CD_ARRAY_LEN(order); i++) {
        struct wire_socket *socket = z->sockets[order[i]];
        struct cd_error err = CD_ERROR_INIT;
        struct wire_msg *m = NULL;
        int r = 0;

        while (socket && *budget > 0 && (r = wire_socket_recv(socket, z->signer, &m, &err)) != 0) {
            --*budget;
            if (r > 0) {
                *ret_more = true;
                z->events.message(z->events.ctx, order[i], &m);
                wire_msg_free(cd_take(m));
                if (z->closed) {
                    return false;
                }
            } else {
                cd_log(CD_LOG_WARN, "wire", "dropped a message of the kernel: %s", err.text);
                cd_error_clear(&err);
            }
        }
    }
    return true;
}

static void pump_later(struct zmq_channels *z);

static void pump(struct zmq_channels *z)
{
    int budget = PUMP_BUDGET;
    bool more = true;

    look_at_link(z); /* its fd tells nothing before it was once found empty */
    if (z->closed) {
        return;
    }
    while (more && budget > 0) {
        if (!pump_once(z, &budget, &more)) {
            return;
        }
    }
    if (budget <= 0) {
        pump_later(z);
    }
}

static void on_pump(uv_idle_t *idle)
{
    uv_idle_stop(idle);
    pump(idle->data);
}

static void pump_later(struct zmq_channels *z)
{
    uv_idle_start(&z->pump, on_pump);
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
    (void)status;
    (void)events;
    pump(poll->data);
}

static void on_monitor_readable(uv_poll_t *poll, int status, int events)
{
    (void)status;
    (void)events;
    look_at_link(poll->data);
}

static bool zmq_has(const struct bridge_channels *ch, enum wire_channel channel)
{
    return ((const struct zmq_channels *)ch)->sockets[channel] != NULL;
}

static void zmq_send(struct bridge_channels *ch, enum wire_channel channel,
                     struct wire_msg *m_owned)
{
    struct zmq_channels *z = (struct zmq_channels *)ch;
    struct cd_error err = CD_ERROR_INIT;

    if (wire_socket_send(z->sockets[channel], z->signer, m_owned, &err) != CD_OK) {
        cd_log(CD_LOG_ERROR, "wire", "cannot send: %s", err.text);
    }
    pump_later(z); /* a send may take the fd's edge (facts: engine.md §13.11) */
}

static void zmq_drain(struct bridge_channels *ch)
{
    int budget = DRAIN_BUDGET;
    bool more = true;

    while (more && budget > 0 && pump_once((struct zmq_channels *)ch, &budget, &more)) {
    }
}

static void free_sockets(struct zmq_channels *z)
{
    wire_monitor_free(cd_take(z->monitor));
    for (int i = 0; i < WIRE_CHANNEL_COUNT; i++) {
        wire_socket_free(cd_take(z->sockets[i]));
    }
    wire_signer_free(cd_take(z->signer));
}

static void zmq_close(struct bridge_channels *ch)
{
    struct zmq_channels *z = (struct zmq_channels *)ch;

    z->closed = true;
    for (int i = 0; i < WIRE_CHANNEL_COUNT; i++) {
        if (z->sockets[i]) {
            uv_close((uv_handle_t *)&z->polls[i], on_closed);
        }
    }
    if (z->monitor) {
        uv_close((uv_handle_t *)&z->monitor_poll, on_closed);
    }
    uv_close((uv_handle_t *)&z->pump, on_closed);
    free_sockets(z);
}

static const struct bridge_channels_ops zmq_ops = {
    .has = zmq_has, .send = zmq_send, .drain = zmq_drain, .close = zmq_close};

/* Before the socket connects. */
static cd_result watch(struct zmq_channels *z, enum wire_channel channel, struct cd_error *reterr)
{
    if (!z->events.link || z->monitor) {
        return CD_OK;
    }
    z->monitor = wire_monitor_new(shared_context, z->sockets[channel], reterr);
    return z->monitor ? CD_OK : CD_ERR;
}

static cd_result open_socket(struct zmq_channels *z, const struct wire_connection *connection,
                             enum wire_channel channel, const char *identity,
                             struct cd_error *reterr)
{
    bool iopub = channel == WIRE_IOPUB;
    struct wire_socket *socket;

    if (connection->port[channel] == 0) {
        return CD_OK;
    }
    socket = wire_socket_new(shared_context, iopub ? WIRE_SUB : WIRE_DEALER, reterr);
    z->sockets[channel] = socket;
    if (!socket ||
        (!iopub && wire_socket_identity(socket, identity, strlen(identity), reterr) != CD_OK)) {
        return CD_ERR;
    }
    if ((channel == WIRE_DEBUG || (channel == WIRE_CONTROL && connection->port[WIRE_DEBUG] == 0)) &&
        watch(z, channel, reterr) != CD_OK) {
        return CD_ERR;
    }
    return wire_socket_connect(socket, connection, channel, reterr);
}

static cd_result open_sockets(struct zmq_channels *z, const struct wire_connection *connection,
                              const char *identity, struct cd_error *reterr)
{
    if (!shared_context && !(shared_context = wire_context_new(reterr))) {
        return CD_ERR;
    }
    z->signer = wire_signer_new(connection->key, reterr);
    if (!z->signer) {
        return CD_ERR;
    }
    for (size_t i = 0; i < CD_ARRAY_LEN(order); i++) {
        if (open_socket(z, connection, order[i], identity, reterr) != CD_OK) {
            return CD_ERR;
        }
    }
    return CD_OK;
}

cd_result bridge_channels_zmq(uv_loop_t *loop, const void *where, const char *identity,
                              const struct bridge_channels_events *events,
                              struct bridge_channels **ret, struct cd_error *reterr)
{
    struct zmq_channels *z = calloc(1, sizeof *z);

    if (!z) {
        return cd_oom(reterr);
    }
    z->base.ops = &zmq_ops;
    z->loop = loop;
    z->events = *events;
    if (open_sockets(z, where, identity, reterr) != CD_OK) {
        free_sockets(z);
        free(z);
        return CD_ERR;
    }
    for (int i = 0; i < WIRE_CHANNEL_COUNT; i++) {
        if (z->sockets[i]) {
            uv_poll_init(loop, &z->polls[i], wire_socket_fd(z->sockets[i]));
            open_handle(z, (uv_handle_t *)&z->polls[i]);
            uv_poll_start(&z->polls[i], UV_READABLE, on_readable);
        }
    }
    if (z->monitor) {
        uv_poll_init(loop, &z->monitor_poll, wire_monitor_fd(z->monitor));
        open_handle(z, (uv_handle_t *)&z->monitor_poll);
        uv_poll_start(&z->monitor_poll, UV_READABLE, on_monitor_readable);
    }
    uv_idle_init(loop, &z->pump);
    open_handle(z, (uv_handle_t *)&z->pump);
    pump_later(z);
    *ret = &z->base;
    return CD_OK;
}
