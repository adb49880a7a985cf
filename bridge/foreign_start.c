/* SPDX-License-Identifier: BSD-3-Clause
 *
 * From a foreign kernel's first word to a debugger that is attached. It may have been started
 * before: by a front end of another kind, or by a session that was lost; then it is taken as it is,
 * with its stop, and left running at the end, since somebody may still be using it.
 */
#include "bridge/foreign_impl.h"
#include "dap/base/log.h"

#include <stdlib.h>
#include <string.h>

#define START_MS 30000 /* ipykernel starts it on its shell: after the cell that runs */
#define WAIT_MS  2000  /* then the user is told what is waited for */
#define ASK_MS   2000

/* Names of the threads that are the kernel's own, and the cells that it ran so far: leading blank
 * lines are cut off those, as long as its debugger is not started. */
static const char threads_code[] =
    "__import__('json').dumps([t.name for t in __import__('threading').enumerate()"
    " if (getattr(getattr(t, '_target', None), '__module__', None) or type(t).__module__)"
    ".split('.')[0] in ('ipykernel', 'IPython', 'xeus_python_shell', 'debugpy', '_pydevd_bundle',"
    " 'zmq', 'tornado')]).encode().hex()";
static const char early_code[] = "__import__('json').dumps([n for n in __import__('linecache')"
                                 ".cache if n.startswith('%s')]).encode().hex()";

json_t *bridge_foreign_unpack(const char *text)
{
    size_t len = text ? strlen(text) : 0;
    cd_autofree char *bytes = malloc(len / 2 + 1);
    size_t count = 0;
    json_t *value = NULL;

    if (!bytes) {
        return NULL;
    }
    if (len >= 2 && text[0] == '\'' && text[len - 1] == '\'') {
        text++;
        len -= 2;
    }
    for (; len % 2 == 0 && count < len / 2; count++) {
        char pair[3] = {text[2 * count], text[2 * count + 1], '\0'};
        char *end = NULL;

        bytes[count] = (char)strtoul(pair, &end, 16);
        if (end != pair + 2) {
            return NULL;
        }
    }
    return count > 0 && cd_json_load(bytes, count, &value, NULL) == CD_OK ? value : NULL;
}

static json_t *answer_of(const struct wire_msg *reply, const char *name)
{
    const json_t *expression =
        json_object_get(json_object_get(reply->content, "user_expressions"), name);
    const json_t *data = json_object_get(expression, "data");

    return bridge_foreign_unpack(json_string_value(json_object_get(data, "text/plain")));
}

static void on_asked(void *ctx, const struct wire_msg *reply, const struct cd_error *err)
{
    struct bridge_session *s = ctx;
    size_t i;
    json_t *item;

    if (s->kernel_state != BRIDGE_KERNEL_STARTING) {
        return;
    }
    if (reply) {
        json_auto_t *threads = answer_of(reply, "threads"), *early = answer_of(reply, "early");

        json_array_foreach(threads, i, item)
        {
            json_array_append(s->foreign->hidden, item);
        }
        bridge_cells_set_cut(s->cells, s->foreign->xeus, early);
    } else {
        cd_log(CD_LOG_INFO, "foreign", "the kernel's threads are not known: %s", err->text);
    }
    bridge_sync_cells(s);
}

static void ask(struct bridge_session *s)
{
    const char *prefix = s->cell_folder ? s->cell_folder : "";
    cd_autofree char *early = NULL;
    json_t *expressions;

    if (strpbrk(prefix, "'\\\n") || asprintf(&early, early_code, prefix) < 0) {
        early = NULL;
    }
    expressions = json_pack("{s:s, s:s*}", "threads", threads_code, "early", early);
    bridge_client_request(s->kernel, WIRE_SHELL, "execute_request",
                          json_pack("{s:s, s:b, s:b, s:b, s:o}", "code", "", "silent", 1,
                                    "store_history", 0, "allow_stdin", 0, "user_expressions",
                                    expressions),
                          NULL, ASK_MS, on_asked, s, NULL);
}

static void on_attached(void *ctx, json_t *response, const struct cd_error *err)
{
    struct bridge_session *s = ctx;

    uv_timer_stop(&s->start_timer);
    if (bridge_sync_good(s, "attach", response, err)) {
        ask(s);
    }
}

/* Of debugpy, which both kernels have: one that is initialized already does not say it again. */
static json_t *debugpy_capabilities(void)
{
    static const char *const flags[] = {
        "supportsCompletionsRequest",
        "supportsConditionalBreakpoints",
        "supportsEvaluateForHovers",
        "supportsConfigurationDoneRequest",
        "supportsExceptionInfoRequest",
        "supportsDelayedStackTraceLoading",
        "supportsFunctionBreakpoints",
        "supportsHitConditionalBreakpoints",
        "supportsGotoTargetsRequest",
        "supportsLogPoints",
        "supportsModulesRequest",
        "supportsSetExpression",
        "supportsSetVariable",
        "supportsStepInTargetsRequest",
        "supportsValueFormattingOptions",
        "supportsClipboardContext",
    };
    json_t *all = json_pack(
        "{s:[{s:s, s:s}, {s:s, s:s}, {s:s, s:s}]}", "exceptionBreakpointFilters", "filter",
        "raised", "label", "Raised Exceptions", "filter", "uncaught", "label",
        "Uncaught Exceptions", "filter", "userUnhandled", "label", "User Uncaught Exceptions");

    for (size_t i = 0; i < CD_ARRAY_LEN(flags); i++) {
        json_object_set_new(all, flags[i], json_true());
    }
    return all;
}

static void on_initialized(void *ctx, json_t *response, const struct cd_error *err)
{
    struct bridge_session *s = ctx;

    uv_timer_stop(&s->start_timer);
    if (s->foreign->was_started && response &&
        !json_is_true(json_object_get(response, "success"))) {
        json_t *known = debugpy_capabilities();

        bridge_foreign_learn(s, known);
        json_decref(known);
    } else if (bridge_sync_good(s, "initialize", response, err)) {
        bridge_foreign_learn(s, json_object_get(response, "body"));
    } else {
        return;
    }
    if (!s->foreign->was_started) {
        bridge_client_debug(s->kernel, "attach", bridge_sync_attach_arguments(s), START_MS,
                            on_attached, s);
    } else if (s->foreign->found_stop) {
        bridge_sync_cells(s); /* a second attach is refused, and its shell answers nothing now */
    } else {
        ask(s);
    }
}

static void on_waiting(uv_timer_t *t)
{
    bridge_say(t->data, "console",
               "celldap: waiting for the kernel: its debugger starts when no cell runs\n");
}

/* The thread of a stop: the main thread where it is among those that are stopped. */
static int64_t stopped_thread(const json_t *threads)
{
    int64_t found = 0;
    size_t i;
    const json_t *item;

    json_array_foreach(threads, i, item)
    {
        int64_t id = json_integer_value(item);

        found = found == 0 || id == 1 ? id : found;
    }
    return found;
}

static void on_looked(void *ctx, json_t *response, const struct cd_error *err)
{
    struct bridge_session *s = ctx;
    const json_t *body = json_object_get(response, "body");

    if (!bridge_sync_good(s, "debugInfo", response, err)) {
        return;
    }
    free(s->cell_folder);
    s->cell_folder = NULL;
    if (json_is_string(json_object_get(body, "tmpFilePrefix"))) {
        s->cell_folder = strdup(json_string_value(json_object_get(body, "tmpFilePrefix")));
    }
    s->foreign->was_started = json_is_true(json_object_get(body, "isStarted"));
    s->foreign->found_stop = stopped_thread(json_object_get(body, "stoppedThreads"));
    bridge_cells_set_cut(s->cells, s->foreign->xeus, NULL);
    uv_timer_start(&s->start_timer, on_waiting, WAIT_MS, 0);
    bridge_client_debug(s->kernel, "initialize", bridge_sync_initialize_arguments(s), START_MS,
                        on_initialized, s);
}

void bridge_foreign_start(struct bridge_session *s)
{
    bridge_client_debug(s->kernel, "debugInfo", NULL, START_MS, on_looked, s);
}

void bridge_foreign_tell_stop(struct bridge_session *s)
{
    struct bridge_foreign *f = s->foreign;

    if (f->found_stop > 0 && s->stops == 0) {
        json_t *body = json_pack("{s:s, s:s, s:I, s:b}", "reason", "pause", "description",
                                 "Stopped before this session began", "threadId",
                                 (json_int_t)f->found_stop, "allThreadsStopped", 1);
        json_t *event = json_pack("{s:s, s:o}", "event", "stopped", "body", body);

        f->found_stop = 0;
        bridge_on_debug_event(s, event);
        json_decref(event);
    }
}

/* xeus-python's debugger hangs now and then when it is started again: it is never ended. */
bool bridge_foreign_is_shared(const struct bridge_foreign *f)
{
    return f->was_started || f->xeus;
}

void bridge_foreign_leave(struct bridge_session *s, json_t *arguments_owned, uint64_t timeout_ms,
                          void (*fn)(void *ctx, json_t *response, const struct cd_error *err))
{
    json_auto_t *arguments = arguments_owned;

    bridge_breakpoints_withdraw(s->breakpoints);
    bridge_debug_quiet(s, "setExceptionBreakpoints", json_pack("{s:[]}", "filters"));
    if (s->stops > 0 && !json_is_true(json_object_get(arguments, "suspendDebuggee"))) {
        bridge_debug_quiet(s, "continue",
                           json_pack("{s:I}", "threadId", (json_int_t)s->foreign->stopped_thread));
    }
    bridge_client_debug(s->kernel, "debugInfo", NULL, timeout_ms, fn, s);
}

/* Another client has ended the debugger that we share with it. */
void bridge_foreign_ended(struct bridge_session *s)
{
    if (!s->debugging || s->leaving || s->kernel_state != BRIDGE_KERNEL_READY) {
        return;
    }
    bridge_say(s, "console",
               "celldap: another client has ended the kernel's debugger; it is started again\n");
    if (s->stops > 0) {
        s->stops = 0;
        bridge_event(s, "continued",
                     json_pack("{s:I, s:b}", "threadId", (json_int_t)s->foreign->stopped_thread,
                               "allThreadsContinued", 1));
    }
    bridge_foreign_resumed(s->foreign);
    bridge_breakpoints_forget_kernel(s->breakpoints);
    s->debugging = false;
    s->kernel_state = BRIDGE_KERNEL_STARTING;
    bridge_foreign_start(s);
}
