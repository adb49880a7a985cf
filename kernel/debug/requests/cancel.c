/* SPDX-License-Identifier: BSD-3-Clause
 *
 * DAP: Cancel request. The request that is cancelled is answered `cancelled` at once; what Python
 * has begun goes on in the background, but for an evaluation in the stopped main thread, which is
 * interrupted. Debug thread only.
 */
#include "kernel/debug/state.h"

/* Whether the job is the one that its stop runs now: those of a stop run in their order. */
static bool runs_now(const struct dbg_session *s, const struct dbg_request *r)
{
    for (const struct dbg_request *q = s->pending; q != r; q = q->next) {
        if (q->stop == r->stop) {
            return false;
        }
    }
    return s->stop && s->stop->number == r->stop && s->stop->thread_id == DBG_MAIN_THREAD;
}

static struct dbg_request *find(const struct dbg_session *s, int client_id, int64_t seq)
{
    for (struct dbg_request *r = s->pending; r; r = r->next) {
        if (r->client_id == client_id && r->dap.seq == seq) {
            return r;
        }
    }
    return NULL;
}

void dbg__req_cancel(struct dbg_session *s, struct dbg_client *c, struct dbg_request *r)
{
    struct cd_error err = CD_ERROR_INIT;
    const char *progress = NULL;
    int64_t seq = -1;
    if (cd_json_int_opt(r->dap.arguments, "arguments.requestId", 0, INT64_MAX, &seq, &err) !=
            CD_OK ||
        cd_json_str_opt(r->dap.arguments, "arguments.progressId", &progress, &err) != CD_OK) {
        dbg__fail(r, &err);
        return;
    }
    struct dbg_request *target = seq >= 0 ? find(s, c->id, seq) : NULL;
    if (target) {
        // only an evaluation for the console has no deadline
        bool interrupt = target->stop && !target->deadline_ms && runs_now(s, target);
        dbg__cancel(target, "the client cancelled it");
        if (interrupt) {
            s->engine->interrupt();
        }
    }
    dbg__answer(r, NULL);
}
