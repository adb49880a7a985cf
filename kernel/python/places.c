/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Places inside of lines (celldap/places.py finds them): breakpointLocations, and the place that a
 * breakpoint with a column means. Guarded by the GIL; runs on the arm thread, compiles and never
 * runs the user's code.
 */
#include "kernel/python/control.h"

#include <limits.h>
#include <stdlib.h>

/* (line, column, end_line, end_column, (line, end_line, column, end_column), opcode) */
static bool read_place(PyObject *item, struct pyx_place *ret)
{
    return PyArg_ParseTuple(item, "iiii(iiii)i", &ret->line, &ret->column, &ret->end_line,
                            &ret->end_column, &ret->position[0], &ret->position[1],
                            &ret->position[2], &ret->position[3], &ret->opcode) != 0;
}

static PyObject *call_find(const char *path, int first, int last, PyObject *only,
                           struct cd_error *reterr)
{
    pyx_auto PyObject *root = pyx_lines_root(path, reterr);
    pyx_auto PyObject *written = NULL;
    pyx_auto PyObject *source = root != NULL ? pyx_lines_source(path, &written, reterr) : NULL;
    if (source == NULL) {
        return NULL;
    }
    pyx_auto PyObject *m = PyImport_ImportModule("celldap.places"); /* new */
    PyObject *list = m != NULL ? PyObject_CallMethod(m, "find", "OOiiOO", source, root, first, last,
                                                     written != NULL ? written : Py_None,
                                                     only != NULL ? only : Py_None)
                               : NULL;
    if (list == NULL || !PyList_Check(list)) {
        Py_CLEAR(list);
        pyx_error_fetch(reterr, CD_E_BAD_VALUE);
    }
    return list;
}

cd_result pyx_places_find(const char *path, int first, int last, PyObject *only,
                          struct pyx_place **ret, size_t *ret_count, struct cd_error *reterr)
{
    pyx_auto PyObject *list = call_find(path, first, last, only, reterr);
    if (list == NULL) {
        return CD_ERR;
    }
    const size_t count = (size_t)PyList_GET_SIZE(list);
    struct pyx_place *places = calloc(count + 1, sizeof *places);
    if (places == NULL) {
        return cd_oom(reterr);
    }
    for (size_t i = 0; i < count; i++) {
        if (!read_place(PyList_GET_ITEM(list, (Py_ssize_t)i), &places[i])) {
            free(places);
            return pyx_error_fetch(reterr, CD_E_INTERNAL);
        }
    }
    *ret = places;
    *ret_count = count;
    return CD_OK;
}

/* Is the column inside of the place? */
static bool holds(const struct pyx_place *p, int line, int column)
{
    const bool begun = column >= p->column;
    return begun && (p->end_line > line || p->end_column == 0 || column < p->end_column);
}

const struct pyx_place *pyx_place_pick(const struct pyx_place *list, size_t count, int line,
                                       int column)
{
    const struct pyx_place *inside = NULL;
    const struct pyx_place *after = NULL;
    const struct pyx_place *last = NULL;
    for (size_t i = 0; i < count; i++) { /* sorted: a later one that holds it is further in */
        const struct pyx_place *p = &list[i];
        if (p->line != line) {
            continue;
        }
        last = p;
        inside = holds(p, line, column) ? p : inside;
        after = after == NULL && p->column >= column ? p : after;
    }
    return inside != NULL ? inside : after != NULL ? after : last;
}

int pyx_place_statement(const char *path, int line)
{
    struct cd_error ignored = CD_ERROR_INIT;
    pyx_auto PyObject *written = NULL;
    pyx_auto PyObject *source = pyx_lines_source(path, &written, &ignored);
    pyx_auto PyObject *m = PyImport_ImportModule("celldap.places"); /* new */
    pyx_auto PyObject *first = m != NULL && source != NULL
                                   ? PyObject_CallMethod(m, "statement", "Oi", source, line)
                                   : NULL;
    const int n = first != NULL ? (int)PyLong_AsLong(first) : 0;
    cd_error_clear(&ignored);
    pyx_error_drop();
    return n > 0 ? n : 0;
}

struct span {
    int64_t line, column, end_line, end_column;
};

static cd_result read_span(const json_t *args, struct span *s, struct cd_error *reterr)
{
    *s = (struct span){.end_column = INT_MAX};
    if (cd_json_int(args, "arguments.line", 0, INT_MAX, &s->line, reterr) != CD_OK) {
        return CD_ERR;
    }
    s->end_line = s->line;
    if (cd_json_int_opt(args, "arguments.column", 0, INT_MAX, &s->column, reterr) != CD_OK ||
        cd_json_int_opt(args, "arguments.endLine", 0, INT_MAX, &s->end_line, reterr) != CD_OK ||
        cd_json_int_opt(args, "arguments.endColumn", 0, INT_MAX, &s->end_column, reterr) != CD_OK) {
        return CD_ERR;
    }
    return CD_OK;
}

static bool is_in(const struct pyx_place *p, const struct span *s)
{
    return (p->line > s->line || p->column >= s->column) &&
           (p->line < s->end_line || p->column <= s->end_column);
}

static json_t *place_json(const struct pyx_place *p)
{
    json_t *o = json_pack("{s:i, s:i}", "line", p->line, "column", p->column);
    if (o != NULL && p->end_column > 0) {
        json_object_set_new(o, "endLine", json_integer(p->end_line));
        json_object_set_new(o, "endColumn", json_integer(p->end_column));
    }
    return o;
}

cd_result pyx_breakpoint_locations(const json_t *args, json_t **ret, struct cd_error *reterr)
{
    const char *path = NULL;
    struct span s;
    struct pyx_place *places = NULL;
    size_t count = 0;
    json_t *source = NULL;
    if (cd_json_obj(args, "arguments.source", &source, reterr) != CD_OK ||
        cd_json_str(source, "arguments.source.path", &path, reterr) != CD_OK ||
        read_span(args, &s, reterr) != CD_OK ||
        pyx_places_find(path, (int)s.line, (int)s.end_line, NULL, &places, &count, reterr) !=
            CD_OK) {
        return CD_ERR;
    }
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) {
        if (is_in(&places[i], &s)) {
            json_array_append_new(list, place_json(&places[i]));
        }
    }
    free(places);
    *ret = json_pack("{s:o}", "breakpoints", list);
    return *ret != NULL ? CD_OK : cd_oom(reterr);
}

/* ---- places in a code object that lives ---- */

static bool same_place(PyObject *item, const struct pyx_place *p)
{
    for (Py_ssize_t i = 0; i < 4; i++) {
        PyObject *v = PyTuple_GET_ITEM(item, i); /* borrowed */
        if (v == Py_None || PyLong_AsLong(v) != p->position[i]) {
            return false;
        }
    }
    return true;
}

size_t pyx_place_offsets(PyCodeObject *code, const struct pyx_place *p, int *ret, size_t max)
{
    pyx_auto PyObject *bytes = PyCode_GetCode(code); /* new: without instrumentation */
    pyx_auto PyObject *iter = PyObject_CallMethod((PyObject *)code, "co_positions", NULL); /* new */
    const int from = pyx_prologue_end(code);
    size_t n = 0;
    if (bytes == NULL || iter == NULL) {
        pyx_error_drop();
        return 0;
    }
    const unsigned char *op = (const unsigned char *)PyBytes_AS_STRING(bytes);
    PyObject *item;
    for (int at = 0; at < PyBytes_GET_SIZE(bytes) && (item = PyIter_Next(iter)) != NULL; at += 2) {
        /* a definition may load several constants: only copies of the first one are meant */
        const bool here = at >= from && op[at] == p->opcode && same_place(item, p) &&
                          (n == 0 || op[at + 1] == op[ret[0] + 1]);
        Py_DECREF(item);
        if (here && n < max) {
            ret[n++] = at;
        }
    }
    pyx_error_drop();
    return n;
}
