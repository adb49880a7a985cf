/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Requests to one kernel and the life of its client: see kernel_client.h. All on the bridge loop;
 * nothing here waits.
 */
#include "bridge/client_impl.h"
#include "bridge/identity.h"
#include "dap/base/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void on_closed(uv_handle_t *h)
{
    struct bridge_client *c = h->data;

    if (--c->open_handles == 0) {
        free(c);
    }
}

static cd_result open_client(struct bridge_client *c, bridge_channels_open_fn open,
                             const void *where, struct cd_error *reterr)
{
    struct bridge_channels_events events = client_channels_events;

    events.ctx = c;
    if (!c->events.link) {
        events.link = NULL;
    }
    return bridge_uuid(c->id, reterr) != CD_OK
               ? CD_ERR
               : open(c->loop, where, c->id, &events, &c->channels, reterr);
}

cd_result bridge_client_open(uv_loop_t *loop, bridge_channels_open_fn open, const void *where,
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
    if (open_client(c, open, where, reterr) != CD_OK) {
        free(c);
        return CD_ERR;
    }
    uv_timer_t *timers[] = {&c->timeout, &c->hold, &c->ping, &c->welcome};
    for (size_t i = 0; i < CD_ARRAY_LEN(timers); i++) {
        uv_timer_init(loop, timers[i]);
        timers[i]->data = c;
        c->open_handles++;
    }
    *ret = c;
    return CD_OK;
}

cd_result bridge_client_new(uv_loop_t *loop, const struct wire_connection *connection,
                            const struct bridge_client_events *events, struct bridge_client **ret,
                            struct cd_error *reterr)
{
    return bridge_client_open(loop, bridge_channels_zmq, connection, events, ret, reterr);
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
    return channel != WIRE_HB && c->channels->ops->has(c->channels, channel);
}

void bridge_client_close(struct bridge_client *c)
{
    if (!c || c->closed) {
        return;
    }
    c->closed = true;
    c->channels->ops->close(c->channels);
    uv_close((uv_handle_t *)&c->timeout, on_closed);
    uv_close((uv_handle_t *)&c->hold, on_closed);
    uv_close((uv_handle_t *)&c->ping, on_closed);
    uv_close((uv_handle_t *)&c->welcome, on_closed);
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

void bridge_client_expire(struct bridge_client *c, const char *msg_id)
{
    for (struct client_pending *p = c->pending; p; p = p->next) {
        if (strcmp(p->msg_id, msg_id) == 0) {
            p->deadline_ms = uv_now(c->loop);
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

void client_send(struct bridge_client *c, enum wire_channel channel, struct wire_msg *m_owned)
{
    if (!bridge_client_has(c, channel)) {
        cd_log(CD_LOG_WARN, "wire", "'%s' is not sent: no such channel", wire_msg_type(m_owned));
        wire_msg_free(m_owned);
        return;
    }
    c->channels->ops->send(c->channels, channel, m_owned);
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
    client_send(c, channel, m);
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
        client_send(c, WIRE_STDIN, m);
    }
}
