/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The control half of the engine among its own files: code table, breakpoints, steps, stops,
 * parking. Everything here needs the GIL unless it says otherwise, and the tables belong to it.
 */
#ifndef PYX_CONTROL_H
#define PYX_CONTROL_H

#include "kernel/python/engine.h"

#include <signal.h>

/* ---- ptrmap.c: open addressing, pointer → pointer ---- */
struct pyx_ptrmap {
    struct pyx_ptrslot {
        void *key;
        void *value;
    } *slots;
    size_t cap; /* power of two, 0 before the first put */
    size_t used;
    size_t graves;
};
/* true when there; *ret (may be NULL) is its value. */
bool pyx_ptrmap_get(const struct pyx_ptrmap *m, const void *key, void **ret);
bool pyx_ptrmap_put(struct pyx_ptrmap *m, void *key, void *value); /* false: out of memory */
void pyx_ptrmap_remove(struct pyx_ptrmap *m, const void *key);
void pyx_ptrmap_done(struct pyx_ptrmap *m);

/* ---- code_table.c: every code object that lives, found by PyCode_AddWatcher ---- */
struct pyx_bp;

struct pyx_line_bp {
    int line;
    int offset; /* of the instruction that its place begins with; -1: all of the line */
    struct pyx_bp *bp;
};

/* What is known of a code object that is tagged, armed or run by us; others have no entry. */
struct pyx_code {
    PyCodeObject *code; /* borrowed: the watcher removes the entry when it dies */
    PyObject *cell_id;  /* strong str or NULL */
    bool root;          /* the module code of a cell or script: nothing below its frame is shown */
    bool known_kind;
    enum pyx_code_kind kind;
    bool for_step;           /* LINE, PY_RETURN … armed for the present step */
    unsigned events;         /* local events set now */
    int start_line;          /* pyx_start_line, where it holds breakpoints or a step */
    struct pyx_line_bp *bps; /* sorted by line */
    size_t bp_count;
    bool has_places; /* some of bps have an offset */
    bool data_next;  /* a watched variable was stored: the next instruction stops */
    bool data_local; /* may store a watched variable of a frame */
    bool data_lines; /* its lines look at watched variables */
};
cd_result pyx_code_table_start(struct cd_error *reterr);
void pyx_code_table_stop(void);
struct pyx_code *pyx_code_find(PyCodeObject *code);  /* NULL: no entry */
struct pyx_code *pyx_code_entry(PyCodeObject *code); /* makes one; NULL: out of memory */
/* fn for every code object that lives; fn must not create or drop code. */
void pyx_code_each(void (*fn)(PyCodeObject *code, void *arg), void *arg);
bool pyx_code_is_root(PyCodeObject *code);

/* ---- code_names.c ---- */
bool pyx_code_in_file(const char *path, const char *real_path, const char *name);
/* want: "qualname" or "module.qualname". */
bool pyx_code_has_name(PyCodeObject *code, const char *want);

/* ---- lines.c: which lines of a code object can stop ---- */
struct pyx_code_lines {
    int first, last; /* span of lines, of its own and of nested code */
    int *lines;      /* sorted, unique: its own */
    size_t count;
};
/* Fills *ret (caller: pyx_code_lines_done); -1: exception set. */
int pyx_code_lines_get(PyCodeObject *code, struct pyx_code_lines *ret);
void pyx_code_lines_done(struct pyx_code_lines *l);
bool pyx_code_lines_has(const struct pyx_code_lines *l, int line);
/* The line where a breakpoint asked for on `line` lands in the text that `root` was compiled from,
 * 0 = nowhere (past the end). -1: exception set. */
int pyx_lines_resolve(PyCodeObject *root, int line);
/* First line of a function's body that can stop, 0 = none. */
int pyx_lines_first(PyCodeObject *code);

/* ---- line_sources.c ---- */
/* Code compiled from what is at path (cell, file, member of a zip file), for its lines; cached by
 * text or mtime. New reference; NULL with *reterr filled when the source cannot be had. */
PyObject *pyx_lines_root(const char *path, struct cd_error *reterr);
/* What that was compiled from: new str or bytes. *ret_written: a cell's text as the user wrote it,
 * new, else untouched. */
PyObject *pyx_lines_source(const char *path, PyObject **ret_written, struct cd_error *reterr);

/* ---- columns.c ---- */
/* UTF-16 units in the first `bytes` bytes of a line of a cell or a file; bytes where the text is
 * not known. */
int pyx_utf16_units(PyObject *filename, int line, int bytes);

/* ---- places.c: places inside of lines ---- */
struct pyx_place {
    int line, column, end_line, end_column; /* of the text: columns are UTF-16 units from 1 */
    int position[4]; /* of the instruction it begins with, as in co_positions() */
    int opcode;      /* of that instruction */
};
/* Sorted; *ret is the caller's. only: the lines of interest (a list of int), or NULL. */
cd_result pyx_places_find(const char *path, int first, int last, PyObject *only,
                          struct pyx_place **ret, size_t *ret_count, struct cd_error *reterr)
    CD_MUST_CHECK;
/* The one that holds the column, else the next, else the last of the line. NULL: it has none. */
const struct pyx_place *pyx_place_pick(const struct pyx_place *list, size_t count, int line,
                                       int column);
/* Where it begins in a code object: a finally clause is compiled twice. How many (at most max). */
size_t pyx_place_offsets(PyCodeObject *code, const struct pyx_place *p, int *ret, size_t max);
/* First line of the statement that goes over this line and began above it; 0: none. */
int pyx_place_statement(const char *path, int line);
cd_result pyx_breakpoint_locations(const json_t *args, json_t **ret, struct cd_error *reterr);

/* ---- jumps.c ---- */
void pyx_jumps_opcode(const char *name, int number); /* at start, for each opcode */
/* A backward jump that stays on its line: true for a loop's, false for a comprehension's. */
bool pyx_jump_is_loop(PyCodeObject *code, int from, int to);
int pyx_prologue_end(PyCodeObject *code);
/* The line of a function whose body begins on its `def` line, else 0: LINE needs PY_START there. */
int pyx_start_line(PyCodeObject *code);

/* ---- expr.c: conditions and log messages, compiled once ---- */
struct pyx_expr;
void pyx_expr_free(struct pyx_expr *e);
struct pyx_expr *pyx_expr_new(const char *text, struct cd_error *reterr);
/* Value in that frame: new reference or NULL with an exception. */
PyObject *pyx_expr_eval(struct pyx_expr *e, PyFrameObject *frame, PyCodeObject *code);
struct pyx_log;
void pyx_log_free(struct pyx_log *l);
struct pyx_log *pyx_log_new(const char *template_text, struct cd_error *reterr);
/* Appends its text for this hit. */
cd_result pyx_log_write(struct pyx_log *l, PyFrameObject *frame, PyCodeObject *code,
                        struct cd_buf *out);
/* Sends a text that a breakpoint logs (log_batch.c), and ends what is open before another note. */
void pyx_log_say(const struct pyx_bp *bp, PyFrameObject *frame, PyCodeObject *code,
                 const char *text, size_t len);
void pyx_log_close(void);
/* An OutputEvent's body at the frame's line; text: a str, or NULL: to be filled in later. */
json_t *pyx_output_body(PyFrameObject *frame, const char *category, PyObject *text);

/* ---- breakpoints.c ---- */
struct pyx_bp {
    int refs;            /* a condition runs code, and meanwhile the list may be set anew */
    int id, owner, line; /* line: where it landed */
    bool is_function;
    struct pyx_place place; /* line 0: it stands on the whole line */
    int64_t hits;
    struct dbg_hit hit;
    struct pyx_expr *condition;
    struct pyx_log *log;
    bool error_told;
    char *condition_text, *log_text;
};
/* Puts the breakpoints that apply to a new code object on it. */
void pyx_breakpoints_bind(PyCodeObject *code);
/* Takes all off their code objects, before some are freed; then puts all that there are on them. */
void pyx_breakpoints_unbind(void);
void pyx_breakpoints_rebind(void);
/* Is there a breakpoint on this line (0: none is meant) or at this instruction (-1: none)? */
bool pyx_breakpoints_at(const struct pyx_code *entry, int line, int offset);
/* It is reached. Fills ids (at most max) of those that stop; logs the rest. */
size_t pyx_breakpoints_hit(struct pyx_code *entry, int line, int offset, PyFrameObject *frame,
                           int *ret_ids, size_t max, bool *ret_function);
/* Condition and hit count: does this pass stop (or log)? The caller holds a reference. */
bool pyx_bp_counts(struct pyx_bp *bp, PyFrameObject *frame, PyCodeObject *code);
bool pyx_breakpoints_any(void);
void pyx_set_breakpoints(const struct engine_source *source, struct engine_breakpoint *list,
                         size_t count);

/* ---- function_breakpoints.c ---- */
bool pyx_functions_any(void);
void pyx_functions_bind(PyCodeObject *code);
void pyx_set_function_breakpoints(char *const *names, struct engine_breakpoint *list, size_t count);

/* ---- breakpoint_make.c ---- */
void pyx_bp_free(struct pyx_bp *b); /* lets go of one reference */
/* NULL: *out says why. The hits of an unchanged one (old) go on. */
struct pyx_bp *pyx_bp_new(struct engine_breakpoint *out, const struct pyx_bp *old);
void pyx_bp_fail(struct engine_breakpoint *out, const char *reason, const char *message);
/* Onto a line of a code object, or onto one place of it. */
void pyx_bp_put(struct pyx_code *entry, int line, int offset, struct pyx_bp *bp);

/* ---- data_breakpoints.c data_compare.c: watched variables (data.h) ---- */
cd_result pyx_data_breakpoint_info(const json_t *args, json_t **ret, struct cd_error *reterr);
void pyx_set_data_breakpoints(char *const *ids, struct engine_breakpoint *list, size_t count);
/* A line, an instruction or a return of code that is looked at: ids of the breakpoints whose
 * variable changed; text says from what to what. */
size_t pyx_data_hits(PyFrameObject *frame, struct pyx_code *entry, int *ret_ids, size_t max,
                     struct cd_buf *text);
/* Stops the calling code where it is, if a watched variable changed. -1: an exception is set. */
int pyx_data_stop(PyFrameObject *frame, PyCodeObject *code);
int pyx_data_at_return(PyCodeObject *code); /* the same, at the end of its frame */
void pyx_data_frame_ended(PyFrameObject *frame);
#define PYX_DATA_STOP "Paused on a data breakpoint"
bool pyx_data_everywhere(void);         /* new code is looked at too */
void pyx_data_bind(PyCodeObject *code); /* it is new */
unsigned pyx_data_events(void);         /* global events */
#define PYX_DATA_TEXT 2000              /* bytes of that text */

/* ---- monitor.c: sys.monitoring ---- */
/* Our own bits; the interpreter's numbers differ between minors and are read at start. */
enum pyx_event {
    PYX_EV_START = 1 << 0,
    PYX_EV_RESUME = 1 << 1,
    PYX_EV_RETURN = 1 << 2,
    PYX_EV_YIELD = 1 << 3,
    PYX_EV_LINE = 1 << 4,
    PYX_EV_JUMP = 1 << 5,
    PYX_EV_RAISE = 1 << 6,
    PYX_EV_UNWIND = 1 << 7,
    PYX_EV_INSTRUCTION = 1 << 8,
    PYX_EV_RERAISE = 1 << 9
};
#define PYX_EVENTS   10
#define PYX_MAX_HITS 64 /* breakpoints that one stop names */
/* sys.monitoring.DISABLE, borrowed. */
PyObject *pyx_monitor_disable(void);
/* Local events of our breakpoint tool; rearm: locations that were DISABLEd fire again. */
void pyx_monitor_local(struct pyx_code *entry, unsigned events, bool rearm);
cd_result pyx_monitor_tools(struct cd_error *reterr); /* claims two tool ids, registers callbacks */
void pyx_monitor_tools_done(void);
/* Global events of the breakpoint tool: what the present step needs, and the exception filters. */
void pyx_monitor_global(void);
/* Global events of the park tool. */
void pyx_monitor_park(bool on);
/* What the local events of an entry should be: breakpoints and step together. */
void pyx_monitor_refresh(struct pyx_code *entry, bool rearm);

/* ---- instruction.c ---- */
/* METH_FASTCALL callback of INSTRUCTION. */
PyObject *pyx_on_instruction(PyObject *self, PyObject *const *args, Py_ssize_t nargs);
/* A LINE event dealt with the instruction where the frame is: its INSTRUCTION event follows. */
void pyx_instruction_told(PyFrameObject *frame);

/* ---- step.c ---- */
void pyx_step_begin(const struct engine_step *step, PyFrameObject *frame, PyThreadState *tstate);
void pyx_step_clear(void);
/* The next root code that is compiled stops at its first line. */
void pyx_step_first_line(const char *reason);
void pyx_step_run_ended(void);
void pyx_step_root_compiled(struct pyx_code *entry);
unsigned pyx_step_events(void);       /* global events that the present step needs */
unsigned pyx_step_local_events(void); /* events of code that is armed for the step */
/* true: stop here; *ret_reason is the stop's reason. */
bool pyx_step_line(PyFrameObject *frame, PyThreadState *tstate, const char **ret_reason);
void pyx_step_start(PyCodeObject *code, PyThreadState *tstate);
/* The frame that is to be shown where a step ends at a return, borrowed; NULL: go on. */
PyFrameObject *pyx_step_return(PyFrameObject *frame, PyThreadState *tstate, bool yielded);
void pyx_step_unwind(PyFrameObject *frame, PyThreadState *tstate);

/* ---- stop.c ---- */
enum pyx_stop_place {
    PYX_AT_LINE,  /* LINE callback: an exception may be raised from here */
    PYX_AT_EVENT, /* any other callback: exceptions only by tripping SIGINT */
    PYX_AT_SIGNAL /* a Python signal handler: exceptions are raised as they are */
};
struct pyx_stop_request {
    const char *reason;      /* DAP StoppedEvent.reason */
    const char *description; /* or NULL */
    PyObject *frame;         /* borrowed */
    PyObject *exception;     /* borrowed or NULL */
    PyObject *traceback;     /* borrowed or NULL: the frames are over, these are they */
    const char *break_mode;
    PyObject *return_value, *return_name; /* borrowed or NULL */
    const char *text;                     /* or NULL: what there is to say besides */
    const int *hit_ids;
    size_t hit_count;
    enum pyx_stop_place place;
};
/* Stops the calling thread until it is resumed. 0: go on; -1: an exception is set, to be raised. */
int pyx_stop_here(const struct pyx_stop_request *req);
bool pyx_stop_is_mine(void); /* the calling thread is the one that is stopped */
void pyx_post_stopped(struct dbg_job *job_owned);               /* no GIL */
bool pyx_resume(int thread_id, const struct engine_step *step); /* no GIL */
bool pyx_job_is_slow(void);                                     /* no GIL */
void pyx_note(enum engine_note_kind kind, int owner, json_t *body_owned);

/* A number for a stop, or for what is shown like one. */
uint64_t pyx_stop_number_next(void);

/* ---- post_mortem.c ---- */
/* An exception ended a cell: kept until the next run. */
void pyx_post_mortem_keep(PyObject *exception);
cd_result pyx_post_mortem(json_t **ret, struct cd_error *reterr);
/* The view ends by itself (a real stop, a run): the session is told. */
void pyx_post_mortem_close(void);

/* ---- live_edit.c ---- */
cd_result pyx_run_cell(const json_t *args, json_t **ret, struct cd_error *reterr);

/* ---- rules.c ---- */
void pyx_set_rules(int owner, struct engine_rules *rules_owned);
/* Is the frame's code what a step of this client stops in? owner 0: any client's rules. */
bool pyx_rules_want(int owner, bool just_my_code, PyFrameObject *frame);
bool pyx_rules_want_exit(PyObject *exception); /* did a client ask for this SystemExit? */

/* ---- park.c ---- */
/* Has the calling thread to wait: another one is stopped, or runs alone? */
bool pyx_park_wanted(void);
/* Nobody runs alone any more. No GIL needed. */
void pyx_park_release(void);
void pyx_park_run_ended(void);
PyObject *pyx_on_park_line(PyObject *self, PyObject *const *args, Py_ssize_t nargs);
PyObject *pyx_on_park(PyObject *self, PyObject *const *args, Py_ssize_t nargs);
void pyx_park_begin(void); /* a stop begins: others wait at their next event */
/* alone: the thread that goes on while the others still wait; NULL: all do, as they do when there
 * was a release since releases_before was read. */
void pyx_park_end(PyThreadState *alone, unsigned releases_before);
unsigned pyx_park_releases(void); /* no GIL */
/* The calling thread waits while another one is stopped; not strict: also goes on while a job there
 * takes long. -1: an exception is set (main only). */
int pyx_park_here(enum pyx_stop_place place, bool strict);

/* ---- jump.c, step_targets.c: slots of the engine ---- */
/* true once: this LINE event is the one that a jump brought. */
bool pyx_jump_landed(PyFrameObject *frame, int line);
void pyx_targets_opcode(const char *name, int number); /* at start, for each opcode */
cd_result pyx_goto_targets(const json_t *args, json_t **ret, struct cd_error *reterr);
cd_result pyx_goto(const json_t *args, json_t **ret, struct cd_error *reterr);
cd_result pyx_restart_frame(const json_t *args, json_t **ret, struct cd_error *reterr);
cd_result pyx_step_in_targets(const json_t *args, json_t **ret, struct cd_error *reterr);
/* What PyFrame_GetLasti says of the frame while it waits for the target's call; -1: no target. */
int pyx_target_lasti(PyFrameObject *frame, int64_t target_id);

/* ---- raise.c ---- */
cd_result pyx_raise_start(struct cd_error *reterr);
/* KeyboardInterrupt (or what a signal handler raised) out of a stop: raised where that is safe,
 * else tripped again. The exception is set; returns -1 to raise it, 0 when it was tripped. */
int pyx_raise_from(enum pyx_stop_place place, PyFrameObject *frame);

/* ---- exceptions: filters.c, uncaught in celldap/uncaught.py ---- */
void pyx_set_exception_filters(const struct engine_exception_filters *f);
/* verdicts.c: 1: a frame is known to catch it, *ret_leaves_user: behind one of a library's (NULL:
 * not asked); -1: not known. */
int pyx_verdict(PyFrameObject *frame, PyObject *exception, int offset, bool *ret_leaves_user);
/* It is known to be caught by the frame that raises it. */
bool pyx_caught_here(PyCodeObject *code, PyObject *exception, int offset);
void pyx_verdicts_forget(void);
/* offset: of the instruction that raises. again: it was caught, or its handler runs out. */
int pyx_on_raise(PyCodeObject *code, PyObject *exception, int offset, bool again);
unsigned pyx_exception_events(void);
void pyx_exceptions_forget(void); /* a run ended */
/* Is the frame inside a cell, a task, a program or a thread of the user's, not in what runs those?
 */
bool pyx_in_run(PyFrameObject *frame);

/* ---- limit.c ---- */
bool pyx_break_off(unsigned long thread); /* no GIL */
void pyx_break_off_locked(struct cd_progress *progress);
/* The pause signal on main: -1 with an exception where it is meant for the job that runs there. */
int pyx_on_break_signal(void);

/* ---- loaded.c ---- */
void pyx_loaded_code(PyCodeObject *code); /* a code object was made */
json_t *pyx_loaded_since(bool first);     /* see engine.h */

/* ---- pause.c ---- */
/* The calling thread's run began in that stop: it does not wait for its end. */
bool pyx_run_began_in_stop(uint64_t number);
#define PYX_PAUSE_REASON "pause"
void pyx_pause(int thread_id); /* no GIL, as the next three */
void pyx_pause_cancel(void);
bool pyx_pause_take(void);  /* true: a pause was wanted. It is not any more */
void pyx_pause_again(void); /* at the end of a stop: a signal that came in it found nothing */
cd_result pyx_breakpoint_start(struct cd_error *reterr); /* sets sys.breakpointhook */

/* ---- thread_events.c ---- */
extern PyCodeObject *pyx_thread_code; /* what runs at the bottom of each thread, or NULL */
void pyx_thread_began(void);
void pyx_thread_ended(void);

/* ---- thread_numbers.c ---- */
bool pyx_thread_is_ours(void); /* the calling thread; no GIL needed */
bool pyx_thread_others(void);  /* are there user threads besides the calling one? */

/* ---- control.c ---- */
extern struct pyx_control {
    const struct engine_host *host;
    volatile bool attached; /* written by the debug thread, read anywhere */
    volatile bool just_my_code;
    volatile bool forked; /* in a forked child: the engine is off */
} pyx_control;
/* Sets the calling thread's quiet depth (a stop in a job starts afresh); returns what it was. */
int pyx_quiet_set(int depth);
/* Nothing may stop here now: a thread of ours, our own job, a forked child, nobody attached. */
bool pyx_control_deaf(void);
/* fork.c: in a forked child, at a line of code. True: it has a breakpoint there, and now a debugger
 * that waits for it. */
bool pyx_fork_wakes(PyCodeObject *code, int line);
/* Each forgets what belonged to threads that the fork left behind. */
void pyx_stops_after_fork(void);
void pyx_park_after_fork(void);
void pyx_threads_after_fork(void);
void pyx_control_after_fork(void);

#endif
