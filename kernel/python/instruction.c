/* SPDX-License-Identifier: BSD-3-Clause
 *
 * INSTRUCTION events of code with breakpoints on places inside of its lines. Every other
 * instruction is DISABLEd after its first event, so such code soon runs at its own speed. Where a
 * LINE event has told of the same instruction just before, that one was it. A callback: it never
 * waits, and leaves no exception but the one that a stop wants raised.
 */
#include "kernel/python/control.h"

/* Of the calling thread: what the last LINE event was about. */
static __thread PyFrameObject *told_frame; /* compared only */
static __thread int told_offset;

void pyx_instruction_told(PyFrameObject *frame)
{
    told_frame = frame;
    told_offset = PyFrame_GetLasti(frame);
}

static bool was_told(PyFrameObject *frame, int offset)
{
    const bool told = told_frame == frame && told_offset == offset;
    told_frame = NULL;
    return told;
}

PyObject *pyx_on_instruction(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    (void)self;
    (void)nargs;
    PyCodeObject *code = (PyCodeObject *)args[0];
    const int offset = (int)PyLong_AsLong(args[1]);
    if (pyx_control_deaf()) {
        return Py_NewRef(Py_None);
    }
    struct pyx_code *entry = pyx_code_find(code);
    const bool data = entry != NULL && entry->data_next;
    if (entry == NULL || (!data && !pyx_breakpoints_at(entry, 0, offset))) {
        return Py_NewRef(pyx_monitor_disable());
    }
    PyFrameObject *frame = PyEval_GetFrame(); /* borrowed */
    if (data && pyx_data_stop(frame, code) != 0) {
        return NULL;
    }
    if (was_told(frame, offset)) {
        return Py_NewRef(Py_None);
    }
    if (pyx_stop_current() != NULL && !pyx_stop_is_mine() &&
        pyx_park_here(PYX_AT_EVENT, false) != 0) {
        return NULL;
    }
    int ids[PYX_MAX_HITS];
    bool is_function = false;
    entry = pyx_code_find(code); /* while it was parked, breakpoints may have changed */
    const size_t hits = entry != NULL ? pyx_breakpoints_hit(entry, 0, offset, frame, ids,
                                                            PYX_MAX_HITS, &is_function)
                                      : 0;
    if (hits == 0 || (pyx_code_kind(code) == PYX_CODE_LIBRARY && !pyx_in_run(frame))) {
        return Py_NewRef(Py_None);
    }
    struct pyx_stop_request req = {
        .reason = "breakpoint",
        .frame = (PyObject *)frame,
        .hit_ids = ids,
        .hit_count = hits,
        .place = PYX_AT_EVENT,
    };
    return pyx_stop_here(&req) != 0 ? NULL : Py_NewRef(Py_None);
}
