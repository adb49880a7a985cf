/* SPDX-License-Identifier: BSD-3-Clause
 *
 * From a launch to a kernel that can run: notebook, Python, process, sockets. What goes wrong here
 * is the error of the launch, and then the session has ended (facts: dap.md §3.6).
 */
#include "bridge/kernelspec.h"
#include "bridge/private_folder.h"
#include "bridge/python_choice.h"
#include "bridge/remote/remote.h"
#include "bridge/session_impl.h"
#include "dap/base/log.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SLOW_START_MS   500
#define KERNEL_READY_MS 60000

void bridge_progress_end(struct bridge_session *s)
{
    uv_timer_stop(&s->slow_timer);
    if (s->progress_id[0]) {
        bridge_event(s, "progressEnd", json_pack("{s:s}", "progressId", s->progress_id));
        s->progress_id[0] = '\0';
    }
}

static void on_slow(uv_timer_t *t)
{
    struct bridge_session *s = t->data;

    (void)snprintf(s->progress_id, sizeof s->progress_id, "start-%d", ++s->progress_count);
    json_t *body =
        json_pack("{s:s, s:s, s:b}", "progressId", s->progress_id, "title",
                  bridge_is_attach(s) ? "Connecting to the kernel" : "Starting the Python kernel",
                  "cancellable", 1);
    if (body && s->launch_request) {
        json_object_set_new(body, "requestId", json_integer(s->launch_request->dap.seq));
    }
    bridge_event(s, "progressStart", body);
}

void bridge_progress_begin(struct bridge_session *s)
{
    if (s->client.progress) {
        uv_timer_start(&s->slow_timer, on_slow, SLOW_START_MS, 0);
    }
}

void bridge_start_failed(struct bridge_session *s, const struct cd_error *err)
{
    struct bridge_request *req = cd_take(s->launch_request);

    bridge_progress_end(s);
    if (req) {
        struct cd_error shown = *err;

        shown.show_user = true;
        bridge_fail(req, &shown);
        bridge_request_unref(req);
    }
    s->exit_code = 1;
    s->exit_known = true;
    if (s->process) {
        bridge_end(s, BRIDGE_END_KILL);
    } else {
        bridge_forget_kernel(s);
        bridge_terminated(s);
    }
}

static bool has_feature(const json_t *info, const char *wanted)
{
    size_t i;
    const json_t *item;

    json_array_foreach(json_object_get(info, "supported_features"), i, item)
    {
        if (json_is_string(item) && strcmp(json_string_value(item), wanted) == 0) {
            return true;
        }
    }
    return false;
}

/* Whether it has what we came for. */
static cd_result look_at(struct bridge_session *s, const json_t *info, struct cd_error *reterr)
{
    const json_t *celldap = json_object_get(info, "celldap");
    const json_t *name = json_object_get(info, "implementation");

    bridge_foreign_free(s->foreign);
    s->foreign = celldap ? NULL : bridge_foreign_new(s, info);
    if (!celldap && !s->foreign) {
        return cd_oom(reterr);
    }
    bridge_client_one_at_a_time(s->kernel, s->foreign != NULL);
    s->kernel_pid = (int)json_integer_value(json_object_get(celldap, "pid"));
    if (!json_is_true(json_object_get(info, "debugger")) && !has_feature(info, "debugger")) {
        return cd_error_set(reterr, CD_E_UNSUPPORTED, "this kernel (%.60s) has no debugger",
                            json_is_string(name) ? json_string_value(name) : "of unknown kind");
    }
    return CD_OK;
}

void bridge_on_kernel_info(void *ctx, const struct wire_msg *reply, const struct cd_error *err)
{
    struct bridge_session *s = ctx;
    struct cd_error bad = CD_ERROR_INIT;

    if (s->kernel_state != BRIDGE_KERNEL_STARTING) {
        return;
    }
    if (err) {
        bad = *err;
        cd_error_prefix(&bad, bridge_is_attach(s) ? "the kernel does not answer"
                                                  : "the kernel did not start");
    } else {
        (void)look_at(s, reply->content, &bad);
    }
    if (bad.id) {
        bridge_start_failed(s, &bad);
        return;
    }
    if (s->launch->no_debug) {
        bridge_ready(s);
    } else {
        bridge_sync(s);
    }
}

static void on_ports(void *ctx, const struct wire_connection *connection)
{
    static const struct bridge_client_events template = {
        .iopub = bridge_on_iopub, .input = bridge_on_input, .debug_event = bridge_on_debug_event};
    struct bridge_session *s = ctx;
    struct bridge_client_events events = template;
    struct cd_error err = CD_ERROR_INIT;

    events.ctx = s;
    if (bridge_client_new(s->config.loop, connection, &events, &s->kernel, &err) != CD_OK) {
        bridge_start_failed(s, &err);
        return;
    }
    bridge_client_start(s->kernel, KERNEL_READY_MS, bridge_on_kernel_info, s);
}

static cd_result choose_python(const struct bridge_session *s, char **ret, struct cd_error *reterr)
{
    const struct bridge_launch *l = s->launch;
    struct bridge_python_wish wish = {
        .python = l->python,
        .kernel = l->kernel,
        .notebook_kernel = s->notebook ? bridge_notebook_kernel_name(s->notebook) : NULL,
        .folder = l->cwd};

    return bridge_python_choose(&wish, ret, reterr);
}

static void on_in_terminal(struct bridge_session *s, void *data, const json_t *body,
                           const struct cd_error *err)
{
    (void)data;
    (void)body; /* its process ids may be a shell's: the program tells its own */
    if (err && s->kernel_state == BRIDGE_KERNEL_STARTING && s->process) {
        bridge_start_failed(s, err);
    }
}

static void run_in_terminal(struct bridge_session *s)
{
    const struct bridge_launch *l = s->launch;
    json_t *arguments = json_deep_copy(bridge_process_command(s->process));

    if (arguments) {
        json_object_set_new(
            arguments, "kind",
            json_string(l->console == BRIDGE_CONSOLE_EXTERNAL ? "external" : "integrated"));
        json_object_set_new(arguments, "title",
                            json_string(l->console_title ? l->console_title : "celldap"));
    }
    bridge_reverse(s, "runInTerminal", arguments, on_in_terminal, NULL);
}

/* Programs only: what a notebook puts out is the debug console's. */
static bool wants_terminal(struct bridge_session *s)
{
    const struct bridge_launch *l = s->launch;
    const char *why = NULL;

    if (l->console == BRIDGE_CONSOLE_INTERNAL) {
        return false;
    }
    if (l->kind == BRIDGE_LAUNCH_NOTEBOOK) {
        why = "a notebook has no terminal";
    } else if (!s->client.run_in_terminal) {
        why = "this editor runs nothing in a terminal (runInTerminal)";
    }
    if (why) {
        bridge_say(s, "important", "celldap: %s: the debug console is used\n", why);
        s->launch->console = BRIDGE_CONSOLE_INTERNAL;
        s->launch->show_output = true;
    }
    return !why;
}

/* Another kernel than ours, where the launch names one; it runs cells, not programs. */
static cd_result choose_kernel(const struct bridge_session *s, json_t **ret,
                               struct cd_error *reterr)
{
    const struct bridge_launch *l = s->launch;

    *ret = NULL;
    if (!l->kernel || l->python || l->kind != BRIDGE_LAUNCH_NOTEBOOK) {
        return CD_OK;
    }
    if (bridge_kernelspec_foreign(l->kernel, ret, reterr) != CD_OK) {
        cd_error_prefix(reterr, "arguments.kernel");
        return CD_ERR;
    }
    return CD_OK;
}

static cd_result start_process(struct bridge_session *s, struct cd_error *reterr)
{
    const struct bridge_launch *l = s->launch;
    const struct bridge_process_events events = {
        .ctx = s, .ports = on_ports, .words = bridge_on_words, .exited = bridge_on_process_exit};
    cd_autofree char *python = NULL;
    json_auto_t *foreign = NULL;

    if (!s->folder && bridge_private_folder_make(&s->folder, reterr) != CD_OK) {
        return CD_ERR;
    }
    if (choose_kernel(s, &foreign, reterr) != CD_OK ||
        (!foreign && choose_python(s, &python, reterr) != CD_OK)) {
        return CD_ERR;
    }
    struct bridge_process_config config = {.folder = s->folder,
                                           .python = python,
                                           .cwd = l->cwd,
                                           .env = l->env,
                                           .plain = l->kind != BRIDGE_LAUNCH_NOTEBOOK,
                                           .outlive = l->keep_kernel,
                                           .log_file = s->config.kernel_log,
                                           .python_args = l->python_args,
                                           .foreign = foreign,
                                           .in_terminal = wants_terminal(s),
                                           .show_output = l->show_output};
    cd_log(CD_LOG_INFO, "start", "Python: %s", python ? python : "the kernel's default");
    if (s->config.rooms && l->kind == BRIDGE_LAUNCH_NOTEBOOK && !l->exit_when_done) {
        return bridge_room_open(s, &config, reterr);
    }
    if (bridge_process_start(s->config.loop, &config, &events, &s->process, reterr) != CD_OK) {
        return CD_ERR;
    }
    if (config.in_terminal) {
        run_in_terminal(s);
    }
    return CD_OK;
}

cd_result bridge_load_notebook(struct bridge_session *s, struct cd_error *reterr)
{
    struct bridge_notebook *nb = NULL;
    const char *language, *path = s->launch->program;

    if ((bridge_notebook_is_name(path) ? bridge_notebook_load(path, &nb, reterr)
                                       : bridge_notebook_load_script(path, &nb, reterr)) != CD_OK) {
        return CD_ERR;
    }
    language = bridge_notebook_language(nb);
    if (language[0] && strcmp(language, "python") != 0 && strcmp(language, "ipython") != 0) {
        cd_error_set(reterr, CD_E_UNSUPPORTED, "'%s' is written in '%.60s', celldap debugs Python",
                     s->launch->program, language);
        bridge_notebook_free(nb);
        return CD_ERR;
    }
    if (bridge_cells_set_notebook(s->cells, nb, reterr) != CD_OK) {
        bridge_notebook_free(nb);
        return CD_ERR;
    }
    bridge_notebook_free(s->notebook);
    s->notebook = nb;
    bridge_outputs_free(s->outputs);
    s->outputs = bridge_outputs_new(bridge_notebook_count(nb), reterr);
    if (!s->outputs) {
        return CD_ERR;
    }
    bridge_breakpoints_resolve(s->breakpoints);
    return CD_OK;
}

void bridge_start(struct bridge_session *s)
{
    struct cd_error err = CD_ERROR_INIT;

    s->kernel_state = BRIDGE_KERNEL_STARTING;
    if (s->launch->kind != BRIDGE_LAUNCH_NOTEBOOK && s->notebook &&
        bridge_cells_set_notebook(s->cells, NULL, &err) == CD_OK) {
        bridge_notebook_free(cd_take(s->notebook)); /* a restart with another configuration */
    }
    if ((s->launch->kind == BRIDGE_LAUNCH_NOTEBOOK && bridge_load_notebook(s, &err) != CD_OK) ||
        start_process(s, &err) != CD_OK) {
        s->kernel_state = BRIDGE_KERNEL_NONE;
        bridge_start_failed(s, &err);
        return;
    }
    bridge_progress_begin(s);
}

/* A client that knows celldap may want a second session with the same kernel. */
static void tell_connection(const struct bridge_session *s, json_t *process_body)
{
    const char *file =
        s->process ? bridge_process_connection_file(s->process) : s->launch->connection_file;

    if (s->client.celldap && s->remote) {
        json_object_set_new(process_body, "celldap",
                            json_pack("{s:s, s:s}", "server", bridge_remote_server(s->remote),
                                      "kernelId", bridge_remote_kernel_id(s->remote)));
    } else if (s->client.celldap) {
        json_object_set_new(process_body, "celldap", json_pack("{s:s}", "connectionFile", file));
    }
}

void bridge_ready(struct bridge_session *s)
{
    const struct bridge_launch *l = s->launch;
    const char *name = l->program  ? l->program
                       : l->module ? l->module
                       : l->code   ? "-c"
                       : s->remote ? bridge_remote_kernel_id(s->remote)
                                   : l->connection_file;
    int pid = s->process ? bridge_process_pid(s->process) : s->kernel_pid;
    json_t *body;

    s->kernel_state = BRIDGE_KERNEL_READY;
    bridge_progress_end(s);
    body = json_pack("{s:s, s:b, s:s, s:i}", "name", name, "isLocalProcess", s->remote == NULL,
                     "startMethod", s->process ? "launch" : "attach", "pointerSize",
                     (int)(8 * sizeof(void *)));
    if (body && pid > 0 && !s->remote) {
        json_object_set_new(body, "systemProcessId", json_integer(pid));
    }
    tell_connection(s, body);
    bridge_event(s, "process", body);
    if (bridge_is_attach(s)) { /* who started it restarts it: celldap/restartKernel asks for that */
        bridge_event(s, "capabilities",
                     json_pack("{s:{s:b}}", "capabilities", "supportsRestartRequest", 0));
    }
    bridge_room_catch_up(s);
    bridge_maybe_run(s);
}

void bridge_maybe_run(struct bridge_session *s)
{
    struct bridge_request *req = s->launch_request;
    bool run = (!s->restarting || s->rerun) && !bridge_is_attach(s);

    if ((!req && !s->restarting) || !s->configured || s->kernel_state != BRIDGE_KERNEL_READY) {
        return;
    }
    s->launch_request = NULL;
    s->launched = true;
    s->restarting = s->rerun = false;
    if (req) {
        bridge_reply(req, NULL);
        bridge_request_unref(req);
    }
    if (run) {
        bridge_run(s);
    } else if (s->foreign) {
        bridge_foreign_tell_stop(s);
    }
}
