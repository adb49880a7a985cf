/* SPDX-License-Identifier: BSD-3-Clause
 *
 * `celldap run FILE.ipynb` (run.h): starts a kernel, runs the chosen cells in order, ends the run
 * at the first that fails (contracts.md §5), and leaves no process behind. One loop, one thread;
 * every way out goes through bridge_run_finish(), which is idempotent.
 */
#include "bridge/run_impl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define START_MS     60000 /* kernel_info of a fresh kernel */
#define IDLE_MS      5000  /* the reply is there, iopub's idle is not */
#define INTERRUPT_MS 10000 /* a cell that was interrupted, for its time-out */
#define SHUTDOWN_MS  5000  /* then the kernel is killed */

void bridge_run_close(struct bridge_run *r)
{
    if (r->closed) {
        return;
    }
    r->closed = true;
    if (r->client) {
        bridge_client_close(r->client);
    }
    bridge_run_debug_free(r->debug);
    r->debug = NULL;
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
    struct bridge_run *r = timer->data;
    bridge_process_kill(r->process);
}

/* The end of the run, for whatever reason: asks the kernel to end, or closes at once. */
void bridge_run_finish(struct bridge_run *r, int status)
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
        bridge_run_close(r);
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

static void on_looked(void *ctx)
{
    bridge_run_finish(ctx, 1);
}

static void next_cell(struct bridge_run *r);

static void end_failed(struct bridge_run *r)
{
    int left = bridge_run_file_left(&r->file, r->cell);
    if (left) {
        bridge_run_say("cell %d failed (%s); %d after it %s not run", r->cell, r->failure, left,
                       left == 1 ? "was" : "were");
    } else {
        bridge_run_say("cell %d failed (%s)", r->cell, r->failure);
    }
    r->status = 1;
    if (r->options.debug_on_error && r->foreign) {
        bridge_run_say("this kernel cannot show a failed cell's frames");
    }
    if (r->options.debug_on_error && !r->foreign) {
        r->debug = bridge_run_debug_start(r->client, r->input, on_looked, r);
    } else {
        bridge_run_finish(r, 1);
    }
}

static void cell_done(struct bridge_run *r)
{
    r->running = false;
    bridge_run_input_stop(r->input);
    (void)uv_timer_stop(&r->timer);
    (void)uv_timer_stop(&r->cell_timer);
    bool may_fail = bridge_notebook_cell(r->file.nb, r->cell)->raises_exception;
    if (!r->options.allow_errors && (r->timed_out || (r->failed_cell && !may_fail))) {
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
    struct bridge_run *r = ctx;
    if (!r->running) {
        return;
    }
    if (!reply) {
        bridge_run_say("cell %d got no reply: %s", r->cell, err->text);
        bridge_run_finish(r, 1);
        return;
    }
    const char *status = json_string_value(json_object_get(reply->content, "status"));
    const char *ename = json_string_value(json_object_get(reply->content, "ename"));
    const char *evalue = json_string_value(json_object_get(reply->content, "evalue"));
    r->failed_cell = !status || strcmp(status, "ok") != 0;
    (void)snprintf(r->failure, sizeof(r->failure), "%.100s%s%.250s",
                   ename          ? ename
                   : r->timed_out ? "it took too long"
                                  : "aborted",
                   evalue && *evalue ? ": " : "", evalue ? evalue : "");
    r->failure[strcspn(r->failure, "\n")] = '\0';
    r->replied = true;
    if (r->idle) {
        cell_done(r);
    } else {
        (void)uv_timer_start(&r->timer, on_idle_late, IDLE_MS, 0);
    }
}

void bridge_run_interrupt(struct bridge_run *r)
{
    bridge_run_input_stop(r->input);
    (void)bridge_client_request(r->client, WIRE_CONTROL, "interrupt_request", json_object(), NULL,
                                0, NULL, NULL, NULL);
}

static void on_not_interrupted(uv_timer_t *timer)
{
    struct bridge_run *r = timer->data;
    bridge_run_say("cell %d does not end: the kernel is killed", r->cell);
    r->status = 1;
    bridge_run_finish(r, 1);
    bridge_process_kill(r->process);
}

/* As nbclient has it with interrupt_on_timeout: a cell that takes too long has failed, even if it
 * caught the interrupt. */
static void on_cell_timeout(uv_timer_t *timer)
{
    struct bridge_run *r = timer->data;
    bridge_run_say("cell %d runs for more than %u s: interrupted", r->cell, r->options.timeout_s);
    r->timed_out = true;
    bridge_run_interrupt(r);
    (void)uv_timer_start(&r->cell_timer, on_not_interrupted, INTERRUPT_MS, 0);
}

static void next_cell(struct bridge_run *r)
{
    const struct bridge_notebook_cell *cell;
    struct cd_error err = CD_ERROR_INIT;
    do {
        if (++r->cell >= bridge_notebook_count(r->file.nb)) {
            bridge_run_finish(r, 0);
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
        bridge_run_finish(r, 1);
        return;
    }
    r->running = true;
    r->replied = r->idle = r->failed_cell = r->timed_out = false;
    (void)bridge_client_request(r->client, WIRE_SHELL, "execute_request", content, metadata, 0,
                                on_execute_reply, r, r->file.msg_ids[r->cell]);
    if (r->options.timeout_s) {
        uint64_t ms = (uint64_t)r->options.timeout_s * 1000;
        (void)uv_timer_start(&r->cell_timer, on_cell_timeout, ms, 0);
    }
}

static int cell_of(const struct bridge_run *r, const char *msg_id)
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
    struct bridge_run *r = ctx;
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
    struct bridge_run *r = ctx;
    if (r->input) {
        bridge_run_input_ask(r->input, prompt, password);
    }
}

void bridge_run_on_line(void *ctx, const char *line)
{
    struct bridge_run *r = ctx;
    if (r->debug) {
        bridge_run_debug_line(r->debug, line);
    } else {
        bridge_client_input(r->client, line);
    }
}

static void on_started(void *ctx, const struct wire_msg *reply, const struct cd_error *err)
{
    struct bridge_run *r = ctx;
    if (r->finishing) {
        return;
    }
    if (!reply) {
        bridge_run_say("the kernel does not answer: %s", err->text);
        bridge_run_finish(r, 1);
        return;
    }
    r->foreign = !json_object_get(reply->content, "celldap");
    next_cell(r);
}

/* The post-mortem view is asked for, not told. */
static void on_debug_event(void *ctx, json_t *event)
{
    (void)ctx;
    (void)event;
}

void bridge_run_on_ports(void *ctx, const struct wire_connection *connection)
{
    struct bridge_run *r = ctx;
    struct cd_error err = CD_ERROR_INIT;
    const struct bridge_client_events events = {
        .ctx = r, .iopub = on_iopub, .input = on_input, .debug_event = on_debug_event};
    if (r->finishing) {
        return;
    }
    if (bridge_client_new(&r->loop, connection, &events, &r->client, &err)) {
        bridge_run_say("%s", err.text);
        bridge_run_finish(r, 1);
        return;
    }
    bridge_client_start(r->client, START_MS, on_started, r);
}
