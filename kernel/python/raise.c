/* SPDX-License-Identifier: BSD-3-Clause
 *
 * How an exception leaves a stop. Raised out of a LINE callback it runs the user's except, finally and
 * with, but not on every instruction: on a NOP, a jump or a constant return the compiler leaves the
 * try's table, and from other callbacks handlers are skipped altogether (facts: engine.md §12.2,
 * §14). There SIGINT is tripped instead and lands at the next check of the same frame.
 */
#include "kernel/python/control.h"

#include <string.h>

/* Instructions at the start of a line from which the present try is still in force. */
static bool name_is_safe(const char *name)
{
    static const char *const unsafe[] = {"NOP",       "RETURN_CONST", "RETURN_VALUE", "JUMP_",
                                         "POP_TOP",   "POP_BLOCK",    "SWAP",         "COPY",
                                         "RERAISE",   "POP_EXCEPT",   "END_",         "RESUME",
                                         "PUSH_EXC_", "WITH_EXCEPT_", "POP_ITER"};
    for (size_t i = 0; i < CD_ARRAY_LEN(unsafe); i++) {
        if (strncmp(name, unsafe[i], strlen(unsafe[i])) == 0) {
            return false;
        }
    }
    return true;
}

/* Name of the instruction at a byte offset, and of the one behind it, as the compiler wrote them. */
static bool ordinary_at(PyCodeObject *code, int offset)
{
    pyx_auto PyObject *bytes = PyCode_GetCode(code); /* new: without instrumentation */
    pyx_auto PyObject *m = PyImport_ImportModule("opcode");
    pyx_auto PyObject *names = m != NULL ? PyObject_GetAttrString(m, "opname") : NULL;
    if (bytes == NULL || names == NULL || !PyList_Check(names) || offset < 0 ||
        offset + 3 >= PyBytes_GET_SIZE(bytes)) {
        pyx_error_drop();
        return false;
    }
    const unsigned char *p = (const unsigned char *)PyBytes_AS_STRING(bytes) + offset;
    const char *first = PyUnicode_AsUTF8(PyList_GET_ITEM(names, p[0]));
    const char *second = PyUnicode_AsUTF8(PyList_GET_ITEM(names, p[2]));
    if (first == NULL || second == NULL || !name_is_safe(first)) {
        pyx_error_drop();
        return false;
    }
    const bool constant = strcmp(first, "LOAD_CONST") == 0 || strcmp(first, "LOAD_SMALL_INT") == 0;
    return !(constant && strcmp(second, "RETURN_VALUE") == 0);
}

int pyx_raise_from(enum pyx_stop_place place, PyFrameObject *frame)
{
    if (place == PYX_AT_SIGNAL) {
        return -1;
    }
    PyObject *saved = PyErr_GetRaisedException();
    PyCodeObject *code = PyFrame_GetCode(frame); /* new */
    const bool raise = place == PYX_AT_LINE && ordinary_at(code, PyFrame_GetLasti(frame));
    Py_DECREF(code);
    if (raise || !PyErr_GivenExceptionMatches(saved, PyExc_KeyboardInterrupt)) {
        PyErr_SetRaisedException(saved);
        return -1;
    }
    Py_DECREF(saved);
    PyErr_SetInterrupt();
    return 0;
}
