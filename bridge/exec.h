/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What a session has the kernel execute: cells, lines of the debug console, a file. One at a time;
 * the rest waits here, where it can still be cancelled.
 */
#ifndef BRIDGE_EXEC_H
#define BRIDGE_EXEC_H

#include "bridge/request.h"
#include "kernel/wire/msg.h"

#include <uv.h>

enum bridge_exec_kind { BRIDGE_EXEC_CELL, BRIDGE_EXEC_CONSOLE, BRIDGE_EXEC_FILE };

struct bridge_exec {
    struct bridge_exec *next;
    struct bridge_session *session;
    enum bridge_exec_kind kind;
    int cell;    /* handle; CELL */
    bool in_run; /* part of a run: its failure ends the run */
    bool raises; /* tag raises-exception */
    char *code;  /* owned */
    char cell_id[256];
    json_t *run_file;           /* FILE: metadata.celldap.runFile; owned */
    struct bridge_request *req; /* who waits for it; a reference, may be NULL */
    char msg_id[64];
    bool replied, idle;
    bool failed;         /* an error was among its outputs */
    int execution_count; /* of execute_input; 0: not known */
    json_t *reply;       /* content of execute_reply; owned */
    json_t *result;      /* data of execute_result; owned, may be NULL */
};

struct bridge_exec_queue {
    struct bridge_exec *running;
    struct bridge_exec *first, **last; /* waiting */
    struct bridge_exec *live;          /* cells that run inside a stop, the newest first */
    struct bridge_exec *others;        /* cells that other front ends run, the newest first */
    uv_timer_t idle_timer;             /* the reply came, its idle has not */
};

struct bridge_exec *bridge_exec_new(struct bridge_session *s, enum bridge_exec_kind kind,
                                    const char *code, struct bridge_request *req);
void bridge_exec_free(struct bridge_exec *e);
/* Takes e_owned. Runs as soon as it can. */
void bridge_exec_push(struct bridge_session *s, struct bridge_exec *e_owned);
void bridge_exec_pump(struct bridge_session *s);
/* Removes what waits; its requests are answered `cancelled`. only_run: cells of the run only.
 * Returns how many there were. */
int bridge_exec_flush(struct bridge_session *s, bool only_run);
/* live.c: runs a cell inside the stop; takes e_owned. */
cd_result bridge_live_run(struct bridge_session *s, struct bridge_exec *e_owned,
                          struct cd_error *reterr) CD_MUST_CHECK;
void bridge_live_idle(struct bridge_exec *e);
void bridge_live_abandon(struct bridge_session *s);
/* others.c: an execute_input of no execution of ours. */
void bridge_others_input(struct bridge_session *s, const struct wire_msg *m);
/* false: e is not one of those. Else it is freed. */
bool bridge_others_idle(struct bridge_session *s, const struct bridge_exec *e);
void bridge_others_abandon(struct bridge_session *s);
/* What runs under this msg_id, also inside a stop and of others; NULL: nothing that is known. */
struct bridge_exec *bridge_exec_find(const struct bridge_session *s, const char *msg_id);
/* The kernel is gone: what ran and what waits ends. Only after its client was closed. */
void bridge_exec_abandon(struct bridge_session *s);
/* iopub said idle for the running one. */
void bridge_exec_idle(struct bridge_session *s);
/* What an execution left, after its reply and all its output (exec_done.c). e stays the caller's.
 */
void bridge_exec_finished(struct bridge_session *s, struct bridge_exec *e);

#endif
