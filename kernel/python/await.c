/* SPDX-License-Identifier: BSD-3-Clause
 *
 * `await` in the debug console: an evaluation that is a coroutine is run to its end by the loop of
 * the stopped thread (celldap/awaiting.py). That other tasks advance meanwhile is said in the
 * console. Runs on the stopped thread with the GIL; the user's code runs.
 */
#include "kernel/python/control.h"
#include "kernel/python/inspect.h"
#include "kernel/python/interp.h"

static __thread bool allowed;

bool pyx_await_allow(bool now)
{
    const bool before = allowed;
    allowed = now;
    return before;
}

static void close_unrun(PyObject *coro)
{
    PyObject *exc = PyErr_GetRaisedException(); /* new */
    Py_XDECREF(PyObject_CallMethod(coro, "close", NULL));
    PyErr_Clear();
    PyErr_SetRaisedException(exc); /* steals */
}

static void tell_others(void)
{
    pyx_note(ENGINE_OUTPUT, 0,
             json_pack("{s:s,s:s}", "category", "console", "output",
                       "celldap: while this was awaited, other tasks of the program went on\n"));
}

PyObject *pyx_await(PyObject *coro_owned)
{
    pyx_auto PyObject *coro = coro_owned;
    if (!allowed) {
        PyErr_SetString(PyExc_SyntaxError, "'await' can be evaluated in the debug console only");
        close_unrun(coro);
        return NULL;
    }
    pyx_auto PyObject *pair = pyx_python_call("await_in_stop", "(O)", coro); /* new */
    if (!pair) {
        close_unrun(coro);
        return NULL;
    }
    if (PyTuple_Check(pair) && PyTuple_GET_SIZE(pair) == 2 &&
        PyTuple_GET_ITEM(pair, 1) == Py_True) {
        tell_others();
    }
    return PySequence_GetItem(pair, 0);
}
