/* SPDX-License-Identifier: BSD-3-Clause
 *
 * How an exception leaves a stop. Raised out of a LINE callback it runs the user's except, finally
 * and with, but not on every instruction: on a NOP, a jump or a constant return the compiler leaves
 * the try's table, and from other callbacks handlers are skipped altogether (facts: engine.md
 * §12.2, §14). There SIGINT is tripped instead and lands at the next check of the same frame.
 */
#include "kernel/python/control.h"
#include "kernel/python/inspect.h"

#include <string.h>

/* By opcode: may an exception be raised where a line begins with this instruction? Filled once,
 * since nothing may be imported from inside the user's frame. */
static bool ordinary[256];
static bool load_const[256]; /* LOAD_CONST and, from 3.14 and 3.15 on, its kin */
static int return_value = -1;

static bool name_is_ordinary(const char *name)
{
    static const char *const others[] = {"NOP",       "RETURN_CONST", "RETURN_VALUE", "JUMP_",
                                         "POP_TOP",   "POP_BLOCK",    "SWAP",         "COPY",
                                         "RERAISE",   "POP_EXCEPT",   "END_",         "RESUME",
                                         "PUSH_EXC_", "WITH_EXCEPT_", "POP_ITER",     "<"};
    for (size_t i = 0; i < CD_ARRAY_LEN(others); i++) {
        if (strncmp(name, others[i], strlen(others[i])) == 0) {
            return false;
        }
    }
    return true;
}

cd_result pyx_raise_start(struct cd_error *reterr)
{
    pyx_auto PyObject *m = PyImport_ImportModule("opcode");
    pyx_auto PyObject *names = m != NULL ? PyObject_GetAttrString(m, "opname") : NULL;
    for (Py_ssize_t i = 0; names != NULL && i < PyList_Size(names) && i < 256; i++) {
        const char *name = PyUnicode_AsUTF8(PyList_GET_ITEM(names, i));
        if (name == NULL) {
            break;
        }
        ordinary[i] = name_is_ordinary(name);
        pyx_jumps_opcode(name, (int)i);
        pyx_targets_opcode(name, (int)i);
        load_const[i] = strcmp(name, "LOAD_CONST") == 0 || strcmp(name, "LOAD_SMALL_INT") == 0 ||
                        strcmp(name, "LOAD_COMMON_CONSTANT") == 0;
        if (strcmp(name, "RETURN_VALUE") == 0) {
            return_value = (int)i;
        }
    }
    return PyErr_Occurred() != NULL ? pyx_error_fetch(reterr, CD_E_PYTHON) : CD_OK;
}

/* The instruction at a byte offset, as the compiler wrote it. */
static bool ordinary_at(PyCodeObject *code, int offset)
{
    pyx_auto PyObject *bytes = PyCode_GetCode(code); /* new: without instrumentation */
    if (bytes == NULL || offset < 0 || offset + 3 >= PyBytes_GET_SIZE(bytes)) {
        pyx_error_drop();
        return false;
    }
    const unsigned char *p = (const unsigned char *)PyBytes_AS_STRING(bytes) + offset;
    return ordinary[p[0]] && !(load_const[p[0]] && p[2] == return_value);
}

int pyx_raise_from(enum pyx_stop_place place, PyFrameObject *frame)
{
    if (place == PYX_AT_SIGNAL) {
        return -1;
    }
    const bool again = pyx_was_broken_off(); /* is sent again until it has worked */
    PyObject *saved = PyErr_GetRaisedException();
    PyCodeObject *code = PyFrame_GetCode(frame); /* new */
    const bool raise = place == PYX_AT_LINE && ordinary_at(code, PyFrame_GetLasti(frame));
    Py_DECREF(code);
    if (raise || (!again && !PyErr_GivenExceptionMatches(saved, PyExc_KeyboardInterrupt))) {
        PyErr_SetRaisedException(saved);
        return -1;
    }
    Py_DECREF(saved);
    if (!again) {
        PyErr_SetInterrupt();
    }
    return 0;
}
