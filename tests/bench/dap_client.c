/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A Jupyter kernel's client for ./dev bench, as lean as the bridge: what is timed is the kernel.
 * Driven by tests/bench/client.py: a JSON object a line, one line back. One thread; events of a
 * client on control come on iopub. Must never time its own work on JSON.
 *
 *   dap_client CONNECTION_FILE shell|control|DEBUG_PORT
 *   {"do": "request", "command": C, "arguments": {…}, "count": N}   each to its reply
 *   {"do": "stop", "command": C, …}        each to its `stopped` event, reply received too
 *   {"do": "steps", "thread": T, …}        next, stopped, stackTrace, its reply
 *   {"do": "pauses", "thread": T, …}       pause to stopped; then continue, and a moment's run
 *   {"do": "wait", "event": E, "count": N} until so many of these events were received
 *   {"do": "message" or "flood", "command": TYPE, "arguments": CONTENT, …}   in turn; all at once
 * answer: {"ns": […], "total": ns, "body": {…}} or {"error": …}
 */
#include "kernel/wire/zmq_socket.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { GUARD_MS = 60000, RUN_MS = 3 };

struct client {
    struct wire_socket *dap, *events; /* the same one on the debug socket */
    struct wire_signer *signer;
    bool control;
    int seq;
    json_t *seen;  /* owned: event → how often */
    json_t *times; /* borrowed */
    int64_t stopped_at;
    int thread;
    char request_id[128];
    int64_t replied_at;
    json_t *reply; /* owned */
};

static int64_t now_ns(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static _Noreturn void die(const char *what)
{
    json_auto_t *answer = json_pack("{s:s}", "error", what);
    cd_autofree char *text = json_dumps(answer, JSON_COMPACT);
    (void)printf("%s\n", text ? text : "{\"error\": \"out of memory\"}");
    (void)fflush(stdout);
    exit(1);
}

static void check(cd_result r, const struct cd_error *err)
{
    if (r) {
        die(err->text);
    }
}

static struct wire_socket *open_socket(struct wire_context *z, const struct wire_connection *c,
                                       enum wire_socket_type type, enum wire_channel channel)
{
    struct cd_error err = CD_ERROR_INIT;
    struct wire_socket *s = wire_socket_new(z, type, &err);
    if (!s) {
        die(err.text);
    }
    if (channel == WIRE_DEBUG) {
        char id[64];
        (void)snprintf(id, sizeof id, "bench-%d", (int)getpid());
        check(wire_socket_identity(s, id, strlen(id), &err), &err);
    }
    check(wire_socket_connect(s, c, channel, &err), &err);
    return s;
}

/* One message that is there. */
static void take(struct client *c, const struct wire_msg *m, int64_t at)
{
    const char *type = wire_msg_type(m);
    if (strcmp(type, "debug_event") == 0) {
        const char *event = json_string_value(json_object_get(m->content, "event"));
        const json_int_t before = json_integer_value(json_object_get(c->seen, event ? event : ""));
        (void)json_object_set_new(c->seen, event ? event : "", json_integer(before + 1));
        if (event && strcmp(event, "stopped") == 0) {
            const json_t *body = json_object_get(m->content, "body");
            c->thread = (int)json_integer_value(json_object_get(body, "threadId"));
            c->stopped_at = at;
        }
    } else if (strstr(type, "_reply")) {
        const char *id = json_string_value(json_object_get(m->parent, "msg_id"));
        if (id && strcmp(id, c->request_id) == 0) {
            json_decref(c->reply);
            c->reply = json_incref(m->content);
            c->replied_at = at;
        }
    }
}

static void receive(struct client *c)
{
    struct wire_socket *const sockets[] = {c->dap, c->events};
    const size_t count = c->control ? 2 : 1;
    if (!wire_poll(sockets, count, NULL, 0, GUARD_MS)) {
        die("nothing came for a minute");
    }
    for (size_t i = 0; i < count; i++) {
        for (;;) {
            struct wire_msg *m = NULL;
            struct cd_error err = CD_ERROR_INIT;
            const int64_t at = now_ns();
            const int got = wire_socket_recv(sockets[i], c->signer, &m, &err);
            if (got == 0) {
                break;
            }
            check(got < 0 ? CD_ERR : CD_OK, &err);
            take(c, m, at);
            wire_msg_free(m);
        }
    }
}

static int64_t send_message(struct client *c, const char *type, json_t *content_owned)
{
    struct cd_error err = CD_ERROR_INIT;
    struct wire_msg *m = wire_msg_new(type, NULL, content_owned);
    if (!m) {
        die("out of memory");
    }
    (void)snprintf(c->request_id, sizeof c->request_id, "%s", wire_msg_id(m));
    c->replied_at = c->stopped_at = 0;
    const int64_t begin = now_ns();
    check(wire_socket_send(c->dap, c->signer, m, &err), &err);
    return begin;
}

static int64_t send_request(struct client *c, const char *command, json_t *arguments)
{
    return send_message(c, "debug_request",
                        json_pack("{s:s, s:i, s:s, s:O}", "type", "request", "seq", ++c->seq,
                                  "command", command, "arguments", arguments));
}

static void message(struct client *c, const char *type, json_t *content, bool flood)
{
    const int64_t begin = send_message(c, type, json_incref(content));
    while (!flood && !c->replied_at) {
        receive(c);
    }
    if (!flood) {
        (void)json_array_append_new(c->times, json_integer(c->replied_at - begin));
    }
}

static void wait_reply(struct client *c)
{
    while (!c->replied_at) {
        receive(c);
    }
    if (!json_is_true(json_object_get(c->reply, "success"))) {
        cd_autofree char *text = json_dumps(c->reply, JSON_COMPACT);
        die(text ? text : "a request failed");
    }
}

static void request(struct client *c, const char *command, json_t *arguments)
{
    const int64_t begin = send_request(c, command, arguments);
    wait_reply(c);
    (void)json_array_append_new(c->times, json_integer(c->replied_at - begin));
}

static void stop(struct client *c, const char *command, json_t *arguments)
{
    const int64_t begin = send_request(c, command, arguments);
    while (!c->stopped_at) {
        receive(c);
    }
    wait_reply(c);
    (void)json_array_append_new(c->times, json_integer(c->stopped_at - begin));
}

static void step(struct client *c, json_t *thread)
{
    const int64_t begin = send_request(c, "next", thread);
    while (!c->stopped_at) {
        receive(c);
    }
    wait_reply(c);
    (void)send_request(c, "stackTrace", thread);
    wait_reply(c);
    (void)json_array_append_new(c->times, json_integer(c->replied_at - begin));
}

static void pause_once(struct client *c, json_t *thread)
{
    stop(c, "pause", thread);
    (void)send_request(c, "continue", thread);
    wait_reply(c);
    const int64_t end = now_ns() + RUN_MS * 1000000LL;
    struct wire_socket *const sockets[] = {c->dap, c->events};
    while (now_ns() < end) {
        if (wire_poll(sockets, c->control ? 2 : 1, NULL, 0, RUN_MS)) {
            receive(c);
        }
    }
}

static void run(struct client *c, json_t *order)
{
    const char *what = json_string_value(json_object_get(order, "do"));
    const char *command = json_string_value(json_object_get(order, "command"));
    json_t *arguments = json_object_get(order, "arguments");
    const json_int_t count = json_integer_value(json_object_get(order, "count"));
    const int64_t begin = now_ns();
    if (what && strcmp(what, "wait") == 0) {
        const char *event = json_string_value(json_object_get(order, "event"));
        while (json_integer_value(json_object_get(c->seen, event)) < count) {
            receive(c);
        }
    }
    for (json_int_t i = 0; what && strcmp(what, "wait") != 0 && i < count; i++) {
        if (strcmp(what, "request") == 0) {
            request(c, command, arguments);
        } else if (strcmp(what, "stop") == 0) {
            stop(c, command, arguments);
        } else if (strcmp(what, "message") == 0 || strcmp(what, "flood") == 0) {
            message(c, command, arguments, what[0] == 'f');
        } else if (strcmp(what, "steps") == 0) {
            step(c, arguments);
        } else {
            pause_once(c, arguments);
        }
    }
    while (what && strcmp(what, "flood") == 0 && !c->replied_at) {
        receive(c);
    }
    const int64_t total = now_ns() - begin;
    json_t *body = json_object_get(c->reply, "body");
    json_auto_t *answer =
        json_pack("{s:O, s:I, s:i, s:O, s:O*}", "ns", c->times, "total", (json_int_t)total,
                  "thread", c->thread, "seen", c->seen, "body", body);
    cd_autofree char *text = json_dumps(answer, JSON_COMPACT);
    if (!text) {
        die("out of memory");
    }
    (void)printf("%s\n", text);
    (void)fflush(stdout);
}

int main(int argc, char **argv)
{
    struct cd_error err = CD_ERROR_INIT;
    struct wire_connection connection;
    if (argc != 3) {
        die("usage: dap_client CONNECTION_FILE shell|control|DEBUG_PORT");
    }
    check(wire_connection_read(argv[1], &connection, &err), &err);
    struct wire_context *z = wire_context_new(&err);
    const bool shell = strcmp(argv[2], "shell") == 0;
    struct client c = {.control = strcmp(argv[2], "control") == 0, .seen = json_object()};
    c.signer = wire_signer_new(connection.key, &err);
    if (!z || !c.signer) {
        die(err.text);
    }
    wire_msg_session("bench", "bench");
    if (!c.control && !shell) {
        connection.port[WIRE_DEBUG] = (int)strtol(argv[2], NULL, 10);
    }
    const enum wire_channel channel = c.control ? WIRE_CONTROL : shell ? WIRE_SHELL : WIRE_DEBUG;
    c.dap = open_socket(z, &connection, WIRE_DEALER, channel);
    c.events = c.control ? open_socket(z, &connection, WIRE_SUB, WIRE_IOPUB) : c.dap;
    char *line = NULL;
    size_t size = 0;
    while (getline(&line, &size, stdin) > 0) {
        json_auto_t *order = json_loads(line, 0, NULL);
        json_auto_t *times = json_array();
        c.times = times;
        if (!order || !times) {
            die("a line that is no JSON");
        }
        run(&c, order);
    }
    free(line);
    json_decref(c.reply);
    json_decref(c.seen);
    wire_signer_free(c.signer);
    wire_socket_free(c.dap);
    if (c.control) {
        wire_socket_free(c.events);
    }
    wire_context_free(z);
    return 0;
}
