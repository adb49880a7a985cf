/* SPDX-License-Identifier: BSD-3-Clause
 *
 * numpy arrays, pandas Series and DataFrames. They are known by the name and module of their type:
 * nothing is imported that the user has not imported. Their own code answers. Runs with the GIL.
 */
#include "kernel/python/inspect.h"

#include <string.h>

static bool in_module(PyTypeObject *type, const char *package)
{
    const char *name = type->tp_name;
    size_t len = strlen(package);
    if (strncmp(name, package, len) == 0 && name[len] == '.') {
        return true; /* a static type: numpy.ndarray */
    }
    pyx_auto PyObject *dict = PyType_GetDict(type);
    pyx_auto PyObject *module = NULL;
    bool found = dict && pyx_dict_gets(dict, "__module__", &module) == 1 && PyUnicode_Check(module);
    const char *text = found ? PyUnicode_AsUTF8(module) : NULL;
    PyErr_Clear();
    return text && strncmp(text, package, len) == 0 && (!text[len] || text[len] == '.');
}

enum pyx_array pyx_array_kind(PyObject *value)
{
    const char *name = pyx_type_name(value);
    if (strcmp(name, "ndarray") == 0 && in_module(Py_TYPE(value), "numpy")) {
        return PYX_ARRAY_ND;
    }
    if (strcmp(name, "Series") == 0 && in_module(Py_TYPE(value), "pandas")) {
        return PYX_ARRAY_SERIES;
    }
    return strcmp(name, "DataFrame") == 0 && in_module(Py_TYPE(value), "pandas") ? PYX_ARRAY_FRAME
                                                                                 : PYX_ARRAY_NONE;
}

int64_t pyx_array_len(PyObject *value, enum pyx_array kind)
{
    if (kind == PYX_ARRAY_FRAME) {
        return 0; /* its columns are named */
    }
    Py_ssize_t size = PyObject_Size(value);
    PyErr_Clear(); /* a 0-d array */
    return size > 0 ? size : 0;
}

PyObject *pyx_array_item(PyObject *array, enum pyx_array kind, Py_ssize_t position)
{
    pyx_auto PyObject *at = PyLong_FromSsize_t(position); /* new */
    pyx_auto PyObject *from = kind == PYX_ARRAY_SERIES ? PyObject_GetAttrString(array, "iloc")
                                                       : Py_NewRef(array); /* new */
    PyObject *item = at && from ? PyObject_GetItem(from, at) : NULL;
    PyErr_Clear();
    return item;
}

PyObject *pyx_series_head(PyObject *series, Py_ssize_t max, PyObject **ret_dtype)
{
    pyx_auto PyObject *iloc = PyObject_GetAttrString(series, "iloc"); /* new */
    pyx_auto PyObject *end = PyLong_FromSsize_t(max);
    pyx_auto PyObject *slice = end ? PySlice_New(NULL, end, NULL) : NULL;
    pyx_auto PyObject *head = iloc && slice ? PyObject_GetItem(iloc, slice) : NULL;
    pyx_auto PyObject *dtype = head ? PyObject_GetAttrString(series, "dtype") : NULL;
    pyx_auto PyObject *cells = dtype ? PyObject_CallMethod(head, "tolist", NULL) : NULL;
    *ret_dtype = cells && PyList_CheckExact(cells) ? PyObject_Str(dtype) : NULL;
    return *ret_dtype ? Py_NewRef(cells) : NULL;
}

PyObject *pyx_column_get(PyObject *table, Py_ssize_t position, PyObject **ret_label)
{
    pyx_auto PyObject *columns = PyObject_GetAttrString(table, "columns"); /* new */
    pyx_auto PyObject *iloc = PyObject_GetAttrString(table, "iloc");       /* new */
    pyx_auto PyObject *at =
        Py_BuildValue("(Nn)", PySlice_New(NULL, NULL, NULL), position); /* new */
    *ret_label = columns ? PySequence_GetItem(columns, position) : NULL;
    PyObject *column = iloc && at && *ret_label ? PyObject_GetItem(iloc, at) : NULL;
    PyErr_Clear();
    return column;
}

static cd_result add_facts(struct pyx_page *page, const char *const *names, size_t count,
                           struct cd_error *reterr)
{
    const struct pyx_target *t = page->target;
    for (size_t i = 0; i < count; i++) {
        pyx_auto PyObject *value = PyObject_GetAttrString(t->value, names[i]); /* new */
        PyErr_Clear();
        if (!value) {
            continue;
        }
        char expr[PYX_EXPR_BYTES + 40];
        snprintf(expr, sizeof(expr), "%s.%s", t->has_expr ? t->expr.data : "", names[i]);
        int ref =
            dbg_refs_number(pyx_refs(), page->parent, PYX_STEP_LAZY, names[i], strlen(names[i]));
        int value_ref = dbg_refs_number(pyx_refs(), ref, PYX_STEP_VALUE, "", 0);
        pyx_held_set(value_ref, value);
        struct pyx_page below = *page;
        below.parent = ref;
        cd_result rc = pyx_child_add(&below,
                                     &(struct pyx_child){.name = names[i],
                                                         .step = PYX_STEP_VALUE,
                                                         .key = "",
                                                         .value = value,
                                                         .expr = t->has_expr ? expr : NULL,
                                                         .kind = "property"},
                                     reterr);
        page->seen = below.seen;
        if (rc != CD_OK) {
            return CD_ERR;
        }
    }
    return CD_OK;
}

static cd_result add_columns(struct pyx_page *page, struct cd_error *reterr)
{
    const struct pyx_target *t = page->target;
    pyx_auto PyObject *columns = PyObject_GetAttrString(t->value, "columns"); /* new */
    Py_ssize_t n = columns ? PyObject_Size(columns) : 0;
    PyErr_Clear();
    for (Py_ssize_t i = 0; i < n && i < PYX_NAMED_ENTRIES; i++) {
        pyx_auto PyObject *label = NULL;
        pyx_auto PyObject *column = pyx_column_get(t->value, i, &label);
        if (!column) {
            continue;
        }
        char key[32];
        int len = snprintf(key, sizeof(key), "%zd", i);
        cd_autobuf struct cd_buf name;
        cd_autobuf struct cd_buf expr;
        cd_buf_init(&name, 200);
        cd_buf_init(&expr, PYX_EXPR_BYTES);
        pyx_repr_into(&name, label, &(struct pyx_format){0});
        bool known = t->has_expr &&
                     cd_buf_append(&expr, t->expr.data, t->expr.len, NULL) == CD_OK &&
                     pyx_key_expr(&expr, label);
        if (pyx_child_add(page,
                          &(struct pyx_child){.name = name.data,
                                              .step = PYX_STEP_COLUMN,
                                              .key = key,
                                              .key_len = (size_t)len,
                                              .value = column,
                                              .expr = known ? expr.data : NULL},
                          reterr) != CD_OK) {
            return CD_ERR;
        }
    }
    return CD_OK;
}

static cd_result add_items(struct pyx_page *page, enum pyx_array kind, struct cd_error *reterr)
{
    const struct pyx_target *t = page->target;
    Py_ssize_t size = (Py_ssize_t)pyx_array_len(t->value, kind);
    Py_ssize_t from, to, rest;
    pyx_page_range(page, t->rest, size, &from, &to, &rest);
    struct pyx_page all = *page;
    all.start = all.count = all.seen = 0;
    for (Py_ssize_t i = from; i < to; i++) {
        pyx_auto PyObject *item = pyx_array_item(t->value, kind, i);
        if (!item) {
            continue;
        }
        char key[32], expr[PYX_EXPR_BYTES + 60];
        int len = snprintf(key, sizeof(key), "%zd", i);
        snprintf(expr, sizeof(expr), kind == PYX_ARRAY_SERIES ? "%s.iloc[%zd]" : "%s[%zd]",
                 t->has_expr ? t->expr.data : "", i);
        if (pyx_child_add(&all,
                          &(struct pyx_child){.name = key,
                                              .step = PYX_STEP_INDEX,
                                              .key = key,
                                              .key_len = (size_t)len,
                                              .value = item,
                                              .expr = t->has_expr ? expr : NULL},
                          reterr) != CD_OK) {
            return CD_ERR;
        }
    }
    return pyx_child_add_rest(&all, rest, size, reterr);
}

cd_result pyx_children_array(struct pyx_page *page, enum pyx_array kind, struct cd_error *reterr)
{
    static const char *const nd[] = {"shape", "dtype", "size"};
    static const char *const series[] = {"index", "dtype", "shape", "name"};
    static const char *const frame[] = {"index", "shape", "dtypes"};
    if (page->indexed && kind != PYX_ARRAY_FRAME && add_items(page, kind, reterr) != CD_OK) {
        return CD_ERR;
    }
    if (!page->named || page->target->rest) {
        return CD_OK;
    }
    if (kind == PYX_ARRAY_ND) {
        return add_facts(page, nd, CD_ARRAY_LEN(nd), reterr);
    }
    if (kind == PYX_ARRAY_SERIES) {
        return add_facts(page, series, CD_ARRAY_LEN(series), reterr);
    }
    return add_columns(page, reterr) == CD_OK ? add_facts(page, frame, CD_ARRAY_LEN(frame), reterr)
                                              : CD_ERR;
}
