/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What celldap/uncaught.py found out about a place in the code, remembered until the run ends: does
 * an exception of this type that is raised here stay in the frame, or does it go on to the caller?
 * Code that lives on exceptions asks that a million times a second. Slots hold their code and type,
 * so that no other object can have their address. Guarded by the GIL.
 */
#include "kernel/python/control.h"
#include "kernel/python/interp.h"

#define SLOTS 512 /* a power of two */

static struct verdict {
    PyObject *code, *type; /* strong; NULL: empty */
    int offset;
    bool caught;
} slots[SLOTS];
static bool any;

static struct verdict *slot_of(const void *code, const void *type, int offset)
{
    const uintptr_t mixed =
        ((uintptr_t)code >> 4) ^ ((uintptr_t)type >> 5) ^ (unsigned)offset * 37u;
    return &slots[(mixed ^ mixed >> 9) & (SLOTS - 1)];
}

void pyx_verdicts_forget(void)
{
    for (size_t i = 0; any && i < SLOTS; i++) {
        Py_CLEAR(slots[i].code);
        Py_CLEAR(slots[i].type);
    }
    any = false;
}

/* remember_verdict(code, offset, type, caught) */
PyObject *pyx_py_remember_verdict(PyObject *self, PyObject *args)
{
    (void)self;
    PyObject *code, *type;
    int offset, caught;
    if (!PyArg_ParseTuple(args, "O!iOp", &PyCode_Type, &code, &offset, &type, &caught)) {
        return NULL;
    }
    struct verdict *v = slot_of(code, type, offset);
    Py_XSETREF(v->code, Py_NewRef(code));
    Py_XSETREF(v->type, Py_NewRef(type));
    v->offset = offset;
    v->caught = caught;
    any = true;
    Py_RETURN_NONE;
}

bool pyx_caught_here(PyCodeObject *code, PyObject *exception, int offset)
{
    const struct verdict *v = slot_of(code, Py_TYPE(exception), offset);
    return v->code == (PyObject *)code && v->offset == offset && v->caught &&
           v->type == (PyObject *)Py_TYPE(exception);
}

int pyx_verdict(PyFrameObject *frame, PyObject *exception, int offset, bool *ret_leaves_user)
{
    PyFrameObject *f = (PyFrameObject *)Py_NewRef(frame);
    int found = -1;
    bool above = false; /* the frame that it came from was the user's */
    while (any && f != NULL) {
        PyCodeObject *code = PyFrame_GetCode(f); /* new */
        const bool mine = ret_leaves_user != NULL && pyx_code_kind(code) == PYX_CODE_USER;
        const int at = f == frame ? offset : PyFrame_GetLasti(f);
        const struct verdict *v = slot_of(code, Py_TYPE(exception), at);
        const bool known = v->code == (PyObject *)code && v->offset == at &&
                           v->type == (PyObject *)Py_TYPE(exception);
        Py_DECREF(code);
        if (above && !mine) {
            *ret_leaves_user = true;
        }
        above = mine;
        if (!known || v->caught) {
            found = known ? 1 : -1;
            break;
        }
        PyFrameObject *back = PyFrame_GetBack(f); /* new */
        Py_DECREF(f);
        f = back;
    }
    Py_XDECREF(f);
    return found;
}
