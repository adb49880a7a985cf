/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Post-mortem: the exception that ended the last cell is kept until the next run, and its traceback
 * can be shown like a stop. Nothing waits meanwhile: the frames are over, so the view is read by
 * jobs on assist, and a real stop or a run ends it. Guarded by the GIL.
 */
#include "kernel/python/control.h"

static PyObject *last_error; /* strong */
static struct pyx_stop view; /* number 0: closed */

struct pyx_stop *pyx_stop_shown(void)
{
    struct pyx_stop *stop = pyx_stop_current();
    return stop != NULL ? stop : view.number != 0 ? &view : NULL;
}

void pyx_post_mortem_keep(PyObject *exception)
{
    if (!PyErr_GivenExceptionMatches(exception, PyExc_SystemExit)) {
        Py_XSETREF(last_error, Py_NewRef(exception));
    }
}

void pyx_post_mortem_close(void)
{
    if (view.number == 0) {
        return;
    }
    pyx_note(ENGINE_VIEW_OVER, 0,
             json_pack("{s:I, s:i}", "view", (json_int_t)view.number, "threadId", view.thread_id));
    struct pyx_stop over = view;
    view = (struct pyx_stop){0};
    if (pyx_stop_current() == NULL) {
        pyx_inspect_release();
    }
    Py_CLEAR(over.frame);
    Py_CLEAR(over.exception);
    Py_CLEAR(over.traceback);
}

void pyx_post_mortem_forget(void)
{
    if (pyx_stop_current() == NULL) { /* else: a cell inside a stop */
        pyx_post_mortem_close();
        Py_CLEAR(last_error);
    }
}

/* The innermost frame of the user's that the exception left: borrowed from tb, or NULL. */
static PyFrameObject *last_frame(PyObject *tb)
{
    PyFrameObject *found = NULL;
    for (PyTracebackObject *t = (PyTracebackObject *)tb; t != NULL; t = t->tb_next) {
        PyCodeObject *code = PyFrame_GetCode(t->tb_frame); /* new */
        const enum pyx_code_kind kind = pyx_code_kind(code);
        if (kind == PYX_CODE_USER || (found != NULL && kind == PYX_CODE_LIBRARY)) {
            found = t->tb_frame;
        }
        Py_DECREF(code);
    }
    return found;
}

cd_result pyx_post_mortem(json_t **ret, struct cd_error *reterr)
{
    if (pyx_stop_current() != NULL) {
        return cd_error_set(reterr, CD_E_BAD_STATE,
                            "the program is stopped: its own frames are shown");
    }
    pyx_auto PyObject *tb = last_error != NULL ? PyException_GetTraceback(last_error) : NULL;
    PyFrameObject *frame = last_frame(tb); /* borrowed */
    if (frame == NULL) {
        return cd_error_set(reterr, CD_E_NOT_FOUND,
                            last_error == NULL ? "no cell has failed since the last one was run"
                                               : "the last error has no frames: nothing was run");
    }
    if (view.exception != last_error) {
        pyx_post_mortem_close();
        view = (struct pyx_stop){
            .number = pyx_stop_number_next(),
            .thread_id = 1, /* cells are main's: as threads() lists it */
            .frame = Py_NewRef(frame),
            .exception = Py_NewRef(last_error),
            .traceback = Py_NewRef(tb),
            .break_mode = "unhandled",
        };
    }
    pyx_auto PyObject *name = PyType_GetName(Py_TYPE(last_error)); /* new */
    const char *utf8 = name != NULL ? PyUnicode_AsUTF8(name) : NULL;
    pyx_error_drop();
    *ret = json_pack("{s:s, s:s, s:i, s:o, s:b, s:I}", "reason", "exception", "description",
                     "Post-mortem of the cell that failed", "threadId", view.thread_id, "text",
                     cd_json_textz(utf8 != NULL ? utf8 : "exception"), "allThreadsStopped", 0,
                     "view", (json_int_t)view.number);
    return *ret != NULL ? CD_OK : cd_oom(reterr);
}
