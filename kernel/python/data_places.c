/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Which variable a data breakpoint means: a name in a frame, a global, an attribute, an entry of a
 * dict, an item of a list. Found without running code of the user's. Guarded by the GIL.
 */
#include "kernel/python/data.h"
#include "kernel/python/inspect.h"

#include <string.h>

void pyx_data_place_done(struct pyx_data_place *p)
{
    Py_CLEAR(p->holder);
    Py_CLEAR(p->key);
}

static bool refuse(struct cd_error *reterr, const char *format, const char *what)
{
    cd_error_set(reterr, CD_E_UNSUPPORTED, format, what);
    return false;
}

/* Hash and comparison of these are Python's own. */
static bool is_plain_key(PyObject *key)
{
    return PyUnicode_CheckExact(key) || PyLong_CheckExact(key) || PyFloat_CheckExact(key) ||
           PyBytes_CheckExact(key) || PyBool_Check(key) || key == Py_None;
}

static bool in_dict(PyObject *dict, PyObject *key, struct pyx_data_place *ret,
                    struct cd_error *reterr)
{
    if (!is_plain_key(key)) {
        return refuse(reterr, "entries with a key of type '%s' cannot be watched",
                      pyx_type_name(key));
    }
    ret->kind = PYX_DATA_DICT;
    ret->holder = Py_NewRef(dict);
    ret->key = Py_NewRef(key);
    return true;
}

/* A name of the frame's own: its locals, or the dict that they are. */
static bool in_frame(PyObject *frame, PyObject *name, struct pyx_data_place *ret,
                     struct cd_error *reterr)
{
    PyCodeObject *code = PyFrame_GetCode((PyFrameObject *)frame); /* new */
    const bool fast = (code->co_flags & CO_OPTIMIZED) != 0;
    Py_DECREF(code);
    if (fast) {
        ret->kind = PYX_DATA_LOCAL;
        ret->holder = Py_NewRef(frame);
        ret->key = Py_NewRef(name);
        return true;
    }
    pyx_auto PyObject *ns = PyFrame_GetLocals((PyFrameObject *)frame); /* new */
    if (ns == NULL || !PyDict_Check(ns)) {
        pyx_error_drop();
        return refuse(reterr, "the variables of this %s cannot be watched", "namespace");
    }
    return in_dict(ns, name, ret, reterr);
}

static bool in_globals(PyObject *frame, PyObject *name, struct pyx_data_place *ret,
                       struct cd_error *reterr)
{
    pyx_auto PyObject *globals =
        frame != NULL ? PyFrame_GetGlobals((PyFrameObject *)frame) : Py_NewRef(pyx_user_ns());
    return in_dict(globals, name, ret, reterr);
}

static bool has_name(PyObject *names_owned, PyObject *name)
{
    const bool found = names_owned != NULL && PySequence_Contains(names_owned, name) == 1;
    Py_XDECREF(names_owned);
    pyx_error_drop();
    return found;
}

bool pyx_data_code_has(PyCodeObject *code, PyObject *name)
{
    return has_name(PyCode_GetCellvars(code), name) || has_name(PyCode_GetFreevars(code), name);
}

/* Is the name one of the frame's variables (bound or not)? */
static bool is_local(PyObject *frame, PyObject *name)
{
    PyCodeObject *code = PyFrame_GetCode((PyFrameObject *)frame); /* new */
    bool found = false;
    if ((code->co_flags & CO_OPTIMIZED) == 0) {
        pyx_auto PyObject *ns = PyFrame_GetLocals((PyFrameObject *)frame); /* new */
        pyx_auto PyObject *globals = PyFrame_GetGlobals((PyFrameObject *)frame);
        found = ns != globals && ns != NULL && PyDict_Check(ns) && PyDict_Contains(ns, name) == 1;
    } else {
        found = has_name(PyCode_GetVarnames(code), name) || pyx_data_code_has(code, name);
    }
    pyx_error_drop();
    Py_DECREF(code);
    return found;
}

static bool in_attribute(PyObject *obj, PyObject *name, struct pyx_data_place *ret,
                         struct cd_error *reterr)
{
    pyx_auto PyObject *value = NULL;
    if (pyx_attr_get(obj, name, &value) == PYX_ATTR_LAZY) {
        return refuse(reterr, "'%s' is computed by a property: watch what it is made of",
                      PyUnicode_AsUTF8(name));
    }
    pyx_auto PyObject *dict = pyx_own_dict(obj);
    const bool own = dict != NULL && (value == NULL || PyDict_Contains(dict, name) == 1);
    /* 3.13 tells dict watchers nothing of attributes that it keeps in the object itself */
    const bool told = PY_VERSION_HEX < 0x030D0000 || PY_VERSION_HEX >= 0x030E0000 ||
                      PyType_Check(obj) || PyModule_Check(obj);
    pyx_error_drop();
    if (own && told) {
        return in_dict(dict, name, ret, reterr);
    }
    if (value == NULL && !own) {
        return refuse(reterr, "there is no attribute '%s'", PyUnicode_AsUTF8(name));
    }
    ret->kind = PYX_DATA_ATTR;
    ret->holder = Py_NewRef(obj);
    ret->key = Py_NewRef(name);
    return true;
}

static bool in_list(PyObject *list, Py_ssize_t index, struct pyx_data_place *ret,
                    struct cd_error *reterr)
{
    const Py_ssize_t size = PyList_GET_SIZE(list);
    index += index < 0 ? size : 0;
    if (index < 0 || index >= size) {
        return refuse(reterr, "there is no such item in the %s", "list");
    }
    ret->kind = PYX_DATA_ITEM;
    ret->holder = Py_NewRef(list);
    ret->index = index;
    return true;
}

static bool in_item(PyObject *obj, PyObject *key, struct pyx_data_place *ret,
                    struct cd_error *reterr)
{
    if (PyDict_Check(obj)) {
        return in_dict(obj, key, ret, reterr);
    }
    if (PyList_Check(obj) && PyLong_CheckExact(key)) {
        const Py_ssize_t index = PyLong_AsSsize_t(key);
        pyx_error_drop();
        return in_list(obj, index, ret, reterr);
    }
    return refuse(reterr, "items of type '%s' cannot be watched: those of dicts and lists can",
                  pyx_type_name(obj));
}

static bool in_named_entry(PyObject *dict, const char *name, struct pyx_data_place *ret,
                           struct cd_error *reterr)
{
    pyx_auto PyObject *keys = PyDict_Keys(dict); /* new */
    for (Py_ssize_t i = 0; keys != NULL && i < PyList_GET_SIZE(keys); i++) {
        PyObject *key = PyList_GET_ITEM(keys, i); /* borrowed */
        if (is_plain_key(key) && pyx_key_is_named(key, name)) {
            return in_dict(dict, key, ret, reterr);
        }
    }
    pyx_error_drop();
    return refuse(reterr, "there is no entry '%s' that can be watched", name);
}

static bool of_child(const struct pyx_target *t, PyObject *name, const char *text,
                     struct pyx_data_place *ret, struct cd_error *reterr)
{
    if (t->scope == PYX_SCOPE_RETURN) {
        return refuse(reterr, "a %s does not change", "returned value");
    }
    if (t->scope != 0 && t->frame != NULL) {
        return t->scope == PYX_SCOPE_GLOBALS ? in_globals(t->frame, name, ret, reterr)
                                             : in_frame(t->frame, name, ret, reterr);
    }
    if (t->scope != 0) {
        return in_dict(t->value, name, ret, reterr);
    }
    const bool number = text[0] != '\0' && strspn(text, "0123456789") == strlen(text);
    if (t->group == PYX_GROUP_NONE && t->lazy == NULL && PyDict_Check(t->value)) {
        return in_named_entry(t->value, text, ret, reterr);
    }
    if (number && t->group == PYX_GROUP_NONE) {
        pyx_auto PyObject *index = PyLong_FromString(text, NULL, 10); /* new */
        pyx_error_drop();
        return index != NULL ? in_item(t->value, index, ret, reterr)
                             : refuse(reterr, "there is no item '%s'", text);
    }
    return in_attribute(t->value, name, ret, reterr);
}

bool pyx_data_place_of_child(int ref, const char *name, struct pyx_data_place *ret,
                             struct cd_error *reterr)
{
    pyx_autotarget struct pyx_target t = {0};
    if (pyx_target_find(ref, "arguments.variablesReference", &t, reterr) != CD_OK) {
        return false;
    }
    pyx_auto PyObject *str = PyUnicode_FromString(name); /* new */
    pyx_error_drop();
    return str != NULL ? of_child(&t, str, name, ret, reterr)
                       : refuse(reterr, "there is no variable '%s'", name);
}

/* Value of a part of an expression, without code of the user's. */
static PyObject *part(PyObject *frame, PyObject *ast, const char *field)
{
    pyx_auto PyObject *m = PyImport_ImportModule("ast");          /* new */
    pyx_auto PyObject *node = PyObject_GetAttrString(ast, field); /* new */
    pyx_auto PyObject *text =
        m != NULL && node != NULL ? PyObject_CallMethod(m, "unparse", "O", node) : NULL; /* new */
    return text != NULL ? pyx_eval_safe(frame, text) : NULL;
}

static bool of_ast(PyObject *frame, PyObject *ast, struct pyx_data_place *ret,
                   struct cd_error *reterr)
{
    const char *type = pyx_type_name(ast);
    if (strcmp(type, "Name") == 0) {
        pyx_auto PyObject *name = PyObject_GetAttrString(ast, "id"); /* new */
        return frame != NULL && is_local(frame, name) ? in_frame(frame, name, ret, reterr)
                                                      : in_globals(frame, name, ret, reterr);
    }
    const bool attribute = strcmp(type, "Attribute") == 0;
    if (!attribute && strcmp(type, "Subscript") != 0) {
        return refuse(reterr, "only a name, an attribute or an item can be watched%s", "");
    }
    pyx_auto PyObject *obj = part(frame, ast, "value");
    pyx_auto PyObject *key = obj == NULL ? NULL
                             : attribute ? PyObject_GetAttrString(ast, "attr")
                                         : part(frame, ast, "slice");
    if (key == NULL) {
        pyx_error_fetch(reterr, CD_E_EVALUATE);
        return false;
    }
    return attribute ? in_attribute(obj, key, ret, reterr) : in_item(obj, key, ret, reterr);
}

bool pyx_data_place_of_expression(int frame_id, const char *text, struct pyx_data_place *ret,
                                  struct cd_error *reterr)
{
    pyx_auto PyObject *frame =
        frame_id > 0 ? pyx_frame_find(frame_id, "arguments.frameId", reterr) : NULL;
    if (frame_id > 0 && frame == NULL) {
        return false;
    }
    pyx_auto PyObject *tree = pyx_parse_text(text, Py_eval_input);                       /* new */
    pyx_auto PyObject *ast = tree != NULL ? PyObject_GetAttrString(tree, "body") : NULL; /* new */
    if (ast == NULL) {
        pyx_error_fetch(reterr, CD_E_EVALUATE);
        return false;
    }
    return of_ast(frame, ast, ret, reterr);
}

static PyObject *module_dict(PyObject *module) /* borrowed / NULL */
{
    return module != NULL && PyModule_Check(module) ? PyModule_GetDict(module) : NULL;
}

bool pyx_data_place_of_global(const char *module, const char *name, struct pyx_data_place *ret,
                              struct cd_error *reterr)
{
    pyx_auto PyObject *module_name = PyUnicode_FromString(module);                       /* new */
    pyx_auto PyObject *m = module_name != NULL ? PyImport_GetModule(module_name) : NULL; /* new */
    pyx_auto PyObject *key = PyUnicode_FromString(name);                                 /* new */
    PyObject *dict = strcmp(module, "__main__") == 0 ? pyx_user_ns() : module_dict(m);
    pyx_error_drop();
    return dict != NULL && key != NULL ? in_dict(dict, key, ret, reterr)
                                       : refuse(reterr, "no module '%s' is loaded", module);
}

PyObject *pyx_data_module_of(const struct pyx_data_place *p)
{
    PyObject *name = NULL;
    if (p->kind != PYX_DATA_DICT || !PyUnicode_Check(p->key)) {
        return NULL;
    }
    if (p->holder == pyx_user_ns()) {
        return PyUnicode_FromString("__main__");
    }
    if (pyx_dict_gets(p->holder, "__name__", &name) == 1 && PyUnicode_Check(name)) {
        pyx_auto PyObject *m = PyImport_GetModule(name); /* new */
        if (module_dict(m) == p->holder) {
            return name;
        }
    }
    pyx_error_drop();
    Py_XDECREF(name);
    return NULL;
}

PyObject *pyx_data_get(const struct pyx_data_place *p)
{
    PyObject *value = NULL;
    switch (p->kind) {
    case PYX_DATA_DICT:
        pyx_dict_get(p->holder, p->key, &value);
        break;
    case PYX_DATA_LOCAL:
        value = PyFrame_GetVar((PyFrameObject *)p->holder, p->key);
        break;
    case PYX_DATA_ATTR:
        if (pyx_attr_get(p->holder, p->key, &value) != PYX_ATTR_VALUE) {
            value = NULL;
        }
        break;
    case PYX_DATA_ITEM:
        value = p->index < PyList_GET_SIZE(p->holder)
                    ? Py_NewRef(PyList_GET_ITEM(p->holder, p->index))
                    : NULL;
        break;
    }
    pyx_error_drop();
    return value;
}
