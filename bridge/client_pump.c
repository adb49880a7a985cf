/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What arrives from a kernel: every socket is received empty (ZMQ_FD is edge-triggered), replies go
 * to who asked, iopub in order. A callback may close the client: nothing of it is touched after.
 */
#include "bridge/client_impl.h"
#include "dap/base/log.h"

#include <stdlib.h>
#include <string.h>

#define PUMP_BUDGET 512 /* messages in one go, then the loop turns once */
#define LAST_BUDGET 1000000
#define WELCOME_MS  2000 /* kernels older than protocol 5.5 send none */

static void on_reply(struct bridge_client *c, struct wire_msg *m)
{
    const char *parent = json_string_value(json_object_get(m->parent, "msg_id"));
    struct client_pending *p = parent ? client_pending_take(c, parent) : NULL;

    if (!p) {
        cd_log(CD_LOG_DEBUG, "wire", "a late reply '%s'", wire_msg_type(m));
        return;
    }
    if (p->debug_fn) {
        p->debug_fn(p->ctx, m->content, NULL);
    } else if (p->fn) {
        p->fn(p->ctx, m, NULL);
    }
    free(p);
}

static void on_iopub(struct bridge_client *c, struct wire_msg *m)
{
    bool welcome = strcmp(wire_msg_type(m), "iopub_welcome") == 0;

    client_link_session(c, m);
    if (c->closed) {
        return;
    }
    if (welcome) {
        const json_t *n = json_object_get(json_object_get(m->metadata, "celldap"), "iopub_count");

        c->counting = true;
        c->iopub_count = (uint64_t)json_integer_value(n);
    }
    c->iopub_count++;
    if (!c->sockets[CLIENT_DEBUG] && strcmp(wire_msg_type(m), "debug_event") == 0) {
        client_debug_event(c, m);
    } else {
        c->events.iopub(c->events.ctx, m);
    }
    if (c->closed) {
        return;
    }
    client_release_events(c);
    if (welcome && !c->closed) {
        client_started(c);
    }
}

static void on_input(struct bridge_client *c, struct wire_msg **m)
{
    const json_t *prompt = json_object_get((*m)->content, "prompt");
    bool password = json_is_true(json_object_get((*m)->content, "password"));

    wire_msg_free(c->input_from);
    c->input_from = cd_take(*m);
    c->events.input(c->events.ctx, json_is_string(prompt) ? json_string_value(prompt) : "",
                    password);
}

static void dispatch(struct bridge_client *c, enum client_socket which, struct wire_msg **m)
{
    switch (which) {
    case CLIENT_IOPUB:
        on_iopub(c, *m);
        break;
    case CLIENT_STDIN:
        if (strcmp(wire_msg_type(*m), "input_request") == 0) {
            on_input(c, m);
        }
        break;
    case CLIENT_DEBUG:
        client_debug_message(c, *m);
        break;
    case CLIENT_SHELL:
    case CLIENT_CONTROL:
        on_reply(c, *m);
        break;
    }
}

/* One pass over all sockets; false: the client was closed. */
static bool pump_once(struct bridge_client *c, int *budget, bool *ret_more)
{
    *ret_more = false;
    for (int i = 0; i < CLIENT_SOCKETS; i++) {
        struct cd_error err = CD_ERROR_INIT;
        struct wire_msg *m = NULL;
        int r = 0;

        while (c->sockets[i] && *budget > 0 &&
               (r = wire_socket_recv(c->sockets[i], c->signer, &m, &err)) != 0) {
            --*budget;
            if (r > 0) {
                *ret_more = true;
                dispatch(c, (enum client_socket)i, &m);
                wire_msg_free(cd_take(m));
                if (c->closed) {
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

void client_pump(struct bridge_client *c)
{
    int budget = PUMP_BUDGET;
    bool more = true;

    client_link_look(c); /* its fd tells nothing before it was once found empty */
    if (c->closed) {
        return;
    }
    while (more && budget > 0) {
        if (!pump_once(c, &budget, &more)) {
            return;
        }
    }
    if (budget <= 0) {
        client_pump_later(c);
    }
}

void client_started(struct bridge_client *c)
{
    bridge_reply_fn fn = c->start_fn;
    struct wire_msg *info = c->info;

    if (!fn || !info) {
        return;
    }
    c->start_fn = NULL;
    c->info = NULL;
    uv_timer_stop(&c->welcome);
    fn(c->start_ctx, info, NULL);
    wire_msg_free(info);
}

static void start_failed(struct bridge_client *c, const struct cd_error *err)
{
    bridge_reply_fn fn = c->start_fn;

    c->start_fn = NULL;
    if (fn) {
        fn(c->start_ctx, NULL, err);
    }
}

static void on_no_welcome(uv_timer_t *t)
{
    client_started(t->data);
}

static void on_info(void *ctx, const struct wire_msg *reply, const struct cd_error *err)
{
    struct bridge_client *c = ctx;

    if (!reply) {
        start_failed(c, err);
        return;
    }
    c->info = wire_msg_new("kernel_info_reply", NULL, json_incref(reply->content));
    if (c->counting) {
        client_started(c);
    } else {
        uv_timer_start(&c->welcome, on_no_welcome, WELCOME_MS, 0);
    }
}

static void on_pong(void *ctx, json_t *response, const struct cd_error *err)
{
    struct bridge_client *c = ctx;
    const json_t *pid = json_object_get(json_object_get(response, "body"), "pid");

    if (!response) {
        start_failed(c, err);
        return;
    }
    c->info = wire_msg_new("kernel_info_reply", NULL,
                           json_pack("{s:b, s:{s:I}}", "debugger", 1, "celldap", "pid",
                                     (json_int_t)json_integer_value(pid)));
    client_started(c);
}

void bridge_client_start(struct bridge_client *c, uint64_t timeout_ms, bridge_reply_fn fn,
                         void *ctx)
{
    c->start_fn = fn;
    c->start_ctx = ctx;
    if (!c->sockets[CLIENT_SHELL]) {
        bridge_client_debug(c, "celldap/ping", NULL, timeout_ms, on_pong, c);
        return;
    }
    bridge_client_request(c, WIRE_SHELL, "kernel_info_request", json_object(), NULL, timeout_ms,
                          on_info, c, NULL);
}

void bridge_client_last_words(struct bridge_client *c)
{
    int budget = LAST_BUDGET;
    bool more = true;

    while (more && budget > 0) {
        if (!pump_once(c, &budget, &more)) {
            return;
        }
    }
    for (struct client_event *e = c->held; e; e = e->next) {
        e->until_ms = 0;
    }
    client_release_events(c);
}
