/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Requests to one kernel and the life of its sockets: see kernel_client.h. All on the bridge loop;
 * nothing here waits.
 */
#include "bridge/client_impl.h"
#include "bridge/identity.h"
#include "dap/base/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Lives as long as the process: ending a context waits for messages to peers that may be dead. */
static struct wire_context *shared_context;

static void on_closed(uv_handle_t *h)
{
    struct bridge_client *c = h->data;

    if (--c->open_handles == 0) {
        free(c);
    }
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
    (void)status;
    (void)events;
    client_pump(poll->data);
}

static void on_pump(uv_idle_t *idle)
{
    uv_idle_stop(idle);
    client_pump(idle->data);
}

void client_pump_later(struct bridge_client *c)
{
    uv_idle_start(&c->pump, on_pump);
}

void client_open_handle(struct bridge_client *c, uv_handle_t *h)
{
    h->data = c;
    c->open_handles++;
}

void client_close_handle(uv_handle_t *h)
{
    uv_close(h, on_closed);
}

static void free_sockets(struct bridge_client *c)
{
    wire_monitor_free(c->monitor);
    c->monitor = NULL;
    for (int i = 0; i < CLIENT_SOCKETS; i++) {
        wire_socket_free(c->sockets[i]);
        c->sockets[i] = NULL;
    }
    wire_signer_free(c->signer);
    c->signer = NULL;
}

static cd_result open_socket(struct bridge_client *c, const struct wire_connection *connection,
                             enum client_socket which, enum wire_channel channel,
                             struct cd_error *reterr)
{
    bool iopub = which == CLIENT_IOPUB;

    if (connection->port[channel] == 0) {
        return CD_OK;
    }
    c->sockets[which] = wire_socket_new(shared_context, iopub ? WIRE_SUB : WIRE_DEALER, reterr);
    if (!c->sockets[which] || (!iopub && wire_socket_identity(c->sockets[which], c->id,
                                                              strlen(c->id), reterr) != CD_OK)) {
        return CD_ERR;
    }
    if ((which == CLIENT_DEBUG || (which == CLIENT_CONTROL && connection->port[WIRE_DEBUG] == 0)) &&
        client_link_watch(c, shared_context, c->sockets[which], reterr) != CD_OK) {
        return CD_ERR;
    }
    return wire_socket_connect(c->sockets[which], connection, channel, reterr);
}

static cd_result open_sockets(struct bridge_client *c, const struct wire_connection *connection,
                              struct cd_error *reterr)
{
    static const struct {
        enum client_socket which;
        enum wire_channel channel;
    } rows[] = {{CLIENT_IOPUB, WIRE_IOPUB},
                {CLIENT_STDIN, WIRE_STDIN},
                {CLIENT_SHELL, WIRE_SHELL},
                {CLIENT_CONTROL, WIRE_CONTROL},
                {CLIENT_DEBUG, WIRE_DEBUG}};

    if (!shared_context && !(shared_context = wire_context_new(reterr))) {
        return CD_ERR;
    }
    c->signer = wire_signer_new(connection->key, reterr);
    if (!c->signer || bridge_uuid(c->id, reterr) != CD_OK) {
        return CD_ERR;
    }
    for (size_t i = 0; i < CD_ARRAY_LEN(rows); i++) {
        if (open_socket(c, connection, rows[i].which, rows[i].channel, reterr) != CD_OK) {
            return CD_ERR;
        }
    }
    return CD_OK;
}

cd_result bridge_client_new(uv_loop_t *loop, const struct wire_connection *connection,
                            const struct bridge_client_events *events, struct bridge_client **ret,
                            struct cd_error *reterr)
{
    struct bridge_client *c = calloc(1, sizeof *c);

    if (!c) {
        return cd_oom(reterr);
    }
    c->loop = loop;
    c->events = *events;
    c->held_end = &c->held;
    if (open_sockets(c, connection, reterr) != CD_OK) {
        free_sockets(c);
        free(c);
        return CD_ERR;
    }
    for (int i = 0; i < CLIENT_SOCKETS; i++) {
        if (c->sockets[i]) {
            uv_poll_init(loop, &c->polls[i], wire_socket_fd(c->sockets[i]));
            client_open_handle(c, (uv_handle_t *)&c->polls[i]);
            uv_poll_start(&c->polls[i], UV_READABLE, on_readable);
        }
    }
    client_link_open(c);
    uv_idle_init(loop, &c->pump);
    client_open_handle(c, (uv_handle_t *)&c->pump);
    uv_timer_t *timers[] = {&c->timeout, &c->hold, &c->ping, &c->welcome};
    for (size_t i = 0; i < CD_ARRAY_LEN(timers); i++) {
        uv_timer_init(loop, timers[i]);
        client_open_handle(c, (uv_handle_t *)timers[i]);
    }
    client_pump_later(c);
    *ret = c;
    return CD_OK;
}

static void pending_fail(struct client_pending *p, enum cd_error_id id, const char *text)
{
    struct cd_error err = CD_ERROR_INIT;

    cd_error_set(&err, id, "%s", text);
    wire_msg_free(p->held);
    if (p->debug_fn) {
        p->debug_fn(p->ctx, NULL, &err);
    } else if (p->fn) {
        p->fn(p->ctx, NULL, &err);
    }
    free(p);
}

void client_fail_all(struct bridge_client *c, const char *text)
{
    struct client_pending *all = cd_take(c->pending);

    c->under_way = 0;

    while (all) {
        struct client_pending *p = all;

        all = p->next;
        pending_fail(p, CD_E_KERNEL, text);
    }
}

bool bridge_client_has(const struct bridge_client *c, enum wire_channel channel)
{
    static const enum client_socket sockets[WIRE_CHANNEL_COUNT] = {[WIRE_SHELL] = CLIENT_SHELL,
                                                                   [WIRE_IOPUB] = CLIENT_IOPUB,
                                                                   [WIRE_STDIN] = CLIENT_STDIN,
                                                                   [WIRE_CONTROL] = CLIENT_CONTROL,
                                                                   [WIRE_DEBUG] = CLIENT_DEBUG};

    return channel != WIRE_HB && c->sockets[sockets[channel]] != NULL;
}

void bridge_client_close(struct bridge_client *c)
{
    if (!c || c->closed) {
        return;
    }
    c->closed = true;
    for (int i = 0; i < CLIENT_SOCKETS; i++) {
        if (c->sockets[i]) {
            client_close_handle((uv_handle_t *)&c->polls[i]);
        }
    }
    client_link_close(c);
    client_close_handle((uv_handle_t *)&c->pump);
    client_close_handle((uv_handle_t *)&c->timeout);
    client_close_handle((uv_handle_t *)&c->hold);
    client_close_handle((uv_handle_t *)&c->ping);
    client_close_handle((uv_handle_t *)&c->welcome);
    free_sockets(c);
    client_drop_events(c);
    wire_msg_free(cd_take(c->input_from));
    wire_msg_free(cd_take(c->info));
    while (c->pending) { /* a callback may have asked again */
        client_fail_all(c, "the kernel is gone");
    }
}

static void on_timeout(uv_timer_t *t);

static void arm_timeout(struct bridge_client *c)
{
    uint64_t nearest = 0;

    for (const struct client_pending *p = c->pending; p; p = p->next) {
        if (p->deadline_ms && (!nearest || p->deadline_ms < nearest)) {
            nearest = p->deadline_ms;
        }
    }
    if (nearest) {
        uint64_t now = uv_now(c->loop);

        uv_timer_start(&c->timeout, on_timeout, nearest > now ? nearest - now : 0, 0);
    } else {
        uv_timer_stop(&c->timeout);
    }
}

static void on_timeout(uv_timer_t *t)
{
    struct bridge_client *c = t->data;
    uint64_t now = uv_now(c->loop);
    struct client_pending **at = &c->pending;

    while (*at) {
        struct client_pending *p = *at;

        if (p->deadline_ms && p->deadline_ms <= now) {
            *at = p->next;
            client_debug_over(c, p);
            pending_fail(p, CD_E_TIMEOUT, "the kernel did not answer in time");
            if (c->closed) {
                return;
            }
            at = &c->pending; /* the callee may have changed the list */
        } else {
            at = &p->next;
        }
    }
    arm_timeout(c);
}

struct client_pending *client_pending_add(struct bridge_client *c, uint64_t timeout_ms)
{
    struct client_pending *p = calloc(1, sizeof *p);

    if (!p) {
        return NULL;
    }
    p->number = ++c->last_number;
    if (timeout_ms) {
        uv_update_time(c->loop);
        p->deadline_ms = uv_now(c->loop) + timeout_ms;
    }
    p->next = c->pending;
    c->pending = p;
    arm_timeout(c);
    return p;
}

struct client_pending *client_pending_take(struct bridge_client *c, const char *msg_id)
{
    for (struct client_pending **at = &c->pending; *at; at = &(*at)->next) {
        if (strcmp((*at)->msg_id, msg_id) == 0) {
            struct client_pending *p = *at;

            *at = p->next;
            arm_timeout(c);
            client_debug_over(c, p);
            return p;
        }
    }
    return NULL;
}

void client_send(struct bridge_client *c, enum client_socket which, struct wire_msg *m_owned)
{
    struct cd_error err = CD_ERROR_INIT;

    if (!c->sockets[which]) {
        cd_log(CD_LOG_WARN, "wire", "'%s' is not sent: no such channel", wire_msg_type(m_owned));
        wire_msg_free(m_owned);
        return;
    }
    if (wire_socket_send(c->sockets[which], c->signer, m_owned, &err) != CD_OK) {
        cd_log(CD_LOG_ERROR, "wire", "cannot send: %s", err.text);
    }
    client_pump_later(c); /* a send may take the fd's edge (facts: engine.md §13.11) */
}

uint64_t bridge_client_request(struct bridge_client *c, enum wire_channel channel,
                               const char *msg_type, json_t *content_owned, json_t *metadata_owned,
                               uint64_t timeout_ms, bridge_reply_fn fn, void *ctx, char *ret_msg_id)
{
    struct wire_msg *m = wire_msg_new(msg_type, NULL, content_owned);
    struct client_pending *p = m ? client_pending_add(c, timeout_ms) : NULL;

    if (!p) {
        wire_msg_free(m);
        json_decref(metadata_owned);
        return 0;
    }
    if (metadata_owned) {
        json_decref(m->metadata);
        m->metadata = metadata_owned;
    }
    p->fn = fn;
    p->ctx = ctx;
    (void)snprintf(p->msg_id, sizeof p->msg_id, "%s", wire_msg_id(m));
    if (ret_msg_id) {
        memcpy(ret_msg_id, p->msg_id, sizeof p->msg_id);
    }
    client_send(c, channel == WIRE_CONTROL ? CLIENT_CONTROL : CLIENT_SHELL, m);
    return p->number;
}

void bridge_client_input(struct bridge_client *c, const char *value)
{
    struct wire_msg *from = cd_take(c->input_from);
    struct wire_msg *m;

    if (!from) {
        return;
    }
    m = wire_msg_new("input_reply", from, json_pack("{s:o}", "value", cd_json_textz(value)));
    wire_msg_free(from);
    if (m) {
        client_send(c, CLIENT_STDIN, m);
    }
}
