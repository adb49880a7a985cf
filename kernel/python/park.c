/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Other Python threads wait while one is stopped: a second tool's global LINE, JUMP and PY_START
 * take them in, and `go` (an eventfd that is readable when nothing is stopped) lets them go. A
 * thread that is blocked in C is held when it returns. When an evaluation takes long, it may need a
 * lock that a parked thread holds: then the others run on until the evaluation is done (design.md,
 * decision 5). The park tool is off when nothing is stopped, and when there is no other thread.
 */
#include "kernel/python/control.h"

#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <unistd.h>

static int go = -1;

/* Waits are cut to this, to look whether an evaluation hangs. */
#define PYX_PARK_LOOK_MS 100

/* The thread that was resumed by itself (singleThread): the others still wait. Compared only. */
static PyThreadState *_Atomic alone;
static atomic_uint releases; /* how often all were let go */

void pyx_park_begin(void)
{
    atomic_store(&alone, NULL);
    if (go < 0) {
        go = eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK);
    }
    eventfd_t drained;
    if (go < 0 || (eventfd_read(go, &drained) != 0 && errno != EAGAIN)) {
        return;
    }
    if (pyx_thread_others()) {
        pyx_monitor_park(true);
    }
}

void pyx_park_after_fork(void)
{
    if (go >= 0) {
        close(go); /* the parent's: a read here would eat its wake-up */
        go = -1;
    }
    pyx_monitor_park(false);
}

unsigned pyx_park_releases(void)
{
    return atomic_load(&releases);
}

void pyx_park_release(void)
{
    atomic_fetch_add(&releases, 1);
    atomic_store(&alone, NULL);
    if (go >= 0) {
        eventfd_write(go, 1);
    }
}

void pyx_park_end(PyThreadState *runs_alone, unsigned releases_before)
{
    if (runs_alone != NULL && pyx_thread_others()) {
        atomic_store(&alone, runs_alone);
        if (atomic_load(&releases) == releases_before) {
            pyx_monitor_park(true);
            return;
        }
    }
    pyx_monitor_park(false);
    pyx_park_release();
}

void pyx_park_run_ended(void)
{
    if (atomic_load(&alone) == PyThreadState_Get()) {
        pyx_monitor_park(false);
        pyx_park_release();
    }
}

static bool is_alive(const PyThreadState *tstate)
{
    PyThreadState *t = PyInterpreterState_ThreadHead(PyInterpreterState_Get());
    while (t != NULL && t != tstate) {
        t = PyThreadState_Next(t);
    }
    return t != NULL;
}

/* Does another thread run alone? One that ended does not. */
static bool other_runs_alone(void)
{
    PyThreadState *runs = atomic_load(&alone);
    if (runs == NULL || runs == PyThreadState_Get() || pyx_run_began_in_stop(UINT64_MAX)) {
        return false;
    }
    if (!is_alive(runs)) {
        pyx_park_release();
        return false;
    }
    return true;
}

bool pyx_park_wanted(void)
{
    return (pyx_stop_current() != NULL && !pyx_stop_is_mine()) || other_runs_alone();
}

static bool has_to_wait(bool strict)
{
    if (pyx_stop_current() == NULL || pyx_stop_is_mine()) {
        return other_runs_alone();
    }
    return strict || (!pyx_job_is_slow() && !pyx_run_began_in_stop(pyx_stop_current()->number));
}

int pyx_park_here(enum pyx_stop_place place, bool strict)
{
    while (has_to_wait(strict)) {
        struct pollfd fd = {.fd = go, .events = POLLIN};
        Py_BEGIN_ALLOW_THREADS poll(&fd, 1, PYX_PARK_LOOK_MS);
        Py_END_ALLOW_THREADS if (PyErr_CheckSignals() != 0)
        {
            return pyx_raise_from(place, PyEval_GetFrame());
        }
    }
    return 0;
}

static PyObject *park_at(enum pyx_stop_place place)
{
    if (pyx_thread_is_ours() || pyx_control.forked) {
        return Py_NewRef(Py_None);
    }
    if (!pyx_park_wanted()) {
        if (pyx_stop_current() == NULL && atomic_load(&alone) == NULL) {
            pyx_monitor_park(false); /* released without the GIL */
        }
        return Py_NewRef(Py_None);
    }
    if (pyx_thread_number(PyThreadState_Get()) == 0) {
        /* IPython's history saver: parked, it would hold its lock against a subshell's cell */
        return Py_NewRef(Py_None);
    }
    return pyx_park_here(place, false) != 0 ? NULL : Py_NewRef(Py_None);
}

PyObject *pyx_on_park_line(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    (void)self;
    (void)args;
    (void)nargs;
    return park_at(PYX_AT_LINE);
}

PyObject *pyx_on_park(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    (void)self;
    (void)args;
    (void)nargs;
    return park_at(PYX_AT_EVENT);
}
