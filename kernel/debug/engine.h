/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The seam between the debugger's state machine (kernel/debug, no Python, no ZMQ) and the thing
 * that is debugged (kernel/python, or the fake engine of the unit tests).
 *
 * Threads: the debug thread owns the session. The engine runs the user's code on Python threads; a
 * stopped one waits without the GIL and runs jobs. What the engine has to say comes as notes.
 */
#ifndef DBG_ENGINE_H
#define DBG_ENGINE_H

#include "dap/base/json.h"
#include "dap/base/progress.h"
#include "kernel/debug/hit.h"

#include <stdint.h>

enum engine_note_kind {
    ENGINE_STOPPED, /* body: DAP StoppedEvent body; hitBreakpointIds holds the ids of all owners */
    ENGINE_CONTINUED,  /* a stop ended without a resume of ours (interrupt); body {threadId} */
    ENGINE_BREAKPOINT, /* body: {reason:"changed", breakpoint}; goes to the owner of its id */
    ENGINE_OUTPUT,     /* logpoints and debugger's remarks; body: OutputEvent; owner or 0 = all */
    ENGINE_THREAD,     /* body: ThreadEvent */
    ENGINE_MODULE,     /* something was loaded: loaded_since says what; no body */
    ENGINE_VIEW_OVER,  /* a post-mortem view ended by itself; body {view: number, threadId} */
    ENGINE_JOB_DONE    /* job came back, run or refused */
};

struct dbg_job;
struct cd_texts;

struct engine_note {
    enum engine_note_kind kind;
    int thread_id;        /* 1 is main */
    int owner;            /* client id, 0 = all */
    uint64_t iopub_count; /* contracts.md §6; filled for STOPPED and OUTPUT */
    json_t *body;         /* owned by the note */
    struct cd_texts
        *texts;          /* OUTPUT of a logpoint: one event for each, the body without it; a ref */
    struct dbg_job *job; /* JOB_DONE; owned by the note */
};
void engine_note_free(struct engine_note *n);

/* Implemented by the session's owner. Any thread, with or without the GIL, never blocks. */
struct engine_host {
    void *ctx;
    void (*note)(void *ctx, struct engine_note *note_owned);
    /* Flushes the user's streams to iopub and returns how many iopub messages were sent so far. */
    uint64_t (*output_mark)(void *ctx);
};

/* A unit of work that needs Python. Built on the debug thread, moved to where it runs, moved back
 * by a JOB_DONE note. run() is called with the GIL; it fills response. A job that cannot run any
 * more (the stop ended) comes back with ran == false. */
struct dbg_job {
    void (*run)(struct dbg_job *job);
    bool ran;
    int thread_id;    /* the stop it belongs to, 0 = none */
    uint64_t stop;    /* number of that stop */
    void *route;      /* session's own: who gets the reply */
    json_t *request;  /* owned: the whole DAP request */
    json_t *response; /* owned: what run() made */
    const struct engine_ops *engine;
    void *data; /* session's own */
    void (*free_data)(void *data);
    int64_t deadline_ms;          /* CLOCK_MONOTONIC; session's own */
    struct cd_progress *progress; /* a reference, or NULL: no code of the user's runs in it */
    uint64_t number;
};

/* Frees the job and what it owns; any thread. */
void dbg_job_free(struct dbg_job *job);

enum engine_step_kind { ENGINE_CONTINUE, ENGINE_NEXT, ENGINE_STEP_IN, ENGINE_STEP_OUT };

struct engine_step {
    enum engine_step_kind kind;
    bool single_thread;
    bool just_my_code;
    int target_id; /* stepIn target, 0 = none */
    int owner;     /* client id: whose rules hold */
};

/* What is the user's code in spite of where it lies, or is not. */
struct engine_rule {
    bool is_module; /* else a path */
    bool include;
    char *pattern; /* owned; wildcards * ? [] */
};
/* A SystemExit that is an exception like others: breakOnSystemExit. */
struct engine_exit {
    bool none; /* code None; else a code from..to */
    int64_t from, to;
};
struct engine_rules {
    struct engine_rule *list; /* owned; the first that fits decides */
    size_t count;
    struct engine_exit *exits; /* owned */
    size_t exit_count;
};
void engine_rules_free(struct engine_rules *rules);

/* One breakpoint of a source, in and out. */
struct engine_breakpoint {
    int id;    /* unique in the kernel, kept for an unchanged breakpoint */
    int owner; /* client id */
    int line_1based;
    int column_1based; /* UTF-16 units; 0: the whole line */
    char *condition;   /* owned, NULL = none */
    char *log_message; /* owned, NULL = none */
    struct dbg_hit hit;
    /* filled by the engine */
    bool verified;
    int actual_line; /* 1-based, where it landed; 0 = unknown */
    int column;      /* 1-based, of the place; 0: the whole line */
    int end_line;    /* of the place, 0 = unknown */
    int end_column;
    char reason[12];   /* DAP: Breakpoint.reason "pending" | "failed" | "" */
    char message[200]; /* why it is not verified, what to do */
};
void engine_breakpoints_free(struct engine_breakpoint *b, size_t count);

/* A source is named by the path of its code objects, or by the cell id that they were tagged with.
 */
struct engine_source {
    const char *path;
    const char *cell_id; /* NULL: any code with this path */
};

struct engine_exception_filters {
    bool raised, uncaught, user_unhandled;
    char *raised_condition, *uncaught_condition, *user_unhandled_condition; /* owned or NULL */
};

/* Bodies returned are new, owned by the caller. On failure *ret is untouched, reterr is filled and
 * *ret_extra (may be NULL) may hold more for body (tracebacks). */
struct engine_ops {
    /* ---- debug thread, no GIL, never waits ---- */
    /* Posts to the innermost stop. A job that cannot be taken comes back by a note, ran == false.
     */
    void (*post_stopped)(struct dbg_job *job_owned);
    /* Ends the innermost stop. false: it had ended already. */
    bool (*resume)(int thread_id, const struct engine_step *step);
    /* Stop thread_id (0 or 1: main) as soon as it can; idle: at the first line of the next cell. */
    void (*pause)(int thread_id);
    void (*pause_cancel)(void);
    /* How many debugger clients are there: without one nothing stops. */
    void (*set_attached)(bool attached, bool just_my_code);
    /* KeyboardInterrupt in main; as interp_ops.interrupt. */
    void (*interrupt)(void);
    /* Code of a job runs beyond its limit on this thread: it gets an exception of ours. false:
     * break_off_locked has to do it. */
    bool (*break_off)(unsigned long thread);

    /* ---- on arm, with the GIL ---- */
    void (*break_off_locked)(struct cd_progress *progress);
    /* New array of {event, …}: bodies of module and loadedSource events since it was called last.
     * first: from now on; NULL. */
    json_t *(*loaded_since)(bool first);
    /* Replaces all breakpoints of the source (all owners) and fills each one's result. */
    void (*set_breakpoints)(const struct engine_source *source, struct engine_breakpoint *list,
                            size_t count);
    /* Function breakpoints: the list's condition/hit as above; names[i] is the qualified name. */
    void (*set_function_breakpoints)(char *const *names, struct engine_breakpoint *list,
                                     size_t count);
    void (*set_exception_filters)(const struct engine_exception_filters *f);
    /* Replaces the owner's; takes what rules holds. */
    void (*set_rules)(int owner, struct engine_rules *rules_owned);
    /* The list's condition and hit as above; ids[i] is what data_breakpoint_info gave. */
    void (*set_data_breakpoints)(char *const *ids, struct engine_breakpoint *list, size_t count);
    cd_result (*breakpoint_locations)(const json_t *args, json_t **ret, struct cd_error *reterr);
    /* Keeps the text of a cell and compiles it for its lines; path: its hash file. */
    cd_result (*dump_cell)(const char *code, size_t len, const char *path, struct cd_error *reterr);

    /* ---- on a stopped thread, arm or assist, with the GIL ---- */
    json_t *(*threads)(struct cd_error *reterr); /* ThreadsResponse body */
    cd_result (*stack_trace)(const json_t *args, json_t **ret, struct cd_error *reterr);
    cd_result (*scopes)(const json_t *args, json_t **ret, struct cd_error *reterr);
    cd_result (*variables)(const json_t *args, json_t **ret, struct cd_error *reterr);
    cd_result (*set_variable)(const json_t *args, json_t **ret, struct cd_error *reterr);
    cd_result (*set_expression)(const json_t *args, json_t **ret, struct cd_error *reterr);
    cd_result (*evaluate)(const json_t *args, json_t **ret, json_t **ret_extra,
                          struct cd_error *reterr);
    cd_result (*goto_targets)(const json_t *args, json_t **ret, struct cd_error *reterr);
    cd_result (*go_to)(const json_t *args, json_t **ret, struct cd_error *reterr);
    cd_result (*restart_frame)(const json_t *args, json_t **ret, struct cd_error *reterr);
    cd_result (*step_in_targets)(const json_t *args, json_t **ret, struct cd_error *reterr);
    cd_result (*completions)(const json_t *args, json_t **ret, struct cd_error *reterr);
    cd_result (*data_breakpoint_info)(const json_t *args, json_t **ret, struct cd_error *reterr);
    cd_result (*exception_info)(const json_t *args, json_t **ret, struct cd_error *reterr);
    cd_result (*source)(const json_t *args, json_t **ret, struct cd_error *reterr);
    /* Runs a cell's code inside the stop. Body: the content of its execute_reply. */
    cd_result (*run_cell)(const json_t *args, json_t **ret, struct cd_error *reterr);
    /* Shows the frames of the exception that ended the last cell until the next run or stop, or
     * until post_mortem_end. Body: a StoppedEvent's, and `view`, its number. On assist. */
    cd_result (*post_mortem)(json_t **ret, struct cd_error *reterr);
    void (*post_mortem_end)(void);
    cd_result (*modules)(const json_t *args, json_t **ret, struct cd_error *reterr);
    cd_result (*loaded_sources)(const json_t *args, json_t **ret, struct cd_error *reterr);
    cd_result (*locations)(const json_t *args, json_t **ret, struct cd_error *reterr);
    cd_result (*read_memory)(const json_t *args, json_t **ret, struct cd_error *reterr);
    cd_result (*write_memory)(const json_t *args, json_t **ret, struct cd_error *reterr);
    cd_result (*inspect_variables)(json_t **ret, struct cd_error *reterr);
    cd_result (*rich_inspect_variables)(const json_t *args, json_t **ret, struct cd_error *reterr);
    cd_result (*copy_to_globals)(const json_t *args, json_t **ret, struct cd_error *reterr);
};

/* The one engine of this process. host is borrowed for the life of the process. */
const struct engine_ops *pyx_engine_ops(const struct engine_host *host);

#endif
