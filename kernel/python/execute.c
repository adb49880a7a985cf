/* SPDX-License-Identifier: BSD-3-Clause
 *
 * One job of main: a cell, a file, a comm message. Main thread. Whatever the user's code does, an
 * answer comes out: an exception that Python code lets through becomes an error reply here.
 */
#include "kernel/python/interp.h"

#include <stdlib.h>
#include <string.h>

/* "pkg.Error: text" in two new json strings; clears nothing. */
static void exception_texts(PyObject *exc, json_t **ret_name, json_t **ret_text)
{
    const char *name = strrchr(Py_TYPE(exc)->tp_name, '.');
    *ret_name = cd_json_textz(name ? name + 1 : Py_TYPE(exc)->tp_name);
    pyx_auto PyObject *str = PyObject_Str(exc);
    pyx_auto PyObject *utf8 = str ? PyUnicode_AsEncodedString(str, "utf-8", "replace") : NULL;
    PyErr_Clear();
    *ret_text = cd_json_textz(utf8 ? PyBytes_AS_STRING(utf8) : "");
}

/* {ename, evalue, traceback} of the current exception, which is cleared; NULL on OOM. */
static json_t *take_exception(void)
{
    pyx_auto PyObject *exc = PyErr_GetRaisedException();
    if (!exc) {
        return json_pack("{s:s, s:s, s:[]}", "ename", "RuntimeError", "evalue", "", "traceback");
    }
    json_auto_t *name = NULL;
    json_auto_t *text = NULL;
    exception_texts(exc, &name, &text);
    const char *shown = json_string_value(text);
    if (!name || !shown) {
        return NULL;
    }
    return json_pack("{s:O, s:O, s:[s++]}", "ename", name, "evalue", text, "traceback",
                     json_string_value(name), shown[0] ? ": " : "", shown);
}

static char *error_reply(json_t *content_owned, int execution_count)
{
    json_auto_t *content = content_owned;
    if (!content || json_object_set_new(content, "status", json_string("error")) < 0 ||
        json_object_set_new(content, "execution_count", json_integer(execution_count)) < 0 ||
        json_object_set_new(content, "user_expressions", json_object()) < 0 ||
        json_object_set_new(content, "payload", json_array()) < 0) {
        return NULL;
    }
    return json_dumps(content, JSON_COMPACT);
}

char *pyx_error_reply(int execution_count)
{
    return error_reply(take_exception(), execution_count);
}

/* The current exception ended the cell outside of the helpers' own care: tell it everywhere. */
static void fail(struct interp_result *ret, int execution_count)
{
    json_auto_t *content = take_exception();
    cd_autofree char *text = content ? json_dumps(content, JSON_COMPACT) : NULL;
    if (text) {
        pyx_interp.host->publish(pyx_interp.host->ctx, pyx_parent_now(), "error", text,
                                 strlen(text), NULL, 0, NULL, 0);
    }
    ret->reply = error_reply(cd_take(content), execution_count);
    ret->failed = true;
    ret->execution_count = execution_count;
}

int pyx_op_execution_count(void)
{
    PyGILState_STATE gil = pyx_gil_enter();
    bool interrupted = false;
    long n = 1;
    for (bool again = true; again;) {
        pyx_auto PyObject *count = pyx_python_call("execution_count", "()");
        n = count ? PyLong_AsLong(count) : 1;
        again = PyErr_Occurred() && PyErr_ExceptionMatches(PyExc_KeyboardInterrupt);
        interrupted = interrupted || again;
        PyErr_Clear();
    }
    if (interrupted) {
        PyErr_SetInterrupt(); // it is meant for the cell that comes now
    }
    pyx_gil_leave(gil);
    return (int)n;
}

/* (reply: bytes, failed: bool, execution_count: int) moved into ret; -1 with an exception. */
static int take_result(PyObject *tuple, struct interp_result *ret)
{
    const char *reply;
    Py_ssize_t len;
    int failed, count;
    if (!tuple || !PyArg_ParseTuple(tuple, "y#pi", &reply, &len, &failed, &count)) {
        return -1;
    }
    ret->reply = strndup(reply, (size_t)len);
    ret->failed = failed;
    ret->execution_count = count;
    return 0;
}

static int run_cell(const struct interp_execute *req, int count, struct interp_result *ret)
{
    struct cd_error err = CD_ERROR_INIT;
    pyx_auto PyObject *path = pyx_cell_path_of(req->code, req->code_len);
    pyx_auto PyObject *text = PyUnicode_DecodeUTF8(req->code, (Py_ssize_t)req->code_len, "replace");
    if (!path || !text) {
        return -1;
    }
    bool stored = req->store_history && !req->silent;
    if (!req->silent) {
        pyx_post_mortem_forget();
    }
    if (pyx_cell_keep(path, text, req->cell_id, stored ? count : 0, &err) != CD_OK) {
        PyErr_SetString(PyExc_RuntimeError, err.text);
        return -1;
    }
    pyx_run_begin();
    pyx_auto PyObject *tuple =
        pyx_python_call("execute", "(OOziis)", text, path, req->cell_id, (int)req->silent,
                        (int)stored, req->user_expressions ? req->user_expressions : "{}");
    int r = take_result(tuple, ret);
    pyx_run_end();
    return r;
}

void pyx_op_execute(const struct interp_execute *req, struct interp_result *ret)
{
    int count = pyx_op_execution_count();
    PyGILState_STATE gil = pyx_gil_enter();
    pyx_signals_wrap();
    // A SIGINT that came while main was idle is this cell's, and lands here rather than in IPython;
    // but not where it was asked for before the cell was.
    const bool early = pyx_interp.host->idle_interrupt(pyx_interp.host->ctx);
    if (PyErr_CheckSignals() < 0 && early && PyErr_ExceptionMatches(PyExc_KeyboardInterrupt)) {
        PyErr_Clear();
    }
    if (PyErr_Occurred() || run_cell(req, count, ret) < 0) {
        fail(ret, count);
    }
    pyx_gil_leave(gil);
}

static PyObject *argv_list(const struct interp_run_file *req)
{
    pyx_auto PyObject *list = PyList_New(0);
    for (size_t i = 0; list && i < req->argc; i++) {
        pyx_auto PyObject *arg = PyUnicode_DecodeFSDefault(req->argv[i]);
        if (!arg || PyList_Append(list, arg) < 0) {
            return NULL;
        }
    }
    return Py_XNewRef(list);
}

void pyx_op_run_file(const struct interp_run_file *req, struct interp_result *ret)
{
    PyGILState_STATE gil = pyx_gil_enter();
    pyx_signals_wrap();
    pyx_auto PyObject *argv = argv_list(req);
    pyx_post_mortem_forget();
    pyx_run_begin();
    pyx_auto PyObject *code =
        argv ? pyx_python_call("run_file", "(zzzOi)", req->program, req->module, req->code, argv,
                               pyx_interp.terminal)
             : NULL;
    pyx_run_end();
    long exit_code = code ? PyLong_AsLong(code) : -1;
    if (PyErr_Occurred()) {
        fail(ret, 0);
    } else {
        json_auto_t *reply =
            json_pack("{s:s, s:i, s:{}, s:[], s:{s:i}}", "status", "ok", "execution_count", 0,
                      "user_expressions", "payload", "celldap", "exitCode", (int)exit_code);
        ret->reply = reply ? json_dumps(reply, JSON_COMPACT) : NULL;
        ret->failed = false;
        ret->execution_count = 0;
    }
    Py_CLEAR(argv);
    Py_CLEAR(code);
    pyx_gil_leave(gil);
}

static PyObject *buffers_list(const struct interp_bytes *buffers, size_t count)
{
    pyx_auto PyObject *list = PyList_New(0);
    for (size_t i = 0; list && i < count; i++) {
        pyx_auto PyObject *bytes =
            PyBytes_FromStringAndSize(buffers[i].data, (Py_ssize_t)buffers[i].len);
        pyx_auto PyObject *view = bytes ? PyMemoryView_FromObject(bytes) : NULL;
        if (!view || PyList_Append(list, view) < 0) {
            return NULL;
        }
    }
    return Py_XNewRef(list);
}

void pyx_op_comm(const char *msg_type, const char *content, size_t content_len,
                 const char *metadata, size_t metadata_len, const struct interp_bytes *buffers,
                 size_t buffer_count)
{
    PyGILState_STATE gil = pyx_gil_enter();
    pyx_signals_wrap();
    pyx_auto PyObject *list = buffers_list(buffers, buffer_count);
    pyx_auto PyObject *done =
        list ? pyx_python_call("comm", "(sy#y#O)", msg_type, content, (Py_ssize_t)content_len,
                               metadata ? metadata : "{}",
                               (Py_ssize_t)(metadata ? metadata_len : 2), list)
             : NULL;
    if (!done) {
        PyErr_WriteUnraisable(NULL); // on the stderr of the request, as an uncaught error is
    }
    Py_CLEAR(list);
    Py_CLEAR(done);
    pyx_gil_leave(gil);
}
