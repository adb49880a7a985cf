/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Pause: a real-time signal to main, whose Python handler is a C builtin (facts: engine.md §3). It
 * reaches loops, sleep, select, locks and reads; in a C call that never returns to bytecode it
 * waits for its end. Where no frame of the user's runs (nothing does, or IPython is between two of
 * the cell's statements) the next one stops at its first line. `wanted` is true until a stop takes
 * it: a signal that finds nothing to stop is not the end of the wish.
 */
#include "kernel/python/control.h"

#include <pthread.h>
#include <stdatomic.h>

static atomic_bool wanted;

void pyx_pause(int thread_id)
{
    (void)thread_id; /* all threads stop together; main is the one that a signal reaches */
    atomic_store(&wanted, true);
    pthread_kill((pthread_t)pyx_main_thread(), PYX_PAUSE_SIGNAL);
}

void pyx_pause_again(void)
{
    if (atomic_load(&wanted)) {
        pthread_kill((pthread_t)pyx_main_thread(), PYX_PAUSE_SIGNAL);
    }
}

bool pyx_pause_take(void)
{
    return atomic_exchange(&wanted, false);
}

void pyx_pause_cancel(void)
{
    (void)pyx_pause_take();
    pyx_park_release();
}

/* The frame to show: the nearest one that is not ours, inside the run. New, or NULL. */
static PyFrameObject *frame_to_show(void)
{
    PyFrameObject *f = (PyFrameObject *)Py_XNewRef(PyEval_GetFrame());
    PyFrameObject *shown = NULL;
    while (f != NULL) {
        PyCodeObject *code = PyFrame_GetCode(f); /* new */
        const bool ours = pyx_code_kind(code) == PYX_CODE_OURS;
        const bool root = pyx_code_is_root(code);
        Py_DECREF(code);
        if (ours) {
            Py_CLEAR(shown); /* what ours calls is not the user's */
        } else if (shown == NULL) {
            shown = (PyFrameObject *)Py_NewRef(f);
        }
        PyFrameObject *back = root ? NULL : PyFrame_GetBack(f); /* new */
        Py_DECREF(f);
        if (root) {
            return shown;
        }
        f = back;
    }
    Py_XDECREF(shown);
    return NULL;
}

/* sys.breakpointhook: stops where breakpoint() stands when a debugger is there, else what Python
 * does by itself (PYTHONBREAKPOINT, pdb). */
static PyObject *breakpoint_hook(PyObject *self, PyObject *args, PyObject *kwargs)
{
    (void)self;
    PyFrameObject *frame = pyx_control_deaf() ? NULL : frame_to_show(); /* new */
    if (frame == NULL) {
        pyx_auto PyObject *sys = PyImport_ImportModule("sys"); /* new */
        pyx_auto PyObject *own =
            sys != NULL ? PyObject_GetAttrString(sys, "__breakpointhook__") : NULL;
        return own != NULL ? PyObject_Call(own, args, kwargs) : NULL;
    }
    struct pyx_stop_request req = {.reason = "breakpoint",
                                   .description = "Paused on breakpoint()",
                                   .frame = (PyObject *)frame,
                                   .place = PYX_AT_SIGNAL};
    const int failed = pyx_stop_here(&req);
    Py_DECREF(frame);
    return failed ? NULL : Py_NewRef(Py_None);
}

cd_result pyx_breakpoint_start(struct cd_error *reterr)
{
    static PyMethodDef def = {"breakpointhook", (PyCFunction)(void (*)(void))breakpoint_hook,
                              METH_VARARGS | METH_KEYWORDS,
                              "Stops in the debugger when a client is there, else as Python does."};
    pyx_auto PyObject *hook = PyCFunction_New(&def, NULL); /* new */
    return hook != NULL && PySys_SetObject("breakpointhook", hook) == 0
               ? CD_OK
               : pyx_error_fetch(reterr, CD_E_PYTHON);
}

/* Runs of this thread: a subshell's are its own. */
static __thread int run_depth;

int pyx_on_pause_signal(void)
{
    if (pyx_on_break_signal() != 0) {
        return -1;
    }
    if (pyx_control_deaf() || !atomic_load(&wanted) || pyx_stop_current() != NULL) {
        return 0;
    }
    PyFrameObject *frame = frame_to_show(); /* new */
    if (frame == NULL) {
        if (run_depth > 0) {
            pyx_step_clear();
            pyx_step_first_line(PYX_PAUSE_REASON);
        }
        return 0; /* idle: pyx_run_begin looks at `wanted` */
    }
    (void)pyx_pause_take();
    struct pyx_stop_request req = {
        .reason = PYX_PAUSE_REASON, .frame = (PyObject *)frame, .place = PYX_AT_SIGNAL};
    const int r = pyx_stop_here(&req);
    Py_DECREF(frame);
    return r;
}

static int runs; /* of all threads; the GIL's */
/* The stop that a run began in: it does not wait for its end. */
static __thread uint64_t began_in_stop;

/* This thread takes requests: while it waits for one, no stop holds it. */
static __thread bool takes_requests;

void pyx_thread_takes_requests(void)
{
    takes_requests = true;
}

bool pyx_run_began_in_stop(uint64_t number)
{
    return run_depth == 0 ? takes_requests : began_in_stop >= number;
}

void pyx_run_begin(void)
{
    run_depth++;
    runs++;
    if (run_depth == 1) {
        began_in_stop = pyx_stop_current() != NULL ? pyx_stop_current()->number : 0;
    }
    if (run_depth == 1 && pyx_control.attached && atomic_load(&wanted)) {
        pyx_step_first_line(PYX_PAUSE_REASON);
    }
}

void pyx_run_end(void)
{
    run_depth--;
    runs--;
    if (run_depth == 0) {
        began_in_stop = 0;
        pyx_step_run_ended();
        pyx_park_run_ended();
    }
    if (runs == 0) {
        pyx_exceptions_forget();
    }
}
