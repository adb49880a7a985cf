/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Limits of time for code of the user's that a request runs (dap/base/progress.h). What runs
 * beyond its limit gets an exception of ours: on main by the pause signal's handler, which also
 * ends sleeps and locks; on other threads as an asynchronous exception, at their next bytecode
 * (facts: engine.md §13.9). A long C call and `except BaseException` cannot be ended: the reply is
 * out by then. All needs the GIL but pyx_break_off.
 */
#include "kernel/python/control.h"
#include "kernel/python/inspect.h"

#include <pthread.h>
#include <time.h>

static PyObject *the_exception; /* strong: class BrokenOff(BaseException) */

static __thread struct pyx_instead *instead;

static int64_t now_ms(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

bool pyx_user_begin(int64_t limit_ms)
{
    struct cd_progress *p = cd_progress_current();
    if (!p) {
        return true;
    }
    if (!the_exception) {
        the_exception = PyErr_NewException("celldap.BrokenOff", PyExc_BaseException, NULL);
        PyErr_Clear();
    }
    if (instead && !instead->made) {
        instead->made = true;
        cd_progress_instead(p, instead->make(instead->ctx));
    }
    return cd_progress_begin(p, now_ms(), limit_ms, PyThread_get_thread_ident());
}

void pyx_user_end(void)
{
    struct cd_progress *p = cd_progress_current();
    const unsigned long me = PyThread_get_thread_ident();
    if (p && cd_progress_end(p) && me != pyx_main_thread()) {
        PyThreadState_SetAsyncExc(me, NULL); /* one that came too late */
    }
}

int pyx_no_time(void)
{
    if (the_exception) {
        PyErr_SetNone(the_exception);
    }
    return -1;
}

bool pyx_user_may(void)
{
    struct cd_progress *p = cd_progress_current();
    return !p || cd_progress_may(p, now_ms());
}

bool pyx_was_broken_off(void)
{
    return the_exception && PyErr_ExceptionMatches(the_exception);
}

PyObject *pyx_str_limited(PyObject *value)
{
    PyObject *text = NULL;
    if (pyx_user_begin(PYX_REPR_MS)) {
        text = PyObject_Str(value);
        pyx_user_end();
    }
    PyErr_Clear();
    return text;
}

struct pyx_instead *pyx_instead_set(struct pyx_instead *now)
{
    struct pyx_instead *before = instead;
    instead = now;
    return before;
}

int pyx_on_break_signal(void)
{
    struct cd_progress *p = cd_progress_current();
    unsigned long thread = 0;
    if (!p || !cd_progress_to_break(p, &thread) || thread != PyThread_get_thread_ident()) {
        return 0;
    }
    PyErr_SetNone(the_exception);
    return -1;
}

bool pyx_break_off(unsigned long thread)
{
    return thread == pyx_main_thread() && pthread_kill((pthread_t)thread, PYX_PAUSE_SIGNAL) == 0;
}

void pyx_break_off_locked(struct cd_progress *progress)
{
    unsigned long thread = 0;
    if (cd_progress_to_break(progress, &thread)) {
        PyThreadState_SetAsyncExc(thread, the_exception);
    }
}
