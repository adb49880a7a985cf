/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The names of a scope as variables: special names, functions and classes behind a line each, the
 * rest inline, IPython's own names not at all. Runs with the GIL; only reprs run the user's code.
 */
#include "kernel/python/inspect.h"

/* Names and values that are there now, in two lists. */
static cd_result collect(const struct pyx_target *t, PyObject *names, PyObject *values,
                         struct cd_error *reterr)
{
    pyx_auto PyObject *ns = !t->frame ? Py_NewRef(t->value)
                            : t->scope == PYX_SCOPE_GLOBALS || pyx_frame_is_module(t->frame)
                                ? PyFrame_GetGlobals((PyFrameObject *)t->frame)
                                : NULL; /* new */
    pyx_auto PyObject *all =
        t->frame ? pyx_scope_names(t->frame, t->scope) : PyDict_Keys(t->value); /* new */
    for (Py_ssize_t i = 0; all && i < PyList_GET_SIZE(all); i++) {
        PyObject *name = PyList_GET_ITEM(all, i); /* borrowed */
        if (!PyUnicode_CheckExact(name) || (ns && pyx_name_hidden(ns, name))) {
            continue;
        }
        pyx_auto PyObject *value = NULL;
        if (t->frame) {
            value = pyx_scope_get(t->frame, t->scope, name);
        } else if (pyx_dict_get(t->value, name, &value) < 0) {
            PyErr_Clear();
        }
        if (value && (PyList_Append(names, name) < 0 || PyList_Append(values, value) < 0)) {
            return pyx_error_fetch(reterr, CD_E_OOM);
        }
    }
    return all ? CD_OK : pyx_error_fetch(reterr, CD_E_PYTHON);
}

static cd_result return_value(struct pyx_page *page, struct cd_error *reterr)
{
    const struct pyx_stop *stop = pyx_stop_shown();
    if (!stop || !stop->return_value) {
        return CD_OK;
    }
    pyx_auto PyObject *name = stop->return_name && PyUnicode_Check(stop->return_name)
                                  ? PyUnicode_FromFormat("(return) %U", stop->return_name)
                                  : PyUnicode_FromString("(return)"); /* new */
    return pyx_child_add(page,
                         &(struct pyx_child){.name_str = name,
                                             .name = "(return)",
                                             .step = PYX_STEP_NAME,
                                             .value = stop->return_value,
                                             .read_only = true},
                         reterr);
}

static cd_result add_name(struct pyx_page *page, PyObject *name, PyObject *value,
                          struct cd_error *reterr)
{
    pyx_auto PyObject *bytes = pyx_str_bytes(name);
    const char *text = bytes ? PyBytes_AS_STRING(bytes) : "";
    return pyx_child_add(page,
                         &(struct pyx_child){.name_str = name,
                                             .step = PYX_STEP_NAME,
                                             .key = text,
                                             .key_len = bytes ? (size_t)PyBytes_GET_SIZE(bytes) : 0,
                                             .value = value,
                                             .expr = PyUnicode_IsIdentifier(name) ? text : NULL},
                         reterr);
}

cd_result pyx_children_scope(struct pyx_page *page, struct cd_error *reterr)
{
    const struct pyx_target *t = page->target;
    if (!page->named) {
        return CD_OK;
    }
    if (t->scope == PYX_SCOPE_RETURN) {
        return return_value(page, reterr);
    }
    pyx_auto PyObject *names = PyList_New(0);  /* new */
    pyx_auto PyObject *values = PyList_New(0); /* new */
    if (!names || !values || collect(t, names, values, reterr) != CD_OK) {
        return cd_oom(reterr);
    }
    bool present[PYX_GROUPS] = {false};
    for (Py_ssize_t i = 0; !t->group && i < PyList_GET_SIZE(names); i++) {
        int group = pyx_group_index(pyx_group_of(PyList_GET_ITEM(names, i),
                                                 PyList_GET_ITEM(values, i), &page->presentation));
        if (group >= 0) {
            present[group] = true;
        }
    }
    if (pyx_groups_add(page, present, reterr) != CD_OK) {
        return CD_ERR;
    }
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(names); i++) {
        PyObject *name = PyList_GET_ITEM(names, i);   /* borrowed */
        PyObject *value = PyList_GET_ITEM(values, i); /* borrowed */
        if (pyx_group_of(name, value, &page->presentation) == t->group &&
            add_name(page, name, value, reterr) != CD_OK) {
            return CD_ERR;
        }
    }
    return CD_OK;
}
