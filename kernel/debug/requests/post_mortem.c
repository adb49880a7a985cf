/* SPDX-License-Identifier: BSD-3-Clause
 *
 * celldap/postMortem: the frames of the cell that failed, shown to the client that asked as if they
 * were a stop. Nothing is stopped: reading works, on assist; what would set or step is refused; the
 * view ends by continue or disconnect, at the next run and at a real stop. The op function is
 * called on assist with the GIL, all else on the debug thread.
 */
#include "kernel/debug/state.h"

#include <stdlib.h>

bool dbg__in_view(const struct dbg_session *s, const struct dbg_client *c)
{
    return c->view && !dbg__is_stopped(s);
}

static void tell_over(struct dbg_session *s, struct dbg_client *c)
{
    json_t *body =
        json_pack("{s:i, s:b}", "threadId", DBG_MAIN_THREAD, "allThreadsContinued", true);
    c->view = 0;
    dbg__event_to(s, c, "continued", body, 0);
    json_decref(body);
}

void dbg__view_over(struct dbg_session *s, const struct engine_note *n)
{
    uint64_t number = (uint64_t)json_integer_value(json_object_get(n->body, "view"));
    s->view_over = number > s->view_over ? number : s->view_over;
    for (struct dbg_client *c = s->clients; c; c = c->next) {
        if (c->view && c->view <= number) {
            tell_over(s, c);
        }
    }
}

static cd_result op_post_mortem(const struct engine_ops *engine, const json_t *args, json_t **ret,
                                json_t **ret_extra, struct cd_error *reterr)
{
    (void)args;
    (void)ret_extra;
    return engine->post_mortem(ret, reterr);
}

static cd_result op_end(const struct engine_ops *engine, const json_t *args, json_t **ret,
                        json_t **ret_extra, struct cd_error *reterr)
{
    (void)args;
    (void)ret_extra;
    engine->post_mortem_end();
    *ret = json_object();
    return *ret ? CD_OK : cd_oom(reterr);
}

void dbg__view_leave(struct dbg_session *s, struct dbg_client *c)
{
    bool had = c->view;
    c->view = 0;
    for (const struct dbg_client *other = s->clients; other; other = other->next) {
        had = had && !other->view;
    }
    struct dbg_job *job = had && !s->ended ? dbg__job_op(s, op_end) : NULL;
    if (job) {
        job->number = ++s->last_number; /* nobody waits for it */
        s->transport->post(s->transport->ctx, DBG_ON_ASSIST, job);
    }
}

static void finish_open(struct dbg_session *s, struct dbg_request *r, struct dbg_job *job)
{
    json_auto_t *body = json_deep_copy(json_object_get(job->response, "body"));
    uint64_t number = (uint64_t)json_integer_value(json_object_get(body, "view"));
    struct dbg_client *c = r ? dbg__client_by_id(s, r->client_id) : NULL;
    bool good = number > s->view_over;
    if (c && number && good && dbg__is_stopped(s)) {
        good = false;
    }
    if (r && number && !good) {
        struct cd_error err = CD_ERROR_INIT;
        cd_error_set(&err, CD_E_BAD_STATE, "the view is over: the next cell runs already");
        dbg__fail(r, &err);
        return;
    }
    json_object_del(json_object_get(job->response, "body"), "view");
    dbg__finish_plain(s, r, job);
    if (c && number) {
        json_object_del(body, "view");
        c->view = number;
        dbg__event_to(s, c, "stopped", body, 0);
    }
}

void dbg__req_post_mortem(struct dbg_session *s, struct dbg_client *c, struct dbg_request *r)
{
    (void)c;
    if (dbg__is_stopped(s)) {
        struct cd_error err = CD_ERROR_INIT;
        cd_error_set(&err, CD_E_BAD_STATE, "the program is stopped: its own frames are shown");
        dbg__fail(r, &err);
        return;
    }
    struct dbg_job *job = dbg__job_op(s, op_post_mortem);
    if (job) {
        ((struct dbg_work *)job->data)->finish = finish_open;
    }
    dbg__post_assist(r, job);
}

bool dbg__view_takes(struct dbg_session *s, struct dbg_client *c, struct dbg_request *r)
{
    struct cd_error err = CD_ERROR_INIT;
    switch (dap_command_id(r->row)) {
    case DAP_CMD_continue:
        dbg__answer(r, json_pack("{s:b}", "allThreadsContinued", true));
        if (c->id == DBG_CLIENT_CONTROL) {
            tell_over(s, c); /* iopub's readers forget the frames at this event alone */
            c->view = 1;
        }
        dbg__view_leave(s, c);
        return true;
    case DAP_CMD_next:
    case DAP_CMD_stepIn:
    case DAP_CMD_stepOut:
    case DAP_CMD_stepInTargets:
    case DAP_CMD_goto:
    case DAP_CMD_gotoTargets:
    case DAP_CMD_restartFrame:
    case DAP_CMD_setVariable:
    case DAP_CMD_setExpression:
    case DAP_CMD_copyToGlobals:
        cd_error_set(&err, CD_E_BAD_STATE,
                     "'%s' is not possible in a post-mortem view: its frames are over. 'continue' "
                     "ends the view",
                     r->row->name);
        dbg__fail(r, &err);
        return true;
    default:
        return false;
    }
}
