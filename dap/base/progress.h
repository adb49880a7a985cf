/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What a job has to show while it still runs, and how long code of the user's may run in it. Shared
 * by two: the job (a Python thread) and the session's request (the debug thread), each holding a
 * reference. One mutex (rank 1, a leaf) guards it; JSON is moved in and out, never shared. So the
 * reply keeps its time whatever a __repr__ does (contracts.md §8).
 */
#ifndef CD_PROGRESS_H
#define CD_PROGRESS_H

#include "dap/base/json.h"

#include <stdint.h>

struct cd_progress;

/* until_ms: CLOCK_MONOTONIC, no code of the user's runs after it; 0: no end. NULL: no memory. */
struct cd_progress *cd_progress_new(int64_t until_ms);
struct cd_progress *cd_progress_ref(struct cd_progress *p);
void cd_progress_unref(struct cd_progress *p);

/* ---- on the job's thread ---- */

/* Of the job that this thread runs now, innermost; borrowed or NULL. */
struct cd_progress *cd_progress_current(void);
/* Makes p current; returns what was, to be put back by the same call. */
struct cd_progress *cd_progress_enter(struct cd_progress *p);

/* Code of the user's begins, for at most limit_ms (0: as long as the job may). false: the time is
 * used up, it must not begin. Nested: the outer limit holds. thread: as the engine names it. */
bool cd_progress_begin(struct cd_progress *p, int64_t now_ms, int64_t limit_ms,
                       unsigned long thread);
/* It is over. true: it was broken off. */
bool cd_progress_end(struct cd_progress *p);

/* The reply's body is a list under this key; cd_progress_add fills it. */
void cd_progress_list(struct cd_progress *p, const char *key);
/* Appends, or drops the item where the reply is out already (false). */
bool cd_progress_add(struct cd_progress *p, json_t *item_owned);
/* What stands for the item (or, without a list, for the whole body) that is being made, should the
 * reply have to go out before it is. */
void cd_progress_instead(struct cd_progress *p, json_t *json_owned);

/* ---- on any thread ---- */

/* The body so far, NULL when there is nothing to show or it was taken before. New. */
json_t *cd_progress_take(struct cd_progress *p);
/* The job is to end as soon as it can: what runs now is broken off, no more begins. */
void cd_progress_cancel(struct cd_progress *p);
bool cd_progress_cancelled(struct cd_progress *p);
/* Is there time left? */
bool cd_progress_may(struct cd_progress *p, int64_t now_ms);
/* Does code run now that is to be broken off? *ret_thread: where. */
bool cd_progress_to_break(struct cd_progress *p, unsigned long *ret_thread);
/* Marks what runs beyond its limit. true: break it off now, once more where that did not help. */
bool cd_progress_look(struct cd_progress *p, int64_t now_ms);

#endif
