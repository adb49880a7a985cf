/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Which lines can stop: read from the code objects' own line tables (PEP 626), never guessed from
 * text. A breakpoint on any other line moves down to the next one of the same scope.
 * Guarded by the GIL; runs on the arm thread.
 */
#include "kernel/python/control.h"

#include <stdlib.h>

static int by_value(const void *a, const void *b)
{
    const int x = *(const int *)a;
    const int y = *(const int *)b;
    return (x > y) - (x < y);
}

static void sort_unique(struct pyx_code_lines *l)
{
    if (l->count == 0) {
        return;
    }
    qsort(l->lines, l->count, sizeof *l->lines, by_value);
    size_t n = 1;
    for (size_t i = 1; i < l->count; i++) {
        if (l->lines[i] != l->lines[n - 1]) {
            l->lines[n++] = l->lines[i];
        }
    }
    l->count = n;
}

static void widen(struct pyx_code_lines *l, int line)
{
    if (l->first == 0 || line < l->first) {
        l->first = line;
    }
    if (line > l->last) {
        l->last = line;
    }
}

/* One (start, end, line) of co_lines(). -1: exception. */
static int add_range(PyObject *item, int from, struct pyx_code_lines *l, size_t *cap)
{
    int start = 0;
    int end = 0;
    PyObject *line_o = NULL; /* borrowed */
    if (!PyArg_ParseTuple(item, "iiO", &start, &end, &line_o)) {
        return -1;
    }
    if (line_o == Py_None || end <= from) {
        return 0;
    }
    const int line = (int)PyLong_AsLong(line_o);
    if (line <= 0) {
        return PyErr_Occurred() != NULL ? -1 : 0;
    }
    if (l->count == *cap) {
        const size_t more = *cap == 0 ? 32 : *cap * 2;
        int *p = realloc(l->lines, more * sizeof *p);
        if (p == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        l->lines = p;
        *cap = more;
    }
    l->lines[l->count++] = line;
    widen(l, line);
    return 0;
}

int pyx_code_lines_get(PyCodeObject *code, struct pyx_code_lines *ret)
{
    *ret = (struct pyx_code_lines){0};
    size_t cap = 0;
    const int from = pyx_prologue_end(code);
    pyx_auto PyObject *iter = PyObject_CallMethod((PyObject *)code, "co_lines", NULL); /* new */
    if (iter == NULL) {
        return -1;
    }
    PyObject *item;
    while ((item = PyIter_Next(iter)) != NULL) {
        const int failed = add_range(item, from, ret, &cap);
        Py_DECREF(item);
        if (failed) {
            break;
        }
    }
    if (PyErr_Occurred() != NULL) {
        pyx_code_lines_done(ret);
        return -1;
    }
    if (code->co_firstlineno > 0 && (code->co_flags & CO_NEWLOCALS) != 0) {
        widen(ret, code->co_firstlineno);
    }
    sort_unique(ret);
    return 0;
}

void pyx_code_lines_done(struct pyx_code_lines *l)
{
    free(l->lines);
    *l = (struct pyx_code_lines){0};
}

bool pyx_code_lines_has(const struct pyx_code_lines *l, int line)
{
    return l->count > 0 && bsearch(&line, l->lines, l->count, sizeof line, by_value) != NULL;
}

static int next_line(const struct pyx_code_lines *l, int line)
{
    for (size_t i = 0; i < l->count; i++) {
        if (l->lines[i] >= line) {
            return l->lines[i];
        }
    }
    return 0;
}

/* Lines of code and the deepest nested code whose span holds `line` decides. *ret: where it lands.
 * Returns the last line of the span, -1 on exception. */
static int resolve(PyCodeObject *code, int line, int depth, int *ret)
{
    struct pyx_code_lines own;
    if (pyx_code_lines_get(code, &own) != 0) {
        return -1;
    }
    int last = own.last;
    int nested = 0;
    for (Py_ssize_t i = 0; depth < 100 && i < PyTuple_GET_SIZE(code->co_consts); i++) {
        PyObject *c = PyTuple_GET_ITEM(code->co_consts, i); /* borrowed */
        if (!PyCode_Check(c)) {
            continue;
        }
        int landed = 0;
        const int end = resolve((PyCodeObject *)c, line, depth + 1, &landed);
        if (end < 0) {
            pyx_code_lines_done(&own);
            return -1;
        }
        if (landed != 0 && line >= ((PyCodeObject *)c)->co_firstlineno && line <= end &&
            (nested == 0 || landed < nested)) {
            nested = landed;
        }
        last = end > last ? end : last;
    }
    const int mine = next_line(&own, line);
    *ret = pyx_code_lines_has(&own, line) || nested == 0 ? mine : nested;
    pyx_code_lines_done(&own);
    return last;
}

int pyx_lines_resolve(PyCodeObject *root, int line)
{
    int landed = 0;
    return resolve(root, line, 0, &landed) < 0 ? -1 : landed;
}

int pyx_lines_first(PyCodeObject *code)
{
    struct pyx_code_lines own;
    if (pyx_code_lines_get(code, &own) != 0) {
        pyx_error_drop();
        return 0;
    }
    const int first = own.count > 0 ? own.lines[0] : 0;
    pyx_code_lines_done(&own);
    return first;
}
