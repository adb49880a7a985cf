/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The frames of a thread as they are shown: ours and what runs the cells (IPython, runpy) left out.
 * Lists are made once a stop and hold their frames until it ends. Runs with the GIL; runs no code
 * of the user's.
 */
#include "kernel/python/inspect.h"

#include <stdlib.h>
#include <string.h>

static struct pyx_frames *the_frames;

void pyx_frames_release(void)
{
    while (the_frames) {
        struct pyx_frames *f = the_frames;
        the_frames = f->next;
        for (int i = 0; i < f->count; i++) {
            Py_DECREF(f->list[i].frame);
        }
        free(f->list);
        free(f);
    }
}

static PyCodeObject *code_of(PyObject *frame) /* new */
{
    return PyFrame_GetCode((PyFrameObject *)frame);
}

bool pyx_frame_is_module(PyObject *frame)
{
    PyCodeObject *code = code_of(frame);
    bool optimized = (code->co_flags & CO_OPTIMIZED) != 0;
    /* While an inlined comprehension runs, f_locals is something else (PEP 709). */
    bool inlined =
        code->co_nlocals > 0 && PyUnicode_CompareWithASCIIString(code->co_name, "<module>") == 0;
    Py_DECREF(code);
    if (optimized || inlined) {
        return !optimized;
    }
    pyx_auto PyObject *locals = PyFrame_GetLocals((PyFrameObject *)frame);   /* new */
    pyx_auto PyObject *globals = PyFrame_GetGlobals((PyFrameObject *)frame); /* new */
    PyErr_Clear();
    return locals == globals;
}

/* A cell's or a run file's own frame: what is below it runs the cells. */
static bool is_bottom(PyObject *frame, PyCodeObject *code)
{
    if (PyUnicode_CompareWithASCIIString(code->co_name, "<module>") != 0) {
        return false;
    }
    if (pyx_cell_text(code->co_filename)) {
        return true;
    }
    pyx_auto PyObject *globals = PyFrame_GetGlobals((PyFrameObject *)frame); /* new */
    pyx_auto PyObject *name = NULL;
    return pyx_dict_gets(globals, "__name__", &name) == 1 && PyUnicode_Check(name) &&
           PyUnicode_CompareWithASCIIString(name, "__main__") == 0;
}

static bool is_hidden(PyCodeObject *code)
{
    return pyx_code_kind(code) == PYX_CODE_OURS ||
           PyUnicode_CompareWithASCIIString(code->co_filename, PYX_EVAL_FILE) == 0;
}

static bool append(struct pyx_frames *f, int *cap, PyObject *frame, int lasti)
{
    if (f->count == *cap) {
        int more = *cap ? *cap * 2 : 16;
        void *list = realloc(f->list, (size_t)more * sizeof(*f->list));
        if (!list) {
            return false;
        }
        f->list = list;
        *cap = more;
    }
    f->list[f->count].ref = 0;
    f->list[f->count].lasti = lasti;
    f->list[f->count++].frame = Py_NewRef(frame);
    return true;
}

static void cut(struct pyx_frames *f, int count)
{
    while (f->count > count) {
        Py_DECREF(f->list[--f->count].frame);
    }
}

/* What runs a cell inside a stop (celldap/runCell) lies between the cell and the stopped frame: it
 * is left out. Returns the frame below `frame`, new; *outer: stops that were not passed yet. */
static PyObject *below(PyObject *frame, bool bottom, const struct pyx_stop **outer)
{
    while (*outer && (*outer)->frame == frame) {
        *outer = (*outer)->outer;
    }
    if (bottom && *outer) {
        PyObject *next = Py_NewRef((*outer)->frame);
        *outer = (*outer)->outer;
        return next;
    }
    return (PyObject *)PyFrame_GetBack((PyFrameObject *)frame);
}

/* innermost_owned: the thread's frame, taken. outer: stops of this thread around the present. */
static void collect_stack(struct pyx_frames *f, PyObject *innermost_owned,
                          const struct pyx_stop *outer)
{
    int cap = 0;
    PyObject *frame = innermost_owned;
    while (frame) {
        PyCodeObject *code = code_of(frame);
        const bool shown = !is_hidden(code);
        const bool bottom = shown && is_bottom(frame, code);
        Py_DECREF(code);
        if (shown && !append(f, &cap, frame, -1)) {
            break;
        }
        PyObject *next = below(frame, bottom, &outer); /* new */
        Py_DECREF(frame);
        frame = next;
    }
    Py_XDECREF(frame);
    PyErr_Clear();
}

/* The frames that an exception left, innermost first, at the places where it left them. */
static void collect_traceback(struct pyx_frames *f, PyObject *traceback)
{
    int cap = 0;
    for (PyTracebackObject *t = (PyTracebackObject *)traceback; t; t = t->tb_next) {
        PyObject *frame = (PyObject *)t->tb_frame; /* borrowed */
        PyCodeObject *code = code_of(frame);
        const bool shown = !is_hidden(code);
        Py_DECREF(code);
        if (shown && !append(f, &cap, frame, t->tb_lasti)) {
            break;
        }
    }
    for (int a = 0, b = f->count - 1; a < b; a++, b--) {
        struct pyx_frame_entry swap = f->list[a];
        f->list[a] = f->list[b];
        f->list[b] = swap;
    }
}

/* Below a cell's own frame there is only what runs cells. */
static void cut_below_cell(struct pyx_frames *f)
{
    int bottom = 0, last_user = 0;
    for (int i = 0; i < f->count; i++) {
        PyCodeObject *code = code_of(f->list[i].frame);
        bottom = is_bottom(f->list[i].frame, code) ? i + 1 : bottom;
        last_user = pyx_code_kind(code) == PYX_CODE_USER ? i + 1 : last_user;
        Py_DECREF(code);
    }
    PyErr_Clear();
    if (bottom || last_user) {
        cut(f, bottom ? bottom : last_user); /* a task that no cell awaits has no bottom */
    }
}

/* Path numbers, from the outermost frame to the innermost. */
static void number(struct pyx_frames *f)
{
    char thread[16];
    int len = snprintf(thread, sizeof(thread), "%d", f->thread);
    int parent = dbg_refs_number(pyx_refs(), 0, PYX_STEP_THREAD, thread, (size_t)len);
    for (int i = f->count - 1; i >= 0; i--) {
        PyCodeObject *code = code_of(f->list[i].frame);
        cd_autobuf struct cd_buf key;
        cd_buf_init(&key, 8192);
        pyx_auto PyObject *file = pyx_str_bytes(code->co_filename);
        pyx_auto PyObject *name = pyx_str_bytes(code->co_qualname);
        if (cd_buf_appendf(&key, NULL, "%s:%d:%s", file ? PyBytes_AS_STRING(file) : "",
                           code->co_firstlineno, name ? PyBytes_AS_STRING(name) : "") != CD_OK) {
            cd_buf_clear(&key); /* a name of many kilobytes: position below its caller is enough */
        }
        Py_DECREF(code);
        parent = dbg_refs_number(pyx_refs(), parent, PYX_STEP_FRAME, key.data, key.len);
        f->list[i].ref = parent;
    }
}

static PyObject *innermost(const struct pyx_stop *stop, int thread) /* new / NULL */
{
    if (stop->thread_id == thread) {
        return Py_XNewRef(stop->frame);
    }
    PyThreadState *tstate = pyx_thread_state(thread);
    return tstate ? (PyObject *)PyThreadState_GetFrame(tstate) : NULL;
}

struct pyx_frames *pyx_frames_of(int thread, struct cd_error *reterr)
{
    const struct pyx_stop *stop = pyx_stop_shown();
    if (!stop) {
        cd_error_set(reterr, CD_E_NOT_STOPPED, "nothing is stopped; pause first");
        return NULL;
    }
    if (stop != pyx_stop_current() && thread != stop->thread_id) {
        cd_error_set(reterr, CD_E_NOT_STOPPED,
                     "thread '%d' at arguments.threadId runs: a post-mortem view has the frames of "
                     "thread '%d' only",
                     thread, stop->thread_id);
        return NULL;
    }
    if (the_frames && the_frames->stop != stop->number) {
        pyx_frames_release();
    }
    for (struct pyx_frames *f = the_frames; f; f = f->next) {
        if (f->thread == thread) {
            return f;
        }
    }
    PyObject *frame = innermost(stop, thread); /* new */
    if (!frame && thread != stop->thread_id && !pyx_thread_state(thread)) {
        cd_error_set(reterr, CD_E_NOT_FOUND, "no thread '%d' at arguments.threadId", thread);
        return NULL;
    }
    struct pyx_frames *f = calloc(1, sizeof(*f));
    if (!f) {
        Py_XDECREF(frame);
        cd_oom(reterr);
        return NULL;
    }
    f->stop = stop->number;
    f->thread = thread;
    const struct pyx_stop *outer = thread == stop->thread_id ? stop->outer : NULL;
    if (thread == stop->thread_id && stop->traceback) {
        collect_traceback(f, stop->traceback);
        Py_XDECREF(frame);
    } else {
        collect_stack(f, frame, outer);
    }
    if (thread == 1) {
        cut_below_cell(f);
    }
    number(f);
    f->next = the_frames;
    the_frames = f;
    return f;
}

/* The thread at the root of a frame's path, 0 when the number is no frame's. */
static int thread_of(int ref)
{
    struct dbg_ref step;
    bool any = false;
    while (dbg_refs_get(pyx_refs(), ref, &step) && step.kind == PYX_STEP_FRAME) {
        ref = step.parent;
        any = true;
    }
    return any && dbg_refs_get(pyx_refs(), ref, &step) && step.kind == PYX_STEP_THREAD
               ? (int)strtol(step.key, NULL, 10)
               : 0;
}

PyObject *pyx_frame_find(int frame_id, const char *field, struct cd_error *reterr)
{
    int thread = thread_of(frame_id);
    struct pyx_frames *f = thread ? pyx_frames_of(thread, pyx_stop_shown() ? NULL : reterr) : NULL;
    for (int i = 0; f && i < f->count; i++) {
        if (f->list[i].ref == frame_id) {
            return Py_NewRef(f->list[i].frame);
        }
    }
    cd_error_set(reterr, CD_E_NOT_FOUND,
                 "no frame '%d' at %s; it is not on the stack any more, ask for stackTrace again",
                 frame_id, field);
    return NULL;
}
