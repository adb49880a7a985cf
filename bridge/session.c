/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A session's life and its one way out to the client: every message passes bridge_send, which
 * numbers it and speaks the client's dialect.
 */
#include "bridge/dispatch.h"
#include "bridge/edge.h"
#include "bridge/private_folder.h"
#include "bridge/remote/remote.h"
#include "bridge/session_impl.h"
#include "dap/base/limits.h"
#include "dap/base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum dap_state bridge_state(const struct bridge_session *s)
{
    if (!s->initialized) {
        return DAP_S_NEW;
    }
    if (s->ended) {
        return DAP_S_ENDED;
    }
    if (!s->launched) {
        return DAP_S_CONFIG;
    }
    if (s->stops > 0) {
        return DAP_S_STOPPED;
    }
    return s->exec.running ? DAP_S_RUNNING : DAP_S_IDLE;
}

/* A reply that cannot be written (too long) becomes an error, since it must not be silence. */
static bool write_message(json_t *message, struct cd_buf *text)
{
    struct cd_error err = CD_ERROR_INIT;
    const json_t *seq = json_object_get(message, "request_seq");
    json_t *body;

    if (cd_json_dump(message, text, &err) == CD_OK) {
        return true;
    }
    cd_log(CD_LOG_ERROR, "dap", "cannot write a message: %s", err.text);
    if (!seq) {
        return false;
    }
    body =
        json_pack("{s:{s:i, s:s, s:b}}", "error", "id", err.id, "format", err.text, "showUser", 0);
    cd_buf_clear(text);
    return json_object_set_new(message, "body", body) == 0 &&
           json_object_set_new(message, "success", json_false()) == 0 &&
           json_object_set_new(message, "message", json_string(err.text)) == 0 &&
           cd_json_dump(message, text, NULL) == CD_OK;
}

/* What a program printed, and the console's talk: a client that does not read may miss it. */
static enum bridge_outbox_kind kind_of(const json_t *message)
{
    const char *event = json_string_value(json_object_get(message, "event"));
    const json_t *body = json_object_get(message, "body");
    const char *category = json_string_value(json_object_get(body, "category"));

    if (!event ||
        (strcmp(event, "output") == 0 && category && strcmp(category, "important") == 0)) {
        return BRIDGE_OUT_MESSAGE;
    }
    return strcmp(event, "output") == 0 || strcmp(event, "celldap/cellOutput") == 0
               ? BRIDGE_OUT_OUTPUT
               : BRIDGE_OUT_MESSAGE;
}

void bridge_send(struct bridge_session *s, json_t *message_owned)
{
    bridge_send_counted(s, message_owned, NULL);
}

void bridge_send_counted(struct bridge_session *s, json_t *message_owned, int64_t *ret_seq)
{
    cd_autobuf struct cd_buf text;
    json_t *message = message_owned;

    cd_buf_init(&text, CD_MAX_BODY_BYTES);
    if (message && (s->client.lines_at_0 || s->client.columns_at_0)) {
        /* what is sent may still be kept by others (breakpoints) */
        json_t *copy = json_deep_copy(message);

        json_decref(message);
        message = copy;
        bridge_edge_shift(json_object_get(message, "body"), s->client.lines_at_0 ? -1 : 0,
                          s->client.columns_at_0 ? -1 : 0);
    }
    if (!message) {
        cd_log(CD_LOG_ERROR, "dap", "out of memory: a message to the client is lost");
    } else if (write_message(message, &text) &&
               !bridge_outbox_send(s->outbox, text.data, text.len, kind_of(message), ret_seq)) {
        cd_log(CD_LOG_ERROR, "dap", "the client does not read: it is given up");
        bridge_outbox_connect(s->outbox, NULL);
        uv_async_send(&s->lost);
    }
    json_decref(message);
}

void bridge_event(struct bridge_session *s, const char *event, json_t *body_owned)
{
    bridge_send(s, dap_event_new(event, body_owned));
}

void bridge_output(struct bridge_session *s, const char *category, const char *text, size_t len)
{
    json_t *body;

    if (len == 0) {
        return;
    }
    body = json_pack("{s:s, s:o}", "category", category, "output", cd_json_text(text, len));
    if (body && !s->client.ansi) {
        bridge_edge_strip_ansi(body, "output");
    }
    bridge_event(s, "output", body);
}

void bridge_say(struct bridge_session *s, const char *category, const char *format, ...)
{
    cd_autofree char *text = NULL;
    va_list ap;
    int n;

    va_start(ap, format);
    n = vasprintf(&text, format, ap);
    va_end(ap);
    if (n < 0) {
        text = NULL;
        return;
    }
    bridge_output(s, category, text, (size_t)n);
}

static void on_message(void *ctx, const char *body, size_t len)
{
    struct bridge_session *s = ctx;
    struct cd_error err = CD_ERROR_INIT;
    json_t *message = NULL;

    if (s->over) {
        return;
    }
    if (memmem(body, len, "oken\"", 5) || memmem(body, len, "assword\"", 8)) {
        cd_log(CD_LOG_TRACE, "dap", "<- %zu bytes with a token or password", len);
    } else {
        cd_log(CD_LOG_TRACE, "dap", "<- %.*s", (int)(len > 100000 ? 100000 : len), body);
    }
    if (cd_json_load(body, len, &message, &err) != CD_OK) {
        cd_log(CD_LOG_WARN, "dap", "a message that is no JSON: %s", err.text);
        bridge_say(s, "important", "celldap: skipped a message that is not JSON: %s\n", err.text);
        return;
    }
    bridge_dispatch(s, message);
}

static void on_broken(void *ctx, const struct cd_error *err)
{
    struct bridge_session *s = ctx;

    cd_log(CD_LOG_ERROR, "dap", "%s", err->text);
    bridge_say(s, "important", "celldap: the connection is broken: %s\n", err->text);
    s->status = 1;
    bridge_client_gone(s);
}

static void on_written(void *ctx)
{
    struct bridge_session *s = ctx;

    bridge_outbox_written(s->outbox);
}

static void on_gone(void *ctx)
{
    bridge_client_gone(ctx);
}

const struct bridge_transport_events bridge_session_transport_events = {
    .message = on_message, .broken = on_broken, .written = on_written, .gone = on_gone};

static void on_lost(uv_async_t *lost)
{
    bridge_client_gone(lost->data);
}

static uint64_t now_ms(void *ctx)
{
    const struct bridge_session *s = ctx;

    return uv_now(s->config.loop);
}

void bridge_session_end(struct bridge_session *s)
{
    bridge_client_gone(s);
}

void bridge_session_connect(struct bridge_session *s, struct bridge_transport *t)
{
    s->transport = t;
    bridge_outbox_connect(s->outbox, t);
}

void bridge_finish(struct bridge_session *s)
{
    if (s->done_told) {
        return;
    }
    s->done_told = true;
    bridge_reverse_forget(s);
    bridge_fail_all(s, NULL, "the session ended");
    if (s->transport) {
        bridge_outbox_flush(s->outbox);
        s->transport->ops->close(s->transport);
    }
    s->config.done(s->config.ctx, s->status);
}

static void open_timer(struct bridge_session *s, uv_timer_t *t)
{
    uv_timer_init(s->config.loop, t);
    t->data = s;
    s->open_handles++;
}

struct bridge_session *bridge_session_new(const struct bridge_session_config *config,
                                          struct cd_error *reterr)
{
    struct bridge_session *s = calloc(1, sizeof *s);

    if (!s) {
        cd_oom(reterr);
        return NULL;
    }
    s->config = *config;
    s->cells = bridge_cells_new(reterr);
    s->breakpoints = bridge_breakpoints_new(s);
    s->outbox = bridge_outbox_new(now_ms, s);
    s->exec.last = &s->exec.first;
    open_timer(s, &s->start_timer);
    open_timer(s, &s->slow_timer);
    open_timer(s, &s->end_timer);
    open_timer(s, &s->link_timer);
    open_timer(s, &s->resync_timer);
    open_timer(s, &s->exec.idle_timer);
    uv_async_init(config->loop, &s->lost, on_lost);
    s->lost.data = s;
    uv_unref((uv_handle_t *)&s->lost);
    s->open_handles++;
    if (!s->cells || !s->breakpoints || !s->outbox) {
        cd_oom(reterr);
        bridge_session_free(s);
        return NULL;
    }
    return s;
}

static void on_closed(uv_handle_t *h)
{
    struct bridge_session *s = h->data;

    if (--s->open_handles == 0) {
        free(s);
    }
}

void bridge_session_free(struct bridge_session *s)
{
    if (!s || s->freed) {
        return;
    }
    s->freed = true;
    s->transport = NULL;
    bridge_outbox_connect(s->outbox, NULL);
    bridge_room_exit(s);
    bridge_client_close(cd_take(s->kernel));
    bridge_remote_close(cd_take(s->remote));
    if (s->process) {
        bridge_process_close(cd_take(s->process));
    }
    bridge_exec_abandon(s);
    bridge_reverse_forget(s);
    bridge_fail_all(s, NULL, "the session ended");
    bridge_request_unref(cd_take(s->launch_request));
    bridge_request_unref(cd_take(s->disconnect_request));
    bridge_breakpoints_free(s->breakpoints);
    bridge_cells_free(s->cells);
    bridge_notebook_free(s->notebook);
    bridge_launch_free(s->launch);
    bridge_outputs_free(s->outputs);
    bridge_outbox_free(cd_take(s->outbox));
    bridge_reverse_free(s);
    bridge_foreign_free(s->foreign);
    json_decref(s->exception_arguments);
    json_decref(s->told_sources);
    json_decref(s->client.arguments);
    free(s->input_prompt);
    free(s->cell_folder);
    if (s->folder) {
        bridge_private_folder_remove(s->folder);
        free(s->folder);
    }
    uv_close((uv_handle_t *)&s->lost, on_closed);
    uv_close((uv_handle_t *)&s->start_timer, on_closed);
    uv_close((uv_handle_t *)&s->slow_timer, on_closed);
    uv_close((uv_handle_t *)&s->end_timer, on_closed);
    uv_close((uv_handle_t *)&s->link_timer, on_closed);
    uv_close((uv_handle_t *)&s->resync_timer, on_closed);
    uv_close((uv_handle_t *)&s->exec.idle_timer, on_closed);
}
