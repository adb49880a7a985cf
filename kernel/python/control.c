/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The engine as the session sees it: the ops table, start and end, and the switches that decide
 * whether anything may stop at all.
 */
#include "kernel/python/control.h"

#include "kernel/python/interp.h"

#include <pthread.h>

struct pyx_control pyx_control;

/* Of this thread: a job of ours runs, or a search. Others go on hitting their breakpoints. */
static __thread int quiet;

static unsigned long main_thread;

unsigned long pyx_main_thread(void)
{
    return main_thread;
}

bool pyx_control_deaf(void)
{
    return pyx_thread_is_ours() || quiet > 0 || !pyx_control.attached || pyx_control.forked;
}

void pyx_quiet_enter(void)
{
    quiet++;
}

void pyx_quiet_leave(void)
{
    quiet--;
}

int pyx_quiet_set(int depth)
{
    const int before = quiet;
    quiet = depth;
    return before;
}

static void set_attached(bool attached, bool just_my_code)
{
    pyx_control.just_my_code = just_my_code;
    pyx_control.attached = attached;
    if (!attached) {
        pyx_park_release();
    }
}

/* In a forked child no debugger waits: no callback may stop there. */
static void after_fork(void)
{
    pyx_control.forked = true;
}

void pyx_control_after_fork(void)
{
    main_thread = PyThread_get_thread_ident();
    pyx_control.forked = pyx_control.attached = false;
}

cd_result pyx_monitor_start(struct cd_error *reterr)
{
    main_thread = PyThread_get_thread_ident();
    pthread_atfork(NULL, NULL, after_fork);
    if (pyx_raise_start(reterr) != CD_OK || pyx_code_table_start(reterr) != CD_OK) {
        return CD_ERR;
    }
    if (pyx_breakpoint_start(reterr) != CD_OK) {
        return CD_ERR;
    }
    return pyx_monitor_tools(reterr);
}

void pyx_monitor_stop(void)
{
    pyx_control.attached = false;
    pyx_step_clear();
    pyx_exceptions_forget();
    pyx_post_mortem_forget();
    pyx_monitor_tools_done();
    pyx_code_table_stop();
}

static cd_result dump_cell(const char *code, size_t len, const char *path, struct cd_error *reterr)
{
    pyx_auto PyObject *text = PyUnicode_DecodeUTF8(code, (Py_ssize_t)len, "replace"); /* new */
    pyx_auto PyObject *name = PyUnicode_DecodeFSDefault(path);
    if (text == NULL || name == NULL) {
        return pyx_error_fetch(reterr, CD_E_BAD_VALUE);
    }
    return pyx_cell_keep(name, text, NULL, 0, reterr);
}

const struct engine_ops *pyx_engine_ops(const struct engine_host *host)
{
    static struct engine_ops ops;
    pyx_control.host = host;
    ops = (struct engine_ops){
        .post_stopped = pyx_post_stopped,
        .resume = pyx_resume,
        .pause = pyx_pause,
        .pause_cancel = pyx_pause_cancel,
        .set_attached = set_attached,
        .interrupt = pyx_interp_ops()->interrupt,
        .break_off = pyx_break_off,
        .loaded_since = pyx_loaded_since,
        .break_off_locked = pyx_break_off_locked,
        .set_breakpoints = pyx_set_breakpoints,
        .set_function_breakpoints = pyx_set_function_breakpoints,
        .breakpoint_locations = pyx_breakpoint_locations,
        .set_data_breakpoints = pyx_set_data_breakpoints,
        .data_breakpoint_info = pyx_data_breakpoint_info,
        .set_exception_filters = pyx_set_exception_filters,
        .set_rules = pyx_set_rules,
        .dump_cell = dump_cell,
        .run_cell = pyx_run_cell,
        .post_mortem = pyx_post_mortem,
        .post_mortem_end = pyx_post_mortem_close,
        .goto_targets = pyx_goto_targets,
        .go_to = pyx_goto,
        .restart_frame = pyx_restart_frame,
        .step_in_targets = pyx_step_in_targets,
    };
    pyx_inspect_fill(&ops);
    return &ops;
}
