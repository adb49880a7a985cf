/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Exception breakpoints: RAISE is a global event only while a filter is set. It fires in every
 * frame that the exception passes; one stop an exception, at its first frame: the one whose
 * traceback entry has nothing below it (facts: engine.md §12.6), or with justMyCode the first frame
 * of the user's. Whether an exception is uncaught is searched in celldap/uncaught.py, before the
 * stack unwinds. Guarded by the GIL.
 */
#include "kernel/python/control.h"

#include <stdlib.h>
#include <string.h>

static struct engine_exception_filters filters;
static PyObject *raised_condition, *uncaught_condition, *user_condition; /* strong str, or NULL */
static PyObject *search, *matches; /* strong: functions of celldap.uncaught, loaded with a filter */
static PyObject *undecided;    /* strong: who catches this one is asked again in the next frame */
static PyObject *last_stopped; /* strong: an exception stops once; dropped when its run ends */

unsigned pyx_exception_events(void)
{
    const bool caught_matters = filters.uncaught || filters.user_unhandled;
    return caught_matters ? PYX_EV_RAISE | PYX_EV_RERAISE : filters.raised ? PYX_EV_RAISE : 0;
}

void pyx_exceptions_forget(void)
{
    Py_CLEAR(last_stopped);
    Py_CLEAR(undecided);
    pyx_verdicts_forget();
}

static PyObject *condition_of(const char *text)
{
    PyObject *o = text != NULL && text[0] != '\0' ? PyUnicode_FromString(text) : NULL;
    pyx_error_drop();
    return o;
}

/* Not inside a callback: an import there would run with the user's globals. */
static void load_search(void)
{
    if (search == NULL) {
        pyx_auto PyObject *m = PyImport_ImportModule("celldap.uncaught"); /* new */
        search = m != NULL ? PyObject_GetAttrString(m, "judge") : NULL;
        matches = m != NULL ? PyObject_GetAttrString(m, "matches") : NULL;
        pyx_error_drop();
    }
}

void pyx_set_exception_filters(const struct engine_exception_filters *f)
{
    load_search();
    Py_XSETREF(raised_condition, condition_of(f->raised_condition));
    Py_XSETREF(uncaught_condition, condition_of(f->uncaught_condition));
    Py_XSETREF(user_condition, condition_of(f->user_unhandled_condition));
    filters = (struct engine_exception_filters){
        .raised = f->raised, .uncaught = f->uncaught, .user_unhandled = f->user_unhandled};
    pyx_monitor_global();
}

/* KeyboardInterrupt is ours or the user's own ^C; the others steer the program and end no cell. */
static bool is_flow(PyObject *exception)
{
    return PyErr_GivenExceptionMatches(exception, PyExc_KeyboardInterrupt) ||
           (PyErr_GivenExceptionMatches(exception, PyExc_SystemExit) &&
            !pyx_rules_want_exit(exception)) ||
           PyErr_GivenExceptionMatches(exception, PyExc_GeneratorExit) ||
           PyErr_GivenExceptionMatches(exception, PyExc_StopIteration) ||
           PyErr_GivenExceptionMatches(exception, PyExc_StopAsyncIteration);
}

/* Is this the frame where the exception was raised, or the first of the user's that it reaches? */
static bool is_first(PyObject *exception, bool mine_only)
{
    pyx_auto PyObject *tb = PyException_GetTraceback(exception); /* new */
    if (tb == NULL) {
        return true;
    }
    for (PyTracebackObject *t = ((PyTracebackObject *)tb)->tb_next; t != NULL; t = t->tb_next) {
        if (!mine_only || pyx_rules_want(0, true, t->tb_frame)) {
            return false;
        }
    }
    return true;
}

/* A slip in a line that was typed into the debug console: its error is the answer. */
static bool is_console(PyCodeObject *code)
{
    const struct pyx_code *e = pyx_code_find(code);
    return e != NULL && e->root && e->cell_id != NULL &&
           PyUnicode_CompareWithASCIIString(e->cell_id, PYX_CONSOLE_CELL) == 0;
}

/* A filter's condition: names of exception types, or an expression in the frame. */
static bool holds(PyObject *condition, PyFrameObject *frame, PyObject *exception)
{
    if (condition == NULL) {
        return true;
    }
    PyObject *args[3] = {condition, (PyObject *)frame, exception};
    pyx_auto PyObject *r = matches != NULL ? PyObject_Vectorcall(matches, args, 3, NULL) : NULL;
    pyx_error_drop();
    return r == Py_True;
}

/* What becomes of it, searched up to the run's first frame. The search is Python, and ours. */
static int judge(PyFrameObject *frame, PyObject *exception, int offset)
{
    enum { USER_UNHANDLED = 2 };
    bool leaves_user = false;
    if (pyx_verdict(frame, exception, offset, filters.user_unhandled ? &leaves_user : NULL) == 1) {
        return leaves_user ? USER_UNHANDLED : 0;
    }
    pyx_auto PyObject *at = PyLong_FromLong(offset);
    PyObject *args[3] = {(PyObject *)frame, exception, at};
    pyx_auto PyObject *r =
        search != NULL && at != NULL ? PyObject_Vectorcall(search, args, 3, NULL) : NULL;
    const int flags = r != NULL ? (int)PyLong_AsLong(r) : 0;
    pyx_error_drop();
    return flags;
}

/* An exception with a history is raised, not passed on: `raise saved`, or `raise e` in a handler.
 */
static bool is_raised_anew(PyObject *exception, PyFrameObject *frame)
{
    pyx_auto PyObject *tb = PyException_GetTraceback(exception); /* new */
    PyTracebackObject *below = tb != NULL ? ((PyTracebackObject *)tb)->tb_next : NULL;
    if (below == NULL || below->tb_frame == frame) {
        return true;
    }
    PyFrameObject *back = PyFrame_GetBack(below->tb_frame); /* new; of a frame that is over */
    Py_XDECREF(back);
    return back != frame || PyFrame_GetLasti(below->tb_frame) != below->tb_lasti;
}

bool pyx_in_run(PyFrameObject *frame)
{
    if (PyThreadState_Get()->thread_id != pyx_main_thread()) {
        return true;
    }
    PyFrameObject *f = (PyFrameObject *)Py_NewRef(frame);
    bool found = false;
    while (f != NULL && !found) {
        PyCodeObject *code = PyFrame_GetCode(f);                                /* new */
        found = pyx_code_is_root(code) || pyx_code_kind(code) == PYX_CODE_USER; /* a task */
        Py_DECREF(code);
        PyFrameObject *back = found ? NULL : PyFrame_GetBack(f); /* new */
        Py_DECREF(f);
        f = back;
    }
    Py_XDECREF(f);
    return found;
}

/* The filters that stop here, as the stop's break mode; NULL: none. */
static const char *wanted_mode(PyFrameObject *frame, PyObject *exception, int offset, bool ask,
                               bool raised_here)
{
    enum { UNCAUGHT = 1, USER_UNHANDLED = 2, UNDECIDED = 4 }; /* celldap/uncaught.py */
    const int flags = ask ? judge(frame, exception, offset) : 0;
    if (ask && (flags & UNDECIDED) != 0) {
        Py_XSETREF(undecided, Py_NewRef(exception));
    } else if (ask && exception == undecided) {
        Py_CLEAR(undecided);
    }
    if (filters.uncaught && (flags & UNCAUGHT) != 0 &&
        holds(uncaught_condition, frame, exception)) {
        return "unhandled";
    }
    if (filters.user_unhandled && (flags & USER_UNHANDLED) != 0 &&
        holds(user_condition, frame, exception)) {
        return "userUnhandled";
    }
    return raised_here && holds(raised_condition, frame, exception) ? "always" : NULL;
}

static const char *description_of(const char *mode)
{
    return mode[0] == 'a'   ? "Paused on an exception"
           : mode[1] == 'n' ? "Paused on an uncaught exception"
                            : "Paused on an exception that the user's code does not handle";
}

int pyx_on_raise(PyCodeObject *code, PyObject *exception, int offset, bool again)
{
    if (!filters.raised && exception != undecided && pyx_caught_here(code, exception, offset)) {
        return 0; /* code that lives on exceptions */
    }
    PyFrameObject *frame = PyEval_GetFrame(); /* borrowed */
    const bool ask = (filters.uncaught || filters.user_unhandled) &&
                     (again || exception == undecided || is_raised_anew(exception, frame));
    if ((!ask && (again || !filters.raised)) || exception == last_stopped) {
        return 0; /* most events: it passes a frame */
    }
    const enum pyx_code_kind kind = pyx_code_kind(code);
    const bool mine_only = pyx_control.just_my_code;
    if (is_flow(exception) || kind == PYX_CODE_OURS || is_console(code) || pyx_stop_is_mine()) {
        return 0;
    }
    const bool raised_here = !again && filters.raised && pyx_rules_want(0, mine_only, frame) &&
                             is_first(exception, mine_only);
    if ((!raised_here && !ask) || !pyx_in_run(frame)) {
        return 0;
    }
    pyx_quiet_enter();
    const char *mode = wanted_mode(frame, exception, offset, ask, raised_here);
    pyx_quiet_leave();
    if (mode == NULL) {
        return 0;
    }
    Py_XSETREF(last_stopped, Py_NewRef(exception));
    struct pyx_stop_request req = {
        .reason = "exception",
        .description = description_of(mode),
        .frame = (PyObject *)frame,
        .exception = exception,
        .break_mode = mode,
        .place = PYX_AT_EVENT,
    };
    return pyx_stop_here(&req);
}

/* The search said "caught", and yet the exception ends the cell (a computed type, an __exit__):
 * what is left is the view of its traceback. The frames are over: a step from here is a continue.
 */
void pyx_on_cell_error(PyObject *exception, bool of_cell)
{
    if (pyx_stop_current() == NULL) {
        pyx_post_mortem_keep(exception);
    }
    if (exception == last_stopped || is_flow(exception) || pyx_control_deaf() ||
        pyx_stop_current() != NULL || !(filters.uncaught || filters.user_unhandled)) {
        return;
    }
    pyx_auto PyObject *tb = PyException_GetTraceback(exception); /* new */
    PyTracebackObject *last = (PyTracebackObject *)tb;
    while (last != NULL && last->tb_next != NULL) {
        last = last->tb_next;
    }
    if (last == NULL || (of_cell && !pyx_in_run(last->tb_frame))) {
        return; /* a syntax error has no frame of the user's */
    }
    pyx_quiet_enter();
    pyx_auto PyObject *code = (PyObject *)PyFrame_GetCode(last->tb_frame); /* new */
    const bool wanted =
        !is_console((PyCodeObject *)code) &&
        ((filters.uncaught && holds(uncaught_condition, last->tb_frame, exception)) ||
         (filters.user_unhandled && holds(user_condition, last->tb_frame, exception)));
    pyx_quiet_leave();
    Py_XSETREF(last_stopped, Py_NewRef(exception));
    struct pyx_stop_request req = {
        .reason = "exception",
        .description = "Paused after an uncaught exception",
        .frame = (PyObject *)last->tb_frame,
        .exception = exception,
        .traceback = tb,
        .break_mode = "unhandled",
        .place = PYX_AT_SIGNAL,
    };
    if (wanted && pyx_stop_here(&req) != 0) {
        pyx_error_drop(); /* interrupted: the cell ends with its own error all the same */
    }
}
