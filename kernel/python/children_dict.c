/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Entries of dicts, named by the repr of their key. str keys are found again by the key, others by
 * position and repr, so that no hash or comparison of the user's runs. Runs with the GIL.
 */
#include "kernel/python/inspect.h"

#include <stdlib.h>
#include <string.h>

#define KEY_BYTES 120 /* of a key's repr in a name */

/* Literals whose repr is Python that gives them back. */
static bool is_literal(PyObject *key, int depth)
{
    if (key == Py_None || PyBool_Check(key) || PyLong_CheckExact(key) ||
        PyUnicode_CheckExact(key) || PyBytes_CheckExact(key)) {
        return true;
    }
    if (PyFloat_CheckExact(key)) {
        double d = PyFloat_AS_DOUBLE(key);
        return d - d == 0; /* inf and nan are no literals */
    }
    if (!PyTuple_CheckExact(key) || depth > 3) {
        return false;
    }
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(key); i++) {
        if (!is_literal(PyTuple_GET_ITEM(key, i), depth + 1)) {
            return false;
        }
    }
    return true;
}

bool pyx_key_expr(struct cd_buf *out, PyObject *key)
{
    if (!is_literal(key, 0)) {
        return false;
    }
    cd_autobuf struct cd_buf text;
    cd_buf_init(&text, PYX_EXPR_BYTES);
    pyx_repr_into(&text, key, &(struct pyx_format){.full = true});
    return text.len + 100 < PYX_EXPR_BYTES && cd_buf_appendf(out, NULL, "[%s]", text.data) == CD_OK;
}

static void short_key(struct cd_buf *out, PyObject *key)
{
    cd_buf_init(out, KEY_BYTES);
    pyx_repr_into(out, key, &(struct pyx_format){0});
}

bool pyx_key_is_named(PyObject *key, const char *name)
{
    cd_autobuf struct cd_buf text;
    short_key(&text, key);
    return strcmp(text.data, name) == 0;
}

PyObject *pyx_entry_get(PyObject *dict, char step, const char *key, size_t len, PyObject **ret_key)
{
    PyObject *value = NULL;
    if (!PyDict_Check(dict)) {
        return NULL;
    }
    if (step == PYX_STEP_STR_KEY) {
        PyObject *str = PyUnicode_DecodeUTF8(key, (Py_ssize_t)len, "surrogatepass"); /* new */
        if (str) {
            pyx_dict_get(dict, str, &value);
        }
        PyErr_Clear();
        if (ret_key) {
            *ret_key = str;
        } else {
            Py_XDECREF(str);
        }
        return value;
    }
    char *repr = NULL;
    long long position = strtoll(key, &repr, 10);
    repr += *repr == ':';
    Py_ssize_t at = 0, size = PyDict_GET_SIZE(dict);
    PyObject *k, *v; /* borrowed */
    for (long long i = 0; PyDict_Next(dict, &at, &k, &v); i++) {
        if (i < position) {
            continue; /* entries before it may have gone, but not come */
        }
        pyx_auto PyObject *strong_key = Py_NewRef(k);
        pyx_auto PyObject *strong = Py_NewRef(v);
        bool found = pyx_key_is_named(strong_key, repr);
        if (found) {
            if (ret_key) {
                *ret_key = Py_NewRef(strong_key);
            }
            return Py_NewRef(strong);
        }
        if (PyDict_GET_SIZE(dict) != size || i - position > 1000) {
            break;
        }
    }
    return NULL;
}

enum pyx_step pyx_key_step(struct cd_buf *out, PyObject *key, Py_ssize_t position, const char *name)
{
    cd_buf_init(out, 4200);
    pyx_auto PyObject *bytes =
        PyUnicode_CheckExact(key) && PyUnicode_GET_LENGTH(key) < 1000 ? pyx_str_bytes(key) : NULL;
    if (bytes && cd_buf_append(out, PyBytes_AS_STRING(bytes), (size_t)PyBytes_GET_SIZE(bytes),
                               NULL) == CD_OK) {
        return PYX_STEP_STR_KEY;
    }
    if (cd_buf_appendf(out, NULL, "%zd:%s", position, name) != CD_OK) {
        cd_buf_clear(out); /* out of memory: a step that leads nowhere */
    }
    return PYX_STEP_ENTRY;
}

static cd_result add_entry(struct pyx_page *page, Py_ssize_t at, PyObject *key, PyObject *value,
                           struct cd_error *reterr)
{
    cd_autobuf struct cd_buf name;
    cd_autobuf struct cd_buf expr;
    cd_autobuf struct cd_buf step;
    const struct pyx_target *t = page->target;
    short_key(&name, key);
    cd_buf_init(&expr, PYX_EXPR_BYTES);
    enum pyx_step kind = pyx_key_step(&step, key, at, name.data);
    bool known = t->has_expr && cd_buf_append(&expr, t->expr.data, t->expr.len, NULL) == CD_OK &&
                 pyx_key_expr(&expr, key);
    return pyx_child_add(page,
                         &(struct pyx_child){.name = name.data,
                                             .step = kind,
                                             .key = step.data,
                                             .key_len = step.len,
                                             .value = value,
                                             .expr = known ? expr.data : NULL},
                         reterr);
}

cd_result pyx_children_dict(struct pyx_page *page, Py_ssize_t size, struct cd_error *reterr)
{
    bool by_name = size <= PYX_NAMED_ENTRIES;
    if (by_name ? !page->named : !page->indexed) {
        return CD_OK;
    }
    Py_ssize_t from, to, rest;
    pyx_page_range(page, page->target->rest, size, &from, &to, &rest);
    struct pyx_page all = *page;
    all.start = all.count = all.seen = 0;
    PyObject *dict = page->target->value; /* borrowed */
    Py_ssize_t at = 0;
    PyObject *key, *value; /* borrowed */
    for (Py_ssize_t i = 0; i < to && PyDict_Next(dict, &at, &key, &value); i++) {
        if (i < from) {
            continue;
        }
        pyx_auto PyObject *strong_key = Py_NewRef(key);
        pyx_auto PyObject *strong = Py_NewRef(value);
        if (add_entry(&all, i, strong_key, strong, reterr) != CD_OK) {
            return CD_ERR;
        }
        if (PyDict_GET_SIZE(dict) != size) {
            break; /* changed while a repr ran */
        }
    }
    return pyx_child_add_rest(&all, rest, size, reterr);
}
