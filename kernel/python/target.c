/* SPDX-License-Identifier: BSD-3-Clause
 *
 * From a variablesReference to the value that it means now: its path is walked from the frame on.
 * Runs with the GIL; runs code of the user's only for a property that was asked for.
 */
#include "kernel/python/inspect.h"

#include <stdlib.h>
#include <string.h>

#define MAX_STEPS 1024

void pyx_target_done(struct pyx_target *t)
{
    Py_CLEAR(t->value);
    Py_CLEAR(t->frame);
    Py_CLEAR(t->lazy);
    cd_buf_done(&t->expr);
}

static void expr_put(struct pyx_target *t, const char *text, size_t len)
{
    if (t->has_expr && cd_buf_append(&t->expr, text, len, NULL) != CD_OK) {
        t->has_expr = false;
    }
}

static void expr_key(struct pyx_target *t, PyObject *key)
{
    t->has_expr = t->has_expr && key && pyx_key_expr(&t->expr, key);
}

static PyObject *decode(const char *text, size_t len) /* new / NULL */
{
    PyObject *str = PyUnicode_DecodeUTF8(text, (Py_ssize_t)len, "surrogatepass");
    PyErr_Clear();
    return str;
}

static void set_value(struct pyx_target *t, PyObject *value_owned)
{
    Py_XSETREF(t->value, value_owned);
}

static PyObject *namespace_get(const struct pyx_target *t, PyObject *name) /* new / NULL */
{
    const struct pyx_stop *stop = pyx_stop_shown();
    PyObject *value = NULL;
    if (t->scope == PYX_SCOPE_RETURN) {
        return stop ? Py_XNewRef(stop->return_value) : NULL;
    }
    if (t->frame) {
        return pyx_scope_get(t->frame, t->scope, name);
    }
    pyx_dict_get(t->value, name, &value);
    PyErr_Clear();
    return value;
}

static void into_name(struct pyx_target *t, const struct dbg_ref *step)
{
    pyx_auto PyObject *name = decode(step->key, step->len);
    set_value(t, name ? namespace_get(t, name) : NULL);
    t->has_expr = t->scope != PYX_SCOPE_RETURN;
    t->scope = 0;
    expr_put(t, step->key, step->len);
}

static void into_attr(struct pyx_target *t, const struct dbg_ref *step)
{
    pyx_auto PyObject *name = decode(step->key, step->len);
    PyObject *value = NULL;
    if (name && pyx_attr_get(t->value, name, &value) != PYX_ATTR_VALUE) {
        value = NULL;
    }
    set_value(t, value);
    expr_put(t, ".", 1);
    expr_put(t, step->key, step->len);
}

static void into_value(struct pyx_target *t, int ref)
{
    PyObject *value = pyx_held_get(ref);
    if (!value && t->lazy) {
        if (pyx_user_begin(0)) {
            value = PyObject_GetAttr(t->value, t->lazy);
            pyx_user_end();
        }
        PyErr_Clear();
        if (value) {
            pyx_held_set(ref, value);
        }
    }
    set_value(t, value);
    Py_CLEAR(t->lazy);
}

static void into_expr(struct pyx_target *t, const struct dbg_ref *step, int ref)
{
    PyObject *value = pyx_held_get(ref);
    if (!value) {
        pyx_auto PyObject *text = decode(step->key, step->len);
        value = text ? pyx_eval_safe(t->frame, text) : NULL;
        PyErr_Clear();
    }
    set_value(t, value);
    bool simple = step->len == strspn(step->key, "abcdefghijklmnopqrstuvwxyz_.[]"
                                                 "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
    t->has_expr = !memchr(step->key, '\n', step->len);
    t->scope = 0;
    expr_put(t, "(", !simple);
    expr_put(t, step->key, step->len);
    expr_put(t, ")", !simple);
}

static void into_item(struct pyx_target *t, const struct dbg_ref *step)
{
    Py_ssize_t at = (Py_ssize_t)strtoll(step->key, NULL, 10);
    enum pyx_array array = pyx_array_kind(t->value);
    pyx_auto PyObject *label = NULL;
    if (step->kind == PYX_STEP_COLUMN) {
        set_value(t, pyx_column_get(t->value, at, &label));
        expr_key(t, label);
    } else if (step->kind == PYX_STEP_ELEMENT) {
        set_value(t, pyx_set_get(t->value, at));
        t->has_expr = false;
    } else {
        set_value(t, array ? pyx_array_item(t->value, array, at) : pyx_seq_get(t->value, at));
        expr_put(t, ".iloc", array == PYX_ARRAY_SERIES ? 5 : 0);
        expr_put(t, "[", 1);
        expr_put(t, step->key, step->len);
        expr_put(t, "]", 1);
    }
}

/* value NULL afterwards: the step leads nowhere any more. */
static void into(struct pyx_target *t, const struct dbg_ref *step, int ref)
{
    pyx_auto PyObject *key = NULL;
    t->rest = 0;
    switch ((enum pyx_step)step->kind) {
    case PYX_STEP_NAME:
        into_name(t, step);
        break;
    case PYX_STEP_ATTR:
        into_attr(t, step);
        break;
    case PYX_STEP_LAZY:
        t->lazy = decode(step->key, step->len);
        expr_put(t, ".", 1);
        expr_put(t, step->key, step->len);
        break;
    case PYX_STEP_VALUE:
        into_value(t, ref);
        break;
    case PYX_STEP_EXPR:
        into_expr(t, step, ref);
        break;
    case PYX_STEP_STR_KEY:
    case PYX_STEP_ENTRY:
        set_value(t, pyx_entry_get(t->value, step->kind, step->key, step->len, &key));
        expr_key(t, key);
        break;
    case PYX_STEP_GROUP:
        t->group = (enum pyx_group)step->key[0];
        return; /* of the same value or scope */
    case PYX_STEP_REST:
        t->rest = (Py_ssize_t)strtoll(step->key, NULL, 10);
        return;
    default:
        into_item(t, step);
        break;
    }
    t->group = PYX_GROUP_NONE;
}

/* The root of a path, up to its scope. *left: steps that remain (path[0] is the leaf). */
static cd_result begin(struct pyx_target *t, const int *path, int *left, const char *field,
                       struct cd_error *reterr)
{
    struct dbg_ref step;
    while (*left > 0 && dbg_refs_get(pyx_refs(), path[*left - 1], &step) &&
           (step.kind == PYX_STEP_THREAD || step.kind == PYX_STEP_FRAME)) {
        t->frame_ref = path[--*left];
    }
    if (t->frame_ref) {
        t->frame = pyx_frame_find(t->frame_ref, field, reterr);
        if (!t->frame || *left == 0) {
            return cd_error_set(reterr, CD_E_NOT_FOUND, "'%d' at %s is a frame, not a variable",
                                t->frame_ref, field);
        }
    }
    dbg_refs_get(pyx_refs(), path[*left - 1], &step);
    if (step.kind == PYX_STEP_SCOPE && t->frame) {
        t->scope = (enum pyx_scope)step.key[0];
        --*left;
    } else if (step.kind == PYX_STEP_USER_NS) {
        t->scope = PYX_SCOPE_GLOBALS;
        set_value(t, Py_XNewRef(pyx_user_ns()));
        --*left;
    } else if (step.kind != PYX_STEP_EXPR) {
        return cd_error_set(reterr, CD_E_NOT_FOUND, "'%d' at %s is not a variable", path[0], field);
    }
    return CD_OK;
}

cd_result pyx_target_find(int ref, const char *field, struct pyx_target *ret,
                          struct cd_error *reterr)
{
    int path[MAX_STEPS];
    int left = 0;
    struct dbg_ref step;
    cd_buf_init(&ret->expr, PYX_EXPR_BYTES);
    ret->ref = ref;
    bool frames = false;
    for (int at = ref; at && left < MAX_STEPS; at = step.parent) {
        if (!dbg_refs_get(pyx_refs(), at, &step)) {
            return cd_error_set(reterr, CD_E_NOT_FOUND, "no variable '%d' at %s", ref, field);
        }
        if (!frames) {
            path[left++] = at;
        }
        frames = frames || step.kind == PYX_STEP_FRAME; /* the frame's own path is its business */
    }
    if (left == 0 || left == MAX_STEPS) {
        return cd_error_set(reterr, CD_E_NOT_FOUND, "no variable '%d' at %s", ref, field);
    }
    if (begin(ret, path, &left, field, reterr) != CD_OK) {
        return CD_ERR;
    }
    while (left > 0) {
        int at = path[--left];
        /* The key is copied: a getter may make new paths. */
        dbg_refs_get(pyx_refs(), at, &step);
        cd_autofree char *key = malloc(step.len + 1);
        if (!key) {
            return cd_oom(reterr);
        }
        memcpy(key, step.key, step.len + 1);
        step.key = key;
        into(ret, &step, at);
        if (!ret->value && !ret->scope) {
            return cd_error_set(reterr, CD_E_NOT_FOUND,
                                "the variable '%.80s' of %s '%d' is not there any more", key, field,
                                ref);
        }
    }
    return CD_OK;
}
