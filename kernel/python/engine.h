/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What the parts of the engine inside kernel/python know of each other. Everything here needs the
 * GIL unless it says otherwise.
 *
 *   control (monitor.c arm.c step.c stop.c …)     when to stop, where to go on
 *   inspection (frames.c variables.c evaluate.c …) what is there while stopped
 *   interpreter (interp.c execute.c streams.c …)   running cells
 */
#ifndef PYX_ENGINE_H
#define PYX_ENGINE_H

#include "kernel/debug/engine.h"
#include "kernel/interp_ops.h"
#include "kernel/python/ref.h"

/* ---- control, for inspection ---- */

/* One stop. Stops nest (a breakpoint hit by an evaluation); the innermost is current. */
struct pyx_stop {
    struct pyx_stop *outer;
    uint64_t number;        /* counts up over the life of the process */
    int thread_id;          /* as threads() lists it; 1 is main */
    PyThreadState *tstate;  /* of the stopped thread */
    PyObject *frame;        /* strong: the innermost frame to show (PyFrameObject) */
    PyObject *exception;    /* strong: the exception of an exception stop, else NULL */
    PyObject *traceback;    /* strong: its frames are over, these are they; else NULL */
    const char *break_mode; /* DAP ExceptionBreakMode of an exception stop */
    PyObject *return_value; /* strong: what the frame that was stepped out of returned, else NULL */
    PyObject *return_name;  /* strong: name of that function */
    bool in_callback;       /* entered from a monitoring callback (else: from a signal) */
    bool at_line;           /* the callback is a LINE event's: the frame can be moved */
};
/* The innermost stop, or NULL. */
struct pyx_stop *pyx_stop_current(void);
/* What inspection shows: the innermost stop, else an open post-mortem view, or NULL. */
struct pyx_stop *pyx_stop_shown(void);

/* A number for a Python thread that stays the same for its life; main is 1. 0: a thread of ours,
 * that is never shown. */
int pyx_thread_number(PyThreadState *tstate);
/* Borrowed thread state of a number, NULL when it ended. */
PyThreadState *pyx_thread_state(int number);
/* threading's object of a thread: new, NULL without an exception where it has none. */
PyObject *pyx_thread_object(unsigned long ident) CD_NEEDS_GIL;
/* Registers the calling thread as ours (arm, assist). */
void pyx_thread_mark_ours(void);

/* Breakpoints and steps work inside user code that fn runs (evaluations); must be called on the
 * stopped thread, in a job. */
PyObject *pyx_call_traced(PyObject *(*fn)(void *arg), void *arg);
/* true while a job of ours runs that user code must not stop in (variables, reprs). */
void pyx_quiet_enter(void);
void pyx_quiet_leave(void);

/* Whose code is it? Ours is never shown nor stepped into; user code is what justMyCode leaves. */
enum pyx_code_kind { PYX_CODE_USER, PYX_CODE_LIBRARY, PYX_CODE_OURS };
enum pyx_code_kind pyx_code_kind(PyCodeObject *code);

/* ---- interpreter, for control and inspection ---- */

/* Counts what Python code printed or published: what is said in between goes between. */
extern uint64_t pyx_printed;

/* The user's namespace (globals of cells), borrowed. */
PyObject *pyx_user_ns(void);
/* Borrowed str: the text of a cell by its hash file, or NULL. Cells are kept as executed or dumped.
 */
PyObject *pyx_cell_text(PyObject *path);
/* {path: text} of all cells, the oldest first: new, NULL without an exception. */
PyObject *pyx_cell_texts(void);
/* Keeps a cell's text; cell_id and execution_count as known, else NULL and 0. */
cd_result pyx_cell_keep(PyObject *path, PyObject *text, const char *cell_id, int execution_count,
                        struct cd_error *reterr);
/* "Cell In[3]", or NULL where path is no cell. New reference. */
PyObject *pyx_cell_title(PyObject *path);
/* Compiles a cell's raw text as it would be executed (magics transformed, line count kept), for its
 * lines only. New reference to a code object (flags allow top-level await), or NULL with an
 * exception. */
PyObject *pyx_cell_compile(PyObject *text, PyObject *path);

/* ---- control, for the interpreter ---- */

/* After Python started, before any user code. */
cd_result pyx_monitor_start(struct cd_error *reterr);
void pyx_monitor_stop(void);
/* The cell id of what is typed into the bridge's debug console. */
#define PYX_CONSOLE_CELL "celldap/console"
/* Every code object of a cell, before its first line runs; walks co_consts. cell_id may be NULL. */
void pyx_code_compiled(PyCodeObject *code, const char *cell_id);
/* _celldap.is_root(code) */
PyObject *pyx_py_is_root(PyObject *self, PyObject *code);
/* Main and subshells, once: only what they run waits while another thread is stopped. */
void pyx_thread_takes_requests(void);
/* Around each execution on main: a pause armed while idle stops at the first line; the frames below
 * a cell's module frame are not shown. */
void pyx_run_begin(void);
void pyx_run_end(void);
/* The RT signal's Python handler calls this on main, between two bytecodes. -1: an exception is
 * set. */
int pyx_on_pause_signal(void);
/* An error ends the cell (IPython caught it): exception with its traceback. Called on main before
 * the reply is built; stops there when the uncaught filter wants a post-mortem view. */
void pyx_on_cell_error(PyObject *exception, bool of_cell);
/* A cell or a file is going to run: what the last one failed with is let go. */
void pyx_post_mortem_forget(void);
/* The main thread's id, for pthread_kill; valid after pyx_monitor_start. No GIL. */
unsigned long pyx_main_thread(void);
#define PYX_PAUSE_SIGNAL (SIGRTMIN + 3)
#define PYX_NUDGE_SIGNAL (SIGRTMIN + 4) /* does nothing: it only ends a system call */

/* A cell's text was kept that was not known: clients are told of new sources. */
void pyx_loaded_hint(void);

/* ---- inspection, for control ---- */

/* Fills the slots stack_trace … copy_to_globals, threads. */
void pyx_inspect_fill(struct engine_ops *ops);
/* Short text of a value for messages ("repr", cut at max bytes), never raises. New reference. */
PyObject *pyx_short_repr(PyObject *value, size_t max_bytes);
/* The stop ends: every object that was shown is let go (refs stay as paths). */
void pyx_inspect_release(void);
/* DAP Source of a code object's file name: new json, NULL on OOM. */
json_t *pyx_source_json(PyObject *filename);

#endif
