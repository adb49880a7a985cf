/* SPDX-License-Identifier: BSD-3-Clause
 *
 * When a watched variable changed, and where that stops: behind the instruction that stored (a dict
 * watcher told), or at the next line or return that looks at the value. A change is another object,
 * for numbers and text another value; a deletion is one. Inside callbacks: nothing waits here.
 */
#include "kernel/python/data.h"
#include "kernel/python/inspect.h"

#include <stdlib.h>
#include <string.h>

#define SHOWN_BYTES 200 /* of a value in the stop's text */

static bool everywhere; /* all of the user's code is looked at */

static bool is_plain(PyObject *v)
{
    return PyLong_CheckExact(v) || PyUnicode_CheckExact(v) || PyFloat_CheckExact(v) ||
           PyBytes_CheckExact(v);
}

static bool same(PyObject *a, PyObject *b)
{
    return a == b || (a != NULL && b != NULL && Py_TYPE(a) == Py_TYPE(b) && is_plain(a) &&
                      PyObject_RichCompareBool(a, b, Py_EQ) == 1);
}

/* ---- a dict watcher told ---- */

static void arm_next(struct pyx_data *d, PyFrameObject *frame)
{
    PyCodeObject *code = PyFrame_GetCode(frame); /* new */
    struct pyx_code *entry = pyx_code_entry(code);
    if (entry == NULL) {
        Py_DECREF(code);
        return;
    }
    Py_XSETREF(d->armed, code);
    if (!entry->data_next) {
        entry->data_next = true;
        pyx_monitor_refresh(entry, true);
    }
}

void pyx_data_changed(struct pyx_data *d, PyObject *old, PyObject *now)
{
    PyFrameObject *frame = pyx_control_deaf() ? NULL : PyEval_GetFrame(); /* borrowed */
    if (frame == NULL || same(old, now) || !pyx_in_run(frame)) {
        return;
    }
    if (d->changed && d->tstate == PyThreadState_Get()) {
        Py_XSETREF(d->now, Py_XNewRef(now)); /* again, before it could be told */
        return;
    }
    pyx_data_forget(d);
    d->changed = true;
    d->tstate = PyThreadState_Get();
    d->old = Py_XNewRef(old);
    d->now = Py_XNewRef(now);
    d->line = PyFrame_GetLineNumber(frame);
    arm_next(d, frame);
}

void pyx_data_forget(struct pyx_data *d)
{
    struct pyx_code *entry = d->armed != NULL ? pyx_code_find(d->armed) : NULL;
    d->changed = false;
    Py_CLEAR(d->old);
    Py_CLEAR(d->now);
    for (size_t i = 0; entry != NULL && i < pyx_data_count; i++) {
        if (pyx_data_list[i] != d && pyx_data_list[i]->armed == d->armed) {
            entry = NULL; /* another one still waits for it */
        }
    }
    Py_CLEAR(d->armed);
    if (entry != NULL) {
        entry->data_next = false;
        pyx_monitor_refresh(entry, true);
    }
}

/* ---- looked at ---- */

static PyObject *referent(PyObject *weak) /* new / NULL */
{
#if PY_VERSION_HEX >= 0x030D0000
    PyObject *o = NULL;
    return PyWeakref_GetRef(weak, &o) == 1 ? o : NULL;
#else
    PyObject *o = PyWeakref_GetObject(weak); /* borrowed */
    return o != NULL && o != Py_None ? Py_NewRef(o) : NULL;
#endif
}

static void compare(struct pyx_data *d, int line)
{
    pyx_auto PyObject *holder = d->weak != NULL ? referent(d->weak) : Py_NewRef(d->place.holder);
    if (holder == NULL) {
        pyx_data_gone(d, "the object is not there any more");
        return;
    }
    struct pyx_data_place place = d->place;
    place.holder = holder;
    PyObject *now = pyx_data_get(&place); /* new / NULL */
    if (same(d->last, now)) {
        Py_XSETREF(d->last, now);
        d->seen = line;
        return;
    }
    pyx_data_forget(d);
    d->changed = true;
    d->tstate = PyThreadState_Get();
    d->old = d->last;
    d->now = Py_XNewRef(now);
    d->last = now;
    d->line = d->seen > 0 ? d->seen : line;
    d->seen = line;
}

/* ---- reached ---- */

/* "<C object at 0x…: repr timed out>": nothing was asked here. */
static void without_reason(struct cd_buf *text)
{
    static const char reason[] = ": repr timed out";
    const size_t len = sizeof reason - 1;
    char *at;
    while ((at = memmem(text->data, text->len, reason, len)) != NULL) {
        memmove(at, at + len, text->len - (size_t)(at - text->data) - len);
        text->len -= len;
    }
}

static void put_value(struct cd_buf *out, PyObject *value)
{
    cd_autobuf struct cd_buf one;
    cd_buf_init(&one, SHOWN_BYTES);
    if (value != NULL) {
        const struct pyx_format format = {.no_code = true};
        pyx_repr_into(&one, value, &format);
        without_reason(&one);
    }
    cd_result r = value != NULL ? cd_buf_append(out, one.data, one.len, NULL)
                                : cd_buf_append(out, "nothing", 7, NULL);
    (void)r; /* over the cap: what is there is shown */
}

static void put_change(struct cd_buf *out, const struct pyx_data *d)
{
    cd_result r = cd_buf_appendf(out, NULL, "%s: ", d->label);
    put_value(out, d->old);
    r = cd_buf_append(out, " → ", strlen(" → "), NULL);
    put_value(out, d->now);
    r = cd_buf_appendf(out, NULL, ", by line %d", d->line);
    (void)r;
}

static bool is_new(const struct pyx_data *d)
{
    return d->changed && d->tstate == PyThreadState_Get();
}

static void look(const struct pyx_code *entry, int line)
{
    for (size_t i = 0; i < pyx_data_count; i++) {
        struct pyx_data *d = pyx_data_list[i];
        if (!d->gone && !d->changed && d->place.kind != PYX_DATA_DICT &&
            (d->place.kind != PYX_DATA_LOCAL || entry->data_local)) {
            compare(d, line);
        }
    }
}

size_t pyx_data_hits(PyFrameObject *frame, struct pyx_code *entry, int *ret_ids, size_t max,
                     struct cd_buf *text)
{
    size_t n = 0;
    PyCodeObject *code = entry->code; /* alive: it runs */
    if (pyx_data_count == 0) {
        return 0;
    }
    if (entry->data_local || everywhere) {
        look(entry, PyFrame_GetLineNumber(frame));
    }
    for (size_t i = 0; i < pyx_data_count; i++) {
        struct pyx_data *d = pyx_data_list[i];
        if (!is_new(d)) {
            continue;
        }
        cd_autobuf struct cd_buf change;
        cd_buf_init(&change, 4 * SHOWN_BYTES);
        put_change(&change, d);
        struct pyx_bp *bp = d->bp;
        bp->refs++;
        pyx_data_forget(d); /* the condition runs code: the list may be another one after it */
        if (n < max && pyx_bp_counts(bp, frame, code)) {
            ret_ids[n++] = bp->id;
            cd_result r = cd_buf_appendf(text, NULL, "%s%.*s", text->len > 0 ? "; " : "",
                                         (int)change.len, change.data);
            (void)r;
        }
        pyx_bp_free(bp);
    }
    return n;
}

int pyx_data_stop(PyFrameObject *frame, PyCodeObject *code)
{
    int ids[PYX_MAX_HITS];
    cd_autobuf struct cd_buf text;
    cd_buf_init(&text, PYX_DATA_TEXT);
    struct pyx_code *entry = pyx_code_find(code);
    const size_t hits = entry != NULL ? pyx_data_hits(frame, entry, ids, PYX_MAX_HITS, &text) : 0;
    if (hits == 0) {
        return 0;
    }
    struct pyx_stop_request req = {
        .reason = "data breakpoint",
        .description = PYX_DATA_STOP,
        .text = text.data,
        .frame = (PyObject *)frame,
        .hit_ids = ids,
        .hit_count = hits,
        .place = PYX_AT_EVENT,
    };
    return pyx_stop_here(&req);
}

int pyx_data_at_return(PyCodeObject *code)
{
    const struct pyx_code *entry = pyx_data_count > 0 ? pyx_code_find(code) : NULL;
    if (entry == NULL || !entry->data_lines || pyx_control_deaf()) {
        return 0;
    }
    PyFrameObject *frame = PyEval_GetFrame(); /* borrowed */
    const int failed = pyx_data_stop(frame, code);
    pyx_data_frame_ended(frame);
    return failed;
}

/* ---- which code is looked at ---- */

static void arm_one(PyCodeObject *code, void *arg)
{
    (void)arg;
    bool local = false;
    struct pyx_code *entry = pyx_code_find(code);
    for (size_t i = 0; i < pyx_data_count; i++) {
        const struct pyx_data *d = pyx_data_list[i];
        if (d->gone || d->place.kind != PYX_DATA_LOCAL) {
            continue;
        }
        PyCodeObject *own = PyFrame_GetCode((PyFrameObject *)d->place.holder); /* new */
        local = local || own == code ||
                (own->co_filename == code->co_filename && pyx_data_code_has(own, d->place.key) &&
                 pyx_data_code_has(code, d->place.key));
        Py_DECREF(own);
    }
    const bool wanted = everywhere && pyx_code_kind(code) == PYX_CODE_USER;
    if (entry == NULL && (local || wanted)) {
        entry = pyx_code_entry(code);
    }
    if (entry != NULL && (entry->data_local != local || entry->data_lines != (local || wanted))) {
        entry->data_local = local;
        entry->data_lines = local || wanted;
        entry->start_line = pyx_start_line(code);
        pyx_monitor_refresh(entry, true);
    }
}

static bool any_kind(bool local)
{
    for (size_t i = 0; i < pyx_data_count; i++) {
        const struct pyx_data *d = pyx_data_list[i];
        if (!d->gone && d->place.kind != PYX_DATA_DICT &&
            (d->place.kind == PYX_DATA_LOCAL) == local) {
            return true;
        }
    }
    return false;
}

void pyx_data_arm(void)
{
    everywhere = any_kind(false);
    pyx_code_each(arm_one, NULL);
    pyx_monitor_global();
}

bool pyx_data_everywhere(void)
{
    return everywhere;
}

void pyx_data_bind(PyCodeObject *code)
{
    if (everywhere) {
        arm_one(code, NULL);
    }
}

unsigned pyx_data_events(void)
{
    return any_kind(true) ? PYX_EV_UNWIND : 0;
}

void pyx_data_frame_ended(PyFrameObject *frame)
{
    bool ended = false;
    for (size_t i = 0; i < pyx_data_count; i++) {
        struct pyx_data *d = pyx_data_list[i];
        if (!d->gone && d->place.kind == PYX_DATA_LOCAL && d->place.holder == (PyObject *)frame) {
            pyx_data_gone(d, "the function has returned");
            ended = true;
        }
    }
    if (ended) {
        pyx_data_arm();
    }
}
