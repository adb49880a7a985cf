/* SPDX-License-Identifier: BSD-3-Clause
 *
 * StackTrace responses: a page of frames with their place in the source. Runs with the GIL, runs no
 * code of the user's (but reprs, where parameter values are asked for).
 */
#include "kernel/python/control.h"
#include "kernel/python/inspect.h"

#include <string.h>

struct wanted {
    bool parameters, types, names, values, line, module;
};

static cd_result add_place(json_t *out, PyObject *frame, PyCodeObject *code, int left_at,
                           int *ret_line)
{
    int line = left_at < 0 ? PyFrame_GetLineNumber((PyFrameObject *)frame)
                           : PyCode_Addr2Line(code, left_at);
    int start = 0, start_col = -1, end = 0, end_col = -1;
    int lasti = left_at < 0 ? PyFrame_GetLasti((PyFrameObject *)frame) : left_at;
    if (lasti < 0 || !PyCode_Addr2Location(code, lasti, &start, &start_col, &end, &end_col)) {
        start = 0;
    }
    line = line > 0 ? line : code->co_firstlineno > 0 ? code->co_firstlineno : 1;
    *ret_line = line;
    PyObject *file = code->co_filename; /* borrowed */
    bool placed = start == line && start_col >= 0 && end >= start && end_col >= 0;
    int column = placed ? pyx_utf16_units(file, line, start_col) + 1 : 1;
    if (json_object_set_new(out, "line", json_integer(line)) ||
        json_object_set_new(out, "column", json_integer(column))) {
        return CD_ERR;
    }
    return placed && (json_object_set_new(out, "endLine", json_integer(end)) ||
                      json_object_set_new(out, "endColumn",
                                          json_integer(pyx_utf16_units(file, end, end_col) + 1)))
               ? CD_ERR
               : CD_OK;
}

static void put_str(struct cd_buf *b, PyObject *str)
{
    pyx_auto PyObject *bytes = pyx_str_bytes(str);
    if (bytes && cd_buf_append(b, PyBytes_AS_STRING(bytes), (size_t)PyBytes_GET_SIZE(bytes),
                               NULL) != CD_OK) {
        return; /* over the cap: what is there is shown */
    }
}

static void put(struct cd_buf *b, const char *text)
{
    if (cd_buf_append(b, text, strlen(text), NULL) != CD_OK) {
        return;
    }
}

static void put_parameters(struct cd_buf *b, PyObject *frame, PyCodeObject *code,
                           const struct wanted *w)
{
    put(b, "(");
    pyx_auto PyObject *names = PyCode_GetVarnames(code); /* new */
    int count = code->co_argcount + code->co_kwonlyargcount + ((code->co_flags & CO_VARARGS) != 0) +
                ((code->co_flags & CO_VARKEYWORDS) != 0);
    for (int i = 0; names && i < count && i < PyTuple_GET_SIZE(names); i++) {
        PyObject *name = PyTuple_GET_ITEM(names, i);                             /* borrowed */
        pyx_auto PyObject *value = PyFrame_GetVar((PyFrameObject *)frame, name); /* new */
        PyErr_Clear();
        put(b, i ? ", " : "");
        if (w->names || !w->values) {
            put_str(b, name);
        }
        if (w->types && value) {
            put(b, w->names ? ": " : "");
            put(b, pyx_type_name(value));
        }
        if (w->values && value) {
            put(b, w->names ? "=" : "");
            pyx_auto PyObject *text = pyx_short_repr(value, 60); /* new */
            PyErr_Clear();
            if (text) {
                put_str(b, text);
            }
        }
    }
    put(b, ")");
}

static json_t *frame_name(PyObject *frame, PyCodeObject *code, PyObject *module, int line,
                          const struct wanted *w)
{
    cd_autobuf struct cd_buf b;
    cd_buf_init(&b, 4000);
    if (w->module && module) {
        put_str(&b, module);
        put(&b, ".");
    }
    put_str(&b, code->co_qualname);
    if (w->parameters && PyUnicode_CompareWithASCIIString(code->co_name, "<module>") != 0) {
        put_parameters(&b, frame, code, w);
    }
    if (w->line) {
        char text[24];
        snprintf(text, sizeof(text), " : %d", line);
        put(&b, text);
    }
    return cd_json_text(b.data, b.len);
}

/* As restartFrame would: the top frame of a stop at a line, and no generator's. */
static bool can_restart(PyObject *frame, const PyCodeObject *code)
{
    const struct pyx_stop *stop = pyx_stop_current();
    return stop && stop->at_line && stop->frame == frame &&
           !(code->co_flags & (CO_GENERATOR | CO_COROUTINE | CO_ASYNC_GENERATOR));
}

static json_t *frame_json(PyObject *frame, int ref, int left_at, const struct wanted *w)
{
    PyCodeObject *code = PyFrame_GetCode((PyFrameObject *)frame);            /* new */
    pyx_auto PyObject *code_owner = (PyObject *)code;                        /* new */
    pyx_auto PyObject *globals = PyFrame_GetGlobals((PyFrameObject *)frame); /* new */
    pyx_auto PyObject *module = NULL;
    if (pyx_dict_gets(globals, "__name__", &module) != 1 || !PyUnicode_Check(module)) {
        Py_CLEAR(module);
    }
    PyErr_Clear();
    json_auto_t *out = json_object();
    json_auto_t *source = pyx_source_json(code->co_filename);
    int line = 0;
    if (!out || !source || json_object_set_new(out, "id", json_integer(ref)) ||
        add_place(out, frame, code, left_at, &line) != CD_OK ||
        json_object_set_new(out, "name", frame_name(frame, code, module, line, w)) ||
        json_object_set_new(out, "canRestart", json_boolean(can_restart(frame, code)))) {
        return NULL;
    }
    if (pyx_code_kind(code) == PYX_CODE_LIBRARY &&
        (json_object_set_new(out, "presentationHint", json_string("subtle")) ||
         json_object_set_new(source, "presentationHint", json_string("deemphasize")))) {
        return NULL;
    }
    if (module && json_object_set_new(out, "moduleId", pyx_str_json(module))) {
        return NULL;
    }
    return json_object_set_new(out, "source", cd_take(source)) ? NULL : cd_take(out);
}

static cd_result read_format(const json_t *args, struct wanted *w, struct cd_error *reterr)
{
    json_t *format = NULL;
    if (cd_json_obj_opt(args, "arguments.format", &format, reterr) != CD_OK) {
        return CD_ERR;
    }
    const struct {
        const char *path;
        bool *to;
    } fields[] = {
        {"arguments.format.parameters", &w->parameters},
        {"arguments.format.parameterTypes", &w->types},
        {"arguments.format.parameterNames", &w->names},
        {"arguments.format.parameterValues", &w->values},
        {"arguments.format.line", &w->line},
        {"arguments.format.module", &w->module},
    };
    for (size_t i = 0; i < CD_ARRAY_LEN(fields); i++) {
        if (cd_json_bool_opt(format, fields[i].path, fields[i].to, reterr) != CD_OK) {
            return CD_ERR;
        }
    }
    w->parameters = w->parameters || w->types || w->names || w->values;
    return CD_OK;
}

cd_result pyx_stack_trace(const json_t *args, json_t **ret, struct cd_error *reterr)
{
    int64_t thread = 0, start = 0, levels = 0;
    struct wanted w = {0};
    if (cd_json_int(args, "arguments.threadId", 0, INT32_MAX, &thread, reterr) != CD_OK ||
        cd_json_int_opt(args, "arguments.startFrame", 0, INT32_MAX, &start, reterr) != CD_OK ||
        cd_json_int_opt(args, "arguments.levels", 0, INT32_MAX, &levels, reterr) != CD_OK ||
        read_format(args, &w, reterr) != CD_OK) {
        return CD_ERR;
    }
    const struct pyx_frames *f = pyx_frames_of((int)thread, reterr);
    if (!f) {
        return CD_ERR;
    }
    json_auto_t *list = json_array();
    int64_t end = levels && start + levels < f->count ? start + levels : f->count;
    for (int64_t i = start; list && i < end; i++) {
        PyObject *frame = Py_NewRef(f->list[i].frame); /* new: reprs may end the stop */
        json_t *one = frame_json(frame, f->list[i].ref, f->list[i].lasti, &w);
        Py_DECREF(frame);
        if (json_array_append_new(list, one)) {
            return cd_oom(reterr);
        }
    }
    json_t *body = json_pack("{s:o,s:i}", "stackFrames", cd_take(list), "totalFrames", f->count);
    if (!body) {
        return cd_oom(reterr);
    }
    *ret = body;
    return CD_OK;
}
