/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The present step: one for the process, on the thread that was stopped. LINE, PY_RETURN and
 * PY_YIELD are local to the code objects it can stop in; PY_START and PY_UNWIND are global while it
 * lasts and at no other time (facts: engine.md §5). Events are per code, so thread and frame are
 * compared. Guarded by the GIL; the step's frame is held until it ends.
 */
#include "kernel/python/control.h"

#include <string.h>

#define PYX_MAX_STEP_CODES 256

static struct {
    bool active;
    enum engine_step_kind kind;
    bool just_my_code;
    int owner;             /* client: whose rules hold */
    int target;            /* f_lasti while the call to step into runs, -1: any */
    bool first_line;       /* wait for the next root code: its first line */
    const char *reason;    /* of the stop that ends a first_line step */
    PyThreadState *tstate; /* compared only */
    PyFrameObject *frame;  /* strong; NULL: first_line */
    PyCodeObject
        *codes[PYX_MAX_STEP_CODES]; /* borrowed, armed for this step: looked up before use */
    size_t code_count;
} step;

static PyCodeObject *last_root; /* borrowed: looked up before use */

unsigned pyx_step_events(void)
{
    if (!step.active || step.first_line) {
        return 0;
    }
    return PYX_EV_UNWIND | (step.kind == ENGINE_STEP_IN ? PYX_EV_START | PYX_EV_RESUME : 0);
}

unsigned pyx_step_local_events(void)
{
    return PYX_EV_LINE | PYX_EV_JUMP | PYX_EV_RETURN | PYX_EV_YIELD | PYX_EV_START;
}

static void arm(PyCodeObject *code)
{
    struct pyx_code *e = pyx_code_entry(code);
    if (e == NULL || e->for_step) {
        return;
    }
    if (step.code_count == PYX_MAX_STEP_CODES) {
        return; /* a step that entered so many functions stops in one that is armed */
    }
    e->for_step = true;
    e->start_line = pyx_start_line(code);
    step.codes[step.code_count++] = code;
    pyx_monitor_refresh(e, true);
}

static void arm_frame(PyFrameObject *frame)
{
    PyCodeObject *code = PyFrame_GetCode(frame); /* new */
    arm(code);
    Py_DECREF(code);
}

void pyx_step_clear(void)
{
    if (!step.active) {
        return;
    }
    step.active = false;
    for (size_t i = 0; i < step.code_count; i++) {
        struct pyx_code *e = pyx_code_find(step.codes[i]);
        if (e != NULL && e->for_step) {
            e->for_step = false;
            pyx_monitor_refresh(e, true);
        }
    }
    step.code_count = 0;
    Py_CLEAR(step.frame);
    step.first_line = false;
    pyx_monitor_global();
}

void pyx_step_begin(const struct engine_step *want, PyFrameObject *frame, PyThreadState *tstate)
{
    pyx_step_clear();
    if (want->kind == ENGINE_CONTINUE) {
        return;
    }
    step.active = true;
    step.kind = want->kind;
    step.just_my_code = want->just_my_code;
    step.owner = want->owner;
    step.target = pyx_target_lasti(frame, want->target_id);
    step.tstate = tstate;
    step.frame = (PyFrameObject *)Py_NewRef(frame);
    arm_frame(frame);
    pyx_monitor_global();
}

void pyx_step_first_line(const char *reason)
{
    PyThreadState *tstate = step.active ? step.tstate : PyThreadState_Get();
    pyx_step_clear();
    step.active = true;
    step.first_line = true;
    step.reason = reason;
    step.tstate = tstate;
    if (last_root != NULL && pyx_code_is_root(last_root)) {
        arm(last_root); /* compiled, and perhaps about to begin */
    }
}

void pyx_step_run_ended(void)
{
    if (step.active && step.tstate == PyThreadState_Get()) {
        pyx_step_clear();
    }
}

void pyx_step_root_compiled(struct pyx_code *entry)
{
    last_root = entry->code;
    if (step.active && step.first_line && step.tstate == PyThreadState_Get()) {
        arm(entry->code);
    }
}

bool pyx_step_line(PyFrameObject *frame, PyThreadState *tstate, const char **ret_reason)
{
    if (!step.active || step.tstate != tstate) {
        return false;
    }
    *ret_reason = step.first_line ? step.reason : "step";
    if (step.first_line) {
        /* one that was taken back meanwhile? */
        return strcmp(step.reason, PYX_PAUSE_REASON) != 0 || pyx_pause_take();
    }
    switch (step.kind) {
    case ENGINE_NEXT:
        return frame == step.frame;
    case ENGINE_STEP_IN:
        return true; /* its own frame, or one that it entered: only those are armed */
    case ENGINE_STEP_OUT:
    case ENGINE_CONTINUE:
        break;
    }
    return false;
}

static bool wanted(PyFrameObject *frame)
{
    return pyx_rules_want(step.owner, step.just_my_code, frame);
}

/* The frame that starts was called by the call that was chosen, or none was. */
static bool is_target(void)
{
    if (step.target < 0) {
        return true;
    }
    PyFrameObject *back = PyFrame_GetBack(PyEval_GetFrame()); /* new */
    const bool yes = back == step.frame && PyFrame_GetLasti(back) == step.target;
    Py_XDECREF(back);
    return yes;
}

void pyx_step_start(PyCodeObject *code, PyThreadState *tstate)
{
    if (step.active && !step.first_line && step.kind == ENGINE_STEP_IN && step.tstate == tstate &&
        wanted(PyEval_GetFrame()) && is_target()) {
        arm(code);
    }
}

/* The nearest frame outward that a step may stop in: new reference, or NULL at the end of the run.
 */
static PyFrameObject *caller_of(PyFrameObject *frame)
{
    PyFrameObject *f = (PyFrameObject *)Py_NewRef(frame);
    for (;;) {
        PyCodeObject *code = PyFrame_GetCode(f); /* new */
        const bool root = pyx_code_is_root(code);
        Py_DECREF(code);
        PyFrameObject *back = root ? NULL : PyFrame_GetBack(f); /* new */
        Py_DECREF(f);
        if (back == NULL) {
            return NULL;
        }
        f = back;
        if (pyx_stop_current() != NULL && (PyObject *)f == pyx_stop_current()->frame) {
            Py_DECREF(f);
            return NULL; /* a step in an evaluation does not leave it */
        }
        if (wanted(f)) {
            return f;
        }
    }
}

/* Nothing of the user's is left to return to: the next statement of the cell, if there is one; who
 * stepped out of it is through with the cell. */
static void end_of_run(void)
{
    if (step.kind == ENGINE_STEP_OUT) {
        pyx_step_clear();
    } else {
        pyx_step_first_line("step");
    }
}

PyFrameObject *pyx_step_return(PyFrameObject *frame, PyThreadState *tstate, bool yielded)
{
    if (!step.active || step.first_line || step.tstate != tstate || frame != step.frame) {
        return NULL;
    }
    if (yielded) {
        PyCodeObject *code = PyFrame_GetCode(frame); /* new */
        const bool generator = (code->co_flags & CO_GENERATOR) != 0;
        Py_DECREF(code);
        if (step.kind != ENGINE_STEP_OUT || !generator) {
            return NULL; /* stays with the generator or coroutine */
        }
    }
    PyFrameObject *caller = caller_of(frame); /* new */
    if (caller == NULL) {
        end_of_run();
        return NULL;
    }
    Py_DECREF(caller); /* alive: it waits for this frame */
    return caller;
}

void pyx_step_unwind(PyFrameObject *frame, PyThreadState *tstate)
{
    if (!step.active || step.first_line || step.tstate != tstate || frame != step.frame) {
        return;
    }
    PyFrameObject *caller = caller_of(frame); /* new */
    if (caller == NULL) {
        end_of_run();
        return;
    }
    Py_SETREF(step.frame, caller);
    step.kind = ENGINE_NEXT; /* the first line that runs there: a handler, or the next unwinding */
    arm_frame(caller);
    pyx_monitor_global();
}
