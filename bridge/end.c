/* SPDX-License-Identifier: BSD-3-Clause
 *
 * How a kernel and a session end (contracts.md §7): every way leads to the end of the process, and
 * from there to exited, terminated, the reply of disconnect, or a new kernel.
 */
#include "bridge/private_folder.h"
#include "bridge/remote/remote.h"
#include "bridge/session_impl.h"
#include "dap/base/log.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define SHUTDOWN_MS 800  /* disconnect is answered within a second */
#define POLITE_MS   5000 /* contracts.md §7 */
#define ATEXIT_MS   5000

static void on_end_timer(uv_timer_t *t)
{
    struct bridge_session *s = t->data;

    cd_log(CD_LOG_WARN, "end", "the kernel did not end in time: it is killed");
    bridge_end(s, BRIDGE_END_KILL);
}

static void ask_shutdown(struct bridge_session *s)
{
    bridge_client_request(s->kernel, WIRE_CONTROL, "shutdown_request",
                          json_pack("{s:b}", "restart", s->restarting ? 1 : 0), NULL, 0, NULL, NULL,
                          NULL);
}

void bridge_end(struct bridge_session *s, enum bridge_end how)
{
    if (!s->process) {
        bridge_terminated(s);
        return;
    }
    if (!s->kernel || s->kernel_state == BRIDGE_KERNEL_STARTING) {
        how = BRIDGE_END_KILL; /* nobody listens yet */
    }
    switch (how) {
    case BRIDGE_END_POLITE:
        bridge_interrupt(s);
        uv_timer_start(&s->end_timer, on_end_timer, POLITE_MS, 0);
        return;
    case BRIDGE_END_SHUTDOWN:
        s->kernel_state = BRIDGE_KERNEL_ENDING;
        bridge_exec_flush(s, false);
        if (s->stops > 0 ? !s->foreign : s->exec.running != NULL) {
            bridge_interrupt(s);
        }
        ask_shutdown(s);
        uv_timer_start(&s->end_timer, on_end_timer, SHUTDOWN_MS, 0);
        return;
    case BRIDGE_END_FINISHED:
        s->kernel_state = BRIDGE_KERNEL_ENDING;
        ask_shutdown(s);
        uv_timer_start(&s->end_timer, on_end_timer, ATEXIT_MS, 0);
        return;
    case BRIDGE_END_KILL:
        s->kernel_state = BRIDGE_KERNEL_ENDING;
        uv_timer_stop(&s->end_timer);
        bridge_process_kill(s->process);
        return;
    }
}

void bridge_terminated(struct bridge_session *s)
{
    if (s->ended) {
        return;
    }
    if (s->launch_request) {
        bridge_failf(s->launch_request, CD_E_CANCELLED, "the session was ended");
        bridge_request_unref(cd_take(s->launch_request));
    }
    if (s->launched && !bridge_lives_on(s)) {
        bridge_event(s, "exited", json_pack("{s:i}", "exitCode", s->exit_code));
    }
    bridge_event(s, "terminated", NULL);
    s->ended = true;
}

void bridge_forget_kernel(struct bridge_session *s)
{
    bridge_progress_end(s);
    uv_timer_stop(&s->end_timer);
    uv_timer_stop(&s->start_timer);
    uv_timer_stop(&s->link_timer);
    uv_timer_stop(&s->resync_timer);
    bridge_client_close(cd_take(s->kernel));
    bridge_remote_close(cd_take(s->remote));
    if (s->process) {
        bridge_process_close(cd_take(s->process));
    }
    if (s->cell_folder) {
        if (!bridge_lives_on(s)) {
            bridge_cell_folder_remove(s->cell_folder);
        }
        free(cd_take(s->cell_folder));
    }
    bridge_exec_abandon(s);
    bridge_input_clear(s);
    bridge_breakpoints_forget_kernel(s->breakpoints);
    s->kernel_state = BRIDGE_KERNEL_NONE;
    s->debugging = s->entry_stop = false;
    s->stops = s->evaluations = s->sync_open = 0;
}

static void start_error(struct bridge_session *s, int64_t status, int signal, const char *words)
{
    struct cd_error err = CD_ERROR_INIT;
    size_t len = strlen(words);

    while (len > 0 && words[len - 1] == '\n') {
        len--;
    }
    if (len > 250) {
        words += len - 250;
        len = 250;
    }
    if (signal) {
        cd_error_set(&err, CD_E_KERNEL, "the kernel was killed by signal %d while it started: %.*s",
                     signal, (int)len, words);
    } else {
        cd_error_set(&err, CD_E_KERNEL, "the kernel ended with status %d while it started: %.*s",
                     (int)status, (int)len, words);
    }
    bridge_start_failed(s, &err);
}

static void tell_death(struct bridge_session *s, int64_t status, int signal)
{
    bool notebook = s->launch->kind == BRIDGE_LAUNCH_NOTEBOOK || bridge_is_attach(s);
    const char *what = notebook ? "the kernel" : "the program";

    if (signal) {
        const char *name = strsignal(signal);

        bridge_say(s, "important", "celldap: %s was killed by signal %d (%s)\n", what, signal,
                   name ? name : "unknown");
    } else if (notebook) {
        bridge_say(s, "important", "celldap: %s ended with status %d\n", what, (int)status);
    }
}

void bridge_on_process_exit(void *ctx, int64_t status, int signal)
{
    struct bridge_session *s = ctx;
    cd_autofree char *words = strdup(bridge_process_last_words(s->process));

    bridge_kernel_ended(s, status, signal, words ? words : "");
}

void bridge_kernel_ended(struct bridge_session *s, int64_t status, int signal, const char *words)
{
    enum bridge_kernel_state was = s->kernel_state;

    cd_log(CD_LOG_INFO, "end", "the kernel ended: status %d, signal %d", (int)status, signal);
    if (s->kernel) {
        bridge_client_last_words(s->kernel);
    }
    if (was == BRIDGE_KERNEL_STARTING) {
        s->kernel_state = BRIDGE_KERNEL_ENDING; /* why is told below, not by requests that end */
    }
    bridge_forget_kernel(s);
    if (!s->exit_known) {
        s->exit_code = signal ? 128 + signal : (int)status;
        s->exit_known = !s->restarting;
    }
    if (was == BRIDGE_KERNEL_STARTING) {
        s->restarting = false;
        start_error(s, status, signal, words);
    } else if (was == BRIDGE_KERNEL_READY) {
        tell_death(s, status, signal);
        bridge_terminated(s);
    } else if (s->restarting && !s->over && !s->disconnect_request) {
        bridge_start(s);
        return;
    } else {
        bridge_terminated(s);
    }
    if (s->disconnect_request) {
        struct bridge_request *req = cd_take(s->disconnect_request);

        bridge_reply(req, NULL);
        bridge_request_unref(req);
        s->over = true;
    }
    if (s->over) {
        bridge_finish(s);
    }
}

void bridge_restart(struct bridge_session *s, bool rerun)
{
    s->restarting = true;
    s->rerun = rerun;
    s->exit_known = false;
    if (s->stops > 0) {
        s->stops = 0;
        s->view = false;
        bridge_event(s, "continued",
                     json_pack("{s:i, s:b}", "threadId", 1, "allThreadsContinued", 1));
    }
    s->launched = false;
    bridge_end(s, BRIDGE_END_SHUTDOWN);
}

void bridge_client_gone(struct bridge_session *s)
{
    bool notebook = s->launch && s->launch->kind == BRIDGE_LAUNCH_NOTEBOOK;

    if (s->over) {
        return;
    }
    s->over = true;
    if (s->leaving) {
        return; /* its answer ends it */
    }
    if (!s->process) {
        if (s->kernel && s->debugging && !s->foreign) { /* at once, not when it misses our pings */
            bridge_debug_quiet(s, "celldap/ping", json_pack("{s:b}", "away", 1));
        }
        bridge_finish(s);
    } else if (!notebook || s->kernel_state != BRIDGE_KERNEL_ENDING) {
        bridge_end(s, notebook ? BRIDGE_END_SHUTDOWN : BRIDGE_END_KILL);
    } else {
        uv_timer_start(&s->end_timer, on_end_timer, SHUTDOWN_MS, 0);
    }
}
