/* SPDX-License-Identifier: BSD-3-Clause
 *
 * stepInTargets: the calls that the current line has still before it, in the order in which they
 * run, from the instructions and their positions (PEP 657). A target's id is the call's offset + 1.
 */
#include "kernel/python/control.h"
#include "kernel/python/inspect.h"

#include <string.h>

/* Opcodes that call, filled at start. */
static bool calls[256];

void pyx_targets_opcode(const char *name, int number)
{
    calls[number & 0xff] = strcmp(name, "CALL") == 0 || strcmp(name, "CALL_KW") == 0 ||
                           strcmp(name, "CALL_FUNCTION_EX") == 0;
}

struct place {
    int line, end_line, column, end_column; /* columns: UTF-8 bytes from 0 */
};

/* 1: filled; 0: the end or no position; -1: exception. */
static int next_place(PyObject *positions, struct place *ret)
{
    pyx_auto PyObject *item = PyIter_Next(positions);
    *ret = (struct place){0};
    if (item == NULL) {
        return PyErr_Occurred() != NULL ? -1 : 0;
    }
    int *const fields[] = {&ret->line, &ret->end_line, &ret->column, &ret->end_column};
    for (Py_ssize_t i = 0; i < 4; i++) {
        PyObject *v = PyTuple_GET_ITEM(item, i); /* borrowed */
        *fields[i] = v != Py_None ? (int)PyLong_AsLong(v) : 0;
    }
    return 1;
}

/* The call's text on its first line, at most 60 bytes. */
static json_t *label_of(PyObject *line_text, const struct place *at)
{
    pyx_auto PyObject *bytes = pyx_str_bytes(line_text);
    if (bytes == NULL || at->column >= PyBytes_GET_SIZE(bytes)) {
        return json_string("call");
    }
    const char *text = PyBytes_AS_STRING(bytes);
    size_t len = strcspn(text + at->column, "\r\n");
    if (at->line == at->end_line && at->end_column > at->column &&
        (size_t)(at->end_column - at->column) < len) {
        len = (size_t)(at->end_column - at->column);
    }
    return cd_json_text(text + at->column, len < 60 ? len : 60);
}

static PyObject *line_text(PyCodeObject *code, int line)
{
    pyx_auto PyObject *m = PyImport_ImportModule("linecache"); /* new */
    PyObject *text =
        m != NULL ? PyObject_CallMethod(m, "getline", "Oi", code->co_filename, line) : NULL;
    if (text == NULL) {
        pyx_error_drop();
        text = PyUnicode_FromString("");
    }
    return text;
}

/* Appends the calls of this line from offset `from` on. -1: exception. */
static int collect(PyCodeObject *code, int from, int line, json_t *targets)
{
    pyx_auto PyObject *bytes = PyCode_GetCode(code); /* new: without instrumentation */
    pyx_auto PyObject *positions = PyObject_CallMethod((PyObject *)code, "co_positions", NULL);
    pyx_auto PyObject *text = line_text(code, line);
    if (bytes == NULL || positions == NULL || text == NULL) {
        return -1;
    }
    const unsigned char *p = (const unsigned char *)PyBytes_AS_STRING(bytes);
    const int size = (int)PyBytes_GET_SIZE(bytes);
    for (int i = 0; i < size; i += 2) {
        struct place at;
        const int there = next_place(positions, &at);
        if (there <= 0) {
            return there;
        }
        if (i >= from && calls[p[i]] && at.line == line) {
            json_array_append_new(targets,
                                  json_pack("{s:i, s:o, s:i, s:i, s:i}", "id", i + 1, "label",
                                            label_of(text, &at), "line", at.line, "column",
                                            at.column + 1, "endLine", at.end_line));
        }
    }
    return 0;
}

int pyx_target_lasti(PyFrameObject *frame, int64_t target_id)
{
    int lasti = (int)target_id - 1;
#if PY_VERSION_HEX < 0x030D0000
    /* 3.12: a frame that waits for a call stands on the last of the call's caches */
    PyCodeObject *code = PyFrame_GetCode(frame);                         /* new */
    pyx_auto PyObject *bytes = lasti >= 0 ? PyCode_GetCode(code) : NULL; /* new */
    Py_DECREF(code);
    const char *p = bytes != NULL ? PyBytes_AS_STRING(bytes) : NULL;
    while (p != NULL && lasti + 2 < PyBytes_GET_SIZE(bytes) && p[lasti + 2] == 0) {
        lasti += 2;
    }
    pyx_error_drop();
#else
    (void)frame;
#endif
    return lasti;
}

cd_result pyx_step_in_targets(const json_t *args, json_t **ret, struct cd_error *reterr)
{
    int64_t frame_id = 0;
    const struct pyx_stop *stop = pyx_stop_current();
    if (cd_json_int(args, "arguments.frameId", 1, INT32_MAX, &frame_id, reterr) != CD_OK) {
        return CD_ERR;
    }
    pyx_auto PyObject *frame = pyx_frame_find((int)frame_id, "arguments.frameId", reterr);
    json_t *targets = frame != NULL ? json_array() : NULL;
    if (targets == NULL) {
        return frame != NULL ? cd_oom(reterr) : CD_ERR;
    }
    if (stop != NULL && frame == stop->frame) { /* a step begins in the innermost frame only */
        PyFrameObject *f = (PyFrameObject *)frame;
        pyx_auto PyObject *code = (PyObject *)PyFrame_GetCode(f); /* new */
        if (collect((PyCodeObject *)code, PyFrame_GetLasti(f), PyFrame_GetLineNumber(f), targets) !=
            0) {
            json_decref(targets);
            return pyx_error_fetch(reterr, CD_E_INTERNAL);
        }
    }
    *ret = json_pack("{s:o}", "targets", targets);
    return *ret != NULL ? CD_OK : cd_oom(reterr);
}
