/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Jupyter's own inspection: inspectVariables (the user's globals) and richInspectVariables (a MIME
 * bundle by IPython's formatter where there is one). JupyterLab sends the first one for nearly
 * every output of a cell: it must be cheap. Runs with the GIL.
 */
#include "kernel/python/inspect.h"

#include <string.h>

cd_result pyx_inspect_variables(json_t **ret, struct cd_error *reterr)
{
    json_auto_t *list = json_array();
    struct cd_progress *progress = cd_progress_current();
    int ref = dbg_refs_number(pyx_refs(), 0, PYX_STEP_USER_NS, "", 0);
    pyx_autotarget struct pyx_target t = {0};
    if (!list) {
        return cd_oom(reterr);
    }
    if (pyx_user_ns()) { /* not while the interpreter starts */
        if (pyx_target_find(ref, "variables", &t, reterr) != CD_OK) {
            return CD_ERR;
        }
        struct pyx_page page = {
            .list = list, .progress = progress, .parent = ref, .target = &t, .named = true};
        if (progress) {
            cd_progress_list(progress, "variables");
        }
        if (pyx_children_scope(&page, reterr) != CD_OK) {
            return CD_ERR;
        }
    }
    json_t *shown = progress && pyx_user_ns() ? cd_progress_take(progress) : NULL;
    *ret = shown ? shown : json_pack("{s:O}", "variables", list);
    return *ret ? CD_OK : cd_oom(reterr);
}

/* get_ipython().display_formatter, when IPython was started: new / NULL */
static PyObject *formatter(void)
{
    pyx_auto PyObject *name = PyUnicode_FromString("IPython.core.getipython"); /* new */
    pyx_auto PyObject *module = name ? PyImport_GetModule(name) : NULL;        /* new */
    pyx_auto PyObject *shell =
        module ? PyObject_CallMethod(module, "get_ipython", NULL) : NULL; /* new */
    PyObject *found =
        shell && shell != Py_None ? PyObject_GetAttrString(shell, "display_formatter") : NULL;
    PyErr_Clear();
    return found;
}

PyObject *pyx_base64(PyObject *bytes)
{
    pyx_auto PyObject *module = PyImport_ImportModule("binascii"); /* new */
    pyx_auto PyObject *coded = module ? PyObject_CallMethod(module, "b2a_base64", "O", bytes)
                                      : NULL; /* new, with a newline */
    return coded
               ? PyUnicode_DecodeASCII(PyBytes_AS_STRING(coded), PyBytes_GET_SIZE(coded) - 1, NULL)
               : NULL;
}

/* A dict as JSON by Python's json, bytes as base64: new json / NULL */
static json_t *dict_json(PyObject *dict)
{
    pyx_auto PyObject *json = PyImport_ImportModule("json"); /* new */
    json_t *out = json_object();
    Py_ssize_t at = 0;
    PyObject *key, *value; /* borrowed */
    while (out && json && PyDict_Check(dict) && PyDict_Next(dict, &at, &key, &value)) {
        if (!PyUnicode_Check(key)) {
            continue;
        }
        pyx_auto PyObject *bytes = pyx_str_bytes(key);
        pyx_auto PyObject *encoded =
            PyBytes_Check(value) ? pyx_base64(value) : Py_NewRef(value); /* new */
        pyx_auto PyObject *text =
            encoded ? PyObject_CallMethod(json, "dumps", "O", encoded) : NULL; /* new */
        Py_ssize_t len = 0;
        const char *utf8 = text ? PyUnicode_AsUTF8AndSize(text, &len) : NULL;
        json_t *one = NULL;
        if (bytes && utf8 && cd_json_load(utf8, (size_t)len, &one, NULL) == CD_OK) {
            json_object_set_new(out, PyBytes_AS_STRING(bytes), one);
        }
        PyErr_Clear();
    }
    PyErr_Clear();
    return out;
}

static cd_result bundle(PyObject *value, json_t **ret, struct cd_error *reterr)
{
    pyx_auto PyObject *format = formatter();
    pyx_auto PyObject *pair = NULL;
    if (format && pyx_user_begin(0)) {
        pair = PyObject_CallMethod(format, "format", "O", value); /* new */
        pyx_user_end();
    }
    PyErr_Clear();
    json_auto_t *data = NULL;
    json_auto_t *metadata = NULL;
    if (pair && PyTuple_Check(pair) && PyTuple_GET_SIZE(pair) == 2) {
        data = dict_json(PyTuple_GET_ITEM(pair, 0));
        metadata = dict_json(PyTuple_GET_ITEM(pair, 1));
    }
    data = data ? data : json_object();
    metadata = metadata ? metadata : json_object();
    if (data && !json_object_get(data, "text/plain") &&
        json_object_set_new(data, "text/plain",
                            pyx_value_json(value, &(struct pyx_format){.full = true}))) {
        return cd_oom(reterr);
    }
    *ret = json_pack("{s:O,s:O}", "data", data, "metadata", metadata);
    return *ret ? CD_OK : cd_oom(reterr);
}

cd_result pyx_rich_inspect_variables(const json_t *args, json_t **ret, struct cd_error *reterr)
{
    const char *name = NULL;
    int frame_ref = 0;
    pyx_auto PyObject *frame = NULL;
    if (cd_json_str(args, "arguments.variableName", &name, reterr) != CD_OK ||
        pyx_frame_arg(args, "arguments.frameId", &frame, &frame_ref, reterr) != CD_OK) {
        return CD_ERR;
    }
    size_t len = strlen(name);
    if (len > 10 && strcmp(name + len - 10, " variables") == 0) { /* a group, not a variable */
        *ret = json_pack("{s:{},s:{}}", "data", "metadata");
        return *ret ? CD_OK : cd_oom(reterr);
    }
    pyx_auto PyObject *text = PyUnicode_FromString(name); /* new */
    pyx_auto PyObject *value = text ? pyx_eval_limited(frame, text) : NULL;
    return value ? bundle(value, ret, reterr) : pyx_eval_failed(NULL, reterr);
}
