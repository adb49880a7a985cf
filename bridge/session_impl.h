/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Inside of a session: its state, and what its parts may ask of each other. Included by the
 * session's own files only (session*.c, request.c, start.c, end.c, …, requests/).
 */
#ifndef BRIDGE_SESSION_IMPL_H
#define BRIDGE_SESSION_IMPL_H

#include "bridge/breakpoints.h"
#include "bridge/exec.h"
#include "bridge/foreign.h"
#include "bridge/kernel_client.h"
#include "bridge/kernel_process.h"
#include "bridge/launch_config.h"
#include "bridge/notebook/cells.h"
#include "bridge/notebook/outputs.h"
#include "bridge/outbox.h"
#include "bridge/request.h"
#include "bridge/reverse.h"
#include "bridge/rooms/rooms.h"
#include "bridge/session.h"

enum bridge_kernel_state {
    BRIDGE_KERNEL_NONE,
    BRIDGE_KERNEL_STARTING, /* until breakpoints are in place */
    BRIDGE_KERNEL_READY,
    BRIDGE_KERNEL_ENDING, /* told to end, or killed */
};

/* What the client said of itself in initialize. */
struct bridge_client_facts {
    bool lines_at_0, columns_at_0;
    bool ansi, progress, start_debugging, run_in_terminal;
    bool memory, invalidated; /* events that it can take */
    bool celldap;             /* declared: contracts.md §9 */
    bool cell_output, cell_state, input;
    json_t *arguments; /* owned: all of them, the kernel gets what concerns it */
};

struct bridge_session {
    struct bridge_session_config config;
    struct bridge_transport *transport;
    struct bridge_outbox *outbox;
    struct bridge_request *open;
    unsigned open_count;          /* of them */
    struct bridge_pending *asked; /* reverse.c */
    struct bridge_client_facts client;
    bool initialized; /* initialize was answered */

    struct bridge_launch *launch;          /* NULL before launch */
    struct bridge_request *launch_request; /* launch or restart, not answered yet */
    bool configured;                       /* configurationDone came */
    bool launched;                         /* launch was answered with success */

    struct bridge_notebook *notebook;
    struct bridge_cells *cells;
    struct bridge_breakpoints *breakpoints;
    json_t *exception_arguments; /* last setExceptionBreakpoints; owned, may be NULL */
    json_t *told_sources;        /* of loadedSource events; owned, may be NULL */

    enum bridge_kernel_state kernel_state;
    char *folder;
    char *cell_folder; /* the kernel's, NULL: not known; it removes it itself unless it is killed */
    struct bridge_process *process;
    struct bridge_room *room; /* of our kernel or of the one attached to, in serve; or NULL */
    struct bridge_client *kernel;
    struct bridge_remote *remote;   /* the server that the kernel is behind; NULL: none */
    uv_timer_t resync_timer;        /* while the server may drop what it tells */
    int idle_looks;                 /* at a kernel that runs nothing, while we wait for it */
    struct bridge_foreign *foreign; /* NULL: it is celldap's */
    bool withdrawn[DAP_CMD_COUNT];  /* what this kernel lacks */
    int kernel_pid;                 /* as it says; 0: not known */
    uv_timer_t link_timer;          /* patience with a kernel that cannot be reached */
    bool debugging;                 /* the kernel's debugger is attached */
    int sync_open;                  /* answers that the start still waits for */
    int figures;                    /* written so far */
    uv_timer_t start_timer;         /* patience of foreign_start.c */
    uv_timer_t slow_timer;          /* slow start: progress */
    char progress_id[32];           /* "" when no progress is shown */
    int progress_count;

    struct bridge_exec_queue exec;
    struct bridge_outputs
        *outputs;       /* of the notebook's cells, for saveOutputs; NULL: no notebook */
    char *input_prompt; /* NULL: no input() waits */
    bool input_password;

    unsigned stop_count; /* `stopped` events so far */
    int stops;           /* nested stops that the client has seen and not resumed */
    int evaluations;     /* evaluate requests at the kernel: a stop during one nests */
    bool view;           /* what the client sees is a post-mortem view: nothing is stopped */
    bool entry_stop;     /* the next stop is the one that stopOnEntry asked for */

    uv_timer_t end_timer;                      /* patience with an ending kernel */
    struct bridge_request *disconnect_request; /* answered when the kernel is gone */
    bool restarting, rerun; /* a new kernel follows the one that ends; run everything again */
    bool terminating;       /* terminate was asked for */
    bool leaving;           /* the kernel's debugger was told so; its answer is not here */
    bool over;              /* client gone or disconnected: done follows */
    bool ended;             /* terminated was sent */
    bool done_told;
    int exit_code; /* of the program, where known */
    bool exit_known;
    int status;      /* of config.done */
    uv_async_t lost; /* the client cannot be written to any more */
    int open_handles;
    bool freed;
};

/* session.c */
enum dap_state bridge_state(const struct bridge_session *s);
/* Converts lines and columns for the client; the outbox counts seq. Takes message_owned. */
void bridge_send(struct bridge_session *s, json_t *message_owned);
/* ret_seq: as in bridge_outbox_send. */
void bridge_send_counted(struct bridge_session *s, json_t *message_owned, int64_t *ret_seq);
void bridge_event(struct bridge_session *s, const char *event, json_t *body_owned);
/* output event; text of any bytes. category as in DAP. */
void bridge_output(struct bridge_session *s, const char *category, const char *text, size_t len);
void bridge_say(struct bridge_session *s, const char *category, const char *format, ...)
    CD_PRINTF(3, 4);
void bridge_finish(struct bridge_session *s); /* closes the transport and tells done */

/* start.c: kernel from nothing to ready */
void bridge_start(struct bridge_session *s);
void bridge_start_failed(struct bridge_session *s, const struct cd_error *err);
/* A start that takes long is shown as progress; progressEnd, where it was. */
void bridge_progress_begin(struct bridge_session *s);
void bridge_progress_end(struct bridge_session *s);
/* Answers launch and runs, once ready and configured. */
void bridge_maybe_run(struct bridge_session *s);
/* sync.c: attaches the debugger and brings cells and breakpoints; then bridge_ready */
void bridge_sync(struct bridge_session *s);
/* The steps of it, for foreign_start.c. A step succeeded; else the start has failed. */
bool bridge_sync_good(struct bridge_session *s, const char *what, const json_t *response,
                      const struct cd_error *err);
json_t *bridge_sync_initialize_arguments(const struct bridge_session *s); /* new */
json_t *bridge_sync_attach_arguments(const struct bridge_session *s);     /* new */
void bridge_sync_cells(struct bridge_session *s); /* the debugger is attached */
/* One of session->sync_open is answered. */
void bridge_sync_answered(struct bridge_session *s);
void bridge_ready(struct bridge_session *s);
/* Loads launch->program as the session's notebook. */
cd_result bridge_load_notebook(struct bridge_session *s, struct cd_error *reterr) CD_MUST_CHECK;
/* The kernel's first word: see bridge_client_start; ctx is the session. */
void bridge_on_kernel_info(void *ctx, const struct wire_msg *reply, const struct cd_error *err);

/* attach.c: a kernel that is not ours */
static inline bool bridge_is_attach(const struct bridge_session *s)
{
    return s->launch && s->launch->kind == BRIDGE_ATTACH;
}
void bridge_attach(struct bridge_session *s);
/* What the client of such a kernel tells. */
struct bridge_client_events bridge_attach_events(struct bridge_session *s);
/* disconnect, if it was asked for: answers and ends the session. */
void bridge_answer_disconnect(struct bridge_session *s);
/* Opens session->kernel for a kernel that lives on without us. */
cd_result bridge_reach(struct bridge_session *s, const struct wire_connection *connection,
                       struct cd_error *reterr) CD_MUST_CHECK;
/* kernel_info of a kernel that runs; then bridge_on_kernel_info. */
void bridge_first_word(struct bridge_session *s);
/* The kernel lives on. req is answered when it knows. */
void bridge_detach(struct bridge_request *req);
/* Tells the kernel's debugger that we go, so that what is stopped runs on. Nothing of the session
 * may end before it has answered: a message that is still on its way is lost with the process. */
void bridge_leave(struct bridge_session *s, json_t *arguments_owned);

/* attach_remote.c: one behind a server */
cd_result bridge_attach_remote(struct bridge_session *s, struct cd_error *reterr) CD_MUST_CHECK;
/* iopub may have lost messages: whether the program is stopped is asked for, once or (goes_on)
 * until it stops or bridge_gap_over says that the cell is through. */
void bridge_on_gap(void *ctx, bool goes_on);
void bridge_gap_over(struct bridge_session *s, const struct wire_msg *idle);
/* By the server. */
void bridge_remote_interrupt(struct bridge_session *s);
void bridge_remote_restart(struct bridge_session *s);
/* The kernel is ours and disconnect wants its end: true, and disconnect is answered after it. */
bool bridge_remote_end(struct bridge_session *s);
/* room_session.c: kernels of celldap serve */
static inline bool bridge_lives_on(const struct bridge_session *s)
{
    return bridge_is_attach(s) || s->room;
}
/* Starts the launch's kernel in a room of its own. */
cd_result bridge_room_open(struct bridge_session *s, const struct bridge_process_config *config,
                           struct cd_error *reterr) CD_MUST_CHECK;
/* Of the kernel that is attached to, where it has one. */
void bridge_room_visit(struct bridge_session *s);
/* What runs when we come in is somebody else's, and shown as that. */
void bridge_room_catch_up(struct bridge_session *s);
void bridge_room_exit(struct bridge_session *s);
/* restart, celldap/restartKernel: req is answered when the new kernel is ready. */
void bridge_room_again(struct bridge_request *req, bool rerun);

/* end.c */
/* The kernel's process is over, with what it said last. */
void bridge_kernel_ended(struct bridge_session *s, int64_t status, int signal, const char *words);
enum bridge_end {
    BRIDGE_END_SHUTDOWN, /* interrupt, shutdown, kill after a second */
    BRIDGE_END_POLITE,   /* KeyboardInterrupt, 5 s, kill */
    BRIDGE_END_FINISHED, /* the program is through: shutdown, its atexit may take 5 s */
    BRIDGE_END_KILL
};
void bridge_end(struct bridge_session *s, enum bridge_end how);
void bridge_restart(struct bridge_session *s, bool rerun);
/* All that belonged to a kernel that is gone. */
void bridge_forget_kernel(struct bridge_session *s);
void bridge_on_process_exit(void *ctx, int64_t status, int signal);
/* exited and terminated, once. */
void bridge_terminated(struct bridge_session *s);
/* The client is gone: as disconnect with its defaults. */
void bridge_client_gone(struct bridge_session *s);

/* keep.c: outputs as the notebook file will hold them */
void bridge_keep_begin(struct bridge_session *s, const struct bridge_exec *e);
void bridge_keep_message(struct bridge_session *s, const struct bridge_exec *e,
                         const struct wire_msg *m);
/* Writes them into the notebook (path NULL) or into path. *ret_cells: how many cells have any. */
cd_result bridge_keep_save(struct bridge_session *s, const char *path, int *ret_cells,
                           struct cd_error *reterr) CD_MUST_CHECK;

/* events.c */
void bridge_on_debug_event(void *ctx, json_t *event);
void bridge_resumed(struct bridge_session *s); /* a resuming request succeeded */
/* requests/source.c: the event, where the client was not told of that source yet */
void bridge_on_loaded_source(struct bridge_session *s, json_t *body);
/* children.c: the body of the kernel's celldap/child event */
void bridge_child_started(struct bridge_session *s, const json_t *child);
/* outputs.c */
void bridge_on_iopub(void *ctx, const struct wire_msg *m);
void bridge_on_words(void *ctx, bool is_stderr, const char *bytes, size_t len);
void bridge_on_input(void *ctx, const char *prompt, bool password);
/* input answered or not needed any more */
void bridge_input_clear(struct bridge_session *s);
/* forward.c */
void bridge_forward(struct bridge_request *req, uint64_t timeout_ms);
/* A debug request of the bridge's own whose answer only matters when it fails. */
void bridge_debug_quiet(struct bridge_session *s, const char *command, json_t *arguments_owned);
/* notebook_run.c */
void bridge_run(struct bridge_session *s); /* all that the launch asks for */
void bridge_run_over(struct bridge_session *s, bool failed);
/* Queues a cell; code NULL: its text now. celldap/cellState tells how it goes. */
cd_result bridge_run_cell(struct bridge_session *s, int cell, const char *code, bool in_run,
                          struct cd_error *reterr) CD_MUST_CHECK;
void bridge_cell_state(struct bridge_session *s, int cell, const char *state, int count);
/* cell: -1: the debug console. The text is executed now: frames in it can be named from here on.
 * true: its breakpoints are being set anew. */
bool bridge_executed(struct bridge_session *s, int cell, const char *code);
/* interrupt_request on control */
void bridge_interrupt(struct bridge_session *s);

#endif
