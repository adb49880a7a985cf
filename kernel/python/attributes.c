/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Attributes of objects, found as Python finds them but without running code of the user's: no
 * __getattr__, no __dir__, no properties (those are lazy). Runs with the GIL; leaves no exception.
 */
#include "kernel/python/inspect.h"

#include <string.h>

PyObject *pyx_own_dict(PyObject *obj)
{
    if (PyType_Check(obj)) {
        return PyType_GetDict((PyTypeObject *)obj);
    }
    if (PyModule_Check(obj)) {
        return Py_XNewRef(PyModule_GetDict(obj));
    }
    PyTypeObject *type = Py_TYPE(obj);
    if (type->tp_dictoffset == 0 && !PyType_HasFeature(type, Py_TPFLAGS_MANAGED_DICT)) {
        return NULL;
    }
    PyObject *dict = PyObject_GenericGetDict(obj, NULL);
    if (!dict || !PyDict_Check(dict)) {
        PyErr_Clear();
        Py_CLEAR(dict);
    }
    return dict;
}

/* The raw class attribute: new / NULL */
static PyObject *class_lookup(PyTypeObject *type, PyObject *name)
{
    PyObject *mro = type->tp_mro; /* borrowed */
    for (Py_ssize_t i = 0; mro && i < PyTuple_GET_SIZE(mro); i++) {
        pyx_auto PyObject *dict = PyType_GetDict((PyTypeObject *)PyTuple_GET_ITEM(mro, i));
        PyObject *raw = NULL;
        if (dict && pyx_dict_get(dict, name, &raw) == 1) {
            return raw;
        }
    }
    PyErr_Clear();
    return NULL;
}

/* Computed attributes of these are C code of Python's own: quick and without effects. */
static bool is_core_type(const PyTypeObject *type)
{
    static const char *const modules[] = {"datetime.",  "collections.", "re.",        "_io.",
                                          "functools.", "types.",       "itertools.", "decimal."};
    if (PyType_HasFeature((PyTypeObject *)type, Py_TPFLAGS_HEAPTYPE)) {
        return false;
    }
    if (!strchr(type->tp_name, '.')) {
        return true;
    }
    for (size_t i = 0; i < CD_ARRAY_LEN(modules); i++) {
        if (strncmp(type->tp_name, modules[i], strlen(modules[i])) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_function(PyObject *raw)
{
    PyTypeObject *t = Py_TYPE(raw);
    return t == &PyFunction_Type || t == &PyClassMethod_Type || t == &PyStaticMethod_Type ||
           t == &PyMethodDescr_Type || t == &PyClassMethodDescr_Type || t == &PyWrapperDescr_Type ||
           t == &PyCFunction_Type || t == &PyMethod_Type || PyCFunction_Check(raw);
}

bool pyx_attr_is_lazy(PyObject *raw)
{
    if (Py_IS_TYPE(raw, &PyGetSetDescr_Type)) {
        return !is_core_type(PyDescr_TYPE(raw));
    }
    return Py_TYPE(raw)->tp_descr_get && !is_function(raw) &&
           !Py_IS_TYPE(raw, &PyMemberDescr_Type) && !PyType_Check(raw);
}

static enum pyx_attr bound(PyObject *raw, PyObject *obj, PyObject *owner, PyObject **ret)
{
    descrgetfunc get = Py_TYPE(raw)->tp_descr_get;
    *ret = get ? get(raw, obj, owner) : Py_NewRef(raw);
    if (!*ret) {
        PyErr_Clear(); /* an unset slot */
        return PYX_ATTR_NONE;
    }
    return PYX_ATTR_VALUE;
}

static enum pyx_attr type_attr(PyObject *type, PyObject *name, PyObject **ret)
{
    PyObject *raw = class_lookup((PyTypeObject *)type, name); /* new */
    if (!raw) {
        raw = class_lookup(Py_TYPE(type), name);
        if (!raw) {
            return PYX_ATTR_NONE;
        }
        pyx_auto PyObject *owned = raw;
        if (pyx_attr_is_lazy(raw)) {
            return PYX_ATTR_LAZY;
        }
        return bound(raw, type, (PyObject *)Py_TYPE(type), ret);
    }
    if (Py_IS_TYPE(raw, &PyClassMethod_Type) || Py_IS_TYPE(raw, &PyStaticMethod_Type)) {
        pyx_auto PyObject *owned = raw;
        return bound(raw, NULL, type, ret);
    }
    *ret = raw; /* properties and slots of a class are shown as what they are */
    return PYX_ATTR_VALUE;
}

enum pyx_attr pyx_attr_get(PyObject *obj, PyObject *name, PyObject **ret)
{
    if (PyType_Check(obj)) {
        return type_attr(obj, name, ret);
    }
    pyx_auto PyObject *dict = pyx_own_dict(obj);
    if (PyModule_Check(obj)) {
        int found = dict ? pyx_dict_get(dict, name, ret) : 0;
        PyErr_Clear();
        return found == 1 ? PYX_ATTR_VALUE : PYX_ATTR_NONE;
    }
    pyx_auto PyObject *raw = class_lookup(Py_TYPE(obj), name); /* new */
    bool data = raw && Py_TYPE(raw)->tp_descr_set && Py_TYPE(raw)->tp_descr_get;
    if (!data && dict && pyx_dict_get(dict, name, ret) == 1) {
        return PYX_ATTR_VALUE;
    }
    PyErr_Clear();
    if (!raw) {
        return PYX_ATTR_NONE;
    }
    if (pyx_attr_is_lazy(raw)) {
        return PYX_ATTR_LAZY;
    }
    if (PyType_Check(raw)) { /* a nested class */
        *ret = Py_NewRef(raw);
        return PYX_ATTR_VALUE;
    }
    return bound(raw, obj, (PyObject *)Py_TYPE(obj), ret);
}

static int visit_dict(PyObject *dict, PyObject *seen, bool own, pyx_attr_visit visit, void *ctx)
{
    pyx_auto PyObject *copy = PyDict_Copy(dict); /* new: a visit may run code */
    Py_ssize_t at = 0;
    PyObject *name, *raw; /* borrowed from copy */
    while (copy && PyDict_Next(copy, &at, &name, &raw)) {
        if (!PyUnicode_CheckExact(name)) {
            continue;
        }
        if (seen) {
            if (PySet_Contains(seen, name) == 1) {
                continue;
            }
            if (PySet_Add(seen, name) < 0) {
                PyErr_Clear();
            }
        }
        int stop = visit(ctx, name, raw, own);
        if (stop) {
            return stop;
        }
    }
    return 0;
}

void pyx_attrs_each(PyObject *obj, pyx_attr_visit visit, void *ctx)
{
    pyx_auto PyObject *own = pyx_own_dict(obj);
    bool is_type = PyType_Check(obj);
    if (PyModule_Check(obj)) {
        if (own) {
            visit_dict(own, NULL, true, visit, ctx);
        }
        return;
    }
    pyx_auto PyObject *seen = PySet_New(NULL); /* new */
    PyTypeObject *type = is_type ? (PyTypeObject *)obj : Py_TYPE(obj);
    pyx_auto PyObject *mro = Py_XNewRef(type->tp_mro);
    int stop = own && seen ? visit_dict(own, seen, true, visit, ctx) : 0;
    for (Py_ssize_t i = is_type; !stop && mro && seen && i < PyTuple_GET_SIZE(mro); i++) {
        pyx_auto PyObject *dict = PyType_GetDict((PyTypeObject *)PyTuple_GET_ITEM(mro, i));
        stop = dict ? visit_dict(dict, seen, false, visit, ctx) : 0;
    }
    PyErr_Clear();
}

enum pyx_group pyx_group_of_value(PyObject *value)
{
    if (PyType_Check(value)) {
        return PYX_GROUP_CLASS;
    }
    return is_function(value) ? PYX_GROUP_FUNCTION : PYX_GROUP_NONE;
}

static enum pyx_group presented(enum pyx_group group, char mode, char by_default)
{
    mode = mode ? mode : by_default;
    return mode == 'h' ? PYX_GROUP_HIDDEN : mode == 'i' ? PYX_GROUP_NONE : group;
}

enum pyx_group pyx_group_of(PyObject *name, PyObject *value, const struct pyx_presentation *p)
{
    Py_ssize_t len = PyUnicode_GET_LENGTH(name);
    if (len > 4 && PyUnicode_READ_CHAR(name, 0) == '_' && PyUnicode_READ_CHAR(name, 1) == '_' &&
        PyUnicode_READ_CHAR(name, len - 1) == '_' && PyUnicode_READ_CHAR(name, len - 2) == '_') {
        return presented(PYX_GROUP_SPECIAL, p->special, 'g');
    }
    enum pyx_group group = PYX_GROUP_NONE;
    if (len > 0 && PyUnicode_READ_CHAR(name, 0) == '_') {
        group = presented(PYX_GROUP_PROTECTED, p->protected, 'i');
    }
    if (group == PYX_GROUP_NONE && value) {
        group = pyx_group_of_value(value);
        group = group == PYX_GROUP_FUNCTION ? presented(group, p->function, 'g')
                : group == PYX_GROUP_CLASS  ? presented(group, p->class_, 'g')
                                            : group;
    }
    return group;
}
