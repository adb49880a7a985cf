/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Attributes of an object, type or module, grouped as Python users know it from debugpy: special,
 * function and class variables behind one line each, the rest inline. Properties are lazy. Runs
 * with the GIL; only reprs run code of the user's.
 */
#include "kernel/python/inspect.h"

#include <string.h>

int pyx_group_index(enum pyx_group group)
{
    return group == PYX_GROUP_SPECIAL     ? 0
           : group == PYX_GROUP_FUNCTION  ? 1
           : group == PYX_GROUP_CLASS     ? 2
           : group == PYX_GROUP_PROTECTED ? 3
                                          : -1;
}

static cd_result read_mode(const json_t *object, const char *path, char *ret,
                           struct cd_error *reterr)
{
    const char *mode = NULL;
    if (cd_json_str_opt(object, path, &mode, reterr) != CD_OK) {
        return CD_ERR;
    }
    if (mode && strcmp(mode, "group") != 0 && strcmp(mode, "inline") != 0 &&
        strcmp(mode, "hide") != 0) {
        return cd_error_set(reterr, CD_E_BAD_VALUE, "'%.40s' at %s is none of group, inline, hide",
                            mode, path);
    }
    *ret = mode ? mode[0] : '\0';
    return CD_OK;
}

cd_result pyx_presentation_read(const json_t *args, struct pyx_presentation *ret,
                                struct cd_error *reterr)
{
    json_t *object = NULL;
    if (cd_json_obj_opt(args, "arguments.variablePresentation", &object, reterr) != CD_OK ||
        read_mode(object, "arguments.variablePresentation.special", &ret->special, reterr) ||
        read_mode(object, "arguments.variablePresentation.function", &ret->function, reterr) ||
        read_mode(object, "arguments.variablePresentation.class", &ret->class_, reterr) ||
        read_mode(object, "arguments.variablePresentation.protected", &ret->protected, reterr)) {
        return CD_ERR;
    }
    return CD_OK;
}

cd_result pyx_groups_add(struct pyx_page *page, const bool present[PYX_GROUPS],
                         struct cd_error *reterr)
{
    static const char *const names[PYX_GROUPS] = {"special variables", "function variables",
                                                  "class variables", "protected variables"};
    static const char keys[PYX_GROUPS] = {PYX_GROUP_SPECIAL, PYX_GROUP_FUNCTION, PYX_GROUP_CLASS,
                                          PYX_GROUP_PROTECTED};
    for (int i = 0; i < PYX_GROUPS; i++) {
        if (present[i] && pyx_child_add(page,
                                        &(struct pyx_child){.name = names[i],
                                                            .expr = "",
                                                            .step = PYX_STEP_GROUP,
                                                            .key = &keys[i],
                                                            .key_len = 1,
                                                            .kind = "virtual",
                                                            .read_only = true},
                                        reterr) != CD_OK) {
            return CD_ERR;
        }
    }
    return CD_OK;
}

struct walk {
    struct pyx_page *page;
    PyObject *obj;
    struct cd_error *reterr;
    bool present[PYX_GROUPS];
    bool counting; /* first pass: which groups are there */
    bool failed;
};

static bool left_out(PyObject *name)
{
    return PyUnicode_CompareWithASCIIString(name, "__weakref__") == 0 ||
           PyUnicode_CompareWithASCIIString(name, "__builtins__") == 0 ||
           PyUnicode_CompareWithASCIIString(name, "co_lnotab") == 0; /* warns when it is read */
}

static cd_result add_attr(struct walk *w, PyObject *name, PyObject *value, bool lazy)
{
    const struct pyx_target *t = w->page->target;
    cd_autobuf struct cd_buf expr;
    cd_buf_init(&expr, PYX_EXPR_BYTES);
    pyx_auto PyObject *bytes = pyx_str_bytes(name);
    bool known =
        t->has_expr && bytes && PyUnicode_IsIdentifier(name) &&
        cd_buf_appendf(&expr, NULL, "%s.%s", t->expr.data, PyBytes_AS_STRING(bytes)) == CD_OK;
    return pyx_child_add(w->page,
                         &(struct pyx_child){.name_str = name,
                                             .key = bytes ? PyBytes_AS_STRING(bytes) : "",
                                             .key_len = bytes ? (size_t)PyBytes_GET_SIZE(bytes) : 0,
                                             .step = lazy ? PYX_STEP_LAZY : PYX_STEP_ATTR,
                                             .value = value,
                                             .expr = known ? expr.data : NULL,
                                             .attribute = true},
                         w->reterr);
}

static int visit(void *ctx, PyObject *name, PyObject *raw, bool own)
{
    struct walk *w = ctx;
    (void)own;
    enum pyx_group group = pyx_group_of(name, raw, &w->page->presentation);
    if (left_out(name)) {
        return 0;
    }
    int index = pyx_group_index(group);
    if (w->counting) {
        if (index >= 0) {
            w->present[index] = true;
        }
        return 0;
    }
    if (group != w->page->target->group) {
        return 0;
    }
    pyx_auto PyObject *value = NULL;
    enum pyx_attr kind = pyx_attr_get(w->obj, name, &value);
    if (kind == PYX_ATTR_NONE) {
        return 0;
    }
    if (add_attr(w, name, value, kind == PYX_ATTR_LAZY) != CD_OK) {
        w->failed = true;
        return 1;
    }
    return 0;
}

cd_result pyx_children_object(struct pyx_page *page, struct cd_error *reterr)
{
    struct walk w = {.page = page, .obj = page->target->value, .reterr = reterr};
    if (!page->named || !w.obj) {
        return CD_OK;
    }
    if (!page->target->group) {
        w.counting = true;
        pyx_attrs_each(w.obj, visit, &w);
        w.counting = false;
        if (pyx_groups_add(page, w.present, reterr) != CD_OK) {
            return CD_ERR;
        }
    }
    pyx_attrs_each(w.obj, visit, &w);
    return w.failed ? CD_ERR : CD_OK;
}
