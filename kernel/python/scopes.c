/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The scopes of a frame and the names in them. Functions are read name by name, so that no snapshot
 * of the locals stays behind in a 3.12 frame. Runs with the GIL, runs no code of the user's.
 */
#include "kernel/python/inspect.h"

#if PY_VERSION_HEX < 0x030D0000
#include <frameobject.h> /* PyFrame_LocalsToFast */
#endif
#include <string.h>

/* An evaluation bound a name that a function does not know: it lives in f_locals from then on. */
static bool extra_names;

/* The names that are in f_locals only. */
static void append_extra(PyObject *names, PyFrameObject *f, PyCodeObject *code)
{
    pyx_auto PyObject *locals = PyFrame_GetLocals(f);                 /* new */
    pyx_auto PyObject *keys = locals ? PyMapping_Keys(locals) : NULL; /* new */
    pyx_auto PyObject *free_names = PyCode_GetFreevars(code);         /* new */
    for (Py_ssize_t i = 0; keys && free_names && i < PyList_GET_SIZE(keys); i++) {
        PyObject *name = PyList_GET_ITEM(keys, i); /* borrowed */
        if (PySequence_Contains(names, name) == 0 && PySequence_Contains(free_names, name) == 0 &&
            PyList_Append(names, name) < 0) {
            break;
        }
    }
    PyErr_Clear();
}

static bool append_all(PyObject *list, PyObject *names_owned)
{
    bool ok =
        names_owned && PyList_SetSlice(list, PY_SSIZE_T_MAX, PY_SSIZE_T_MAX, names_owned) == 0;
    Py_XDECREF(names_owned);
    return ok;
}

static PyObject *keys_of(PyObject *mapping) /* new */
{
    return PyDict_Check(mapping) ? PyDict_Keys(mapping) : PyMapping_Keys(mapping);
}

PyObject *pyx_inlined_names(PyObject *frame)
{
    pyx_auto PyObject *code_owner = (PyObject *)PyFrame_GetCode((PyFrameObject *)frame); /* new */
    PyCodeObject *code = (PyCodeObject *)code_owner;
    pyx_auto PyObject *found = PyList_New(0); /* new */
    if (!found || (code->co_flags & CO_OPTIMIZED) || code->co_nlocals == 0) {
        return Py_XNewRef(found);
    }
    pyx_auto PyObject *names = PyCode_GetVarnames(code); /* new */
    for (Py_ssize_t i = 0; names && i < PyTuple_GET_SIZE(names); i++) {
        PyObject *name = PyTuple_GET_ITEM(names, i);                             /* borrowed */
        pyx_auto PyObject *value = PyFrame_GetVar((PyFrameObject *)frame, name); /* new */
        PyErr_Clear();
        if (value && PyList_Append(found, name) < 0) {
            return NULL;
        }
    }
    return names ? Py_NewRef(found) : NULL;
}

/* A module's names: what an inlined comprehension binds just now, then the globals. New / NULL */
static PyObject *module_names(PyObject *frame)
{
    pyx_auto PyObject *names = pyx_inlined_names(frame);                     /* new */
    pyx_auto PyObject *globals = PyFrame_GetGlobals((PyFrameObject *)frame); /* new */
    pyx_auto PyObject *keys = PyDict_Keys(globals);                          /* new */
    for (Py_ssize_t i = 0; names && keys && i < PyList_GET_SIZE(names); i++) {
        Py_ssize_t at = PySequence_Index(keys, PyList_GET_ITEM(names, i));
        PyErr_Clear();
        if (at >= 0 && PyList_SetSlice(keys, at, at + 1, NULL) < 0) {
            return NULL; /* hides the global of this name */
        }
    }
    return names && append_all(names, Py_XNewRef(keys)) ? Py_NewRef(names) : NULL;
}

PyObject *pyx_scope_names(PyObject *frame, enum pyx_scope scope)
{
    PyFrameObject *f = (PyFrameObject *)frame;
    if (scope == PYX_SCOPE_GLOBALS) {
        pyx_auto PyObject *globals = PyFrame_GetGlobals(f); /* new */
        return PyDict_Keys(globals);
    }
    pyx_auto PyObject *code_owner = (PyObject *)PyFrame_GetCode(f); /* new */
    PyCodeObject *code = (PyCodeObject *)code_owner;
    if (scope == PYX_SCOPE_CLOSURE) {
        pyx_auto PyObject *free_names = PyCode_GetFreevars(code); /* new */
        return free_names ? PySequence_List(free_names) : NULL;
    }
    if (pyx_frame_is_module(frame)) {
        return module_names(frame);
    }
    if (!(code->co_flags & CO_OPTIMIZED)) {
        pyx_auto PyObject *locals = PyFrame_GetLocals(f); /* new */
        return locals ? keys_of(locals) : NULL;
    }
    pyx_auto PyObject *names = PyList_New(0); /* new */
    if (!names || !append_all(names, PyCode_GetVarnames(code))) {
        return NULL;
    }
    pyx_auto PyObject *cells = PyCode_GetCellvars(code); /* new */
    for (Py_ssize_t i = 0; cells && i < PyTuple_GET_SIZE(cells); i++) {
        PyObject *name = PyTuple_GET_ITEM(cells, i); /* borrowed */
        int known = PySequence_Contains(names, name);
        if (known < 0 || (!known && PyList_Append(names, name) < 0)) {
            return NULL;
        }
    }
    if (cells && extra_names) {
        append_extra(names, f, code);
    }
    return cells ? Py_NewRef(names) : NULL;
}

static PyObject *from_locals(PyFrameObject *f, PyObject *name) /* new / NULL */
{
    pyx_auto PyObject *locals = PyFrame_GetLocals(f); /* new */
    PyObject *value = NULL;
    if (locals && PyDict_Check(locals)) {
        pyx_dict_get(locals, name, &value);
    } else if (locals) {
        value = PyObject_GetItem(locals, name);
    }
    PyErr_Clear();
    return value;
}

PyObject *pyx_scope_get(PyObject *frame, enum pyx_scope scope, PyObject *name)
{
    PyFrameObject *f = (PyFrameObject *)frame;
    PyObject *value = NULL;
    if (scope == PYX_SCOPE_GLOBALS) {
        pyx_auto PyObject *globals = PyFrame_GetGlobals(f); /* new */
        pyx_dict_get(globals, name, &value);
        PyErr_Clear();
        return value;
    }
    pyx_auto PyObject *code_owner = (PyObject *)PyFrame_GetCode(f); /* new */
    PyCodeObject *code = (PyCodeObject *)code_owner;
    bool function = code->co_flags & CO_OPTIMIZED;
    bool module = !function && pyx_frame_is_module(frame);
    value = function || module ? NULL : from_locals(f, name);
    if (!value && (!module || code->co_nlocals > 0)) {
        value = PyFrame_GetVar(f, name); /* also a class body's closure */
        PyErr_Clear();
    }
    if (!value && module) {
        return pyx_scope_get(frame, PYX_SCOPE_GLOBALS, name);
    }
    if (!value && function && extra_names) {
        value = from_locals(f, name);
    }
    PyErr_Clear();
    return value;
}

static bool knows(PyCodeObject *code, PyObject *name)
{
    PyObject *(*const lists[])(PyCodeObject *) = {PyCode_GetVarnames, PyCode_GetCellvars,
                                                  PyCode_GetFreevars};
    for (size_t i = 0; i < CD_ARRAY_LEN(lists); i++) {
        pyx_auto PyObject *names = lists[i](code); /* new */
        if (names && PySequence_Contains(names, name) == 1) {
            return true;
        }
    }
    return false;
}

int pyx_frame_assign(PyObject *frame, PyObject *name, PyObject *value)
{
    PyFrameObject *f = (PyFrameObject *)frame;
    pyx_auto PyObject *globals = PyFrame_GetGlobals(f); /* new */
    if (pyx_frame_is_module(frame)) {
        return PyDict_SetItem(globals, name, value);
    }
    pyx_auto PyObject *code_owner = (PyObject *)PyFrame_GetCode(f); /* new */
    PyCodeObject *code = (PyCodeObject *)code_owner;
    bool function = code->co_flags & CO_OPTIMIZED;
    if (function && !knows(code, name)) {
        /* A global that the function uses, else a new name of this frame only. */
        if (PySequence_Contains(code->co_names, name) == 1 && PyDict_Contains(globals, name) == 1) {
            return PyDict_SetItem(globals, name, value);
        }
        extra_names = true;
    }
    pyx_auto PyObject *locals = PyFrame_GetLocals(f); /* new */
    if (!locals || PyObject_SetItem(locals, name, value) < 0) {
        return -1;
    }
#if PY_VERSION_HEX < 0x030D0000
    if (function) {
        PyFrame_LocalsToFast(f, 0); /* at once: the next reader of f_locals would undo it */
    }
#endif
    return 0;
}

bool pyx_name_hidden(PyObject *ns, PyObject *name)
{
    static const char *const hidden[] = {"In",  "Out", "exit", "quit",   "get_ipython", "open",
                                         "_dh", "_oh", "_ih",  "_i",     "_ii",         "_iii",
                                         "_",   "__",  "___",  "display"};
    if (ns != pyx_user_ns() || !PyUnicode_IS_COMPACT_ASCII(name)) {
        return false;
    }
    const char *text = PyUnicode_AsUTF8(name); /* borrowed */
    for (size_t i = 0; i < CD_ARRAY_LEN(hidden); i++) {
        if (strcmp(text, hidden[i]) == 0) {
            return true;
        }
    }
    if (text[0] != '_') {
        return false;
    }
    text += text[1] == 'i' ? 2 : 1;
    return *text && strspn(text, "0123456789") == strlen(text); /* _3, _i3 */
}

static cd_result add_scope(json_t *list, const char *name, const char *hint, int frame_ref,
                           PyObject *frame, enum pyx_scope scope,
                           const struct pyx_presentation *presentation, struct cd_error *reterr)
{
    char key = (char)scope;
    int ref = dbg_refs_number(pyx_refs(), frame_ref, PYX_STEP_SCOPE, &key, 1);
    struct pyx_target t = {.ref = ref, .frame = frame, .scope = scope};
    json_auto_t *found = json_array();
    struct pyx_page page = {.list = found,
                            .parent = ref,
                            .target = &t,
                            .count_only = true,
                            .named = true,
                            .presentation = *presentation};
    if (!found || pyx_children_scope(&page, reterr) != CD_OK) {
        return found ? CD_ERR : cd_oom(reterr);
    }
    json_t *one = json_pack("{s:s,s:s*,s:i,s:I,s:b}", "name", name, "presentationHint", hint,
                            "variablesReference", ref, "namedVariables", (json_int_t)page.seen,
                            "expensive", scope == PYX_SCOPE_GLOBALS);
    return json_array_append_new(list, one) ? cd_oom(reterr) : CD_OK;
}

cd_result pyx_scopes(const json_t *args, json_t **ret, struct cd_error *reterr)
{
    int64_t id = 0;
    struct pyx_presentation p = {0};
    if (cd_json_int(args, "arguments.frameId", 0, INT32_MAX, &id, reterr) != CD_OK ||
        pyx_presentation_read(args, &p, reterr) != CD_OK) {
        return CD_ERR;
    }
    pyx_auto PyObject *frame = pyx_frame_find((int)id, "arguments.frameId", reterr);
    if (!frame) {
        return CD_ERR;
    }
    json_auto_t *list = json_array();
    int ref = (int)id;
    PyCodeObject *code = PyFrame_GetCode((PyFrameObject *)frame); /* new */
    bool closure = PyCode_GetNumFree(code) > 0;
    Py_DECREF(code);
    const struct pyx_stop *stop = pyx_stop_shown();
    bool returned = stop && stop->return_value && stop->frame == frame;
    if (!list) {
        return cd_oom(reterr);
    }
    if (add_scope(list, "Locals", "locals", ref, frame, PYX_SCOPE_LOCALS, &p, reterr) != CD_OK ||
        (closure &&
         add_scope(list, "Closure", NULL, ref, frame, PYX_SCOPE_CLOSURE, &p, reterr) != CD_OK) ||
        add_scope(list, "Globals", "globals", ref, frame, PYX_SCOPE_GLOBALS, &p, reterr) != CD_OK ||
        (returned && add_scope(list, "Return value", "returnValue", ref, frame, PYX_SCOPE_RETURN,
                               &p, reterr) != CD_OK)) {
        return CD_ERR;
    }
    *ret = json_pack("{s:O}", "scopes", list);
    return *ret ? CD_OK : cd_oom(reterr);
}
