/* SPDX-License-Identifier: BSD-3-Clause
 *
 * setVariable and setExpression: the new value is an expression of the frame. Runs on the stopped
 * thread with the GIL; the user's __setattr__ and __setitem__ run, quietly.
 */
#include "kernel/python/inspect.h"

#include <stdlib.h>
#include <string.h>

/* The text of an AST node that lies in one line of a text: new str / NULL with an exception. */
static PyObject *node_text(PyObject *node, const char *text)
{
    static const char *const names[] = {"lineno", "end_lineno", "col_offset", "end_col_offset"};
    long place[4];
    for (int i = 0; i < 4; i++) {
        pyx_auto PyObject *number = PyObject_GetAttrString(node, names[i]); /* new */
        place[i] = number ? PyLong_AsLong(number) : -1;
        if (place[i] < 0) {
            return NULL;
        }
    }
    if (place[0] != 1 || place[1] != 1 || place[3] < place[2] || (size_t)place[3] > strlen(text)) {
        PyErr_SetString(PyExc_ValueError, "what is assigned to must be written in one line");
        return NULL;
    }
    return PyUnicode_DecodeUTF8(text + place[2], place[3] - place[2], NULL);
}

/* Value of a part of the target. */
static PyObject *part(PyObject *frame, PyObject *ast, const char *field, const char *text)
{
    pyx_auto PyObject *node = PyObject_GetAttrString(ast, field);    /* new */
    pyx_auto PyObject *source = node ? node_text(node, text) : NULL; /* new */
    return source ? pyx_eval_text(frame, source, false, NULL) : NULL;
}

static PyObject *key_of(PyObject *frame, PyObject *node, const char *text);

static PyObject *slice_of(PyObject *frame, PyObject *node, const char *text)
{
    static const char *const names[] = {"lower", "upper", "step"};
    PyObject *parts[3] = {NULL, NULL, NULL}; /* new each */
    bool ok = true;
    for (int i = 0; i < 3 && ok; i++) {
        pyx_auto PyObject *inner = PyObject_GetAttrString(node, names[i]); /* new */
        parts[i] = !inner             ? NULL
                   : inner == Py_None ? Py_NewRef(Py_None)
                                      : key_of(frame, inner, text);
        ok = parts[i] != NULL;
    }
    PyObject *slice = ok ? PySlice_New(parts[0], parts[1], parts[2]) : NULL;
    for (int i = 0; i < 3; i++) {
        Py_XDECREF(parts[i]);
    }
    return slice;
}

/* What stands in the brackets: a slice is no expression. New / NULL with an exception. */
static PyObject *key_of(PyObject *frame, PyObject *node, const char *text)
{
    const char *type = pyx_type_name(node);
    if (strcmp(type, "Slice") == 0) {
        return slice_of(frame, node, text);
    }
    if (strcmp(type, "Tuple") != 0) {
        pyx_auto PyObject *source = node_text(node, text); /* new */
        return source ? pyx_eval_text(frame, source, false, NULL) : NULL;
    }
    pyx_auto PyObject *items = PyObject_GetAttrString(node, "elts"); /* new */
    pyx_auto PyObject *keys = items ? PyList_New(0) : NULL;          /* new */
    for (Py_ssize_t i = 0; keys && i < PyList_GET_SIZE(items); i++) {
        pyx_auto PyObject *key = key_of(frame, PyList_GET_ITEM(items, i), text);
        if (!key || PyList_Append(keys, key) < 0) {
            return NULL;
        }
    }
    return keys ? PyList_AsTuple(keys) : NULL;
}

int pyx_assign_text(PyObject *frame, PyObject *target, PyObject *value)
{
    const char *text = PyUnicode_AsUTF8(target);                                 /* borrowed */
    pyx_auto PyObject *tree = text ? pyx_parse(target, Py_eval_input) : NULL;    /* new */
    pyx_auto PyObject *ast = tree ? PyObject_GetAttrString(tree, "body") : NULL; /* new */
    if (!ast) {
        return -1;
    }
    text += strspn(text, " \t"); /* as pyx_parse does */
    const char *type = pyx_type_name(ast);
    if (strcmp(type, "Name") == 0) {
        pyx_auto PyObject *name = PyObject_GetAttrString(ast, "id"); /* new */
        return !name   ? -1
               : frame ? pyx_frame_assign(frame, name, value)
                       : PyDict_SetItem(pyx_user_ns(), name, value);
    }
    if (strcmp(type, "Attribute") == 0) {
        pyx_auto PyObject *obj = part(frame, ast, "value", text);
        pyx_auto PyObject *name = obj ? PyObject_GetAttrString(ast, "attr") : NULL; /* new */
        return name ? PyObject_SetAttr(obj, name, value) : -1;
    }
    if (strcmp(type, "Subscript") == 0) {
        pyx_auto PyObject *obj = part(frame, ast, "value", text);
        pyx_auto PyObject *slice = obj ? PyObject_GetAttrString(ast, "slice") : NULL; /* new */
        pyx_auto PyObject *key = slice ? key_of(frame, slice, text) : NULL;
        return key ? PyObject_SetItem(obj, key, value) : -1;
    }
    PyErr_SetString(PyExc_SyntaxError, "only a name, an attribute or an item can be assigned to");
    return -1;
}

/* Where a child is put, and how its path goes on. */
struct place {
    enum pyx_step step;
    const char *key;
    size_t len;
    struct cd_buf own; /* what key points into, for an entry of a dict */
};

static int set_item(PyObject *container, PyObject *key, PyObject *value)
{
    return key ? PyObject_SetItem(container, key, value) : -1;
}

static PyObject *decimal(const char *text) /* new / NULL with an exception */
{
    return PyLong_FromString(text, NULL, 10);
}

static int set_entry(PyObject *dict, const char *name, PyObject *value, struct place *place)
{
    pyx_auto PyObject *keys = PyDict_Keys(dict); /* new: reprs may change the dict */
    pyx_auto PyObject *found = NULL;
    Py_ssize_t at = 0;
    for (Py_ssize_t i = 0; keys && i < PyList_GET_SIZE(keys); i++) {
        PyObject *key = PyList_GET_ITEM(keys, i); /* borrowed */
        if (!pyx_key_is_named(key, name)) {
            continue;
        }
        if (found) {
            PyErr_Format(PyExc_KeyError, "more than one key is shown as %s", name);
            return -1;
        }
        found = Py_NewRef(key);
        at = i;
        if (PyUnicode_CheckExact(key) || PyLong_CheckExact(key)) {
            break;
        }
    }
    if (found) {
        place->step = pyx_key_step(&place->own, found, at, name);
        place->key = place->own.data;
        place->len = place->own.len;
        return PyObject_SetItem(dict, found, value);
    }
    PyErr_Format(PyExc_KeyError, "no entry '%s'", name);
    return -1;
}

/* Puts value in the place of the member at a position; its own position is the place's key. */
static int set_member(PyObject *set, const char *name, PyObject *value, struct place *place)
{
    pyx_auto PyObject *old = pyx_set_get(set, (Py_ssize_t)strtoll(name, NULL, 10));
    if (!PySet_Check(set) || !old) {
        PyErr_SetString(PyExc_TypeError, "its members cannot be changed");
        return -1;
    }
    if (PyObject_Hash(value) == -1 || PySet_Discard(set, old) < 0 || PySet_Add(set, value) < 0) {
        return -1;
    }
    pyx_auto PyObject *iterator = PySet_Type.tp_iter(set); /* new */
    long long at = 0;
    for (bool found = false; iterator && !found; at += !found) {
        pyx_auto PyObject *member = PyIter_Next(iterator); /* new */
        found = !member || member == value;
    }
    PyErr_Clear();
    cd_buf_init(&place->own, 32);
    if (cd_buf_appendf(&place->own, NULL, "%lld", at) != CD_OK) {
        PyErr_NoMemory();
        return -1;
    }
    place->step = PYX_STEP_ELEMENT;
    place->key = place->own.data;
    place->len = place->own.len;
    return 0;
}

static int set_in_scope(const struct pyx_target *t, PyObject *name, PyObject *value)
{
    if (t->scope == PYX_SCOPE_RETURN) {
        PyErr_SetString(PyExc_ValueError, "a returned value cannot be changed");
        return -1;
    }
    if (t->frame && t->scope != PYX_SCOPE_GLOBALS) {
        return pyx_frame_assign(t->frame, name, value);
    }
    pyx_auto PyObject *globals =
        t->frame ? PyFrame_GetGlobals((PyFrameObject *)t->frame) : Py_NewRef(t->value); /* new */
    return PyDict_SetItem(globals, name, value);
}

static int set_in_array(const struct pyx_target *t, enum pyx_array array, const char *name,
                        PyObject *value)
{
    if (array == PYX_ARRAY_FRAME) {
        pyx_auto PyObject *label = PyUnicode_FromString(name); /* new */
        return set_item(t->value, label, value);
    }
    pyx_auto PyObject *at = decimal(name);
    pyx_auto PyObject *into = array == PYX_ARRAY_SERIES ? PyObject_GetAttrString(t->value, "iloc")
                                                        : Py_NewRef(t->value); /* new */
    return into ? set_item(into, at, value) : -1;
}

static int set_child(const struct pyx_target *t, const char *name, PyObject *value,
                     struct place *place)
{
    Py_ssize_t size = 0;
    pyx_auto PyObject *str = PyUnicode_FromString(name); /* new */
    enum pyx_items kind =
        t->scope || t->group || t->lazy ? PYX_ITEMS_NONE : pyx_items_kind(t->value, &size);
    enum pyx_array array = t->scope || kind || t->lazy ? PYX_ARRAY_NONE : pyx_array_kind(t->value);
    bool number = *name && strspn(name, "0123456789") == strlen(name);
    place->step = PYX_STEP_ATTR;
    place->key = name;
    place->len = strlen(name);
    if (t->scope) {
        place->step = PYX_STEP_NAME;
        return str ? set_in_scope(t, str, value) : -1;
    }
    if (kind == PYX_ITEMS_SEQ && number) {
        place->step = PYX_STEP_INDEX;
        pyx_auto PyObject *at = decimal(name);
        return set_item(t->value, at, value);
    }
    if (kind == PYX_ITEMS_DICT) {
        return set_entry(t->value, name, value, place);
    }
    if (kind == PYX_ITEMS_SET && number) {
        return set_member(t->value, name, value, place);
    }
    if (array && (number || array == PYX_ARRAY_FRAME)) {
        place->step = PYX_STEP_INDEX;
        return set_in_array(t, array, name, value);
    }
    return str ? PyObject_SetAttr(t->value, t->lazy ? t->lazy : str, value) : -1;
}

static int set_limited(const struct pyx_target *t, const char *name, PyObject *value,
                       struct place *place)
{
    if (!pyx_user_begin(0)) {
        return pyx_no_time();
    }
    int rc = set_child(t, name, value, place);
    pyx_user_end();
    return rc;
}

static cd_result body_of(PyObject *value, int parent, const struct place *place,
                         const struct pyx_format *format, json_t **ret, struct cd_error *reterr)
{
    int ref = 0;
    *ret = pyx_variable_body(value, "value", parent, place->step, place->key, place->len, format,
                             &ref);
    if (ref && place->step == PYX_STEP_EXPR) {
        pyx_held_set(ref, value);
    }
    return *ret ? CD_OK : cd_oom(reterr);
}

cd_result pyx_set_variable(const json_t *args, json_t **ret, struct cd_error *reterr)
{
    int64_t ref = 0;
    const char *name = NULL, *text = NULL;
    struct pyx_format format = {0};
    pyx_autotarget struct pyx_target t = {0};
    if (cd_json_int(args, "arguments.variablesReference", 1, INT32_MAX, &ref, reterr) != CD_OK ||
        cd_json_str(args, "arguments.name", &name, reterr) != CD_OK ||
        cd_json_str(args, "arguments.value", &text, reterr) != CD_OK ||
        pyx_format_read(args, &format, reterr) != CD_OK ||
        pyx_target_find((int)ref, "arguments.variablesReference", &t, reterr) != CD_OK) {
        return CD_ERR;
    }
    struct place place = {0};
    pyx_auto PyObject *str = PyUnicode_FromString(text); /* new */
    pyx_auto PyObject *value = str ? pyx_eval_limited(t.frame, str) : NULL;
    cd_result rc = value && set_limited(&t, name, value, &place) == 0
                       ? body_of(value, (int)ref, &place, &format, ret, reterr)
                       : pyx_eval_failed(NULL, reterr);
    cd_buf_done(&place.own);
    return rc;
}

static cd_result assign(PyObject *frame, const char *target, PyObject *value,
                        struct cd_error *reterr)
{
    pyx_auto PyObject *str = PyUnicode_FromString(target); /* new */
    int rc = -1;
    if (str && pyx_user_begin(0)) {
        rc = pyx_assign_text(frame, str, value);
        pyx_user_end();
    } else if (str) {
        rc = pyx_no_time();
    }
    return rc == 0 ? CD_OK : pyx_eval_failed(NULL, reterr);
}

cd_result pyx_set_expression(const json_t *args, json_t **ret, struct cd_error *reterr)
{
    const char *target = NULL, *text = NULL;
    int frame_ref = 0;
    struct pyx_format format = {0};
    pyx_auto PyObject *frame = NULL;
    if (cd_json_str(args, "arguments.expression", &target, reterr) != CD_OK ||
        cd_json_str(args, "arguments.value", &text, reterr) != CD_OK ||
        pyx_format_read(args, &format, reterr) != CD_OK ||
        pyx_frame_arg(args, "arguments.frameId", &frame, &frame_ref, reterr) != CD_OK) {
        return CD_ERR;
    }
    pyx_auto PyObject *str = PyUnicode_FromString(text); /* new */
    pyx_auto PyObject *value = str ? pyx_eval_limited(frame, str) : NULL;
    if (!value) {
        return pyx_eval_failed(NULL, reterr);
    }
    if (assign(frame, target, value, reterr) != CD_OK) {
        return CD_ERR;
    }
    struct place place = {.step = PYX_STEP_EXPR, .key = target, .len = strlen(target)};
    return body_of(value, frame_ref, &place, &format, ret, reterr);
}

cd_result pyx_copy_to_globals(const json_t *args, json_t **ret, struct cd_error *reterr)
{
    const char *from = NULL, *to = NULL;
    int frame_ref = 0;
    pyx_auto PyObject *frame = NULL;
    if (cd_json_str(args, "arguments.srcVariableName", &from, reterr) != CD_OK ||
        cd_json_str(args, "arguments.dstVariableName", &to, reterr) != CD_OK ||
        pyx_frame_arg(args, "arguments.srcFrameId", &frame, &frame_ref, reterr) != CD_OK) {
        return CD_ERR;
    }
    pyx_auto PyObject *name = PyUnicode_FromString(from); /* new */
    pyx_auto PyObject *value = name ? pyx_eval_limited(frame, name) : NULL;
    pyx_auto PyObject *target = PyUnicode_FromString(to); /* new */
    if (!value || !target) {
        return pyx_eval_failed(NULL, reterr);
    }
    if (!PyUnicode_IsIdentifier(target)) {
        return cd_error_set(reterr, CD_E_BAD_VALUE,
                            "'%s' at arguments.dstVariableName is no name of a variable", to);
    }
    if (PyDict_SetItem(pyx_user_ns(), target, value) < 0) {
        return pyx_eval_failed(NULL, reterr);
    }
    int root = dbg_refs_number(pyx_refs(), 0, PYX_STEP_USER_NS, "", 0);
    struct place place = {.step = PYX_STEP_NAME, .key = to, .len = strlen(to)};
    return body_of(value, root, &place, &(struct pyx_format){0}, ret, reterr);
}
