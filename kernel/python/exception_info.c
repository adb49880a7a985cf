/* SPDX-License-Identifier: BSD-3-Clause
 *
 * exceptionInfo: the exception of the current stop, with its causes and groups, bounded. Runs with
 * the GIL on the stopped thread; the exception's own __str__ runs, quietly.
 */
#include "kernel/python/control.h"
#include "kernel/python/inspect.h"

#include <string.h>

#define MAX_CHAIN   10
#define MAX_INNER   20 /* of a group */
#define MAX_TRACE   (256u * 1024)
#define MAX_CALLERS 500 /* the nearest ones */

static json_t *text_of(PyObject *exc) /* new json */
{
    pyx_auto PyObject *text = pyx_str_limited(exc);
    if (!text) {
        return pyx_value_json(exc, &(struct pyx_format){0});
    }
    if (PyUnicode_GET_LENGTH(text) > 10000) {
        pyx_auto PyObject *cut = PyUnicode_Substring(text, 0, 10000); /* new */
        return cut ? pyx_str_json(cut) : NULL;
    }
    return pyx_str_json(text);
}

/* "module.Name", or "Name" of a builtin: new json */
static json_t *full_name(PyObject *exc)
{
    pyx_auto PyObject *dict = PyType_GetDict(Py_TYPE(exc)); /* new */
    pyx_auto PyObject *module = NULL;
    if (!dict || pyx_dict_gets(dict, "__module__", &module) != 1 || !PyUnicode_Check(module) ||
        PyUnicode_CompareWithASCIIString(module, "builtins") == 0) {
        PyErr_Clear();
        return cd_json_textz(pyx_type_name(exc));
    }
    pyx_auto PyObject *name = PyType_GetQualName(Py_TYPE(exc));                          /* new */
    pyx_auto PyObject *full = name ? PyUnicode_FromFormat("%U.%U", module, name) : NULL; /* new */
    PyErr_Clear();
    return full ? pyx_str_json(full) : cd_json_textz(pyx_type_name(exc));
}

static bool add_text(struct cd_buf *out, PyObject *text)
{
    pyx_auto PyObject *bytes = pyx_str_bytes(text);
    return bytes && cd_buf_append(out, PyBytes_AS_STRING(bytes), (size_t)PyBytes_GET_SIZE(bytes),
                                  NULL) == CD_OK;
}

/* One frame as Python writes it; nothing of ours: new / NULL, no exception. */
static PyObject *frame_text(PyFrameObject *frame, int lasti)
{
    PyCodeObject *code = PyFrame_GetCode(frame); /* new */
    PyObject *text = NULL;
    if (pyx_code_kind(code) != PYX_CODE_OURS) {
        text = PyUnicode_FromFormat("  File \"%U\", line %d, in %U\n", code->co_filename,
                                    PyCode_Addr2Line(code, lasti), code->co_qualname); /* new */
    }
    Py_DECREF(code);
    PyErr_Clear();
    return text;
}

/* Adds the frames below one that still runs, outermost first: an exception has not unwound them
 * yet, and yet it was raised there. */
static void add_callers(struct cd_buf *out, PyFrameObject *frame)
{
    pyx_auto PyObject *texts = PyList_New(0);                   /* new */
    pyx_auto PyObject *at = (PyObject *)PyFrame_GetBack(frame); /* new */
    while (texts && at && PyList_GET_SIZE(texts) < MAX_CALLERS) {
        PyFrameObject *f = (PyFrameObject *)at; /* borrowed */
        pyx_auto PyObject *text = frame_text(f, PyFrame_GetLasti(f));
        PyCodeObject *code = PyFrame_GetCode(f); /* new */
        const bool root = pyx_code_is_root(code);
        Py_DECREF(code);
        if (text && PyList_Append(texts, text) < 0) {
            break;
        }
        Py_XSETREF(at, root ? NULL : (PyObject *)PyFrame_GetBack(f));
    }
    for (Py_ssize_t i = texts ? PyList_GET_SIZE(texts) - 1 : -1; i >= 0; i--) {
        add_text(out, PyList_GET_ITEM(texts, i));
    }
    PyErr_Clear();
}

/* The traceback's frames that are shown, innermost last, below them those that called: new json */
static json_t *trace_of(PyObject *exc)
{
    cd_autobuf struct cd_buf out;
    cd_buf_init(&out, MAX_TRACE);
    pyx_auto PyObject *tb = PyException_GetTraceback(exc); /* new */
    if (tb && tb != Py_None) {
        add_callers(&out, ((PyTracebackObject *)tb)->tb_frame);
    }
    while (tb && tb != Py_None) {
        PyTracebackObject *entry = (PyTracebackObject *)tb;
        pyx_auto PyObject *text = frame_text(entry->tb_frame, entry->tb_lasti);
        if (text && !add_text(&out, text)) {
            break; /* long enough */
        }
        Py_XSETREF(tb, Py_XNewRef((PyObject *)entry->tb_next));
    }
    PyErr_Clear();
    return cd_json_text(out.data, out.len);
}

static json_t *details(PyObject *exc, const char *expr, int depth);

/* expr: how an evaluation reaches the outer exception; more: and from there this one. */
static void add_inner(json_t *list, PyObject *exc, const char *expr, const char *more, int depth)
{
    cd_autobuf struct cd_buf own;
    cd_buf_init(&own, PYX_EXPR_BYTES);
    if (exc && PyExceptionInstance_Check(exc) && json_array_size(list) < MAX_INNER &&
        cd_buf_appendf(&own, NULL, "%s%s", expr, more) == CD_OK) {
        json_array_append_new(list, details(exc, own.data, depth + 1));
    }
}

static json_t *inner_of(PyObject *exc, const char *expr, int depth)
{
    json_t *list = json_array();
    if (!list || depth >= MAX_CHAIN) {
        return list;
    }
    pyx_auto PyObject *cause = PyException_GetCause(exc);     /* new */
    pyx_auto PyObject *context = PyException_GetContext(exc); /* new */
    bool suppressed = ((PyBaseExceptionObject *)exc)->suppress_context;
    add_inner(list,
              cause        ? cause
              : suppressed ? NULL
                           : context,
              expr, cause ? ".__cause__" : ".__context__", depth);
    if (PyObject_TypeCheck(exc, (PyTypeObject *)PyExc_BaseExceptionGroup)) {
        PyObject *group = ((PyBaseExceptionGroupObject *)exc)->excs; /* borrowed */
        for (Py_ssize_t i = 0; group && PyTuple_Check(group) && i < PyTuple_GET_SIZE(group); i++) {
            char more[40];
            snprintf(more, sizeof(more), ".exceptions[%zd]", i);
            add_inner(list, PyTuple_GET_ITEM(group, i), expr, more, depth);
        }
    }
    return list;
}

static json_t *details(PyObject *exc, const char *expr, int depth)
{
    json_t *out = json_pack("{s:o,s:o,s:o,s:s,s:o}", "message", text_of(exc), "typeName",
                            cd_json_textz(pyx_type_name(exc)), "fullTypeName", full_name(exc),
                            "evaluateName", expr, "stackTrace", trace_of(exc));
    PyErr_Clear();
    json_t *inner = out ? inner_of(exc, expr, depth) : NULL;
    if (inner && json_array_size(inner) > 0) {
        json_object_set_new(out, "innerException", inner);
    } else {
        json_decref(inner);
    }
    return out;
}

cd_result pyx_exception_info(const json_t *args, json_t **ret, struct cd_error *reterr)
{
    int64_t thread = 0;
    if (cd_json_int(args, "arguments.threadId", 0, INT32_MAX, &thread, reterr) != CD_OK) {
        return CD_ERR;
    }
    const struct pyx_stop *stop = pyx_stop_shown();
    if (!stop || !stop->exception || (thread && thread != stop->thread_id)) {
        return cd_error_set(reterr, CD_E_NOT_FOUND,
                            "thread '%lld' at arguments.threadId is not stopped at an exception",
                            (long long)thread);
    }
    const char *mode = stop->break_mode ? stop->break_mode : "always";
    pyx_auto PyObject *exc = Py_NewRef(stop->exception);
    *ret =
        json_pack("{s:o,s:o,s:s,s:o}", "exceptionId", full_name(exc), "description", text_of(exc),
                  "breakMode", mode, "details", details(exc, PYX_EXCEPTION_NAME, 0));
    return *ret ? CD_OK : cd_oom(reterr);
}
