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
    return group == PYX_GROUP_SPECIAL    ? 0
           : group == PYX_GROUP_FUNCTION ? 1
           : group == PYX_GROUP_CLASS    ? 2
                                         : -1;
}

cd_result pyx_groups_add(struct pyx_page *page, const bool present[3], struct cd_error *reterr)
{
    static const char *const names[3] = {"special variables", "function variables",
                                         "class variables"};
    static const char keys[3] = {PYX_GROUP_SPECIAL, PYX_GROUP_FUNCTION, PYX_GROUP_CLASS};
    for (int i = 0; i < 3; i++) {
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
    bool present[3];
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
    enum pyx_group group = pyx_group_of(name, raw);
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
