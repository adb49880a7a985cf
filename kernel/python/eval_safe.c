/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Evaluation that runs nothing: names, attributes without getters, items of Python's own
 * containers, literals. For hover, completions and references that are looked up again. Runs with
 * the GIL.
 */
#include "kernel/python/inspect.h"

#include <string.h>

#define MAX_DEPTH 100

static PyObject *refuse(const char *what) /* NULL */
{
    return PyErr_Format(PyExc_ValueError,
                        "%s may run code; hover shows names, attributes and items", what);
}

static PyObject *builtins_get(PyObject *name) /* new / NULL */
{
    PyObject *builtins = PyEval_GetBuiltins(); /* borrowed */
    PyObject *value = NULL;
    if (builtins && PyDict_Check(builtins)) {
        pyx_dict_get(builtins, name, &value);
    }
    PyErr_Clear();
    return value;
}

static PyObject *name_get(PyObject *frame, PyObject *name) /* new / NULL with an exception */
{
    PyObject *value = NULL;
    if (frame) {
        value = pyx_scope_get(frame, PYX_SCOPE_LOCALS, name);
        value = value ? value : pyx_scope_get(frame, PYX_SCOPE_GLOBALS, name);
    } else if (pyx_user_ns()) {
        pyx_dict_get(pyx_user_ns(), name, &value);
        PyErr_Clear();
    }
    value = value ? value : builtins_get(name);
    return value ? value : PyErr_Format(PyExc_NameError, "name '%U' is not defined", name);
}

static PyObject *node(PyObject *frame, PyObject *ast, int depth);

static PyObject *attribute(PyObject *frame, PyObject *ast, int depth)
{
    pyx_auto PyObject *inner = PyObject_GetAttrString(ast, "value"); /* new */
    pyx_auto PyObject *name = PyObject_GetAttrString(ast, "attr");   /* new */
    pyx_auto PyObject *obj = inner && name ? node(frame, inner, depth) : NULL;
    PyObject *value = NULL;
    if (!obj) {
        return NULL;
    }
    switch (pyx_attr_get(obj, name, &value)) {
    case PYX_ATTR_VALUE:
        return value;
    case PYX_ATTR_LAZY:
        return refuse("a property");
    default:
        return PyErr_Format(PyExc_AttributeError, "'%s' object has no attribute '%U'",
                            pyx_type_name(obj), name);
    }
}

/* Hash and comparison of these are Python's own. */
static bool plain_key(PyObject *key)
{
    return PyUnicode_CheckExact(key) || PyLong_CheckExact(key) || PyFloat_CheckExact(key) ||
           PyBytes_CheckExact(key) || PyBool_Check(key) || key == Py_None;
}

static PyObject *subscript(PyObject *frame, PyObject *ast, int depth)
{
    pyx_auto PyObject *inner = PyObject_GetAttrString(ast, "value"); /* new */
    pyx_auto PyObject *index = PyObject_GetAttrString(ast, "slice"); /* new */
    pyx_auto PyObject *obj = inner && index ? node(frame, inner, depth) : NULL;
    pyx_auto PyObject *key = obj ? node(frame, index, depth) : NULL;
    if (!key) {
        return NULL;
    }
    bool known = PyDict_CheckExact(obj) || PyList_CheckExact(obj) || PyTuple_CheckExact(obj) ||
                 PyUnicode_CheckExact(obj) || PyBytes_CheckExact(obj);
    return known && plain_key(key) ? PyObject_GetItem(obj, key) : refuse("a subscript");
}

static PyObject *negative(PyObject *frame, PyObject *ast, int depth)
{
    pyx_auto PyObject *op = PyObject_GetAttrString(ast, "op");         /* new */
    pyx_auto PyObject *inner = PyObject_GetAttrString(ast, "operand"); /* new */
    pyx_auto PyObject *value =
        op && inner && strcmp(pyx_type_name(op), "USub") == 0 ? node(frame, inner, depth) : NULL;
    if (!value) {
        return PyErr_Occurred() ? NULL : refuse("an operator");
    }
    return PyLong_CheckExact(value) || PyFloat_CheckExact(value) ? PyNumber_Negative(value)
                                                                 : refuse("an operator");
}

static PyObject *node(PyObject *frame, PyObject *ast, int depth)
{
    const char *type = pyx_type_name(ast);
    if (depth > MAX_DEPTH) {
        return refuse("so deep an expression");
    }
    if (strcmp(type, "Name") == 0) {
        pyx_auto PyObject *name = PyObject_GetAttrString(ast, "id"); /* new */
        return name ? name_get(frame, name) : NULL;
    }
    if (strcmp(type, "Constant") == 0) {
        return PyObject_GetAttrString(ast, "value");
    }
    if (strcmp(type, "Attribute") == 0) {
        return attribute(frame, ast, depth + 1);
    }
    if (strcmp(type, "Subscript") == 0) {
        return subscript(frame, ast, depth + 1);
    }
    return strcmp(type, "UnaryOp") == 0 ? negative(frame, ast, depth + 1)
           : strcmp(type, "Call") == 0  ? refuse("a call")
                                        : refuse("this expression");
}

PyObject *pyx_eval_safe(PyObject *frame, PyObject *text)
{
    pyx_auto PyObject *tree = pyx_parse(text, Py_eval_input);                     /* new */
    pyx_auto PyObject *body = tree ? PyObject_GetAttrString(tree, "body") : NULL; /* new */
    return body ? node(frame, body, 0) : NULL;
}
