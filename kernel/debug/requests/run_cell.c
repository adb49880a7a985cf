/* SPDX-License-Identifier: BSD-3-Clause
 *
 * celldap/runCell while stopped: a job without a deadline on the stopped thread, since the cell may
 * take its time and may stop in turn. The op function is called there with the GIL, all else on the
 * debug thread.
 */
#include "kernel/debug/state.h"

static cd_result op_run_cell(const struct engine_ops *engine, const json_t *args, json_t **ret,
                             json_t **ret_extra, struct cd_error *reterr)
{
    (void)ret_extra;
    return engine->run_cell(args, ret, reterr);
}

void dbg__req_run_cell(struct dbg_session *s, struct dbg_client *c, struct dbg_request *r)
{
    (void)c;
    if (!dbg__is_stopped(s)) {
        struct cd_error err = CD_ERROR_INIT;
        cd_error_set(&err, CD_E_NOT_STOPPED,
                     "'%s' is for a stopped program: send execute_request on the shell channel",
                     r->row->name);
        dbg__fail(r, &err);
        return;
    }
    r->deadline_ms = -1;
    dbg__post_stopped(r, dbg__job_op(s, op_run_cell));
}
