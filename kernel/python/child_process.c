/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The door by which a child process of the user's gets its debugger: celldap/child/sitecustomize.py
 * calls it before the program begins (kernel/child.h). Main thread.
 */
#include "kernel/child.h"
#include "kernel/python/control.h"
#include "kernel/python/interp.h"

PyObject *pyx_py_child_start(PyObject *self, PyObject *args)
{
    (void)self;
    struct kernel_child_config config = {0};
    struct cd_error err = CD_ERROR_INIT;
    bool debugged = false;
    cd_result result;
    if (!PyArg_ParseTuple(args, "ss", &config.parent, &config.program)) {
        return NULL;
    }
    Py_BEGIN_ALLOW_THREADS result = kernel_child_start(&config, &debugged, &err);
    Py_END_ALLOW_THREADS if (result != CD_OK)
    {
        PyErr_SetString(PyExc_RuntimeError, err.text);
        return NULL;
    }
    return PyBool_FromLong(debugged);
}

PyObject *pyx_py_child_stop(PyObject *self, PyObject *unused)
{
    (void)self;
    (void)unused;
    pyx_monitor_stop();
    Py_BEGIN_ALLOW_THREADS kernel_child_stop();
    Py_END_ALLOW_THREADS Py_RETURN_NONE;
}
