/* SPDX-License-Identifier: BSD-3-Clause
 *
 * DAP: Cancel request. The request that is cancelled is answered `cancelled` at once, and code
 * of the user's that runs for it is broken off. Debug thread only.
 */
#include "kernel/debug/state.h"

static struct dbg_request *find(const struct dbg_session *s, int client_id, int64_t seq)
{
    for (struct dbg_request *r = s->pending; r; r = r->next) {
        if (r->client_id == client_id && r->dap.seq == seq && !r->answered) {
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
        dbg__cancel(target, "the client cancelled it");
    }
    dbg__answer(r, NULL);
}
