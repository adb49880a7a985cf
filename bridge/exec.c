/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The queue of executions: see exec.h. An execution is over when its reply and its idle are here,
 * so that all its output has been seen.
 */
#include "bridge/session_impl.h"
#include "dap/base/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SET_MS  5000
#define IDLE_MS 1000 /* an idle that is lost must not end the session */

struct bridge_exec *bridge_exec_new(struct bridge_session *s, enum bridge_exec_kind kind,
                                    const char *code, struct bridge_request *req)
{
    struct bridge_exec *e = calloc(1, sizeof *e);

    if (!e) {
        return NULL;
    }
    e->session = s;
    e->kind = kind;
    e->cell = -1;
    e->code = strdup(code);
    if (!e->code) {
        bridge_exec_free(e);
        return NULL;
    }
    if (req) {
        e->req = bridge_request_ref(req);
    }
    return e;
}

void bridge_exec_free(struct bridge_exec *e)
{
    if (!e) {
        return;
    }
    free(e->code);
    json_decref(e->run_file);
    json_decref(e->reply);
    json_decref(e->result);
    bridge_request_unref(e->req);
    free(e);
}

static void finish_if_over(struct bridge_session *s)
{
    struct bridge_exec *e = s->exec.running;

    if (!e || !e->replied || !e->idle) {
        return;
    }
    uv_timer_stop(&s->exec.idle_timer);
    s->exec.running = NULL;
    bridge_exec_finished(s, e);
    bridge_exec_free(e);
    bridge_exec_pump(s);
}

static void on_no_idle(uv_timer_t *t)
{
    struct bridge_session *s = t->data;

    cd_log(CD_LOG_WARN, "exec", "the kernel sent no idle");
    if (s->exec.running) {
        s->exec.running->idle = true;
        finish_if_over(s);
    }
}

void bridge_exec_idle(struct bridge_session *s)
{
    if (s->exec.running) {
        s->exec.running->idle = true;
        finish_if_over(s);
    }
}

/* It was given up: bridge_client_expire. */
static void lost(struct bridge_exec *e)
{
    e->replied = e->idle = true;
    e->reply = json_pack("{s:s, s:s, s:s}", "status", "error", "ename", "ConnectionError", "evalue",
                         "the connection to the server was cut: whether this ran is not known");
    finish_if_over(e->session);
}

static void on_reply(void *ctx, const struct wire_msg *reply, const struct cd_error *err)
{
    struct bridge_exec *e = ctx;
    struct bridge_session *s = e->session;

    if (!reply && err->id == CD_E_TIMEOUT) {
        lost(e);
        return;
    }
    if (!reply) {
        cd_log(CD_LOG_DEBUG, "exec", "no reply: %s", err->text);
        return; /* bridge_exec_abandon follows */
    }
    e->replied = true;
    e->reply = json_incref(reply->content);
    if (!e->idle) {
        uv_timer_start(&s->exec.idle_timer, on_no_idle, IDLE_MS, 0);
    }
    finish_if_over(s);
}

static void send_execute(struct bridge_session *s, struct bridge_exec *e)
{
    json_t *metadata = json_object();
    json_t *content = json_pack("{s:s, s:b, s:b, s:{}, s:b, s:b}", "code", e->code, "silent", 0,
                                "store_history", e->kind != BRIDGE_EXEC_FILE, "user_expressions",
                                "allow_stdin", 1, "stop_on_error", 0);

    if (e->cell_id[0]) {
        json_object_set_new(metadata, "cellId", json_string(e->cell_id));
    } else if (e->kind == BRIDGE_EXEC_CONSOLE) {
        /* no cell's id has a slash: a slip in console text is no reason to stop (docs/protocol.md)
         */
        json_object_set_new(metadata, "cellId", json_string("celldap/console"));
    }
    if (e->run_file) {
        json_object_set_new(metadata, "celldap", json_pack("{s:O}", "runFile", e->run_file));
    }
    bridge_client_request(s->kernel, WIRE_SHELL, "execute_request", content, metadata, 0, on_reply,
                          e, e->msg_id);
}

/* The breakpoints of its text were sent before this. */
static void on_breakpoints_set(void *ctx, json_t *response, const struct cd_error *err)
{
    struct bridge_session *s = ctx;

    (void)response;
    (void)err;
    if (s->kernel && s->exec.running && !s->exec.running->msg_id[0]) {
        send_execute(s, s->exec.running);
    }
}

static void begin(struct bridge_session *s, struct bridge_exec *e)
{
    bool wait;

    s->exec.running = e;
    wait = e->kind != BRIDGE_EXEC_FILE && bridge_executed(s, e->cell, e->code);
    if (e->kind == BRIDGE_EXEC_CELL) {
        bridge_keep_begin(s, e);
        bridge_cell_state(s, e->cell, "running", 0);
    }
    if (wait) {
        bridge_client_debug(s->kernel, "debugInfo", NULL, SET_MS, on_breakpoints_set, s);
    } else {
        send_execute(s, e);
    }
}

void bridge_exec_pump(struct bridge_session *s)
{
    struct bridge_exec *e = s->exec.first;

    if (s->exec.running || !e || s->kernel_state != BRIDGE_KERNEL_READY) {
        return;
    }
    s->exec.first = e->next;
    if (!s->exec.first) {
        s->exec.last = &s->exec.first;
    }
    e->next = NULL;
    if (e->req && e->req->replied) { /* cancelled while it waited */
        bridge_exec_free(e);
        bridge_exec_pump(s);
        return;
    }
    begin(s, e);
}

void bridge_exec_push(struct bridge_session *s, struct bridge_exec *e_owned)
{
    *s->exec.last = e_owned;
    s->exec.last = &e_owned->next;
    if (e_owned->kind == BRIDGE_EXEC_CELL && (s->exec.running || s->exec.first != e_owned)) {
        bridge_cell_state(s, e_owned->cell, "queued", 0);
    }
    bridge_exec_pump(s);
}

int bridge_exec_flush(struct bridge_session *s, bool only_run)
{
    struct bridge_exec **at = &s->exec.first;
    int count = 0;

    while (*at) {
        struct bridge_exec *e = *at;

        if (only_run && !e->in_run) {
            at = &e->next;
            continue;
        }
        *at = e->next;
        if (e->kind == BRIDGE_EXEC_CELL) {
            bridge_cell_state(s, e->cell, "cancelled", 0);
        }
        if (e->req) {
            bridge_failf(e->req, CD_E_CANCELLED, "it was not run");
        }
        bridge_exec_free(e);
        count++;
    }
    s->exec.last = at;
    return count;
}

void bridge_exec_abandon(struct bridge_session *s)
{
    struct bridge_exec *e = s->exec.running;

    bridge_exec_flush(s, false);
    bridge_live_abandon(s);
    bridge_others_abandon(s);
    if (!e) {
        return;
    }
    s->exec.running = NULL;
    uv_timer_stop(&s->exec.idle_timer);
    if (e->kind == BRIDGE_EXEC_CELL) {
        bridge_cell_state(s, e->cell, "error", 0);
    }
    if (e->req) {
        bridge_failf(e->req, CD_E_KERNEL, "the kernel ended while this ran");
    }
    bridge_exec_free(e);
}
