/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Backward jumps that stay on their line: a loop written on one line, whose rounds are lines of
 * their own, or a comprehension that the compiler put in line (PEP 709), whose rounds are not. Told
 * apart by the instructions: only a comprehension appends below the top of the stack. Guarded by
 * the GIL; answered once a location, which is DISABLEd when it is no loop.
 */
#include "kernel/python/control.h"

#include <string.h>

static struct {
    int for_iter, get_iter, swap;
    int builds[3];  /* BUILD_LIST, BUILD_SET, BUILD_MAP */
    int appends[3]; /* LIST_APPEND, SET_ADD, MAP_ADD */
    int resume;
} op = {-1, -1, -1, {-1, -1, -1}, {-1, -1, -1}, -1};

void pyx_jumps_opcode(const char *name, int number)
{
    static const struct {
        const char *name;
        int *where;
    } known[] = {
        {"FOR_ITER", &op.for_iter},      {"GET_ITER", &op.get_iter},   {"SWAP", &op.swap},
        {"BUILD_LIST", &op.builds[0]},   {"BUILD_SET", &op.builds[1]}, {"BUILD_MAP", &op.builds[2]},
        {"LIST_APPEND", &op.appends[0]}, {"SET_ADD", &op.appends[1]},  {"MAP_ADD", &op.appends[2]},
        {"RESUME", &op.resume},
    };
    for (size_t i = 0; i < CD_ARRAY_LEN(known); i++) {
        if (strcmp(known[i].name, name) == 0) {
            *known[i].where = number;
        }
    }
}

static bool one_of(const int three[3], int number)
{
    return number == three[0] || number == three[1] || number == three[2];
}

bool pyx_jump_is_loop(PyCodeObject *code, int from, int to)
{
    pyx_auto PyObject *bytes = PyCode_GetCode(code); /* new: without instrumentation */
    if (bytes == NULL || to < 0 || from >= PyBytes_GET_SIZE(bytes)) {
        pyx_error_drop();
        return false;
    }
    const unsigned char *p = (const unsigned char *)PyBytes_AS_STRING(bytes);
    int head = to; /* from 3.15 on GET_ITER and its cache lie between */
    while (head >= 2 && (p[head - 2] == 0 || p[head - 2] == op.get_iter)) {
        head -= 2;
    }
    if (head >= 4 && p[head - 2] == op.swap && one_of(op.builds, p[head - 4])) {
        return false; /* the outermost `for` of a comprehension */
    }
    for (int i = to + 2; i < from && p[i] != op.for_iter; i += 2) {
        if (one_of(op.appends, p[i]) && p[i + 1] >= 2) {
            return false; /* an inner `for` of one */
        }
    }
    return true;
}

/* Byte offset behind the first RESUME and, from 3.15 on, its cache; 0: there is none. *resume: its
 * own offset. */
static int behind_resume(PyCodeObject *code, int *resume)
{
    pyx_auto PyObject *bytes = PyCode_GetCode(code); /* new: without instrumentation */
    if (bytes == NULL) {
        pyx_error_drop();
        return 0;
    }
    const unsigned char *p = (const unsigned char *)PyBytes_AS_STRING(bytes);
    const Py_ssize_t size = PyBytes_GET_SIZE(bytes);
    for (Py_ssize_t i = 0; i + 1 < size; i += 2) {
        if (p[i] == op.resume) {
            *resume = (int)i;
            for (i += 2; i + 1 < size && p[i] == 0; i += 2) {
            }
            return (int)i;
        }
    }
    return 0;
}

int pyx_prologue_end(PyCodeObject *code)
{
    int resume = 0;
    return behind_resume(code, &resume);
}

/* A cache has no line of its own once the code is instrumented: RESUME itself is asked. */
int pyx_start_line(PyCodeObject *code)
{
    int resume = 0;
    const int end = behind_resume(code, &resume);
    const int line = end > 0 ? PyCode_Addr2Line(code, end) : 0;
    const bool joined = line > 0 && line == PyCode_Addr2Line(code, resume);
    return (code->co_flags & CO_NEWLOCALS) != 0 && joined ? line : 0;
}
