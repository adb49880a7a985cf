/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A debug session with nothing real around it: an engine whose jobs run when a test says so, a
 * transport that keeps what it was given, a clock that a test sets. One thread, one fake at a time.
 * Every reply and event is checked for its form, and written to the file that CELLDAP_TRANSCRIPT
 * names (one JSON value a line) for tests/lint/validate_transcript.py.
 */
#ifndef FAKE_ENGINE_H
#define FAKE_ENGINE_H

#include "dap/message.h"
#include "dap/requests.h"
#include "kernel/debug/session.h"

enum fake_queue { FAKE_STOPPED, FAKE_ARM, FAKE_ASSIST, FAKE_QUEUES };

struct fake_event {
    int client_id;
    uint64_t iopub_count;
    json_t *message;
};

struct fake {
    struct dbg_session *session;
    int64_t now_ms;
    char cell_prefix[200];

    json_t **replies; /* by route, NULL: not answered */
    bool *answered;
    size_t route_count;
    struct fake_event *events;
    size_t event_count;
    char timeline[8192]; /* "reply next;resume next;event 1 continued;" */

    struct dbg_job *jobs[FAKE_QUEUES][64];
    size_t job_count[FAKE_QUEUES];

    bool resume_result;
    int resume_limit; /* more than so many fail; 0: no limit */
    bool attached, just_my_code;
    int pauses, pause_cancels, interrupts, resumes, broken_off;
    struct engine_step last_step;
    int fail_ops; /* the next n operations fail with CD_E_EVALUATE */

    /* what the engine was given last */
    char bp_path[200], bp_cell[80];
    struct engine_breakpoint *bps;
    char (*bp_names)[60];
    size_t bp_count;
    struct engine_exception_filters filters;
    int set_calls;
    char bp_message[80]; /* what it says of each line over 1000 */
};

void fake_free(struct fake *f); /* fails the test if a request has no reply or a job is lost */
struct fake *fake_new(void);
struct fake *fake_new_at(const char *cell_prefix);

/* Returns the route. message_owned may be any JSON. */
size_t fake_request(struct fake *f, int client_id, json_t *message_owned);
/* args_owned NULL: no arguments. seq is the route + 1. */
size_t fake_send(struct fake *f, int client_id, const char *command, json_t *args_owned);
/* The same; args is JSON text with ' for ", NULL: none. */
size_t fake_sends(struct fake *f, int client_id, const char *command, const char *args);
/* Runs what is queued, in order; the results come back at once. Returns how many. */
size_t fake_run(struct fake *f, enum fake_queue q);
/* The queue's jobs come back without having run. */
size_t fake_refuse(struct fake *f, enum fake_queue q);
void fake_note(struct fake *f, enum engine_note_kind kind, int thread_id, int owner,
               json_t *body_owned);
/* A stop at these breakpoint ids (0 ends the list). */
void fake_stop(struct fake *f, int thread_id, int id1, int id2);
/* initialize and attach, with their replies. */
void fake_attach(struct fake *f, int client_id);
/* A debug-socket client that said hello; its id. */
int fake_client(struct fake *f, const char *uuid);
/* setBreakpoints with this one line of /a.py; the breakpoint's id. */
int fake_set_line(struct fake *f, int client_id, int line);
void fake_advance(struct fake *f, int64_t ms);          /* and tick */
json_t *fake_reply(const struct fake *f, size_t route); /* NULL: none yet */
bool fake_success(const struct fake *f, size_t route);
const char *fake_error(const struct fake *f, size_t route); /* error.format, "" when it succeeded */
int fake_error_id(const struct fake *f, size_t route);
json_t *fake_body(const struct fake *f, size_t route);
/* How many events of this name this client got since fake_clear; *ret_body is the last one's. */
size_t fake_events(const struct fake *f, int client_id, const char *event, json_t **ret_body);
void fake_clear(struct fake *f); /* forgets events and the timeline */
json_t *fake_json(const char *text_with_single_quotes);

#endif
