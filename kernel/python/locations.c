/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The locations request: where a function or class that is shown was defined. A locationReference
 * is the number of the value's path. Functions know their code; of a class the source is searched
 * (celldap/definitions.py). Runs with the GIL; runs no code of the user's.
 */
#include "kernel/python/inspect.h"
#include "kernel/python/interp.h"

#include <string.h>

/* The function behind a method, a bound method, a property, functools.partial …: new / NULL */
static PyObject *function_of(PyObject *value)
{
    PyObject *found = Py_NewRef(value);
    for (int i = 0; i < 20 && !PyFunction_Check(found); i++) {
        static const char *const inside[] = {"__func__", "func", "fget"};
        PyObject *next = NULL;
        for (size_t k = 0; k < CD_ARRAY_LEN(inside) && !next; k++) {
            pyx_auto PyObject *name = PyUnicode_FromString(inside[k]); /* new */
            if (!name || pyx_attr_get(found, name, &next) != PYX_ATTR_VALUE) {
                next = NULL;
            }
        }
        Py_SETREF(found, next);
        if (!found) {
            return NULL;
        }
    }
    return found;
}

bool pyx_has_location(PyObject *value)
{
    return PyFunction_Check(value) || PyMethod_Check(value) ||
           (PyType_Check(value) && PyType_HasFeature((PyTypeObject *)value, Py_TPFLAGS_HEAPTYPE));
}

static json_t *location(PyObject *filename, long line) /* new / NULL */
{
    json_t *source = pyx_source_json(filename);
    return source ? json_pack("{s:o,s:I}", "source", source, "line", (json_int_t)line) : NULL;
}

/* A class knows its own line from 3.13 on, its file never: its methods and its module do. */
static PyObject *class_file(PyObject *cls, PyObject *dict) /* new / NULL */
{
    pyx_auto PyObject *class_name = PyType_GetQualName((PyTypeObject *)cls); /* new */
    pyx_auto PyObject *prefix =
        class_name ? PyUnicode_FromFormat("%U.", class_name) : NULL; /* new */
    Py_ssize_t at = 0;
    PyObject *key, *value; /* borrowed */
    while (prefix && PyDict_Next(dict, &at, &key, &value)) {
        if (PyFunction_Check(value)) {
            PyCodeObject *code = (PyCodeObject *)PyFunction_GET_CODE(value); /* borrowed */
            if (PyUnicode_Tailmatch(code->co_qualname, prefix, 0, PY_SSIZE_T_MAX, -1) == 1) {
                return Py_NewRef(code->co_filename);
            }
        }
    }
    pyx_auto PyObject *module_name = NULL;
    pyx_auto PyObject *module = NULL;
    PyObject *file = NULL;
    if (pyx_dict_gets(dict, "__module__", &module_name) == 1 &&
        pyx_dict_get(PyImport_GetModuleDict(), module_name, &module) == 1 &&
        PyModule_Check(module) &&
        (pyx_dict_gets(PyModule_GetDict(module), "__file__", &file) != 1 ||
         !PyUnicode_Check(file))) {
        Py_CLEAR(file);
    }
    return file;
}

/* new / NULL without an exception: not found */
static json_t *class_location(PyObject *cls)
{
    pyx_auto PyObject *dict = PyType_GetDict((PyTypeObject *)cls); /* new */
    pyx_auto PyObject *first = NULL;
    pyx_auto PyObject *file = dict ? class_file(cls, dict) : NULL;
    PyErr_Clear();
    if (file && pyx_dict_gets(dict, "__firstlineno__", &first) == 1 && PyLong_CheckExact(first)) {
        return location(file, PyLong_AsLong(first));
    }
    pyx_auto PyObject *name = PyType_GetQualName((PyTypeObject *)cls); /* new */
    pyx_auto PyObject *texts = file ? PyDict_New() : pyx_cell_texts(); /* new */
    pyx_auto PyObject *text = file ? pyx_source_text(file) : NULL;
    if (texts && text && PyDict_SetItem(texts, file, text) < 0) {
        Py_CLEAR(texts);
    }
    pyx_auto PyObject *found =
        name && texts ? pyx_python_call("class_place", "(OO)", name, texts) : NULL; /* new */
    PyErr_Clear();
    PyObject *where = NULL;
    int line = 0;
    bool known = found && found != Py_None && PyArg_ParseTuple(found, "Ui", &where, &line);
    PyErr_Clear();
    return known ? location(where, line) : NULL;
}

cd_result pyx_locations(const json_t *args, json_t **ret, struct cd_error *reterr)
{
    int64_t ref = 0;
    pyx_autotarget struct pyx_target t = {0};
    if (cd_json_int(args, "arguments.locationReference", 1, INT32_MAX, &ref, reterr) != CD_OK ||
        pyx_target_find((int)ref, "arguments.locationReference", &t, reterr) != CD_OK) {
        return CD_ERR;
    }
    PyObject *value = t.scope || t.lazy ? NULL : t.value; /* borrowed */
    if (value && PyType_Check(value)) {
        *ret = class_location(value);
    } else if (value) {
        pyx_auto PyObject *function = function_of(value);
        if (function) {
            PyCodeObject *code = (PyCodeObject *)PyFunction_GET_CODE(function); /* borrowed */
            *ret = location(code->co_filename, code->co_firstlineno);
        }
    }
    return *ret ? CD_OK
                : cd_error_set(reterr, CD_E_NOT_FOUND,
                               "where the value of arguments.locationReference '%lld' was defined "
                               "is not known",
                               (long long)ref);
}
