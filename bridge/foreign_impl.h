/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What the session knows of a foreign kernel: shared by foreign*.c, nobody else includes this.
 */
#ifndef BRIDGE_FOREIGN_IMPL_H
#define BRIDGE_FOREIGN_IMPL_H

#include "bridge/session_impl.h"

struct bridge_foreign {
    bool xeus;
    bool helper_values; /* its `variables` hangs in a function (xeus-python#665) */
    bool was_started; /* its debugger, before us: a front end of another kind, or a lost session */
    bool wedged;
    bool doubting;          /* a debugInfo of bridge_foreign_doubt is under way */
    int64_t found_stop;     /* thread of a stop that was there before us; 0: none */
    int64_t stopped_thread; /* of the last stop */
    bool on_exception;      /* which was one on an exception */
    int64_t global_frame;   /* of the last stackTrace; -1: none since the stop */
    json_t *filters;        /* its exceptionBreakpointFilters; owned, may be NULL */
    json_t *hidden;         /* names of threads that are the kernel's; owned */
    json_t *hidden_ids;     /* {id: true} of those that were listed; owned */
    json_t *refs; /* {variablesReference: {frame, expression?, children?}} of this stop; owned */
    int our_refs; /* how many numbers we gave */
};

/* foreign.c: takes the kernel's own out of the body of a threads response. */
void bridge_foreign_hide_threads(struct bridge_foreign *f, json_t *body);
/* foreign_start.c: hex of UTF-8 JSON, maybe in quotes: what our expressions in the kernel evaluate
 * to, since a repr may be cut and quoted. New. NULL: it is none. */
json_t *bridge_foreign_unpack(const char *text);
void bridge_foreign_ended(struct bridge_session *s);
#endif
