/* SPDX-License-Identifier: BSD-3-Clause
 *
 * debugpy's `rules`: what a client says of paths and modules wins over where a file lies. The first
 * rule that fits decides. Guarded by the GIL.
 */
#include "kernel/python/control.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

struct owned_rules {
    struct owned_rules *next;
    int owner;
    struct engine_rules rules;
};

static struct owned_rules *all;

void pyx_set_rules(int owner, struct engine_rules *rules_owned)
{
    struct owned_rules **at = &all;
    while (*at != NULL && (*at)->owner != owner) {
        at = &(*at)->next;
    }
    struct owned_rules *r = *at;
    if (r == NULL && (rules_owned->count > 0 || rules_owned->exit_count > 0)) {
        r = calloc(1, sizeof *r);
        if (r != NULL) {
            r->owner = owner;
            r->next = all;
            all = r;
        }
    }
    if (r == NULL) {
        engine_rules_free(rules_owned);
        return;
    }
    engine_rules_free(&r->rules);
    r->rules = *rules_owned;
    *rules_owned = (struct engine_rules){0};
    if (r->rules.count == 0 && r->rules.exit_count == 0) {
        *at = r->next;
        free(r);
    }
}

bool pyx_rules_want_exit(PyObject *exception)
{
    if (all == NULL) {
        return false;
    }
    pyx_auto PyObject *code = PyObject_GetAttrString(exception, "code"); /* new */
    const bool none = code == Py_None;
    int overflow = 1;
    const int64_t n =
        code != NULL && PyLong_Check(code) ? PyLong_AsLongLongAndOverflow(code, &overflow) : 0;
    pyx_error_drop();
    for (const struct owned_rules *r = all; r != NULL; r = r->next) {
        for (size_t i = 0; i < r->rules.exit_count; i++) {
            const struct engine_exit *e = &r->rules.exits[i];
            if (e->none ? none : overflow == 0 && n >= e->from && n <= e->to) {
                return true;
            }
        }
    }
    return false;
}

/* "pkg" is that module and all below it; both kinds may have wildcards. */
static bool fits(const struct engine_rule *rule, const char *text, char below)
{
    const size_t n = strlen(rule->pattern);
    return fnmatch(rule->pattern, text, 0) == 0 ||
           (strncmp(rule->pattern, text, n) == 0 && n > 0 &&
            (text[n] == below || rule->pattern[n - 1] == below));
}

static PyObject *module_of(PyFrameObject *frame) /* new str, or NULL */
{
    pyx_auto PyObject *globals = PyFrame_GetGlobals(frame); /* new */
    PyObject *name = NULL;
    if (pyx_dict_gets(globals, "__name__", &name) != 1 || !PyUnicode_Check(name)) {
        Py_CLEAR(name);
    }
    pyx_error_drop();
    return name;
}

/* 1: included, 0: excluded, -1: these say nothing of it. */
static int verdict_of(const struct engine_rules *rules, PyFrameObject *frame)
{
    pyx_auto PyObject *code = (PyObject *)PyFrame_GetCode(frame); /* new */
    pyx_auto PyObject *module = module_of(frame);
    const char *path = PyUnicode_AsUTF8(((PyCodeObject *)code)->co_filename);
    const char *name = module != NULL ? PyUnicode_AsUTF8(module) : NULL;
    pyx_error_drop();
    for (size_t i = 0; i < rules->count; i++) {
        const struct engine_rule *r = &rules->list[i];
        const char *text = r->is_module ? name : path;
        if (text != NULL && fits(r, text, r->is_module ? '.' : '/')) {
            return r->include;
        }
    }
    return -1;
}

bool pyx_rules_want(int owner, bool just_my_code, PyFrameObject *frame)
{
    PyCodeObject *code = PyFrame_GetCode(frame); /* new */
    const enum pyx_code_kind kind = pyx_code_kind(code);
    Py_DECREF(code);
    if (kind == PYX_CODE_OURS) {
        return false;
    }
    for (const struct owned_rules *r = all; r != NULL; r = r->next) {
        const int verdict = owner == 0 || owner == r->owner ? verdict_of(&r->rules, frame) : -1;
        if (verdict >= 0) {
            return verdict == 1;
        }
    }
    return kind == PYX_CODE_USER || !just_my_code;
}
