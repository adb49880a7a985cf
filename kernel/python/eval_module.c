/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Evaluation where a namespace is a dictionary: modules, cells, class bodies; and what every
 * evaluation is compiled with. Runs on the stopped thread with the GIL; the user's code runs.
 */
#include "kernel/python/inspect.h"

#include <string.h>

static PyObject *the_compile; /* builtins.compile as it was at first use */

PyObject *pyx_compile_tree(PyObject *tree, const char *mode) /* new / NULL */
{
    if (!the_compile) {
        pyx_auto PyObject *builtins = PyImport_ImportModule("builtins"); /* new */
        the_compile = builtins ? PyObject_GetAttrString(builtins, "compile") : NULL;
        if (!the_compile) {
            return NULL;
        }
    }
    /* dont_inherit: flags of whatever Python frame is below us are not the user's wish */
    return PyObject_CallFunction(the_compile, "Ossii", tree, PYX_EVAL_FILE, mode,
                                 PyCF_ALLOW_TOP_LEVEL_AWAIT, 1);
}

bool pyx_awaits(PyObject *code)
{
    return (((PyCodeObject *)code)->co_flags & CO_COROUTINE) != 0;
}

/* Runs code; what awaits is run to its end. New / NULL */
static PyObject *run_code(PyObject *code, PyObject *globals, PyObject *locals)
{
    PyObject *value = PyEval_EvalCode(code, globals, locals); /* new */
    return value && pyx_awaits(code) ? pyx_await(value) : value;
}

/* See inspect.h. */
int pyx_take_last(PyObject *tree, PyObject **ret_last)
{
    pyx_auto PyObject *body = PyObject_GetAttrString(tree, "body"); /* new */
    Py_ssize_t n = body ? PyList_GET_SIZE(body) : 0;
    if (n == 0 || strcmp(pyx_type_name(PyList_GET_ITEM(body, n - 1)), "Expr") != 0) {
        return body ? 0 : -1;
    }
    *ret_last = PyObject_GetAttrString(PyList_GET_ITEM(body, n - 1), "value");
    return *ret_last && PyList_SetSlice(body, n - 1, n, NULL) == 0 ? 1 : -1;
}

PyObject *pyx_parse_either(PyObject *text, bool statements_too, bool *statement)
{
    *statement = false;
    PyObject *tree = pyx_parse(text, Py_eval_input);
    if (!tree && statements_too && PyErr_ExceptionMatches(PyExc_SyntaxError)) {
        PyErr_Clear();
        *statement = true;
        tree = pyx_parse(text, Py_file_input);
    }
    return tree;
}

PyObject *pyx_eval_module(PyObject *tree, bool statement, PyObject *globals)
{
    pyx_auto PyObject *last = NULL;
    if (statement) {
        int found = pyx_take_last(tree, &last);
        pyx_auto PyObject *code = found < 0 ? NULL : pyx_compile_tree(tree, "exec"); /* new */
        pyx_auto PyObject *done = code ? run_code(code, globals, globals) : NULL;    /* new */
        if (!done || !last) {
            return done ? Py_NewRef(Py_None) : NULL;
        }
    }
    pyx_auto PyObject *wrapped = NULL;
    if (last) {
        wrapped = pyx_parse_text("0", Py_eval_input); /* new */
        if (!wrapped || PyObject_SetAttrString(wrapped, "body", last) < 0) {
            return NULL;
        }
    }
    pyx_auto PyObject *code = pyx_compile_tree(wrapped ? wrapped : tree, "eval"); /* new */
    return code ? run_code(code, globals, globals) : NULL;
}

/* Class bodies: a namespace of their own, no closures to care for. */
PyObject *pyx_eval_class(PyObject *frame, PyObject *tree, bool statement)
{
    pyx_auto PyObject *globals = PyFrame_GetGlobals((PyFrameObject *)frame); /* new */
    pyx_auto PyObject *locals = PyFrame_GetLocals((PyFrameObject *)frame);   /* new */
    pyx_auto PyObject *code =
        locals ? pyx_compile_tree(tree, statement ? "exec" : "eval") : NULL; /* new */
    return code ? run_code(code, globals, locals) : NULL;
}
