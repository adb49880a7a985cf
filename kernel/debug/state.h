/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The parts of a debug session that its files share: clients, requests under way, stops and the
 * table of breakpoints. Everything here belongs to the debug thread; nothing here blocks, knows
 * Python or touches a socket. Only files of kernel/debug include it.
 */
#ifndef DBG_STATE_H
#define DBG_STATE_H

#include "dap/message.h"
#include "dap/requests.h"
#include "kernel/debug/session.h"

#define DBG_AWAY_AFTER_MS    10000 /* contracts.md §6 */
#define DBG_REPLY_WITHIN_MS  900   /* contracts.md §8: a reply within a second */
#define DBG_TABLES_WITHIN_MS 800   /* then "pending" is the answer, and events follow */
#define DBG_USER_CODE_MS     700   /* of a job; the rest is for the reply */
#define DBG_MAIN_THREAD      1

struct dbg_client {
    struct dbg_client *next;
    int id;
    char *uuid; /* NULL: the control channel */
    size_t uuid_len;
    bool initialized, attached;
    bool away;
    bool just_my_code;
    bool has_rules;             /* the engine has some of it */
    bool sub_process;           /* its child processes are to be debugged too */
    bool inherited;             /* nobody: stands for the parent process until a client comes */
    bool counts_without_blanks; /* leading_blanks.c */
    int64_t seen_ms;
    json_t *presentation; /* owned; NULL: the default */
    uint64_t told_stop;   /* number of the stop that it was told last; 0: it believes all runs */
    uint64_t view;        /* number of the post-mortem view that it sees, 0: none */
    struct engine_exception_filters exceptions;
};

/* A request that was not answered yet. */
struct dbg_request {
    struct dbg_request *next; /* while it is pending */
    struct dbg_session *session;
    int client_id;
    void *route;
    json_t *message;        /* owned; moves into the job */
    struct dap_request dap; /* command outlives message once row is known */
    const struct dap_command_row *row;
    bool answered;
    bool pending;    /* its job is not back */
    bool breaking;   /* arm is asked to break its job off */
    int64_t busy_ms; /* answered: from when on its job counts as one that cannot be stopped */
    struct cd_progress *progress; /* shared with its job, or NULL */
    bool anywhere;                /* the job may also run without the stop that it was posted to */
    uint64_t number;              /* of the job */
    uint64_t stop;                /* of the stop the job was posted to; 0: none */
    int64_t deadline_ms;          /* once posted 0: none; before that 0: the usual one, -1: none */
    json_t *late_body; /* owned; the success body at the deadline; NULL: what progress shows */
};

struct dbg_stop {
    struct dbg_stop *outer;
    uint64_t number;
    int thread_id;
    uint64_t iopub_count;
    json_t *body;
    size_t jobs; /* posted to it and not back */
    bool hidden; /* a stop inside one of its jobs was resumed: until that is done, all runs */
};

struct dbg_breakpoint {
    struct engine_breakpoint e; /* what the engine gets and what it answered */
    char *name;                 /* function breakpoints; dataId of data breakpoints */
    char *hit_text;             /* as the client wrote it */
    bool armed;                 /* false: refused by us, the engine never sees it */
};

/* All breakpoints of one source, or all function or data breakpoints (path and cell_id NULL). */
struct dbg_source {
    struct dbg_source *next;
    char *path;
    char *cell_id;
    struct dbg_breakpoint *list;
    size_t count;
};

struct dbg_session {
    const struct engine_ops *engine;
    const struct dbg_transport *transport;
    char *cell_prefix;
    int64_t away_after_ms;
    bool ended;

    struct dbg_client *clients; /* the control channel is always there */
    int last_client;
    bool engine_attached, engine_just_my_code; /* what the engine was told */

    struct dbg_request *pending;
    uint64_t last_number;

    struct dbg_stop *stop; /* innermost */
    uint64_t last_stop;
    uint64_t view_over;           /* the newest post-mortem view that ended by itself */
    json_t *threads;              /* owned: the last ThreadsResponse body, NULL: none yet */
    bool interrupt_due;           /* when no evaluation runs any more */
    bool letting_go;              /* all stops are to end, some could not yet */
    unsigned continued_to_ignore; /* stops that had ended by themselves when we resumed them */

    int64_t unattended_ms;       /* a child process waits so long for a client */
    int64_t unattended_since_ms; /* requests/child.c; 0: somebody is there, or nothing is stopped */
    int64_t loaded_at_ms;        /* when to look what was loaded, 0: not */
    bool loaded_first, loaded_looking;

    struct dbg_blanks *blanks; /* of dumped cells that begin with blank lines */
    struct dbg_source *sources;
    struct dbg_source functions;
    struct dbg_source data;
    int last_breakpoint;
};

/* ---- jobs.c: Python's part of a request ---- */

/* What the session keeps with a job: first member of every job's data. */
struct dbg_work {
    /* Debug thread. r is NULL when the request was answered meanwhile, or there was none. */
    void (*finish)(struct dbg_session *s, struct dbg_request *r, struct dbg_job *job);
    void (*done)(struct dbg_work *work); /* frees what follows; may be NULL */
};

typedef cd_result (*dbg_op)(const struct engine_ops *engine, const json_t *args, json_t **ret,
                            json_t **ret_extra, struct cd_error *reterr);

/* Takes work_owned. NULL when out of memory. */
struct dbg_job *dbg__job_new(struct dbg_session *s, void (*run)(struct dbg_job *),
                             struct dbg_work *work_owned);
/* Runs op with the request's arguments; the answer is its body. */
struct dbg_job *dbg__job_op(struct dbg_session *s, dbg_op op);
/* Each posts job_owned (NULL: the request fails with "out of memory") and makes r pending. */
void dbg__post_stopped(struct dbg_request *r, struct dbg_job *job_owned);
void dbg__post_python(struct dbg_request *r, struct dbg_job *job_owned);
void dbg__post_assist(struct dbg_request *r, struct dbg_job *job_owned);
/* r may be NULL: nobody waits for it. */
void dbg__post_arm(struct dbg_session *s, struct dbg_request *r, struct dbg_job *job_owned);
void dbg__job_done(struct dbg_session *s, struct dbg_job *job_owned);
/* finish of the plain jobs: passes the job's response on. */
void dbg__finish_plain(struct dbg_session *s, struct dbg_request *r, struct dbg_job *job);
/* run()'s last step: the response, from a body (taken) or an error with details (taken). */
void dbg__job_answer(struct dbg_job *job, cd_result result, json_t *body_owned, json_t *extra_owned,
                     const struct cd_error *err);

/* ---- request.c ---- */

/* NULL when out of memory; the caller then still has route and message_owned. */
struct dbg_request *dbg__request_new(struct dbg_session *s, int client_id, void *route,
                                     json_t *message_owned);
/* Frees it; one that was not answered yet is answered with CD_E_INTERNAL. */
void dbg__request_free(struct dbg_request *r);
void dbg__answer(struct dbg_request *r, json_t *body_owned);
void dbg__fail(struct dbg_request *r, const struct cd_error *err);
/* Passes a response on that a job made. */
void dbg__answer_made(struct dbg_request *r, json_t *response_owned);
void dbg__make_pending(struct dbg_request *r);
/* Takes it off the list; the caller answers and frees it. */
void dbg__unlink(struct dbg_request *r);
struct dbg_request *dbg__request_by_number(const struct dbg_session *s, uint64_t number);
/* Answers `cancelled`; its job, where it runs, is broken off. It is freed when that is back. */
void dbg__cancel(struct dbg_request *r, const char *why);
/* All of a stop but those that can run without it. */
void dbg__cancel_stop(struct dbg_session *s, uint64_t stop, const char *why);
void dbg__expire(struct dbg_session *s, int64_t now);
/* The kernel ends: answers and frees all. */
void dbg__cancel_all(struct dbg_session *s, const char *why);
/* A job that was answered for still runs on the stopped thread: which command's; NULL: none. */
const char *dbg__busy(const struct dbg_session *s);
/* KeyboardInterrupt for the program: evaluations are broken off first, it comes when they ended. */
void dbg__interrupt(struct dbg_session *s);
/* A job came back: the interrupt that waits for the last of them. */
void dbg__interrupt_due(struct dbg_session *s);
/* Breaks off what runs beyond its limit. Returns ms to the next look, -1: none. */
int64_t dbg__watch(struct dbg_session *s, int64_t now);

/* ---- clients.c ---- */

struct dbg_client *dbg__client_new(struct dbg_session *s, int id);
struct dbg_client *dbg__client_by_id(const struct dbg_session *s, int id);
void dbg__clients_done(struct dbg_session *s);
bool dbg__present(const struct dbg_session *s, int client_id);
/* Tells the engine whether somebody debugs. */
void dbg__tell_engine(struct dbg_session *s);
size_t dbg__attached_count(const struct dbg_session *s, bool with_away);
/* It said something after it had been away: what it missed. */
void dbg__client_back(struct dbg_session *s, struct dbg_client *c);
/* To attached clients of the debug socket but `but`; the bridge knows which of them takes it. */
void dbg__event_attached(struct dbg_session *s, const struct dbg_client *but, const char *event,
                         const json_t *body);
/* Clients that went away. Returns ms to the next one, -1: none. */
int64_t dbg__clients_tick(struct dbg_session *s, int64_t now);
/* The client's part of the session ends (disconnect). */
void dbg__client_reset(struct dbg_session *s, struct dbg_client *c);
/* An event to one client, or (client NULL) to iopub and every attached client but `but`. */
void dbg__event_to(struct dbg_session *s, const struct dbg_client *c, const char *event,
                   const json_t *body, uint64_t iopub_count);
void dbg__event_all(struct dbg_session *s, const struct dbg_client *but, const char *event,
                    const json_t *body, uint64_t iopub_count);

/* ---- leading_blanks.c: the line numbers of vscode-jupyter ---- */

void dbg__blanks_client(struct dbg_client *c, const json_t *initialize_arguments);
void dbg__blanks_note(struct dbg_session *s, const char *path, const char *code);
void dbg__blanks_done(struct dbg_session *s);
/* Changes the lines in a request's arguments to ours. */
void dbg__blanks_in(const struct dbg_session *s, const struct dbg_client *c, struct dbg_request *r);
/* Changes our lines in the body of a response or an event to this client's. */
void dbg__blanks_out(const struct dbg_session *s, int client_id, json_t *body);

/* ---- presentation.c ---- */

/* *ret: new, NULL where nothing was asked for. */
cd_result dbg__presentation_read(const json_t *args, json_t **ret, struct cd_error *reterr)
    CD_MUST_CHECK;
void dbg__presentation_into(const struct dbg_client *c, struct dbg_request *r);

/* ---- loaded.c: module and loadedSource events ---- */

void dbg__loaded_hint(struct dbg_session *s);
/* Somebody attached: what is there already is not told. */
void dbg__loaded_from_now(struct dbg_session *s);
/* Returns ms to the next look, -1: none. */
int64_t dbg__loaded_tick(struct dbg_session *s, int64_t now);

/* ---- breakpoints.c ---- */

/* A SourceBreakpoint that sets this one again. New. */
json_t *dbg__source_breakpoint_json(const struct dbg_breakpoint *b);

/* ---- requests/child.c: child processes ---- */

/* A client is here: it stands for itself. */
void dbg__inherited_over(struct dbg_session *s);
/* A stop that nobody came for ends. Returns ms to the next look, -1: none. */
int64_t dbg__inherited_tick(struct dbg_session *s, int64_t now);

/* ---- stops.c ---- */

bool dbg__is_stopped(const struct dbg_session *s);
void dbg__stops_done(struct dbg_session *s);
void dbg__stopped(struct dbg_session *s, struct engine_note *n);
void dbg__continued(struct dbg_session *s, const struct engine_note *n);
/* The present stop as an event to this client alone; nothing when nothing is stopped. */
void dbg__show_stop(struct dbg_session *s, struct dbg_client *c);
/* A job of this stop came back: a stop that was hidden by a nested one shows again. */
void dbg__stop_job_done(struct dbg_session *s, uint64_t stop);
/* Ends the innermost stop for `by` (NULL: nobody); the others get `continued`. */
void dbg__resume(struct dbg_session *s, const struct dbg_client *by,
                 const struct engine_step *step);
/* Ends all stops; an outer one can only end when the inner has. */
void dbg__resume_all(struct dbg_session *s, const struct dbg_client *by);
/* Tries again what dbg__resume_all could not end yet. Returns ms to the next try, -1: none. */
int64_t dbg__stops_tick(struct dbg_session *s);

/* ---- breakpoints.c: the table ---- */

void dbg__source_done(struct dbg_source *src);
void dbg__breakpoints_done(struct dbg_session *s);
void dbg__breakpoint_clear(struct dbg_breakpoint *b);
void dbg__breakpoint_list_free(struct dbg_breakpoint *list, size_t count);
struct dbg_source *dbg__source_find(const struct dbg_session *s, const char *path,
                                    const char *cell_id);
/* Finds the source, or makes it. NULL: out of memory. */
struct dbg_source *dbg__source_get(struct dbg_session *s, const char *path, const char *cell_id);
void dbg__source_drop_if_empty(struct dbg_session *s, struct dbg_source *src);
/* Replaces the owner's and every orphan by list_owned; unchanged ones keep id and result. */
cd_result dbg__source_replace(struct dbg_session *s, struct dbg_source *src, int owner,
                              struct dbg_breakpoint *list_owned, size_t count,
                              struct cd_error *reterr) CD_MUST_CHECK;
/* New DAP Breakpoint; src names the source (function breakpoints have none). */
json_t *dbg__breakpoint_json(const struct engine_breakpoint *e, const char *path,
                             const char *cell_id);
/* src may be NULL. *hint: where to look first; set to behind what was found. */
struct dbg_breakpoint *dbg__breakpoint_in(const struct dbg_source *src, int id, size_t *hint);
struct dbg_breakpoint *dbg__breakpoint_by_id(const struct dbg_session *s, int id,
                                             struct dbg_source **ret_source);
/* A `breakpoint` event of the engine: kept, and passed on to the owner. */
void dbg__breakpoint_note(struct dbg_session *s, const struct engine_note *n);
/* debugInfo: what the control clients and orphans have. */
json_t *dbg__breakpoints_info(const struct dbg_session *s);
/* disconnect: takes the owner's breakpoints along. */
void dbg__breakpoints_drop(struct dbg_session *s, int owner);

/* ---- arm_breakpoints.c: the table to the engine ---- */

/* Sends the source's breakpoints to the engine and answers r (may be NULL) for owner's. */
void dbg__arm_source(struct dbg_session *s, struct dbg_request *r, const struct dbg_source *src,
                     int owner);
/* Union of all owners' exception filters to the engine; r (may be NULL) gets body_owned. */
void dbg__arm_exceptions(struct dbg_session *s, struct dbg_request *r, json_t *body_owned);
void dbg__exceptions_clear(struct engine_exception_filters *f);

/* ---- rules.c ---- */
/* Adds the exits; after a failure ret is engine_rules_free's. */
cd_result dbg__exits_read(const json_t *list, struct engine_rules *ret, struct cd_error *reterr)
    CD_MUST_CHECK;
cd_result dbg__rules_read(const json_t *list, struct engine_rules *ret, struct cd_error *reterr)
    CD_MUST_CHECK;
/* Takes what rules holds. */
void dbg__rules_arm(struct dbg_session *s, struct dbg_client *c, struct engine_rules *rules_owned);

/* ---- requests/post_mortem.c ---- */

/* Is the client in a post-mortem view? A real stop is shown in its place. */
bool dbg__in_view(const struct dbg_session *s, const struct dbg_client *c);
/* true: r was answered, since in a view it means something else or nothing. */
bool dbg__view_takes(struct dbg_session *s, struct dbg_client *c, struct dbg_request *r);
void dbg__view_leave(struct dbg_session *s, struct dbg_client *c);
void dbg__view_over(struct dbg_session *s, const struct engine_note *n);

/* ---- requests/: handlers; each answers r or makes it pending ---- */

typedef void (*dbg_handler)(struct dbg_session *s, struct dbg_client *c, struct dbg_request *r);

void dbg__req_child(struct dbg_session *s, struct dbg_client *c, struct dbg_request *r);
void dbg__req_hello(struct dbg_session *s, struct dbg_client *c, struct dbg_request *r);
void dbg__req_ping(struct dbg_session *s, struct dbg_client *c, struct dbg_request *r);
void dbg__req_initialize(struct dbg_session *s, struct dbg_client *c, struct dbg_request *r);
void dbg__req_attach(struct dbg_session *s, struct dbg_client *c, struct dbg_request *r);
void dbg__req_configuration_done(struct dbg_session *s, struct dbg_client *c,
                                 struct dbg_request *r);
void dbg__req_disconnect(struct dbg_session *s, struct dbg_client *c, struct dbg_request *r);
void dbg__req_terminate(struct dbg_session *s, struct dbg_client *c, struct dbg_request *r);
void dbg__req_cancel(struct dbg_session *s, struct dbg_client *c, struct dbg_request *r);
void dbg__req_continue(struct dbg_session *s, struct dbg_client *c, struct dbg_request *r);
void dbg__req_next(struct dbg_session *s, struct dbg_client *c, struct dbg_request *r);
void dbg__req_step_in(struct dbg_session *s, struct dbg_client *c, struct dbg_request *r);
void dbg__req_step_out(struct dbg_session *s, struct dbg_client *c, struct dbg_request *r);
void dbg__req_pause(struct dbg_session *s, struct dbg_client *c, struct dbg_request *r);
void dbg__req_breakpoint_locations(struct dbg_session *s, struct dbg_client *c,
                                   struct dbg_request *r);
void dbg__req_set_data_breakpoints(struct dbg_session *s, struct dbg_client *c,
                                   struct dbg_request *r);
void dbg__req_set_breakpoints(struct dbg_session *s, struct dbg_client *c, struct dbg_request *r);
void dbg__req_set_function_breakpoints(struct dbg_session *s, struct dbg_client *c,
                                       struct dbg_request *r);
void dbg__req_set_exception_breakpoints(struct dbg_session *s, struct dbg_client *c,
                                        struct dbg_request *r);
void dbg__req_evaluate(struct dbg_session *s, struct dbg_client *c, struct dbg_request *r);
void dbg__req_run_cell(struct dbg_session *s, struct dbg_client *c, struct dbg_request *r);
void dbg__req_post_mortem(struct dbg_session *s, struct dbg_client *c, struct dbg_request *r);
void dbg__req_debug_info(struct dbg_session *s, struct dbg_client *c, struct dbg_request *r);
void dbg__req_dump_cell(struct dbg_session *s, struct dbg_client *c, struct dbg_request *r);

/* Requests that are one engine function; NULL when the command is none of them. */
struct dbg_simple {
    dbg_op op;
    bool anywhere;
};
const struct dbg_simple *dbg__simple_find(const char *command);

#endif
