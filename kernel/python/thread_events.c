/* SPDX-License-Identifier: BSD-3-Clause
 *
 * `thread` events: threading runs one function at the bottom of each of its threads; its begin and
 * end are two local events of the breakpoint tool, so nothing else pays. Runs on the thread that
 * begins or ends, in a monitoring callback: imports nothing, raises nothing.
 */
#include "kernel/python/control.h"
#include "kernel/python/interp.h"

#include <string.h>

PyCodeObject *pyx_thread_code; /* strong: Thread._bootstrap_inner's, once it is known */

static __thread bool told; /* that this thread began */

PyObject *pyx_py_watch_threads(PyObject *self, PyObject *code)
{
    (void)self;
    struct pyx_code *entry = PyCode_Check(code) ? pyx_code_entry((PyCodeObject *)code) : NULL;
    if (entry) {
        Py_XSETREF(pyx_thread_code, (PyCodeObject *)Py_NewRef(code));
        pyx_monitor_refresh(entry, false);
    }
    Py_RETURN_NONE;
}

/* IPython's history saver is not known by its number yet: it is no thread of the user's. */
static bool is_users(void)
{
    PyFrameObject *frame = PyEval_GetFrame();                                       /* borrowed */
    pyx_auto PyObject *thread = frame ? PyFrame_GetVarString(frame, "self") : NULL; /* new */
    pyx_error_drop();
    return thread && strcmp(Py_TYPE(thread)->tp_name, "HistorySavingThread") != 0;
}

static void tell(const char *reason)
{
    const int number = pyx_thread_number(PyThreadState_Get());
    if (number > 0) {
        pyx_note(ENGINE_THREAD, 0, json_pack("{s:s, s:i}", "reason", reason, "threadId", number));
    }
}

void pyx_thread_began(void)
{
    if (!pyx_control_deaf() && is_users()) {
        told = true;
        tell("started");
    }
}

void pyx_thread_ended(void)
{
    if (told && !pyx_control_deaf()) {
        tell("exited");
    }
}
