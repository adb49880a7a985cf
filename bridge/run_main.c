/* SPDX-License-Identifier: BSD-3-Clause
 *
 * `celldap run FILE` (run.h): starts a kernel, has run.c run the cells, and leaves no process
 * behind. One loop, one thread.
 */
#include "bridge/kernelspec.h"
#include "bridge/private_folder.h"
#include "bridge/python_choice.h"
#include "bridge/run.h"
#include "bridge/run_impl.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void on_words(void *ctx, bool is_stderr, const char *bytes, size_t len)
{
    FILE *out = is_stderr ? stderr : stdout;
    (void)ctx;
    (void)fwrite(bytes, 1, len, out);
    (void)fflush(out);
}

static void on_exited(void *ctx, int64_t status, int signal)
{
    struct bridge_run *r = ctx;
    r->exited = true;
    if (!r->finishing) {
        bridge_run_say_died(status, signal, r->running ? r->cell : -1,
                            bridge_process_last_words(r->process));
        bridge_run_finish(r, 1);
    } else {
        if (signal && signal != SIGKILL) { /* not ours */
            bridge_run_say_died(status, signal, r->cell, bridge_process_last_words(r->process));
            r->status = 1;
        }
        bridge_process_kill(r->process); /* what it left behind */
        bridge_run_close(r);
    }
}

static void on_signal(uv_signal_t *handle, int number)
{
    struct bridge_run *r = handle->data;
    if (number == SIGINT && r->running) {
        bridge_run_interrupt(r);
        return;
    }
    bridge_run_say("ended by a signal (%s)", strsignal(number));
    bridge_run_finish(r, 1);
}

static cd_result start(struct bridge_run *r, struct cd_error *reterr)
{
    const struct bridge_process_events events = {
        .ctx = r, .ports = bridge_run_on_ports, .words = on_words, .exited = on_exited};
    const struct bridge_python_wish wish = {
        .python = r->options.python,
        .kernel = r->options.kernel,
        .notebook_kernel = bridge_notebook_kernel_name(r->file.nb),
        .folder = r->file.cwd,
    };
    cd_autofree char *python = NULL;
    json_auto_t *foreign = NULL;
    if ((r->options.kernel && !r->options.python &&
         bridge_kernelspec_foreign(r->options.kernel, &foreign, reterr)) ||
        (!foreign && bridge_python_choose(&wish, &python, reterr)) ||
        bridge_private_folder_make(&r->folder, reterr)) {
        return CD_ERR;
    }
    json_auto_t *env = json_pack("{s:s}", "CELLDAP_HISTORY", ":memory:");
    const struct bridge_process_config config = {
        .env = env,
        .folder = r->folder,
        .python = python,
        .foreign = foreign,
        .cwd = r->options.cwd ? r->options.cwd : r->file.cwd,
        .log_file = r->options.log_file,
    };
    return bridge_process_start(&r->loop, &config, &events, &r->process, reterr);
}

static int run_loop(struct bridge_run *r)
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
    r->input = bridge_run_input_new(&r->loop, bridge_run_on_line, r);
    if (start(r, &err)) {
        bridge_run_say("%s", err.text);
        bridge_run_finish(r, 1);
    }
    (void)uv_run(&r->loop, UV_RUN_DEFAULT);
    (void)uv_loop_close(&r->loop);
    if ((r->options.save || r->options.output) &&
        bridge_run_file_save(&r->file, r->options.output, &err)) {
        bridge_run_say("%s", err.text);
        r->status = 1;
    }
    return r->status;
}

int bridge_run_main(int argc, char **argv)
{
    struct bridge_run r = {.cell = -1};
    struct cd_error err = CD_ERROR_INIT;
    int status = bridge_run_parse(argc, argv, &r.options);
    if (status >= 0) {
        return status;
    }
    status = 1;
    if (bridge_run_file_load(&r.options, &r.file, &err)) {
        bridge_run_say("%s", err.text);
    } else if (bridge_run_choose(r.file.nb, &r.options, r.file.chosen, &err)) {
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
