/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What arrives from a kernel: replies go to who asked, iopub in order. A callback may close the
 * client: nothing of it is touched after.
 */
#include "bridge/client_impl.h"
#include "dap/base/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WELCOME_MS 2000 /* kernels older than protocol 5.5 send none */

static void on_reply(struct bridge_client *c, struct wire_msg *m)
{
    const char *parent = json_string_value(json_object_get(m->parent, "msg_id"));
    struct client_pending *p = parent ? client_pending_take(c, parent) : NULL;

    if (!p) {
        cd_log(CD_LOG_DEBUG, "wire", "a late reply '%s'", wire_msg_type(m));
        return;
    }
    if (p->debug_seq) {
        client_debug_answer(c, p, m);
    } else if (p->fn) {
        p->fn(p->ctx, m, NULL);
    }
    free(p);
}

/* Whether this message is a new process's; tells so. */
static void look_at_session(struct bridge_client *c, const struct wire_msg *m)
{
    const char *session = json_string_value(json_object_get(m->header, "session"));
    bool other;

    if (!session || !session[0] || strcmp(session, c->kernel_session) == 0) {
        return;
    }
    other = c->kernel_session[0] != '\0';
    (void)snprintf(c->kernel_session, sizeof c->kernel_session, "%s", session);
    if (!other) {
        return;
    }
    c->said_hello = false;
    c->counting = c->iopub_open = false;
    client_drop_events(c);
    client_fail_all(c, "the kernel was restarted");
    if (!c->closed && c->events.restarted) {
        c->events.restarted(c->events.ctx);
    }
}

static void started(struct bridge_client *c)
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

/* iopub is open when the welcome comes; where none does, when it tells of our own first request. */
static bool opens_iopub(const struct bridge_client *c, const struct wire_msg *m)
{
    const char *parent = json_string_value(json_object_get(m->parent, "msg_id"));
    bool ours = false;

    for (size_t i = 0; parent && parent[0] && i < CD_ARRAY_LEN(c->start_msg_ids); i++) {
        ours = ours || strcmp(parent, c->start_msg_ids[i]) == 0;
    }
    return ours || strcmp(wire_msg_type(m), "iopub_welcome") == 0;
}

static void on_iopub(struct bridge_client *c, struct wire_msg *m)
{
    bool opens = opens_iopub(c, m);

    look_at_session(c, m);
    if (c->closed) {
        return;
    }
    if (strcmp(wire_msg_type(m), "iopub_welcome") == 0) {
        const json_t *n = json_object_get(json_object_get(m->metadata, "celldap"), "iopub_count");

        c->counting = true;
        c->iopub_count = (uint64_t)json_integer_value(n);
    }
    c->iopub_count++;
    if (!bridge_client_has(c, WIRE_DEBUG) && strcmp(wire_msg_type(m), "debug_event") == 0) {
        client_debug_event(c, m);
    } else {
        c->events.iopub(c->events.ctx, m);
    }
    if (c->closed) {
        return;
    }
    client_release_events(c);
    if (opens && !c->closed) {
        c->iopub_open = true;
        started(c);
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

static void on_message(void *ctx, enum wire_channel channel, struct wire_msg **m)
{
    struct bridge_client *c = ctx;

    switch (channel) {
    case WIRE_IOPUB:
        on_iopub(c, *m);
        break;
    case WIRE_STDIN:
        if (strcmp(wire_msg_type(*m), "input_request") == 0) {
            on_input(c, m);
        }
        break;
    case WIRE_DEBUG:
        client_debug_message(c, *m);
        break;
    case WIRE_SHELL:
    case WIRE_CONTROL:
        if (strcmp(wire_msg_type(*m), "kernel_info_reply") == 0) {
            look_at_session(c, *m);
        }
        if (!c->closed) {
            on_reply(c, *m);
        }
        break;
    case WIRE_HB:
    case WIRE_CHANNEL_COUNT:
        break;
    }
}

static void on_link(void *ctx, bool up)
{
    const struct bridge_client *c = ctx;

    c->events.link(c->events.ctx, up);
}

static void on_gone(void *ctx, const struct cd_error *why)
{
    const struct bridge_client *c = ctx;

    if (c->events.gone) {
        c->events.gone(c->events.ctx, why);
    }
}

static void on_gap(void *ctx, bool goes_on)
{
    const struct bridge_client *c = ctx;

    if (c->events.gap) {
        c->events.gap(c->events.ctx, goes_on);
    }
}

const struct bridge_channels_events client_channels_events = {
    .message = on_message, .link = on_link, .gone = on_gone, .gap = on_gap};

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
    started(t->data);
}

static void on_info(void *ctx, const struct wire_msg *reply, const struct cd_error *err)
{
    struct bridge_client *c = ctx;

    if (!reply) {
        start_failed(c, err);
        return;
    }
    if (!c->start_fn || c->info) {
        return; /* the other channel was first */
    }
    c->info = wire_msg_new("kernel_info_reply", NULL, json_incref(reply->content));
    if (c->iopub_open) {
        started(c);
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
    started(c);
}

void bridge_client_start(struct bridge_client *c, uint64_t timeout_ms, bridge_reply_fn fn,
                         void *ctx)
{
    c->start_fn = fn;
    c->start_ctx = ctx;
    if (!bridge_client_has(c, WIRE_SHELL)) {
        bridge_client_debug(c, "celldap/ping", NULL, timeout_ms, on_pong, c);
        return;
    }
    bridge_client_request(c, WIRE_SHELL, "kernel_info_request", json_object(), NULL, timeout_ms,
                          on_info, c, c->start_msg_ids[0]);
    if (bridge_client_has(c, WIRE_CONTROL)) { /* a foreign kernel's shell is deaf while stopped */
        bridge_client_request(c, WIRE_CONTROL, "kernel_info_request", json_object(), NULL,
                              timeout_ms, on_info, c, c->start_msg_ids[1]);
    }
}

void bridge_client_last_words(struct bridge_client *c)
{
    if (c->channels->ops->drain) {
        c->channels->ops->drain(c->channels);
    }
    if (c->closed) {
        return;
    }
    for (struct client_event *e = c->held; e; e = e->next) {
        e->until_ms = 0;
    }
    client_release_events(c);
}
