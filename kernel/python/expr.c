/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Conditions and log messages: parsed when they are set, compiled once for each function they are
 * evaluated in. The quick form is a lambda whose parameters are the frame's locals that the
 * expression names, called by vectorcall (facts: engine.md §6); module code, class bodies and
 * expressions that need a namespace are evaluated with the frame's own dictionaries.
 * Guarded by the GIL; runs inside a monitoring callback, where nothing is traced.
 */
#include "kernel/python/control.h"

#include <stdlib.h>
#include <string.h>

#define PYX_MAX_PARAMS 16

struct pyx_expr {
    char *text;
    PyObject *code;  /* strong: compile(text, …, 'eval') */
    PyObject *names; /* strong: frozenset of every name in it, nested code included */
    bool needs_dict; /* walrus, locals(): only a namespace will do */
    /* what it was last made for; one breakpoint is nearly always in one function */
    PyCodeObject *for_code;           /* strong */
    PyObject *for_globals;            /* strong */
    PyObject *lambda;                 /* strong */
    PyObject *params[PYX_MAX_PARAMS]; /* strong: names */
    size_t param_count;
};

static void forget(struct pyx_expr *e)
{
    Py_CLEAR(e->for_code);
    Py_CLEAR(e->for_globals);
    Py_CLEAR(e->lambda);
    for (size_t i = 0; i < e->param_count; i++) {
        Py_CLEAR(e->params[i]);
    }
    e->param_count = 0;
}

void pyx_expr_free(struct pyx_expr *e)
{
    if (e == NULL) {
        return;
    }
    forget(e);
    Py_XDECREF(e->code);
    Py_XDECREF(e->names);
    free(e->text);
    free(e);
}

/* Adds co_names, and those of nested code (comprehensions, lambdas), to a set. */
static int collect(PyObject *set, PyCodeObject *code, int depth)
{
    PyObject *names = code->co_names; /* borrowed */
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(names); i++) {
        if (PySet_Add(set, PyTuple_GET_ITEM(names, i)) != 0) {
            return -1;
        }
    }
    for (Py_ssize_t i = 0; depth < 20 && i < PyTuple_GET_SIZE(code->co_consts); i++) {
        PyObject *c = PyTuple_GET_ITEM(code->co_consts, i); /* borrowed */
        if (PyCode_Check(c) && collect(set, (PyCodeObject *)c, depth + 1) != 0) {
            return -1;
        }
    }
    return 0;
}

static bool wants_dict(PyObject *names, const char *text)
{
    static const char *const words[] = {"locals", "vars", "dir", "eval", "exec", "globals"};
    for (size_t i = 0; i < CD_ARRAY_LEN(words); i++) {
        pyx_auto PyObject *w = PyUnicode_FromString(words[i]);
        if (w == NULL || PySet_Contains(names, w) != 0) {
            pyx_error_drop();
            return true;
        }
    }
    return strstr(text, ":=") != NULL;
}

struct pyx_expr *pyx_expr_new(const char *text, struct cd_error *reterr)
{
    struct pyx_expr *e = calloc(1, sizeof *e);
    while (*text == ' ' || *text == '\t') {
        text++;
    }
    if (e == NULL || (e->text = strdup(text)) == NULL) {
        pyx_expr_free(e);
        cd_oom(reterr);
        return NULL;
    }
    e->code = Py_CompileString(text, "<condition>", Py_eval_input);
    e->names = e->code != NULL ? PySet_New(NULL) : NULL;
    if (e->names == NULL || collect(e->names, (PyCodeObject *)e->code, 0) != 0) {
        pyx_error_fetch(reterr, CD_E_BAD_VALUE);
        pyx_expr_free(e);
        return NULL;
    }
    e->needs_dict = wants_dict(e->names, text);
    return e;
}

/* Adds the names of one of the code's tuples that the expression uses. -1: exception or too many.
 */
static int add_params(struct pyx_expr *e, PyObject *tuple)
{
    for (Py_ssize_t i = 0; tuple != NULL && i < PyTuple_GET_SIZE(tuple); i++) {
        PyObject *name = PyTuple_GET_ITEM(tuple, i); /* borrowed */
        const int used = PySet_Contains(e->names, name);
        bool there = false;
        for (size_t k = 0; k < e->param_count; k++) {
            there = there || PyUnicode_Compare(e->params[k], name) == 0;
        }
        if (used < 0 || (used == 1 && !there && e->param_count == PYX_MAX_PARAMS)) {
            return -1;
        }
        if (used == 1 && !there) {
            e->params[e->param_count++] = Py_NewRef(name);
        }
    }
    return 0;
}

static PyObject *lambda_text(const struct pyx_expr *e)
{
    pyx_auto PyObject *list = PyList_New(0);
    pyx_auto PyObject *comma = PyUnicode_FromString(",");
    for (size_t i = 0; list != NULL && i < e->param_count; i++) {
        if (PyList_Append(list, e->params[i]) != 0) {
            return NULL;
        }
    }
    pyx_auto PyObject *params = list != NULL && comma != NULL ? PyUnicode_Join(comma, list) : NULL;
    return params == NULL ? NULL : PyUnicode_FromFormat("lambda %U: (\n%s\n)", params, e->text);
}

/* Makes the lambda for this function. -1: exception. */
static int specialise(struct pyx_expr *e, PyCodeObject *code, PyObject *globals)
{
    forget(e);
    pyx_auto PyObject *vars = PyCode_GetVarnames(code);
    pyx_auto PyObject *cells = PyCode_GetCellvars(code);
    pyx_auto PyObject *free_vars = PyCode_GetFreevars(code);
    if (vars == NULL || cells == NULL || free_vars == NULL || add_params(e, vars) != 0 ||
        add_params(e, cells) != 0 || add_params(e, free_vars) != 0) {
        return -1;
    }
    pyx_auto PyObject *text = lambda_text(e);
    const char *utf8 = text != NULL ? PyUnicode_AsUTF8(text) : NULL;
    pyx_auto PyObject *c =
        utf8 != NULL ? Py_CompileString(utf8, "<condition>", Py_eval_input) : NULL;
    if (c == NULL) {
        return -1;
    }
    e->lambda = PyEval_EvalCode(c, globals, NULL);
    if (e->lambda == NULL) {
        return -1;
    }
    e->for_code = (PyCodeObject *)Py_NewRef(code);
    e->for_globals = Py_NewRef(globals);
    return 0;
}

static PyObject *eval_in_dicts(struct pyx_expr *e, PyFrameObject *frame, PyObject *globals)
{
    pyx_auto PyObject *locals = PyFrame_GetLocals(frame); /* new */
    return locals == NULL ? NULL : PyEval_EvalCode(e->code, globals, locals);
}

PyObject *pyx_expr_eval(struct pyx_expr *e, PyFrameObject *frame, PyCodeObject *code)
{
    pyx_auto PyObject *globals = PyFrame_GetGlobals(frame); /* new */
    if (e->needs_dict || (code->co_flags & CO_OPTIMIZED) == 0) {
        return eval_in_dicts(e, frame, globals);
    }
    if ((e->for_code != code || e->for_globals != globals) && specialise(e, code, globals) != 0) {
        if (PyErr_Occurred() != NULL) {
            return NULL;
        }
        return eval_in_dicts(e, frame, globals);
    }
    PyObject *args[PYX_MAX_PARAMS];
    size_t n = 0;
    for (; n < e->param_count; n++) {
        args[n] = PyFrame_GetVar(frame, e->params[n]); /* new */
        if (args[n] == NULL) {
            break;
        }
    }
    PyObject *value = n == e->param_count ? PyObject_Vectorcall(e->lambda, args, n, NULL) : NULL;
    while (n > 0) {
        Py_DECREF(args[--n]);
    }
    return value;
}
