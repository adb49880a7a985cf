/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The debugger of one kernel: clients, breakpoints, stops, requests in and replies out.
 * One owner: the debug thread. Knows no Python and no ZMQ.
 */
#ifndef DBG_SESSION_H
#define DBG_SESSION_H

#include "kernel/debug/engine.h"

struct dbg_session;

enum dbg_worker {
    DBG_ON_ARM,   /* tables of the debugger: short, no user code */
    DBG_ON_ASSIST /* may run the user's code (reprs, evaluation without a frame) */
};

/* Implemented by channels/debug.c (and by tests). Debug thread only; none of them blocks. */
struct dbg_transport {
    void *ctx;
    /* Exactly once for each dbg_session_request; takes response_owned. route is given back. */
    void (*reply)(void *ctx, void *route, json_t *response_owned);
    /* client_id 0: every client (iopub and all debug-socket clients); else that client only.
     * CLIENT_CONTROL: iopub only. iopub_count as in contracts.md §6 (0: at once). */
    void (*event)(void *ctx, int client_id, json_t *event_owned, uint64_t iopub_count);
    int64_t (*now_ms)(void *ctx); /* CLOCK_MONOTONIC */
    /* Posts to a Python thread of ours; the job comes back by a JOB_DONE note, run or not. */
    void (*post)(void *ctx, enum dbg_worker where, struct dbg_job *job_owned);
};

/* All clients of the control channel are one owner (contracts.md §6). */
#define DBG_CLIENT_CONTROL 1

struct dbg_session_config {
    const struct engine_ops *engine;
    const struct dbg_transport *transport;
    const char *cell_prefix; /* hash file prefix, ends with '/' */
    int64_t away_after_ms;   /* without a word from a client; 0: DBG_AWAY_AFTER_MS */
};

void dbg_session_free(struct dbg_session *s);
struct dbg_session *dbg_session_new(const struct dbg_session_config *config,
                                    struct cd_error *reterr) CD_NEW(dbg_session_free);

/* The client behind a debug-socket identity (its uuid); made when new. Its id is > 1. */
int dbg_session_client(struct dbg_session *s, const void *uuid, size_t len);

/* Any JSON value; answered exactly once through transport->reply, at once or later. */
void dbg_session_request(struct dbg_session *s, int client_id, void *route, json_t *request_owned);
/* In a child process, first: what the parent's debugger has set (the body of its answer to
 * celldap/child, borrowed), until a client comes. A stop waits DBG_UNATTENDED_MS for one. */
void dbg_session_inherit(struct dbg_session *s, const json_t *body);
/* A note of the engine, taken. */
void dbg_session_note(struct dbg_session *s, struct engine_note *note_owned);
/* Some of a note's texts, at most max events, so that requests can come in between: true when more
 * are left. dbg_session_note passes on the rest. */
bool dbg_session_texts(struct dbg_session *s, const struct engine_note *n, size_t max);
bool dbg_session_is_stopped(const struct dbg_session *s);
/* A client of the debug socket is there: it pings. */
bool dbg_session_attended(const struct dbg_session *s);
/* Deadlines and clients that went away. Returns ms until it wants to be called again, -1: never. */
int dbg_session_tick(struct dbg_session *s);
/* The kernel ends: every outstanding request is answered, stops are resumed. */
void dbg_session_shutdown(struct dbg_session *s);

#endif
