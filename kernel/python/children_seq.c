/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Items of lists, tuples, ranges, deques and sets, by position. Only C code of Python's own reads
 * them, also where a class of the user's derives from them. Runs with the GIL.
 */
#include "kernel/python/inspect.h"

#include <string.h>

static bool is_named(PyObject *value, const char *tp_name)
{
    return strcmp(Py_TYPE(value)->tp_name, tp_name) == 0;
}

enum pyx_items pyx_items_kind(PyObject *value, Py_ssize_t *ret_size)
{
    if (PyList_Check(value) || PyTuple_Check(value)) {
        *ret_size = Py_SIZE(value);
        return PYX_ITEMS_SEQ;
    }
    if (PyDict_Check(value)) {
        *ret_size = PyDict_GET_SIZE(value);
        return PYX_ITEMS_DICT;
    }
    bool set = PyAnySet_Check(value);
    bool view = PyDictViewSet_Check(value) || PyDictValues_Check(value);
    bool seq = Py_IS_TYPE(value, &PyRange_Type) || is_named(value, "collections.deque") ||
               is_named(value, "array.array") ||
               (PyMemoryView_Check(value) && PyMemoryView_GET_BUFFER(value)->ndim == 1);
    if (!set && !view && !seq) {
        return PYX_ITEMS_NONE;
    }
    if (view && !Py_IS_TYPE(value, &PyDictKeys_Type) && !Py_IS_TYPE(value, &PyDictItems_Type) &&
        !Py_IS_TYPE(value, &PyDictValues_Type)) {
        return PYX_ITEMS_NONE; /* an OrderedDict's views run Python code */
    }
    *ret_size = set ? PySet_GET_SIZE(value) : PyObject_Size(value);
    if (*ret_size < 0) { /* range(10**30) */
        PyErr_Clear();
        return PYX_ITEMS_NONE;
    }
    return seq ? PYX_ITEMS_SEQ : PYX_ITEMS_SET;
}

PyObject *pyx_seq_get(PyObject *seq, Py_ssize_t position)
{
    if (PyList_Check(seq) || PyTuple_Check(seq)) {
        return position >= 0 && position < Py_SIZE(seq)
                   ? Py_NewRef(PyList_Check(seq) ? PyList_GET_ITEM(seq, position)
                                                 : PyTuple_GET_ITEM(seq, position))
                   : NULL;
    }
    Py_ssize_t size = 0;
    if (pyx_items_kind(seq, &size) != PYX_ITEMS_SEQ || position < 0 || position >= size) {
        return NULL;
    }
    PyObject *item = PySequence_GetItem(seq, position);
    PyErr_Clear();
    return item;
}

/* The C iterator also for classes that derive from set. */
static PyObject *set_iterator(PyObject *set) /* new / NULL */
{
    getiterfunc iter = PyAnySet_Check(set) ? PySet_Type.tp_iter : Py_TYPE(set)->tp_iter;
    PyObject *iterator = iter ? iter(set) : NULL;
    PyErr_Clear();
    return iterator;
}

PyObject *pyx_set_get(PyObject *set, Py_ssize_t position)
{
    Py_ssize_t size = 0;
    if (pyx_items_kind(set, &size) != PYX_ITEMS_SET || position < 0 || position >= size) {
        return NULL;
    }
    pyx_auto PyObject *iterator = set_iterator(set);
    PyObject *item = NULL;
    for (Py_ssize_t i = 0; iterator && i <= position; i++) {
        Py_XSETREF(item, PyIter_Next(iterator));
        if (!item) {
            break;
        }
    }
    PyErr_Clear();
    return item;
}

static cd_result add_item(struct pyx_page *page, Py_ssize_t at, PyObject *item, bool in_set,
                          struct cd_error *reterr)
{
    char name[32], expr[PYX_EXPR_BYTES + 40];
    int len = snprintf(name, sizeof(name), "%zd", at);
    const struct pyx_target *t = page->target;
    if (t->has_expr && !in_set) {
        snprintf(expr, sizeof(expr), "%s[%zd]", t->expr.data, at);
    }
    return pyx_child_add(page,
                         &(struct pyx_child){.name = name,
                                             .step = in_set ? PYX_STEP_ELEMENT : PYX_STEP_INDEX,
                                             .key = name,
                                             .key_len = (size_t)len,
                                             .value = item,
                                             .expr = t->has_expr && !in_set ? expr : NULL},
                         reterr);
}

/* The range was chosen: what is added now is wanted. */
static struct pyx_page chosen(const struct pyx_page *page)
{
    struct pyx_page all = *page;
    all.start = all.seen = all.count = 0;
    return all;
}

cd_result pyx_children_seq(struct pyx_page *page, Py_ssize_t size, struct cd_error *reterr)
{
    if (!page->indexed) {
        return CD_OK;
    }
    Py_ssize_t from, to, rest;
    pyx_page_range(page, page->target->rest, size, &from, &to, &rest);
    struct pyx_page all = chosen(page);
    for (Py_ssize_t i = from; i < to; i++) {
        pyx_auto PyObject *item = pyx_seq_get(page->target->value, i);
        if (!item) {
            break; /* became shorter while a repr ran */
        }
        if (add_item(&all, i, item, false, reterr) != CD_OK) {
            return CD_ERR;
        }
    }
    return pyx_child_add_rest(&all, rest, size, reterr);
}

cd_result pyx_children_set(struct pyx_page *page, Py_ssize_t size, struct cd_error *reterr)
{
    if (!page->indexed) {
        return CD_OK;
    }
    Py_ssize_t from, to, rest;
    pyx_page_range(page, page->target->rest, size, &from, &to, &rest);
    struct pyx_page all = chosen(page);
    pyx_auto PyObject *iterator = set_iterator(page->target->value);
    for (Py_ssize_t i = 0; iterator && i < to; i++) {
        pyx_auto PyObject *item = PyIter_Next(iterator); /* new */
        if (!item) {
            break; /* changed while a repr ran */
        }
        if (i >= from && add_item(&all, i, item, true, reterr) != CD_OK) {
            return CD_ERR;
        }
    }
    PyErr_Clear();
    return pyx_child_add_rest(&all, rest, size, reterr);
}
