/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The debug socket of a kernel client: DAP requests in Jupyter envelopes, and its events held back
 * until the output that was printed before them has been shown (contracts.md §6).
 */
#include "bridge/client_impl.h"
#include "bridge/foreign.h"
#include "dap/base/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HOLD_MS 50
#define PING_MS 2000

/* pending has the newest first. */
static struct client_pending *oldest_held(const struct bridge_client *c)
{
    struct client_pending *found = NULL;

    for (struct client_pending *p = c->pending; p; p = p->next) {
        found = p->held ? p : found;
    }
    return found;
}

static void send_next(struct bridge_client *c)
{
    struct client_pending *p;

    while (!(c->one_at_a_time && c->under_way) && (p = oldest_held(c))) {
        c->under_way = p->number;
        client_send(c, bridge_client_has(c, WIRE_DEBUG) ? WIRE_DEBUG : WIRE_CONTROL,
                    cd_take(p->held));
    }
}

static uint64_t send_debug(struct bridge_client *c, const char *command, json_t *arguments_owned,
                           uint64_t timeout_ms, bridge_debug_fn fn, void *ctx)
{
    int64_t seq = ++c->last_debug_seq;
    json_t *request = json_pack("{s:I, s:s, s:s, s:o*}", "seq", (json_int_t)seq, "type", "request",
                                "command", command, "arguments", arguments_owned);
    struct wire_msg *m = request ? wire_msg_new("debug_request", NULL, request) : NULL;
    struct client_pending *p = m ? client_pending_add(c, timeout_ms) : NULL;

    if (!p) {
        wire_msg_free(m);
        return 0;
    }
    p->debug_fn = fn;
    p->ctx = ctx;
    p->debug_seq = seq;
    p->command = command;
    (void)snprintf(p->msg_id, sizeof p->msg_id, "%s", wire_msg_id(m));
    p->held = m;
    send_next(c);
    return p->number;
}

void client_debug_over(struct bridge_client *c, const struct client_pending *p)
{
    if (p->number == c->under_way) {
        c->under_way = 0;
        send_next(c);
    }
}

void bridge_client_one_at_a_time(struct bridge_client *c, bool on)
{
    c->one_at_a_time = on;
}

static void on_ping(uv_timer_t *t)
{
    send_debug(t->data, "celldap/ping", NULL, 10 * PING_MS, NULL, NULL);
}

uint64_t bridge_client_debug(struct bridge_client *c, const char *command, json_t *arguments_owned,
                             uint64_t timeout_ms, bridge_debug_fn fn, void *ctx)
{
    if (!c->said_hello && bridge_client_has(c, WIRE_DEBUG)) {
        c->said_hello = true;
        send_debug(c, "celldap/hello", json_pack("{s:s}", "client", c->id), 10 * PING_MS, NULL,
                   NULL);
        uv_timer_start(&c->ping, on_ping, PING_MS, PING_MS);
    }
    return send_debug(c, command, arguments_owned, timeout_ms, fn, ctx);
}

int64_t bridge_client_debug_seq(const struct bridge_client *c, uint64_t request)
{
    for (const struct client_pending *p = c->pending; p; p = p->next) {
        if (p->number == request) {
            return p->debug_seq;
        }
    }
    return 0;
}

static void on_held(uv_timer_t *t)
{
    client_release_events(t->data);
}

void client_release_events(struct bridge_client *c)
{
    uint64_t now;

    uv_update_time(c->loop);
    now = uv_now(c->loop);
    while (c->held) {
        struct client_event *e = c->held;

        if ((!c->counting || c->iopub_count < e->after_count) && now < e->until_ms) {
            uv_timer_start(&c->hold, on_held, e->until_ms - now, 0);
            return;
        }
        c->held = e->next;
        if (!c->held) {
            c->held_end = &c->held;
        }
        c->events.debug_event(c->events.ctx, e->event);
        json_decref(e->event);
        free(e);
        if (c->closed) {
            return;
        }
    }
    uv_timer_stop(&c->hold);
}

void client_drop_events(struct bridge_client *c)
{
    while (c->held) {
        struct client_event *e = c->held;

        c->held = e->next;
        json_decref(e->event);
        free(e);
    }
    c->held_end = &c->held;
}

void client_debug_event(struct bridge_client *c, const struct wire_msg *m)
{
    const json_t *count = json_object_get(json_object_get(m->metadata, "celldap"), "iopub_count");
    struct client_event *e = calloc(1, sizeof *e);

    if (!e) {
        return;
    }
    e->event = json_incref(m->content);
    e->after_count = (uint64_t)json_integer_value(count);
    uv_update_time(c->loop);
    e->until_ms =
        e->after_count && bridge_client_has(c, WIRE_IOPUB) ? uv_now(c->loop) + HOLD_MS : 0;
    *c->held_end = e;
    c->held_end = &e->next;
    client_release_events(c);
}

void client_debug_answer(const struct bridge_client *c, const struct client_pending *p,
                         struct wire_msg *m)
{
    struct cd_error err = CD_ERROR_INIT;

    if (!p->debug_fn) {
        return;
    }
    if (c->one_at_a_time &&
        bridge_foreign_repair(p->command, p->debug_seq, m->content, &err) != CD_OK) {
        p->debug_fn(p->ctx, NULL, &err);
    } else {
        p->debug_fn(p->ctx, m->content, NULL);
    }
}

void client_debug_message(struct bridge_client *c, struct wire_msg *m)
{
    const char *parent = json_string_value(json_object_get(m->parent, "msg_id"));
    struct client_pending *p;

    if (strcmp(wire_msg_type(m), "debug_event") == 0) {
        client_debug_event(c, m);
        return;
    }
    p = parent ? client_pending_take(c, parent) : NULL;
    if (!p) {
        cd_log(CD_LOG_DEBUG, "wire", "a late debug reply");
        return;
    }
    client_debug_answer(c, p, m);
    free(p);
}
