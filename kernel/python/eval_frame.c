/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Evaluation in a function's frame. The text becomes the body of an inner function whose free
 * variables are the frame's names (facts: engine.md §12.14), so that lambdas and comprehensions see
 * them and assignments reach them; afterwards the cells that changed are written back. In module
 * frames the globals serve. Runs on the stopped thread with the GIL; the user's code runs.
 */
#include "kernel/python/inspect.h"

#include <string.h>

#define MAX_CACHED 200

/* {(text, statements, names, class): code of the inner function}: a watch is compiled once, not
 * each step
 */
static PyObject *the_cache;
/* ---- functions ---- */

/* The frame's names: locals, cells, closure, those that evaluations added. New list / NULL */
static PyObject *frame_names(PyObject *frame)
{
    bool module = pyx_frame_is_module(frame);
    pyx_auto PyObject *all =
        module ? pyx_inlined_names(frame) : pyx_scope_names(frame, PYX_SCOPE_LOCALS); /* new */
    pyx_auto PyObject *outer = pyx_scope_names(frame, PYX_SCOPE_CLOSURE);             /* new */
    pyx_auto PyObject *names = PyList_New(0);                                         /* new */
    for (int pass = 0; all && outer && names && pass < 2; pass++) {
        PyObject *from = pass ? outer : all; /* borrowed */
        for (Py_ssize_t i = 0; i < PyList_GET_SIZE(from); i++) {
            PyObject *name = PyList_GET_ITEM(from, i); /* borrowed */
            int known = PyUnicode_IsIdentifier(name) ? PySequence_Contains(names, name) : 1;
            if (known < 0 || (!known && PyList_Append(names, name) < 0)) {
                return NULL;
            }
        }
    }
    return all && outer ? Py_XNewRef(names) : NULL;
}

/* "def o(a,b):\n def i():\n  nonlocal a,b\n  pass\n" with the text's statements in i; inside of a
 * class of that name, where the compiler is to spell private names. */
static PyObject *wrapper_tree(PyObject *names, PyObject *in_class, bool async)
{
    pyx_auto PyObject *header = in_class ? PyUnicode_FromFormat(" class ______%U:\n ", in_class)
                                         : PyUnicode_FromString(""); /* new */
    const char *more = in_class ? " " : "";
    pyx_auto PyObject *comma = PyUnicode_FromString(",");                    /* new */
    pyx_auto PyObject *joined = comma ? PyUnicode_Join(comma, names) : NULL; /* new */
    bool any = PyList_GET_SIZE(names) > 0;
    pyx_auto PyObject *text =
        joined && header
            ? PyUnicode_FromFormat("def __celldap_outer__(%U):\n%U %sdef __celldap_inner__():\n"
                                   "%s  %s%U\n%s  return None\n",
                                   joined, header, async ? "async " : "", more,
                                   any ? "nonlocal " : "pass", joined, more)
            : NULL; /* new */
    return text ? pyx_parse(text, Py_file_input) : NULL;
}

static PyObject *first_of(PyObject *node) /* new: node.body[0] */
{
    pyx_auto PyObject *body = PyObject_GetAttrString(node, "body"); /* new */
    return body ? PySequence_GetItem(body, 0) : NULL;
}

/* Puts the tree's statements into the inner function; the value of the last one is returned. */
static int fill_inner(PyObject *inner, PyObject *tree, bool statement)
{
    pyx_auto PyObject *body = PyObject_GetAttrString(inner, "body"); /* new: [nonlocal, return] */
    pyx_auto PyObject *last = NULL;
    if (!body) {
        return -1;
    }
    if (statement && pyx_take_last(tree, &last) < 0) {
        return -1;
    }
    if (!statement) {
        last = PyObject_GetAttrString(tree, "body");
    }
    PyObject *ret = PyList_GET_ITEM(body, 1); /* borrowed */
    if ((!statement || last) && (!last || PyObject_SetAttrString(ret, "value", last) < 0)) {
        return -1;
    }
    pyx_auto PyObject *statements = statement ? PyObject_GetAttrString(tree, "body") : NULL;
    return statement ? (statements ? PyList_SetSlice(body, 1, 1, statements) : -1) : 0;
}

/* co_consts of code: the first code object. New / NULL */
static PyObject *nested_code(PyObject *code)
{
    PyObject *consts = ((PyCodeObject *)code)->co_consts; /* borrowed */
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(consts); i++) {
        if (PyCode_Check(PyTuple_GET_ITEM(consts, i))) {
            return Py_NewRef(PyTuple_GET_ITEM(consts, i));
        }
    }
    PyErr_SetString(PyExc_SystemError, "no code in the wrapper");
    return NULL;
}

/* Code of the inner function: new / NULL */
static PyObject *compile_inner(PyObject *text, PyObject *names, PyObject *in_class,
                               bool statements_too, bool *statement)
{
    pyx_auto PyObject *tree = pyx_parse_either(text, statements_too, statement); /* new */
    /* Alone first: `return`, `yield` and `nonlocal` are no module's statements. */
    pyx_auto PyObject *alone = tree ? pyx_compile_tree(tree, *statement ? "exec" : "eval") : NULL;
    pyx_auto PyObject *wrapper = alone ? wrapper_tree(names, in_class, pyx_awaits(alone)) : NULL;
    pyx_auto PyObject *outer = wrapper ? first_of(wrapper) : NULL; /* new */
    if (outer && in_class) {
        Py_SETREF(outer, first_of(outer));
    }
    pyx_auto PyObject *inner = outer ? first_of(outer) : NULL;     /* new */
    pyx_auto PyObject *name = PyUnicode_FromString(PYX_EVAL_FILE); /* new */
    if (!inner || !name || PyObject_SetAttrString(inner, "name", name) < 0 ||
        fill_inner(inner, tree, *statement) < 0) {
        return NULL;
    }
    pyx_auto PyObject *module = pyx_compile_tree(wrapper, "exec");   /* new */
    pyx_auto PyObject *middle = module ? nested_code(module) : NULL; /* new */
    if (middle && in_class) {
        Py_SETREF(middle, nested_code(middle));
    }
    return middle ? nested_code(middle) : NULL;
}

/* Appends the names of a tuple that are not in the list. 1: there were some; -1: exception. */
static int add_names(PyObject *names, PyObject *tuple)
{
    int added = 0;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(tuple); i++) {
        PyObject *name = PyTuple_GET_ITEM(tuple, i); /* borrowed */
        int known = PySequence_Contains(names, name);
        if (known < 0 || (!known && PyList_Append(names, name) < 0)) {
            return -1;
        }
        added = added || !known;
    }
    return added;
}

/* (code, statement, names): from the cache or made. Names that the text itself binds are added, so
 * that they can be read back. new / NULL */
static PyObject *prepared(PyObject *text, PyObject *names, PyObject *in_class, bool statements_too)
{
    pyx_auto PyObject *key_names = PyList_AsTuple(names); /* new */
    pyx_auto PyObject *key = key_names ? Py_BuildValue("(OiOO)", text, statements_too, key_names,
                                                       in_class ? in_class : Py_None)
                                       : NULL; /* new */
    if (!the_cache) {
        the_cache = PyDict_New();
    }
    PyObject *entry = NULL;
    int found = key && the_cache ? pyx_dict_get(the_cache, key, &entry) : -1;
    if (found != 0) {
        return found > 0 ? entry : NULL;
    }
    bool statement = false;
    pyx_auto PyObject *code =
        compile_inner(text, names, in_class, statements_too, &statement);              /* new */
    pyx_auto PyObject *bound = code ? PyCode_GetVarnames((PyCodeObject *)code) : NULL; /* new */
    pyx_auto PyObject *cells = code ? PyCode_GetCellvars((PyCodeObject *)code) : NULL; /* new */
    if (!bound || !cells) {
        return NULL;
    }
    int more = add_names(names, bound);
    more = more < 0 ? -1 : more | add_names(names, cells);
    if (more) {
        Py_XSETREF(code, more > 0 ? compile_inner(text, names, in_class, statements_too, &statement)
                                  : NULL);
        if (!code) {
            return NULL;
        }
    }
    entry = Py_BuildValue("(OiO)", code, statement, names);
    if (PyDict_GET_SIZE(the_cache) >= MAX_CACHED) {
        PyDict_Clear(the_cache);
    }
    if (!entry || PyDict_SetItem(the_cache, key, entry) < 0) {
        Py_CLEAR(entry);
    }
    return entry;
}

/* A name that only the evaluated text binds begins as the global that the function may read. */
static PyObject *outside(PyObject *frame, PyObject *name) /* new / NULL */
{
    pyx_auto PyObject *names = frame_names(frame); /* new */
    return names && PySequence_Contains(names, name) == 0
               ? pyx_scope_get(frame, PYX_SCOPE_GLOBALS, name)
               : NULL;
}

/* Cells for the code's free variables, filled with what the names mean in the frame. New / NULL */
static PyObject *make_cells(PyObject *frame, PyObject *free_names, PyObject *before)
{
    Py_ssize_t n = PyTuple_GET_SIZE(free_names);
    pyx_auto PyObject *cells = PyTuple_New(n); /* new */
    for (Py_ssize_t i = 0; cells && i < n; i++) {
        pyx_auto PyObject *value =
            pyx_scope_get(frame, PYX_SCOPE_LOCALS, PyTuple_GET_ITEM(free_names, i));
        value = value ? value : outside(frame, PyTuple_GET_ITEM(free_names, i));
        PyObject *cell = PyCell_New(value); /* new */
        if (!cell || PyList_Append(before, value ? value : Py_None) < 0) {
            Py_XDECREF(cell);
            return NULL;
        }
        PyTuple_SET_ITEM(cells, i, cell);
    }
    return Py_XNewRef(cells);
}

static int write_back(PyObject *frame, PyObject *free_names, PyObject *cells, PyObject *before)
{
    int failed = 0;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(free_names); i++) {
        pyx_auto PyObject *now = PyCell_Get(PyTuple_GET_ITEM(cells, i)); /* new */
        if (now && now != PyList_GET_ITEM(before, i) &&
            pyx_frame_assign(frame, PyTuple_GET_ITEM(free_names, i), now) < 0) {
            failed = -1;
        }
    }
    return failed;
}

static PyObject *eval_function(PyObject *frame, PyObject *text, bool statements_too,
                               bool *statement)
{
    pyx_auto PyObject *names = frame_names(frame);                /* new */
    pyx_auto PyObject *in_class = pyx_private_class(frame, text); /* new */
    pyx_auto PyObject *entry = names ? prepared(text, names, in_class, statements_too) : NULL;
    if (!entry) {
        return NULL;
    }
    PyCodeObject *code = (PyCodeObject *)PyTuple_GET_ITEM(entry, 0); /* borrowed */
    *statement = PyObject_IsTrue(PyTuple_GET_ITEM(entry, 1)) == 1;
    pyx_auto PyObject *free_names = PyCode_GetFreevars(code); /* new */
    pyx_auto PyObject *before = PyList_New(0);                /* new */
    pyx_auto PyObject *cells = free_names && before ? make_cells(frame, free_names, before) : NULL;
    pyx_auto PyObject *globals = PyFrame_GetGlobals((PyFrameObject *)frame); /* new */
    pyx_auto PyObject *function = cells ? PyFunction_New((PyObject *)code, globals) : NULL;
    if (!function || (PyTuple_GET_SIZE(cells) && PyFunction_SetClosure(function, cells) < 0)) {
        return NULL;
    }
    PyObject *result = PyObject_CallNoArgs(function); /* new */
    if (result && pyx_awaits((PyObject *)code)) {
        result = pyx_await(result);
    }
    /* What was assigned before an error stays assigned, as anywhere. */
    PyObject *exc = PyErr_GetRaisedException(); /* new */
    if (write_back(frame, free_names, cells, before) < 0 && !exc) {
        Py_CLEAR(result);
        return NULL;
    }
    PyErr_Clear();
    PyErr_SetRaisedException(exc); /* steals */
    return result;
}

PyObject *pyx_eval_text(PyObject *frame, PyObject *text, bool statements_too, bool *ret_statement)
{
    bool statement = false;
    PyObject *result = NULL;
    PyCodeObject *code = frame ? PyFrame_GetCode((PyFrameObject *)frame) : NULL; /* new */
    bool function = code && (code->co_flags & CO_OPTIMIZED);
    if (code && !function && code->co_nlocals > 0) {
        pyx_auto PyObject *inlined = pyx_inlined_names(frame); /* new */
        function = inlined && PyList_GET_SIZE(inlined) > 0;
    }
    Py_XDECREF(code);
    const bool before = pyx_await_allow(statements_too);
    if (function) {
        result = eval_function(frame, text, statements_too, &statement);
    } else {
        pyx_auto PyObject *tree = pyx_parse_either(text, statements_too, &statement); /* new */
        if (tree && frame && !pyx_frame_is_module(frame)) {
            result = pyx_eval_class(frame, tree, statement);
        } else if (tree) {
            pyx_auto PyObject *globals = frame ? PyFrame_GetGlobals((PyFrameObject *)frame)
                                               : Py_XNewRef(pyx_user_ns()); /* new */
            result = globals ? pyx_eval_module(tree, statement, globals) : NULL;
        }
    }
    (void)pyx_await_allow(before);
    if (ret_statement) {
        *ret_statement = statement;
    }
    return result;
}
