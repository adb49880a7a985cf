/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The variables request: one page of the children of a scope or value, as DAP Variables. Runs with
 * the GIL; reprs of the user's classes run, properties do not (they are lazy).
 */
#include "kernel/python/inspect.h"

#include <string.h>

#define MAX_UNPAGED 5000 /* items of a container when the client does not page */

void pyx_page_range(struct pyx_page *page, Py_ssize_t first, Py_ssize_t n, Py_ssize_t *from,
                    Py_ssize_t *to, Py_ssize_t *rest)
{
    int64_t size = n > first ? n - first : 0;
    int64_t begin = page->start - page->seen;
    int64_t end = page->count ? begin + page->count : size;
    page->seen += size;
    begin = begin < 0 ? 0 : begin > size ? size : begin;
    end = end < begin ? begin : end > size ? size : end;
    *rest = -1;
    if (end - begin > MAX_UNPAGED && !page->count) {
        end = begin + MAX_UNPAGED;
        *rest = first + (Py_ssize_t)end;
    }
    *from = first + (Py_ssize_t)begin;
    *to = page->count_only ? *from : first + (Py_ssize_t)end;
}

static bool is_scalar(PyObject *value)
{
    return value == Py_None || value == Py_Ellipsis || value == Py_NotImplemented ||
           PyBool_Check(value) || PyLong_CheckExact(value) || PyFloat_CheckExact(value) ||
           PyUnicode_CheckExact(value) || PyBytes_CheckExact(value) ||
           PyComplex_CheckExact(value) || PyByteArray_CheckExact(value);
}

bool pyx_child_counts(PyObject *value, int64_t *indexed, int64_t *named)
{
    *indexed = *named = 0;
    if (is_scalar(value)) {
        return false;
    }
    Py_ssize_t size = 0;
    enum pyx_items kind = pyx_items_kind(value, &size);
    enum pyx_array array = kind ? PYX_ARRAY_NONE : pyx_array_kind(value);
    if (kind) {
        bool by_name = kind == PYX_ITEMS_DICT && size <= PYX_NAMED_ENTRIES;
        *indexed = by_name ? 0 : size;
        *named = by_name ? size + 1 : 1;
        bool exact = PyList_CheckExact(value) || PyTuple_CheckExact(value) ||
                     PyDict_CheckExact(value) || PyAnySet_CheckExact(value);
        return size > 0 || !exact;
    }
    *indexed = array ? pyx_array_len(value, array) : 0;
    return true;
}

json_t *pyx_hint_json(PyObject *value, const char *kind, const char *visibility, bool read_only,
                      bool lazy)
{
    bool text = value && PyUnicode_CheckExact(value);
    if (!kind && value && PyType_Check(value)) {
        kind = "class";
    } else if (!kind && value && pyx_group_of_value(value) == PYX_GROUP_FUNCTION) {
        kind = "method";
    }
    if (!kind && !visibility && !text && !read_only && !lazy) {
        return NULL;
    }
    json_t *hint = json_object();
    if (hint && ((kind && json_object_set_new(hint, "kind", json_string(kind))) ||
                 (visibility && json_object_set_new(hint, "visibility", json_string(visibility))) ||
                 (lazy && json_object_set_new(hint, "lazy", json_true())))) {
        json_decref(hint);
        return NULL;
    }
    if (hint && (text || read_only)) {
        json_t *list = json_array();
        if ((text && json_array_append_new(list, json_string("rawString"))) ||
            (read_only && json_array_append_new(list, json_string("readOnly"))) ||
            json_object_set_new(hint, "attributes", list)) {
            json_decref(hint);
            return NULL;
        }
    }
    return hint;
}

/* memoryReference and valueLocationReference: both are the number of the value's path. */
static int add_references(json_t *body, PyObject *value, int parent, enum pyx_step step,
                          const char *key, size_t key_len)
{
    const bool memory = pyx_has_memory(value), place = pyx_has_location(value);
    char text[16];
    if (!memory && !place) {
        return 0;
    }
    int ref = dbg_refs_number(pyx_refs(), parent, (char)step, key, key_len);
    snprintf(text, sizeof(text), "%d", ref);
    return memory ? json_object_set_new_nocheck(body, "memoryReference", json_string(text))
                  : json_object_set_new_nocheck(body, "valueLocationReference", json_integer(ref));
}

json_t *pyx_variable_body(PyObject *value, const char *value_key, int parent, enum pyx_step step,
                          const char *key, size_t key_len, const struct pyx_format *format,
                          int *ret_ref)
{
    int64_t indexed = 0, named = 0;
    *ret_ref = 0;
    json_t *body = json_object();
    json_t *text = body ? pyx_value_json(value, format) : NULL;
    if (!body || json_object_set_new_nocheck(body, value_key, text)) {
        json_decref(body);
        return NULL;
    }
    if (pyx_child_counts(value, &indexed, &named)) {
        *ret_ref = dbg_refs_number(pyx_refs(), parent, (char)step, key, key_len);
    }
    int failed =
        json_object_set_new_nocheck(body, "type", cd_json_textz(pyx_type_name(value))) ||
        json_object_set_new_nocheck(body, "variablesReference", json_integer(*ret_ref)) ||
        (indexed && json_object_set_new_nocheck(body, "indexedVariables", json_integer(indexed))) ||
        (named && *ret_ref &&
         json_object_set_new_nocheck(body, "namedVariables", json_integer(named)));
    if (failed || add_references(body, value, parent, step, key, key_len) < 0) {
        json_decref(body);
        return NULL;
    }
    return body;
}

static const char *visibility_of(const struct pyx_child *c)
{
    const char *name = c->key;
    if (!c->attribute || name[0] != '_') {
        return NULL;
    }
    size_t len = c->key_len;
    bool special = len > 4 && strncmp(name, "__", 2) == 0 && strcmp(name + len - 2, "__") == 0;
    return special ? NULL : name[1] == '_' ? "private" : "protected";
}

/* What has no value of its own: a group, the rest of a list, an attribute not read yet. */
static json_t *valueless_body(const struct pyx_page *page, const struct pyx_child *c)
{
    int ref = dbg_refs_number(pyx_refs(), page->parent, (char)c->step, c->key, c->key_len);
    json_t *body = json_pack("{s:s,s:s,s:i}", "value", "", "type", "", "variablesReference", ref);
    if (body && c->indexed &&
        json_object_set_new(body, "indexedVariables", json_integer(c->indexed))) {
        json_decref(body);
        return NULL;
    }
    return body;
}

static json_t *child_json(const struct pyx_page *page, const struct pyx_child *c,
                          const struct pyx_format *format) /* new / NULL */
{
    bool lazy = c->step == PYX_STEP_LAZY;
    int ref = 0;
    json_t *body = c->value ? pyx_variable_body(c->value, "value", page->parent, c->step, c->key,
                                                c->key_len, format, &ref)
                            : valueless_body(page, c);
    json_t *hint =
        pyx_hint_json(c->value, lazy ? "property" : c->kind, visibility_of(c), c->read_only, lazy);
    json_t *name = c->name_str ? pyx_str_json(c->name_str) : cd_json_textz(c->name);
    if (!body || json_object_set_new_nocheck(body, "name", name) ||
        (hint && json_object_set_new_nocheck(body, "presentationHint", hint)) ||
        (c->expr && json_object_set_new_nocheck(body, "evaluateName", cd_json_textz(c->expr)))) {
        json_decref(body);
        return NULL;
    }
    return body;
}

struct making {
    const struct pyx_page *page;
    const struct pyx_child *child;
};

/* The child as it is shown when its repr does not come to an end. */
static json_t *child_instead(void *ctx)
{
    const struct making *m = ctx;
    struct pyx_format format = m->page->format;
    format.no_code = true;
    return child_json(m->page, m->child, &format);
}

cd_result pyx_child_add(struct pyx_page *page, const struct pyx_child *child,
                        struct cd_error *reterr)
{
    int64_t at = page->seen++;
    if (page->count_only || at < page->start || (page->count && at >= page->start + page->count)) {
        return CD_OK;
    }
    struct pyx_child c = *child;
    struct making making = {.page = page, .child = &c};
    struct pyx_instead instead = {.make = child_instead, .ctx = &making};
    pyx_auto PyObject *bytes = c.name_str && !c.key ? pyx_str_bytes(c.name_str) : NULL;
    if (!c.key) {
        c.key = bytes ? PyBytes_AS_STRING(bytes) : c.name ? c.name : "";
        c.key_len = bytes ? (size_t)PyBytes_GET_SIZE(bytes) : strlen(c.key);
    }
    struct pyx_instead *outer = pyx_instead_set(page->progress ? &instead : NULL);
    json_t *body = child_json(page, &c, &page->format);
    (void)pyx_instead_set(outer);
    if (!body) {
        return cd_oom(reterr);
    }
    if (page->progress ? !cd_progress_add(page->progress, body)
                       : json_array_append_new(page->list, body)) {
        return page->progress ? cd_error_set(reterr, CD_E_TIMEOUT, "the reply is out already")
                              : cd_oom(reterr);
    }
    return CD_OK;
}

cd_result pyx_child_add_rest(struct pyx_page *page, Py_ssize_t rest, Py_ssize_t n,
                             struct cd_error *reterr)
{
    if (rest < 0) {
        return CD_OK;
    }
    char name[64], key[32];
    snprintf(name, sizeof(name), "[%zd:%zd]", rest, n);
    int len = snprintf(key, sizeof(key), "%zd", rest);
    return pyx_child_add(page,
                         &(struct pyx_child){.name = name,
                                             .step = PYX_STEP_REST,
                                             .key = key,
                                             .key_len = (size_t)len,
                                             .kind = "virtual",
                                             .indexed = n - rest},
                         reterr);
}

cd_result pyx_child_add_virtual(struct pyx_page *page, const char *name, PyObject *value,
                                const char *prefix, const char *suffix, struct cd_error *reterr)
{
    const struct pyx_target *t = page->target;
    cd_autobuf struct cd_buf expr;
    cd_buf_init(&expr, PYX_EXPR_BYTES + 100);
    bool known =
        t->has_expr && cd_buf_appendf(&expr, NULL, "%s%s%s", prefix, t->expr.data, suffix) == CD_OK;
    return pyx_child_add(page,
                         &(struct pyx_child){.name = name,
                                             .step = PYX_STEP_ATTR,
                                             .value = value,
                                             .expr = known ? expr.data : NULL,
                                             .kind = "virtual",
                                             .read_only = true},
                         reterr);
}

static cd_result lazy_child(struct pyx_page *page, struct cd_error *reterr)
{
    const struct pyx_target *t = page->target;
    pyx_auto PyObject *value = NULL;
    pyx_auto PyObject *failure = NULL;
    if (pyx_user_begin(0)) {
        value = PyObject_GetAttr(t->value, t->lazy); /* new */
        pyx_user_end();
    }
    if (!value && (!PyErr_Occurred() || pyx_was_broken_off())) {
        PyErr_Clear();
        failure = PyUnicode_FromString("the property took too long and was stopped"); /* new */
    } else if (!value) {
        failure = PyErr_GetRaisedException(); /* new: shown in its place */
    } else {
        int ref = dbg_refs_number(pyx_refs(), page->parent, PYX_STEP_VALUE, "", 0);
        pyx_held_set(ref, value);
    }
    return pyx_child_add(page,
                         &(struct pyx_child){.name_str = t->lazy,
                                             .step = PYX_STEP_VALUE,
                                             .key = "",
                                             .value = value ? value : failure,
                                             .expr = t->has_expr ? t->expr.data : NULL,
                                             .kind = "property"},
                         reterr);
}

cd_result pyx_children_of(struct pyx_page *page, struct cd_error *reterr)
{
    const struct pyx_target *t = page->target;
    if (t->scope) {
        return pyx_children_scope(page, reterr);
    }
    if (t->lazy) {
        return lazy_child(page, reterr);
    }
    Py_ssize_t size = 0;
    enum pyx_items kind = t->group ? PYX_ITEMS_NONE : pyx_items_kind(t->value, &size);
    enum pyx_array array = t->group || kind ? PYX_ARRAY_NONE : pyx_array_kind(t->value);
    cd_result rc = CD_OK;
    if (kind == PYX_ITEMS_SEQ) {
        rc = pyx_children_seq(page, size, reterr);
    } else if (kind == PYX_ITEMS_SET) {
        rc = pyx_children_set(page, size, reterr);
    } else if (kind == PYX_ITEMS_DICT) {
        rc = pyx_children_dict(page, size, reterr);
    } else if (array) {
        return pyx_children_array(page, array, reterr);
    }
    if (rc != CD_OK || t->rest) {
        return rc;
    }
    if (kind && page->named) {
        pyx_auto PyObject *len = PyLong_FromSsize_t(size); /* new */
        if (!len || pyx_child_add_virtual(page, "len()", len, "len(", ")", reterr) != CD_OK) {
            return CD_ERR;
        }
    }
    bool plain = PyList_CheckExact(t->value) || PyTuple_CheckExact(t->value) ||
                 PyDict_CheckExact(t->value) || PyAnySet_CheckExact(t->value);
    return page->named && !plain ? pyx_children_object(page, reterr) : CD_OK;
}

cd_result pyx_variables(const json_t *args, json_t **ret, struct cd_error *reterr)
{
    int64_t ref = 0, start = 0, count = 0;
    const char *filter = "";
    struct pyx_format format = {0};
    struct pyx_presentation presentation = {0};
    if (cd_json_int(args, "arguments.variablesReference", 1, INT32_MAX, &ref, reterr) != CD_OK ||
        cd_json_int_opt(args, "arguments.start", 0, INT32_MAX, &start, reterr) != CD_OK ||
        cd_json_int_opt(args, "arguments.count", 0, INT32_MAX, &count, reterr) != CD_OK ||
        cd_json_str_opt(args, "arguments.filter", &filter, reterr) != CD_OK ||
        pyx_format_read(args, &format, reterr) != CD_OK ||
        pyx_presentation_read(args, &presentation, reterr) != CD_OK) {
        return CD_ERR;
    }
    bool indexed = strcmp(filter, "named") != 0, named = strcmp(filter, "indexed") != 0;
    pyx_autotarget struct pyx_target target = {0};
    if (pyx_target_find((int)ref, "arguments.variablesReference", &target, reterr) != CD_OK) {
        return CD_ERR;
    }
    json_auto_t *list = json_array();
    struct cd_progress *progress = cd_progress_current();
    if (progress) {
        cd_progress_list(progress, "variables");
    }
    struct pyx_page page = {.list = list,
                            .progress = progress,
                            .parent = (int)ref,
                            .target = &target,
                            .format = format,
                            .presentation = presentation,
                            .start = start,
                            .count = count,
                            .indexed = indexed,
                            .named = named};
    if (!list) {
        return cd_oom(reterr);
    }
    if (pyx_children_of(&page, reterr) != CD_OK) {
        return CD_ERR;
    }
    *ret = progress ? cd_progress_take(progress) : json_pack("{s:O}", "variables", list);
    return *ret ? CD_OK : cd_oom(reterr);
}
