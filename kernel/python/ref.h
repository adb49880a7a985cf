/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Owned PyObject references that release themselves, the GIL's only doors, and the bridge from a
 * Python exception to a cd_error. kernel/python only.
 */
#ifndef PYX_REF_H
#define PYX_REF_H

#define PY_SSIZE_T_CLEAN /* lengths of "#" formats are Py_ssize_t; the default from 3.13 on */
#include <Python.h>

#include "dap/base/error.h"

static inline void pyx_autodecref_(PyObject **o)
{
    Py_XDECREF(*o);
}
/* A strong reference that is dropped at the end of the scope. Needs the GIL there. */
#define pyx_auto __attribute__((cleanup(pyx_autodecref_)))

/* Takes the GIL on any thread of ours (a new thread state where it has none). No lock may be held.
 */
PyGILState_STATE pyx_gil_enter(void);
void pyx_gil_leave(PyGILState_STATE state);

/* Moves the current Python exception into reterr ("NameError: name 'x' is not defined") and clears
 * it. Returns CD_ERR. */
cd_result pyx_error_fetch(struct cd_error *reterr, enum cd_error_id id) CD_NEEDS_GIL;
/* Drops whatever exception is set: an engine's callback must never leak one into user code. */
void pyx_error_drop(void) CD_NEEDS_GIL;

/* Dict look-ups as strong references: 1 found, 0 not, -1 exception. 3.12 has no PyDict_GetItemRef.
 */
int pyx_dict_get(PyObject *dict, PyObject *key, PyObject **ret) CD_NEEDS_GIL;
int pyx_dict_gets(PyObject *dict, const char *key, PyObject **ret) CD_NEEDS_GIL;

#endif
