/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What lies on a frame's value stack: a `with` keeps its __exit__ there, and whether an exception
 * would be swallowed is that function's matter. The layout is CPython's own and differs between
 * minors, hence the header of the very Python that this module is built for. With the GIL, for
 * frames that are not over.
 */
#define Py_BUILD_CORE_MODULE 1
#include "kernel/python/interp.h"

#include <internal/pycore_frame.h>
#if PY_VERSION_HEX >= 0x030E0000
#include <internal/pycore_interpframe.h>
#endif

/* NULL: nothing is there, or what is no object (from 3.14 on a small number may lie there). */
static PyObject *item(PyFrameObject *frame, int position) /* borrowed */
{
#if PY_VERSION_HEX < 0x030E0000
    return _PyFrame_Stackbase(frame->f_frame)[position];
#else
    const _PyStackRef ref = _PyFrame_Stackbase(frame->f_frame)[position];
    const bool object = !PyStackRef_IsNull(ref) && !PyStackRef_IsTaggedInt(ref);
    return object ? PyStackRef_AsPyObjectBorrow(ref) : NULL;
#endif
}

/* stack_item(frame, position) -> object, None: not known. position counts from the bottom. */
PyObject *pyx_py_stack_item(PyObject *self, PyObject *args)
{
    (void)self;
    PyObject *frame = NULL;
    int position = 0;
    if (!PyArg_ParseTuple(args, "O!i", &PyFrame_Type, &frame, &position)) {
        return NULL;
    }
    PyCodeObject *code = PyFrame_GetCode((PyFrameObject *)frame); /* new */
    const bool inside = position >= 0 && position < code->co_stacksize;
    Py_DECREF(code);
    PyObject *found = inside ? item((PyFrameObject *)frame, position) : NULL; /* borrowed */
    return Py_NewRef(found != NULL ? found : Py_None);
}
