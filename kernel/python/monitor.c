/* SPDX-License-Identifier: BSD-3-Clause
 *
 * sys.monitoring from C: two tool ids (breakpoints and steps; park), callbacks, events.
 * Breakpoints are local events and return DISABLE for every other line, so code without a
 * breakpoint runs at full speed (facts: engine.md §1). DISABLE belongs to a location, not to a
 * thread: a callback on a thread that nothing may stop in returns None (§12.15).
 * A callback never leaves an exception behind but the one that a stop wants raised.
 */
#include "kernel/python/control.h"

static struct {
    PyObject *set_local_events; /* strong: sys.monitoring's functions */
    PyObject *set_events;
    PyObject *disable;
    int tool;
    int park_tool;
    PyObject *tool_o, *park_tool_o; /* strong ints */
    unsigned long bits[PYX_EVENTS]; /* interpreter's number of each PYX_EV bit */
    unsigned global_now;
    unsigned park_now;
} mon = {.tool = -1, .park_tool = -1};

static const char *const event_names[PYX_EVENTS] = {
    "PY_START", "PY_RESUME", "PY_RETURN", "PY_YIELD",    "LINE",
    "JUMP",     "RAISE",     "PY_UNWIND", "INSTRUCTION", "RERAISE"};

static unsigned long native(unsigned events)
{
    unsigned long n = 0;
    for (unsigned i = 0; i < PYX_EVENTS; i++) {
        n |= (events >> i & 1u) != 0 ? mon.bits[i] : 0;
    }
    return n;
}

static void call_set(PyObject *fn, PyObject *tool, PyObject *code, unsigned events)
{
    pyx_auto PyObject *bits = PyLong_FromUnsignedLong(native(events));
    PyObject *args[3] = {tool, code != NULL ? code : bits, bits};
    if (bits != NULL) {
        Py_XDECREF(PyObject_Vectorcall(fn, args, code != NULL ? 3 : 2, NULL));
    }
    pyx_error_drop();
}

void pyx_monitor_local(struct pyx_code *entry, unsigned events, bool rearm)
{
    if (mon.tool < 0 || (entry->events == events && !rearm)) {
        return;
    }
    PyObject *saved = PyErr_GetRaisedException();
    if (rearm && entry->events != 0 && events != 0) {
        call_set(mon.set_local_events, mon.tool_o, (PyObject *)entry->code, 0);
    }
    call_set(mon.set_local_events, mon.tool_o, (PyObject *)entry->code, events);
    entry->events = events;
    PyErr_SetRaisedException(saved);
}

void pyx_monitor_refresh(struct pyx_code *entry, bool rearm)
{
    /* 3.13 tells the first line of a one-line function only where PY_START is told too (seen) */
    const unsigned lines = PYX_EV_LINE | PYX_EV_JUMP | (entry->start_line > 0 ? PYX_EV_START : 0);
    const unsigned places = entry->has_places ? PYX_EV_INSTRUCTION : 0;
    const unsigned for_bps = entry->bp_count > 0 ? lines | places : 0;
    const unsigned for_step = entry->for_step ? pyx_step_local_events() : 0;
    const unsigned for_data = (entry->data_lines ? lines | PYX_EV_RETURN : 0) |
                              (entry->data_next ? PYX_EV_INSTRUCTION : 0);
    const unsigned for_thread = entry->code == pyx_thread_code ? PYX_EV_START | PYX_EV_RETURN : 0;
    pyx_monitor_local(entry, for_bps | for_step | for_data | for_thread, rearm);
}

void pyx_monitor_global(void)
{
    const unsigned events = pyx_step_events() | pyx_exception_events() | pyx_data_events();
    if (mon.tool >= 0 && events != mon.global_now) {
        PyObject *saved = PyErr_GetRaisedException();
        call_set(mon.set_events, mon.tool_o, NULL, events);
        mon.global_now = events;
        PyErr_SetRaisedException(saved);
    }
}

void pyx_monitor_park(bool on)
{
    const unsigned events = on ? PYX_EV_LINE | PYX_EV_JUMP | PYX_EV_START : 0;
    if (mon.park_tool >= 0 && events != mon.park_now) {
        PyObject *saved = PyErr_GetRaisedException();
        call_set(mon.set_events, mon.park_tool_o, NULL, events);
        mon.park_now = events;
        PyErr_SetRaisedException(saved);
    }
}

PyObject *pyx_monitor_disable(void)
{
    return mon.disable;
}

static PyObject *none_or_error(int failed)
{
    return failed ? NULL : Py_NewRef(Py_None);
}

/* A line is reached, by a LINE event or by a jump that stays on it. */
static PyObject *at_line(PyCodeObject *code, int line, enum pyx_stop_place place)
{
    if (pyx_control_deaf() && !pyx_fork_wakes(code, line)) {
        return Py_NewRef(Py_None);
    }
    if (pyx_park_wanted() && pyx_park_here(place, false) != 0) {
        return NULL;
    }
    struct pyx_code *entry = pyx_code_find(code);
    if (entry == NULL) {
        return Py_NewRef(mon.disable);
    }
    PyFrameObject *frame = PyEval_GetFrame(); /* borrowed */
    if (place == PYX_AT_LINE && pyx_jump_landed(frame, line)) {
        return Py_NewRef(Py_None);
    }
    int ids[PYX_MAX_HITS];
    bool is_function = false;
    const int offset = place == PYX_AT_LINE && entry->has_places ? PyFrame_GetLasti(frame) : -1;
    const bool watched = pyx_breakpoints_at(entry, line, offset);
    size_t hits =
        watched ? pyx_breakpoints_hit(entry, line, offset, frame, ids, PYX_MAX_HITS, &is_function)
                : 0;
    cd_autobuf struct cd_buf text;
    cd_buf_init(&text, PYX_DATA_TEXT);
    const size_t data = pyx_data_hits(frame, entry, ids + hits, PYX_MAX_HITS - hits, &text);
    hits += data;
    const char *reason = NULL;
    const bool stepped = entry->for_step && pyx_step_line(frame, PyThreadState_Get(), &reason);
    const bool outside = pyx_code_kind(code) == PYX_CODE_LIBRARY && !pyx_in_run(frame);
    if ((hits > 0 || stepped) && !outside) { /* IPython's own use of a library is not the user's */
        struct pyx_stop_request req = {
            .reason = hits == 0     ? reason
                      : data > 0    ? "data breakpoint"
                      : is_function ? "function breakpoint"
                                    : "breakpoint",
            .description = data > 0 ? PYX_DATA_STOP : NULL,
            .text = data > 0 ? text.data : NULL,
            .frame = (PyObject *)frame,
            .hit_ids = ids,
            .hit_count = hits,
            .place = place,
        };
        pyx_auto PyObject *hold = Py_NewRef((PyObject *)frame);
        const int failed = pyx_stop_here(&req);
        pyx_instruction_told(frame);
        return none_or_error(failed);
    }
    if (watched && place == PYX_AT_LINE) {
        pyx_instruction_told(frame);
    }
    entry = pyx_code_find(code); /* conditions run code: the table may have moved on */
    return watched || (entry != NULL && (entry->for_step || entry->data_lines))
               ? Py_NewRef(Py_None)
               : Py_NewRef(mon.disable);
}

static PyObject *on_line(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    (void)self;
    (void)nargs;
    return at_line((PyCodeObject *)args[0], (int)PyLong_AsLong(args[1]), PYX_AT_LINE);
}

/* LINE fires once only for a loop on one line; its backward jump stands for the others. */
static PyObject *on_jump(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    (void)self;
    (void)nargs;
    PyCodeObject *code = (PyCodeObject *)args[0];
    const int from = (int)PyLong_AsLong(args[1]);
    const int to = (int)PyLong_AsLong(args[2]);
    const int line = to <= from ? PyCode_Addr2Line(code, to) : -1;
    if (line <= 0 || line != PyCode_Addr2Line(code, from) || !pyx_jump_is_loop(code, from, to)) {
        return Py_NewRef(pyx_control_deaf() ? Py_None : mon.disable);
    }
    return at_line(code, line, PYX_AT_EVENT);
}

static PyObject *on_start(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    (void)self;
    (void)nargs;
    if ((PyCodeObject *)args[0] == pyx_thread_code) {
        pyx_thread_began();
    }
    if (!pyx_control_deaf()) {
        pyx_step_start((PyCodeObject *)args[0], PyThreadState_Get());
    }
    return Py_NewRef(Py_None);
}

static PyObject *at_exit(PyCodeObject *code, PyObject *value, bool yielded)
{
    if (pyx_control_deaf()) {
        return Py_NewRef(Py_None);
    }
    PyFrameObject *shown = pyx_step_return(PyEval_GetFrame(), PyThreadState_Get(), yielded);
    if (shown == NULL) {
        return Py_NewRef(Py_None);
    }
    struct pyx_stop_request req = {
        .reason = "step",
        .frame = (PyObject *)shown,
        .return_value = value,
        .return_name = code->co_qualname,
        .place = PYX_AT_EVENT,
    };
    return none_or_error(pyx_stop_here(&req));
}

static PyObject *on_return(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    (void)self;
    (void)nargs;
    if ((PyCodeObject *)args[0] == pyx_thread_code) {
        pyx_thread_ended();
    }
    if (pyx_data_at_return((PyCodeObject *)args[0]) != 0) {
        return NULL;
    }
    return at_exit((PyCodeObject *)args[0], args[2], false);
}

static PyObject *on_yield(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    (void)self;
    (void)nargs;
    return at_exit((PyCodeObject *)args[0], args[2], true);
}

static PyObject *raised(PyObject *const *args, bool again)
{
    if (pyx_control_deaf()) {
        return Py_NewRef(Py_None);
    }
    const int offset = (int)PyLong_AsLong(args[1]);
    return none_or_error(pyx_on_raise((PyCodeObject *)args[0], args[2], offset, again));
}

static PyObject *on_raise(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    (void)self;
    (void)nargs;
    return raised(args, false);
}

static PyObject *on_reraise(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    (void)self;
    (void)nargs;
    return raised(args, true);
}

static PyObject *on_unwind(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    (void)self;
    (void)args;
    (void)nargs;
    if (!pyx_control_deaf()) {
        pyx_step_unwind(PyEval_GetFrame(), PyThreadState_Get());
        pyx_data_frame_ended(PyEval_GetFrame());
    }
    return Py_NewRef(Py_None);
}

/* A function pointer of METH_FASTCALL has another type than PyCFunction says. */
#define FASTCALL(fn) ((PyCFunction)(void (*)(void))(fn))

static PyMethodDef callbacks[] = {
    {"line", FASTCALL(on_line), METH_FASTCALL, NULL},
    {"jump", FASTCALL(on_jump), METH_FASTCALL, NULL},
    {"start", FASTCALL(on_start), METH_FASTCALL, NULL},
    {"resume", FASTCALL(on_start), METH_FASTCALL, NULL},
    {"return", FASTCALL(on_return), METH_FASTCALL, NULL},
    {"yield", FASTCALL(on_yield), METH_FASTCALL, NULL},
    {"raise", FASTCALL(on_raise), METH_FASTCALL, NULL},
    {"unwind", FASTCALL(on_unwind), METH_FASTCALL, NULL},
    {"instruction", FASTCALL(pyx_on_instruction), METH_FASTCALL, NULL},
    {"reraise", FASTCALL(on_reraise), METH_FASTCALL, NULL},
    {"park_line", FASTCALL(pyx_on_park_line), METH_FASTCALL, NULL},
    {"park", FASTCALL(pyx_on_park), METH_FASTCALL, NULL},
};

static int register_one(PyObject *m, int tool, unsigned event, PyMethodDef *def)
{
    pyx_auto PyObject *fn = PyCFunction_New(def, NULL);
    pyx_auto PyObject *old =
        fn == NULL ? NULL
                   : PyObject_CallMethod(m, "register_callback", "ikO", tool, native(event), fn);
    return old != NULL ? 0 : -1;
}

static int register_all(PyObject *m)
{
    static const unsigned events[] = {
        PYX_EV_LINE,  PYX_EV_JUMP,  PYX_EV_START,  PYX_EV_RESUME,      PYX_EV_RETURN,
        PYX_EV_YIELD, PYX_EV_RAISE, PYX_EV_UNWIND, PYX_EV_INSTRUCTION, PYX_EV_RERAISE};
    for (size_t i = 0; i < CD_ARRAY_LEN(events); i++) {
        if (register_one(m, mon.tool, events[i], &callbacks[i]) != 0) {
            return -1;
        }
    }
    return register_one(m, mon.park_tool, PYX_EV_LINE, &callbacks[10]) != 0 ||
                   register_one(m, mon.park_tool, PYX_EV_JUMP, &callbacks[11]) != 0 ||
                   register_one(m, mon.park_tool, PYX_EV_START, &callbacks[11]) != 0
               ? -1
               : 0;
}

/* A tool id that nobody uses; 0 is left to pdb and pydevd, 1 and 2 to coverage and profilers as
 * long as others are free. -1: none. */
static int claim_tool(PyObject *m, const char *name)
{
    static const int order[] = {3, 4, 5, 2, 1};
    for (size_t i = 0; i < CD_ARRAY_LEN(order); i++) {
        pyx_auto PyObject *r = PyObject_CallMethod(m, "use_tool_id", "is", order[i], name);
        if (r != NULL) {
            return order[i];
        }
        pyx_error_drop();
    }
    return -1;
}

static int read_events(PyObject *m)
{
    pyx_auto PyObject *events = PyObject_GetAttrString(m, "events");
    for (size_t i = 0; i < PYX_EVENTS; i++) {
        pyx_auto PyObject *v =
            events != NULL ? PyObject_GetAttrString(events, event_names[i]) : NULL;
        if (v == NULL) {
            return -1;
        }
        mon.bits[i] = PyLong_AsUnsignedLong(v);
    }
    return 0;
}

cd_result pyx_monitor_tools(struct cd_error *reterr)
{
    pyx_auto PyObject *m = PyObject_GetAttrString(PyImport_AddModule("sys"), "monitoring");
    if (m == NULL || read_events(m) != 0) {
        return pyx_error_fetch(reterr, CD_E_PYTHON);
    }
    mon.set_local_events = PyObject_GetAttrString(m, "set_local_events");
    mon.set_events = PyObject_GetAttrString(m, "set_events");
    mon.disable = PyObject_GetAttrString(m, "DISABLE");
    mon.tool = claim_tool(m, "celldap");
    mon.park_tool = claim_tool(m, "celldap-park");
    if (mon.tool < 0 || mon.park_tool < 0) {
        mon.tool = -1;
        return cd_error_set(reterr, CD_E_PYTHON, "no free sys.monitoring tool id for the debugger");
    }
    mon.tool_o = PyLong_FromLong(mon.tool);
    mon.park_tool_o = PyLong_FromLong(mon.park_tool);
    if (mon.tool_o == NULL || mon.park_tool_o == NULL || mon.disable == NULL ||
        mon.set_events == NULL || mon.set_local_events == NULL || register_all(m) != 0) {
        return pyx_error_fetch(reterr, CD_E_PYTHON);
    }
    return CD_OK;
}

void pyx_monitor_tools_done(void)
{
    pyx_auto PyObject *m = PyObject_GetAttrString(PyImport_AddModule("sys"), "monitoring");
    for (int i = 0; m != NULL && i < 2; i++) {
        Py_XDECREF(PyObject_CallMethod(m, "set_events", "ii", i ? mon.park_tool : mon.tool, 0));
        Py_XDECREF(PyObject_CallMethod(m, "free_tool_id", "i", i ? mon.park_tool : mon.tool));
    }
    pyx_error_drop();
    mon.tool = mon.park_tool = -1;
    Py_CLEAR(mon.set_local_events);
    Py_CLEAR(mon.set_events);
    Py_CLEAR(mon.disable);
    Py_CLEAR(mon.tool_o);
    Py_CLEAR(mon.park_tool_o);
}
