/* SPDX-License-Identifier: BSD-3-Clause
 *
 * `celldap run --debug-on-error`: the frames of the cell that failed, by the kernel's post-mortem
 * view (docs/protocol.md, celldap/postMortem), printed or looked at from a prompt. Requests follow
 * each other, so that what is printed is in order. Run's one thread.
 */
#include "bridge/run_impl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ANSWER_MS 10000
#define PROMPT    "(celldap) "

struct bridge_run_debug {
    struct bridge_client *client;
    struct bridge_run_input *in; /* NULL: everything is printed */
    bridge_run_over_fn over;
    void *ctx;
    json_t *frames; /* innermost first; owned */
    size_t at;      /* the frame that is looked at, or printed */
};

static const char help[] = "up, down    the frame above or below\n"
                           "where       all frames\n"
                           "locals      the variables of this frame\n"
                           "quit        or the end of the input: leave\n"
                           "anything else is evaluated in this frame";

static const char *text(const json_t *object, const char *key)
{
    const char *v = json_string_value(json_object_get(object, key));
    return v ? v : "";
}

static void ask(struct bridge_run_debug *d, const char *command, json_t *arguments_owned,
                bridge_debug_fn fn)
{
    (void)bridge_client_debug(d->client, command, arguments_owned, ANSWER_MS, fn, d);
}

/* The body of a success; else why not is said. */
static json_t *body_of(const char *command, json_t *response, const struct cd_error *err)
{
    if (json_is_true(json_object_get(response, "success"))) {
        return json_object_get(response, "body");
    }
    bridge_run_say("%s: %s", command, err ? err->text : text(response, "message"));
    return NULL;
}

static void print_frame(const struct bridge_run_debug *d, size_t i)
{
    const json_t *frame = json_array_get(d->frames, i);
    const json_t *source = json_object_get(frame, "source");
    const char *name = text(source, "name");
    (void)printf("%s #%zu %s, line %lld of %s\n", d->in && i == d->at ? ">" : " ", i,
                 text(frame, "name"), (long long)json_integer_value(json_object_get(frame, "line")),
                 *name ? name : text(source, "path"));
}

static void prompt(struct bridge_run_debug *d)
{
    (void)fflush(stdout);
    bridge_run_input_ask(d->in, PROMPT, false);
}

static void ask_scopes(struct bridge_run_debug *d, bridge_debug_fn fn)
{
    ask(d, "scopes",
        json_pack("{s:O}", "frameId", json_object_get(json_array_get(d->frames, d->at), "id")), fn);
}

static void on_scopes(void *ctx, json_t *response, const struct cd_error *err);

/* After the variables of a frame: the next one, or the prompt. */
static void shown(struct bridge_run_debug *d)
{
    if (d->in) {
        prompt(d);
    } else if (++d->at < json_array_size(d->frames)) {
        print_frame(d, d->at);
        ask_scopes(d, on_scopes);
    } else {
        (void)fflush(stdout);
        d->over(d->ctx);
    }
}

static void on_variables(void *ctx, json_t *response, const struct cd_error *err)
{
    struct bridge_run_debug *d = ctx;
    size_t i;
    json_t *v;

    json_array_foreach(json_object_get(body_of("variables", response, err), "variables"), i, v)
    {
        if (!json_object_get(json_object_get(v, "presentationHint"), "lazy") &&
            *text(v, "evaluateName")) {
            (void)printf("      %s = %s\n", text(v, "name"), text(v, "value"));
        }
    }
    shown(d);
}

/* A module's locals are its globals: one list is enough. */
static void on_scopes(void *ctx, json_t *response, const struct cd_error *err)
{
    struct bridge_run_debug *d = ctx;
    json_t *scopes = json_object_get(body_of("scopes", response, err), "scopes");
    const json_t *reference = json_object_get(json_array_get(scopes, 0), "variablesReference");

    if (!reference) {
        shown(d);
        return;
    }
    ask(d, "variables", json_pack("{s:O}", "variablesReference", reference), on_variables);
}

static void on_frames(void *ctx, json_t *response, const struct cd_error *err)
{
    struct bridge_run_debug *d = ctx;
    json_t *frames = json_object_get(body_of("stackTrace", response, err), "stackFrames");

    if (json_array_size(frames) == 0) {
        d->over(d->ctx);
        return;
    }
    d->frames = json_incref(frames);
    if (d->in) {
        (void)puts("The cell that failed; 'help' says what can be asked.");
        print_frame(d, 0);
        prompt(d);
    } else {
        print_frame(d, 0);
        ask_scopes(d, on_scopes);
    }
}

static void on_view(void *ctx, json_t *response, const struct cd_error *err)
{
    struct bridge_run_debug *d = ctx;
    const json_t *body = body_of("the failed cell cannot be looked at", response, err);
    const json_t *thread = json_object_get(body, "threadId");

    if (!body) {
        d->over(d->ctx);
        return;
    }
    ask(d, "stackTrace",
        thread ? json_pack("{s:O}", "threadId", thread) : json_pack("{s:i}", "threadId", 1),
        on_frames);
}

static void on_ready(void *ctx, json_t *response, const struct cd_error *err)
{
    struct bridge_run_debug *d = ctx;

    if (body_of("debugger", response, err) || json_is_true(json_object_get(response, "success"))) {
        ask(d, "celldap/postMortem", NULL, on_view);
    } else {
        d->over(d->ctx);
    }
}

static void on_evaluated(void *ctx, json_t *response, const struct cd_error *err)
{
    struct bridge_run_debug *d = ctx;

    if (json_is_true(json_object_get(response, "success"))) {
        const char *result = text(json_object_get(response, "body"), "result");
        if (*result) {
            (void)puts(result);
        }
    } else {
        (void)printf("%s\n", err ? err->text : text(response, "message"));
    }
    prompt(d);
}

static void evaluate(struct bridge_run_debug *d, const char *line)
{
    const json_t *frame = json_array_get(d->frames, d->at);
    ask(d, "evaluate",
        json_pack("{s:o, s:O, s:s}", "expression", cd_json_textz(line), "frameId",
                  json_object_get(frame, "id"), "context", "repl"),
        on_evaluated);
}

static void move(struct bridge_run_debug *d, bool up)
{
    if (up ? d->at + 1 < json_array_size(d->frames) : d->at > 0) {
        d->at = up ? d->at + 1 : d->at - 1;
        print_frame(d, d->at);
    } else {
        (void)puts(up ? "this is the outermost frame" : "this is the innermost frame");
    }
    prompt(d);
}

void bridge_run_debug_line(struct bridge_run_debug *d, const char *line)
{
    line += strspn(line, " \t");
    if (strcmp(line, "quit") == 0 || strcmp(line, "q") == 0 || line[0] == '\x04') {
        d->over(d->ctx);
    } else if (strcmp(line, "up") == 0 || strcmp(line, "down") == 0) {
        move(d, line[0] == 'u');
    } else if (strcmp(line, "where") == 0) {
        for (size_t i = 0; i < json_array_size(d->frames); i++) {
            print_frame(d, i);
        }
        prompt(d);
    } else if (strcmp(line, "locals") == 0) {
        ask_scopes(d, on_scopes);
    } else if (strcmp(line, "help") == 0) {
        (void)puts(help);
        prompt(d);
    } else if (line[0]) {
        evaluate(d, line);
    } else {
        prompt(d);
    }
}

struct bridge_run_debug *bridge_run_debug_start(struct bridge_client *client,
                                                struct bridge_run_input *in,
                                                bridge_run_over_fn over, void *ctx)
{
    struct bridge_run_debug *d = calloc(1, sizeof *d);
    if (!d) {
        over(ctx);
        return NULL;
    }
    *d = (struct bridge_run_debug){.client = client, .in = in, .over = over, .ctx = ctx};
    ask(d, "initialize",
        json_pack("{s:s, s:s, s:s}", "adapterID", "celldap", "clientID", "celldap run",
                  "pathFormat", "path"),
        NULL);
    ask(d, "attach", json_pack("{s:b}", "justMyCode", 1), on_ready);
    return d;
}

void bridge_run_debug_free(struct bridge_run_debug *d)
{
    if (d) {
        json_decref(d->frames);
    }
    free(d);
}
