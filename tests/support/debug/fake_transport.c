/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The transport half of the fake, and what tests call. Messages are checked as they come.
 */
#include "support/debug/fake_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A test must see a broken rule in any build. */
#define MUST(condition)                                                                            \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: broken: %s\n", __FILE__, __LINE__, #condition);                \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

void fake_timeline(struct fake *f, const char *what, const char *detail)
{
    size_t used = strlen(f->timeline);
    snprintf(f->timeline + used, sizeof(f->timeline) - used, "%s%s%s;", what, *detail ? " " : "",
             detail);
}

json_t *fake_json(const char *text_with_single_quotes)
{
    char *text = strdup(text_with_single_quotes);
    for (char *p = text; *p; p++) {
        *p = *p == '\'' ? '"' : *p;
    }
    json_t *v = json_loads(text, JSON_DECODE_ANY, NULL);
    free(text);
    MUST(v);
    return v;
}

static void transcribe(const json_t *message)
{
    static int seq;
    const char *path = getenv("CELLDAP_TRANSCRIPT");
    FILE *out = path ? fopen(path, "a") : NULL;
    if (out) {
        json_t *copy = json_deep_copy(message);
        json_object_set_new(copy, "seq", json_integer(++seq));
        char *text = json_dumps(copy, JSON_COMPACT);
        fprintf(out, "%s\n", text);
        free(text);
        json_decref(copy);
        fclose(out);
    }
}

static void check_response(const json_t *m)
{
    const json_t *body = json_object_get(m, "body");
    MUST(json_is_object(m));
    MUST(strcmp(json_string_value(json_object_get(m, "type")), "response") == 0);
    MUST(json_is_integer(json_object_get(m, "request_seq")));
    MUST(json_is_boolean(json_object_get(m, "success")));
    MUST(json_is_string(json_object_get(m, "command")));
    if (json_is_false(json_object_get(m, "success"))) {
        const json_t *error = json_object_get(body, "error");
        MUST(json_is_string(json_object_get(m, "message")));
        MUST(json_integer_value(json_object_get(error, "id")) >= 1000);
        MUST(json_string_length(json_object_get(error, "format")) > 0);
        MUST(json_is_boolean(json_object_get(error, "showUser")));
    }
}

static void reply(void *ctx, void *route, json_t *response_owned)
{
    struct fake *f = ctx;
    size_t n = (size_t)(uintptr_t)route - 1;
    MUST(n < f->route_count);
    MUST(!f->answered[n]);
    check_response(response_owned);
    transcribe(response_owned);
    f->answered[n] = true;
    f->replies[n] = response_owned;
    fake_timeline(f, "reply", json_string_value(json_object_get(response_owned, "command")));
}

static void event(void *ctx, int client_id, json_t *event_owned, uint64_t iopub_count)
{
    struct fake *f = ctx;
    char text[100];
    const char *name = json_string_value(json_object_get(event_owned, "event"));
    MUST(strcmp(json_string_value(json_object_get(event_owned, "type")), "event") == 0);
    MUST(name);
    transcribe(event_owned);
    f->events = realloc(f->events, (f->event_count + 1) * sizeof(*f->events));
    f->events[f->event_count++] = (struct fake_event){client_id, iopub_count, event_owned};
    snprintf(text, sizeof(text), "%d %.80s", client_id, name);
    fake_timeline(f, "event", text);
}

static int64_t now_ms(void *ctx)
{
    return ((struct fake *)ctx)->now_ms;
}

static void post(void *ctx, enum dbg_worker where, struct dbg_job *job_owned)
{
    fake_queue_job(ctx, where == DBG_ON_ARM ? FAKE_ARM : FAKE_ASSIST, job_owned);
}

static void job_done(struct fake *f, struct dbg_job *job)
{
    struct engine_note *n = calloc(1, sizeof(*n));
    n->kind = ENGINE_JOB_DONE;
    n->job = job;
    dbg_session_note(f->session, n);
}

void fake_queue_job(struct fake *f, enum fake_queue q, struct dbg_job *job_owned)
{
    MUST(f->job_count[q] < CD_ARRAY_LEN(f->jobs[q]));
    f->jobs[q][f->job_count[q]++] = job_owned;
}

static size_t give_back(struct fake *f, enum fake_queue q, bool run)
{
    size_t n = 0;
    while (f->job_count[q] > 0) {
        struct dbg_job *job = f->jobs[q][0];
        f->job_count[q]--;
        memmove(f->jobs[q], f->jobs[q] + 1, f->job_count[q] * sizeof(f->jobs[q][0]));
        if (run) {
            job->run(job);
        }
        job->ran = run;
        job_done(f, job);
        n++;
    }
    return n;
}

size_t fake_run(struct fake *f, enum fake_queue q)
{
    return give_back(f, q, true);
}

size_t fake_refuse(struct fake *f, enum fake_queue q)
{
    return give_back(f, q, false);
}

struct fake *fake_new(void)
{
    return fake_new_at("/tmp/celldap_test/");
}

struct fake *fake_new_at(const char *cell_prefix)
{
    static struct dbg_transport transport = {
        .reply = reply, .event = event, .now_ms = now_ms, .post = post};
    struct fake *f = calloc(1, sizeof(*f));
    struct cd_error err = CD_ERROR_INIT;
    MUST(f);
    fake_current = f;
    f->now_ms = 1000000;
    f->resume_result = true;
    snprintf(f->cell_prefix, sizeof(f->cell_prefix), "%s", cell_prefix);
    transport.ctx = f;
    struct dbg_session_config config = {
        .engine = &fake_ops, .transport = &transport, .cell_prefix = f->cell_prefix};
    f->session = dbg_session_new(&config, &err);
    MUST(f->session);
    return f;
}

void fake_clear(struct fake *f)
{
    for (size_t i = 0; i < f->event_count; i++) {
        json_decref(f->events[i].message);
    }
    f->event_count = 0;
    f->timeline[0] = '\0';
}

void fake_free(struct fake *f)
{
    dbg_session_shutdown(f->session);
    for (size_t i = 0; i < f->route_count; i++) {
        MUST(f->answered[i]);
        json_decref(f->replies[i]);
    }
    for (int q = 0; q < FAKE_QUEUES; q++) {
        fake_refuse(f, (enum fake_queue)q);
    }
    dbg_session_free(f->session);
    fake_clear(f);
    fake_forget_breakpoints(f);
    fake_forget_filters(f);
    free(f->events);
    free(f->replies);
    free(f->answered);
    free(f);
}

size_t fake_request(struct fake *f, int client_id, json_t *message_owned)
{
    size_t n = f->route_count++;
    f->replies = realloc(f->replies, f->route_count * sizeof(*f->replies));
    f->answered = realloc(f->answered, f->route_count * sizeof(*f->answered));
    f->replies[n] = NULL;
    f->answered[n] = false;
    dbg_session_request(f->session, client_id, (void *)(uintptr_t)(n + 1), message_owned);
    return n;
}

size_t fake_send(struct fake *f, int client_id, const char *command, json_t *args_owned)
{
    return fake_request(f, client_id,
                        json_pack("{s:i, s:s, s:s, s:o*}", "seq", (int)f->route_count + 1, "type",
                                  "request", "command", command, "arguments", args_owned));
}

size_t fake_sends(struct fake *f, int client_id, const char *command, const char *args)
{
    return fake_send(f, client_id, command, args ? fake_json(args) : NULL);
}

void fake_note(struct fake *f, enum engine_note_kind kind, int thread_id, int owner,
               json_t *body_owned)
{
    struct engine_note *n = calloc(1, sizeof(*n));
    n->kind = kind;
    n->thread_id = thread_id;
    n->owner = owner;
    n->iopub_count = 7;
    n->body = body_owned;
    dbg_session_note(f->session, n);
}

void fake_stop(struct fake *f, int thread_id, int id1, int id2)
{
    json_t *body = json_pack("{s:s}", "reason", "breakpoint");
    if (id1) {
        json_object_set_new(body, "hitBreakpointIds",
                            id2 ? json_pack("[i, i]", id1, id2) : json_pack("[i]", id1));
    }
    fake_note(f, ENGINE_STOPPED, thread_id, 0, body);
}

void fake_attach(struct fake *f, int client_id)
{
    MUST(fake_success(f, fake_sends(f, client_id, "initialize", "{'adapterID':'x'}")));
    MUST(fake_success(f, fake_sends(f, client_id, "attach", "{}")));
    fake_clear(f);
}

void fake_advance(struct fake *f, int64_t ms)
{
    f->now_ms += ms;
    dbg_session_tick(f->session);
}

json_t *fake_reply(const struct fake *f, size_t route)
{
    return f->replies[route];
}

bool fake_success(const struct fake *f, size_t route)
{
    return json_is_true(json_object_get(f->replies[route], "success"));
}

json_t *fake_body(const struct fake *f, size_t route)
{
    return json_object_get(f->replies[route], "body");
}

const char *fake_error(const struct fake *f, size_t route)
{
    const json_t *error = json_object_get(fake_body(f, route), "error");
    const char *text = json_string_value(json_object_get(error, "format"));
    return text ? text : "";
}

int fake_error_id(const struct fake *f, size_t route)
{
    const json_t *error = json_object_get(fake_body(f, route), "error");
    return (int)json_integer_value(json_object_get(error, "id"));
}

size_t fake_events(const struct fake *f, int client_id, const char *event_name, json_t **ret_body)
{
    size_t n = 0;
    for (size_t i = 0; i < f->event_count; i++) {
        const json_t *m = f->events[i].message;
        if (f->events[i].client_id == client_id &&
            strcmp(json_string_value(json_object_get(m, "event")), event_name) == 0) {
            n++;
            if (ret_body) {
                *ret_body = json_object_get(m, "body");
            }
        }
    }
    return n;
}

int fake_client(struct fake *f, const char *uuid)
{
    int id = dbg_session_client(f->session, uuid, strlen(uuid));
    size_t n =
        fake_send(f, id, "celldap/hello", json_pack("{s:s, s:i}", "client", uuid, "version", 1));
    MUST(fake_success(f, n));
    return id;
}

int fake_set_line(struct fake *f, int client_id, int line)
{
    size_t n = fake_send(
        f, client_id, "setBreakpoints",
        json_pack("{s:{s:s}, s:[{s:i}]}", "source", "path", "/a.py", "breakpoints", "line", line));
    fake_run(f, FAKE_ARM);
    MUST(fake_success(f, n));
    const json_t *list = json_object_get(fake_body(f, n), "breakpoints");
    return (int)json_integer_value(json_object_get(json_array_get(list, 0), "id"));
}
