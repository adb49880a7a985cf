/* SPDX-License-Identifier: BSD-3-Clause
 *
 * `celldap run FILE.ipynb` (run.h): starts a kernel, runs the chosen cells in order, ends the run
 * at the first that fails (contracts.md §5), and leaves no process behind. One loop, one thread;
 * every way out goes through finish(), which is idempotent.
 */
#include "bridge/run.h"

#include "bridge/private_folder.h"
#include "bridge/python_choice.h"
#include "bridge/run_impl.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define START_MS    60000 /* kernel_info of a fresh kernel */
#define IDLE_MS     5000  /* the reply is there, iopub's idle is not */
#define SHUTDOWN_MS 5000  /* then the kernel is killed */

struct run {
    uv_loop_t loop;
    uv_timer_t timer;      /* idle of a cell, or the end of the kernel */
    uv_timer_t cell_timer; /* --timeout */
    uv_signal_t sigint, sigterm;
    struct bridge_run_options options;
    struct bridge_run_file file;
    char *folder;
    struct bridge_process *process;
    struct bridge_client *client;
    struct bridge_run_input *input;
    int cell; /* that runs now; -1: none yet */
    bool running, replied, idle, failed_cell;
    char failure[400]; /* "ZeroDivisionError: division by zero" of the running cell */
    bool finishing, exited, closed;
    int status;
};

static void next_cell(struct run *r);

static void close_all(struct run *r)
{
    if (r->closed) {
        return;
    }
    r->closed = true;
    if (r->client) {
        bridge_client_close(r->client);
    }
    if (r->process) {
        bridge_process_close(r->process);
    }
    bridge_run_input_close(r->input);
    uv_close((uv_handle_t *)&r->timer, NULL);
    uv_close((uv_handle_t *)&r->cell_timer, NULL);
    uv_close((uv_handle_t *)&r->sigint, NULL);
    uv_close((uv_handle_t *)&r->sigterm, NULL);
}

static void on_shutdown_late(uv_timer_t *timer)
{
    struct run *r = timer->data;
    bridge_process_kill(r->process);
}

/* The end of the run, for whatever reason: asks the kernel to end, or closes at once. */
static void finish(struct run *r, int status)
{
    if (status) {
        r->status = status;
    }
    if (r->finishing) {
        return;
    }
    r->finishing = true;
    r->running = false;
    bridge_run_input_stop(r->input);
    (void)uv_timer_stop(&r->cell_timer);
    if (!r->process || r->exited) {
        close_all(r);
        return;
    }
    if (!r->client) {
        bridge_process_kill(r->process);
        return;
    }
    (void)bridge_client_request(r->client, WIRE_CONTROL, "shutdown_request",
                                json_pack("{s:b}", "restart", 0), NULL, 0, NULL, NULL, NULL);
    (void)uv_timer_start(&r->timer, on_shutdown_late, SHUTDOWN_MS, 0);
}

static void end_failed(struct run *r)
{
    int left = bridge_run_file_left(&r->file, r->cell);
    if (left) {
        bridge_run_say("cell %d failed (%s); %d after it %s not run", r->cell, r->failure, left,
                       left == 1 ? "was" : "were");
    } else {
        bridge_run_say("cell %d failed (%s)", r->cell, r->failure);
    }
    finish(r, 1);
}

static void cell_done(struct run *r)
{
    r->running = false;
    bridge_run_input_stop(r->input);
    (void)uv_timer_stop(&r->timer);
    (void)uv_timer_stop(&r->cell_timer);
    bool may_fail =
        r->options.allow_errors || bridge_notebook_cell(r->file.nb, r->cell)->raises_exception;
    if (r->failed_cell && !may_fail) {
        end_failed(r);
    } else {
        next_cell(r);
    }
}

static void on_idle_late(uv_timer_t *timer)
{
    cell_done(timer->data);
}

static void on_execute_reply(void *ctx, const struct wire_msg *reply, const struct cd_error *err)
{
    struct run *r = ctx;
    if (!r->running) {
        return;
    }
    if (!reply) {
        bridge_run_say("cell %d got no reply: %s", r->cell, err->text);
        finish(r, 1);
        return;
    }
    const char *status = json_string_value(json_object_get(reply->content, "status"));
    const char *ename = json_string_value(json_object_get(reply->content, "ename"));
    const char *evalue = json_string_value(json_object_get(reply->content, "evalue"));
    r->failed_cell = !status || strcmp(status, "ok") != 0;
    (void)snprintf(r->failure, sizeof(r->failure), "%.100s%s%.250s", ename ? ename : "aborted",
                   evalue && *evalue ? ": " : "", evalue ? evalue : "");
    r->failure[strcspn(r->failure, "\n")] = '\0';
    r->replied = true;
    if (r->idle) {
        cell_done(r);
    } else {
        (void)uv_timer_start(&r->timer, on_idle_late, IDLE_MS, 0);
    }
}

static void interrupt(struct run *r)
{
    bridge_run_input_stop(r->input);
    (void)bridge_client_request(r->client, WIRE_CONTROL, "interrupt_request", json_object(), NULL,
                                0, NULL, NULL, NULL);
}

static void on_cell_timeout(uv_timer_t *timer)
{
    struct run *r = timer->data;
    bridge_run_say("cell %d runs for more than %u s: interrupted", r->cell, r->options.timeout_s);
    interrupt(r);
}

static void next_cell(struct run *r)
{
    const struct bridge_notebook_cell *cell;
    struct cd_error err = CD_ERROR_INIT;
    do {
        if (++r->cell >= bridge_notebook_count(r->file.nb)) {
            finish(r, 0);
            return;
        }
        cell = bridge_notebook_cell(r->file.nb, r->cell);
    } while (!bridge_run_file_runs(&r->file, r->cell));

    json_t *content =
        json_pack("{s:o,s:b,s:b,s:{},s:b,s:b}", "code",
                  cd_json_text(cell->source, cell->source_len), "silent", 0, "store_history", 1,
                  "user_expressions", "allow_stdin", r->input != NULL, "stop_on_error", 1);
    json_t *metadata = json_pack("{s:o}", "cellId", cd_json_textz(cell->id));
    if (bridge_outputs_begin(r->file.outputs, r->cell, &err)) {
        bridge_run_say("cell %d cannot be run: %s", r->cell, err.text);
        json_decref(content);
        json_decref(metadata);
        finish(r, 1);
        return;
    }
    r->running = true;
    r->replied = r->idle = r->failed_cell = false;
    (void)bridge_client_request(r->client, WIRE_SHELL, "execute_request", content, metadata, 0,
                                on_execute_reply, r, r->file.msg_ids[r->cell]);
    if (r->options.timeout_s) {
        uint64_t ms = (uint64_t)r->options.timeout_s * 1000;
        (void)uv_timer_start(&r->cell_timer, on_cell_timeout, ms, 0);
    }
}

static int cell_of(const struct run *r, const char *msg_id)
{
    for (int i = r->cell; msg_id && *msg_id && i >= 0; i--) {
        if (strcmp(r->file.msg_ids[i], msg_id) == 0) {
            return i;
        }
    }
    return -1;
}

static void on_iopub(void *ctx, const struct wire_msg *m)
{
    struct run *r = ctx;
    const char *type = wire_msg_type(m);
    const char *parent = json_string_value(json_object_get(m->parent, "msg_id"));
    int cell = cell_of(r, parent);
    struct cd_error err = CD_ERROR_INIT;
    if (cell < 0) {
        return;
    }
    bridge_run_print(type, m->content);
    if (bridge_outputs_message(r->file.outputs, cell, type, parent, m->content, &err)) {
        bridge_run_say("an output of cell %d is lost: %s", cell, err.text);
    }
    const char *state = json_string_value(json_object_get(m->content, "execution_state"));
    if (cell == r->cell && r->running && strcmp(type, "status") == 0 && state &&
        strcmp(state, "idle") == 0) {
        r->idle = true;
        if (r->replied) {
            cell_done(r);
        }
    }
}

static void on_input(void *ctx, const char *prompt, bool password)
{
    struct run *r = ctx;
    if (r->input) {
        bridge_run_input_ask(r->input, prompt, password);
    }
}

static void on_line(void *ctx, const char *line)
{
    struct run *r = ctx;
    bridge_client_input(r->client, line);
}

static void on_started(void *ctx, const struct wire_msg *reply, const struct cd_error *err)
{
    struct run *r = ctx;
    if (r->finishing) {
        return;
    }
    if (!reply) {
        bridge_run_say("the kernel does not answer: %s", err->text);
        finish(r, 1);
        return;
    }
    next_cell(r);
}

static void on_ports(void *ctx, const struct wire_connection *connection)
{
    struct run *r = ctx;
    struct cd_error err = CD_ERROR_INIT;
    const struct bridge_client_events events = {.ctx = r, .iopub = on_iopub, .input = on_input};
    if (r->finishing) {
        return;
    }
    if (bridge_client_new(&r->loop, connection, &events, &r->client, &err)) {
        bridge_run_say("%s", err.text);
        finish(r, 1);
        return;
    }
    bridge_client_start(r->client, START_MS, on_started, r);
}

static void on_words(void *ctx, bool is_stderr, const char *bytes, size_t len)
{
    FILE *out = is_stderr ? stderr : stdout;
    (void)ctx;
    (void)fwrite(bytes, 1, len, out);
    (void)fflush(out);
}

static void on_exited(void *ctx, int64_t status, int signal)
{
    struct run *r = ctx;
    r->exited = true;
    if (!r->finishing) {
        bridge_run_say_died(status, signal, r->running ? r->cell : -1,
                            bridge_process_last_words(r->process));
        finish(r, 1);
    } else {
        if (signal && signal != SIGKILL) { /* not ours */
            bridge_run_say_died(status, signal, r->cell, bridge_process_last_words(r->process));
            r->status = 1;
        }
        bridge_process_kill(r->process); /* what it left behind */
        close_all(r);
    }
}

static void on_signal(uv_signal_t *handle, int number)
{
    struct run *r = handle->data;
    if (number == SIGINT && r->running) {
        interrupt(r);
        return;
    }
    bridge_run_say("ended by a signal (%s)", strsignal(number));
    finish(r, 1);
}

static cd_result start(struct run *r, struct cd_error *reterr)
{
    const struct bridge_process_events events = {
        .ctx = r, .ports = on_ports, .words = on_words, .exited = on_exited};
    const struct bridge_python_wish wish = {
        .python = r->options.python,
        .notebook_kernel = bridge_notebook_kernel_name(r->file.nb),
        .folder = r->file.cwd,
    };
    cd_autofree char *python = NULL;
    if (bridge_python_choose(&wish, &python, reterr) ||
        bridge_private_folder_make(&r->folder, reterr)) {
        return CD_ERR;
    }
    json_auto_t *env = json_pack("{s:s}", "CELLDAP_HISTORY", ":memory:");
    const struct bridge_process_config config = {
        .env = env,
        .folder = r->folder,
        .python = python,
        .cwd = r->options.cwd ? r->options.cwd : r->file.cwd,
        .log_file = r->options.log_file,
    };
    return bridge_process_start(&r->loop, &config, &events, &r->process, reterr);
}

static int run_loop(struct run *r)
{
    struct cd_error err = CD_ERROR_INIT;
    if (uv_loop_init(&r->loop)) {
        bridge_run_say("no event loop can be made");
        return 1;
    }
    (void)uv_timer_init(&r->loop, &r->timer);
    (void)uv_timer_init(&r->loop, &r->cell_timer);
    (void)uv_signal_init(&r->loop, &r->sigint);
    (void)uv_signal_init(&r->loop, &r->sigterm);
    r->timer.data = r->cell_timer.data = r->sigint.data = r->sigterm.data = r;
    (void)uv_signal_start(&r->sigint, on_signal, SIGINT);
    (void)uv_signal_start(&r->sigterm, on_signal, SIGTERM);
    r->input = bridge_run_input_new(&r->loop, on_line, r);
    if (start(r, &err)) {
        bridge_run_say("%s", err.text);
        finish(r, 1);
    }
    (void)uv_run(&r->loop, UV_RUN_DEFAULT);
    (void)uv_loop_close(&r->loop);
    if (r->options.output && bridge_run_file_save(&r->file, r->options.output, &err)) {
        bridge_run_say("%s", err.text);
        r->status = 1;
    }
    return r->status;
}

int bridge_run_main(int argc, char **argv)
{
    struct run r = {.cell = -1};
    struct cd_error err = CD_ERROR_INIT;
    switch (bridge_run_parse(argc, argv, &r.options)) {
    case BRIDGE_RUN_HELP:
        return 0;
    case BRIDGE_RUN_USAGE:
        return 2;
    case BRIDGE_RUN_GO:
        break;
    }
    int status = 1;
    if (bridge_run_file_load(&r.options, &r.file, &err)) {
        bridge_run_say("%s", err.text);
    } else if (bridge_run_choose(r.file.nb, r.options.cells, r.file.chosen, &err)) {
        bridge_run_say("%s", err.text);
        status = 2;
    } else {
        status = run_loop(&r);
    }
    if (r.folder) {
        bridge_private_folder_remove(r.folder);
    }
    free(r.folder);
    bridge_run_file_done(&r.file);
    return status;
}
