/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Jobs: the part of a request that needs Python. Made on the debug thread, moved to where it runs,
 * moved back by a JOB_DONE note. run() functions here are called there, with the GIL; all else is
 * the debug thread's. A job knows its request by number only, so an answered request may be gone.
 */
#include "kernel/debug/state.h"

#include <stdlib.h>

struct op_work {
    struct dbg_work work;
    dbg_op op;
};

static void free_work(void *data)
{
    struct dbg_work *w = data;
    if (w && w->done) {
        w->done(w);
    }
    free(w);
}

struct dbg_job *dbg__job_new(struct dbg_session *s, void (*run)(struct dbg_job *),
                             struct dbg_work *work_owned)
{
    struct dbg_job *job = work_owned ? calloc(1, sizeof(*job)) : NULL;
    if (!job) {
        free_work(work_owned);
        return NULL;
    }
    job->run = run;
    job->data = work_owned;
    job->free_data = free_work;
    job->engine = s->engine;
    return job;
}

void dbg__job_answer(struct dbg_job *job, cd_result result, json_t *body_owned, json_t *extra_owned,
                     const struct cd_error *err)
{
    struct dap_request req = {.command = ""};
    struct cd_error ignored = CD_ERROR_INIT;
    if (dap_request_parse(job->request, &req, &ignored) != CD_OK && !req.command) {
        req.command = "";
    }
    if (result == CD_OK) {
        json_decref(extra_owned);
        job->response = dap_response_new(&req, body_owned);
    } else {
        json_decref(body_owned);
        job->response = dap_error_response_new(&req, err, extra_owned);
    }
}

static void run_op(struct dbg_job *job)
{
    const struct op_work *w = job->data;
    struct dap_request req = {.command = ""};
    struct cd_error err = CD_ERROR_INIT;
    json_t *body = NULL;
    json_t *extra = NULL;
    cd_result result = dap_request_parse(job->request, &req, &err);
    if (result == CD_OK && job->progress && cd_progress_cancelled(job->progress)) {
        result = cd_error_set(&err, CD_E_CANCELLED, "'%s' was cancelled", req.command);
    }
    if (result == CD_OK) {
        struct cd_progress *outer = cd_progress_enter(job->progress);
        result = w->op(job->engine, req.arguments, &body, &extra, &err);
        (void)cd_progress_enter(outer);
    }
    dbg__job_answer(job, result, body, extra, &err);
}

/* A client needs threads to pause one, also while nothing but C runs and no job can. */
static void keep_threads(struct dbg_session *s, const struct dbg_request *r, const json_t *response)
{
    if (dap_command_id(r->row) == DAP_CMD_threads &&
        json_is_true(json_object_get(response, "success"))) {
        json_decref(s->threads);
        s->threads = json_deep_copy(json_object_get(response, "body"));
    }
}

/* After a jump the program is stopped anew, elsewhere (DAP: goto, restartFrame). */
static void tell_jump(struct dbg_session *s, const struct dbg_request *r)
{
    const enum dap_command cmd = dap_command_id(r->row);
    if ((cmd != DAP_CMD_goto && cmd != DAP_CMD_restartFrame) || !s->stop) {
        return;
    }
    json_t *body = json_pack("{s:s, s:i, s:b}", "reason", cmd == DAP_CMD_goto ? "goto" : "restart",
                             "threadId", s->stop->thread_id, "allThreadsStopped", 1);
    dbg__event_all(s, NULL, "stopped", body, 0);
    json_decref(body);
}

/* What a request changed, as events. The asker knows of its variables; what may be shown elsewhere
 * as memory it may not know (DAP: writeMemory). */
static void tell_change(struct dbg_session *s, const struct dbg_request *r,
                        const struct dbg_job *job, const json_t *body)
{
    const enum dap_command cmd = dap_command_id(r->row);
    const struct dbg_client *asker = dbg__client_by_id(s, r->client_id);
    if (cmd == DAP_CMD_writeMemory) {
        const json_t *args = json_object_get(job->request, "arguments");
        json_t *memory = json_pack("{s:O, s:O, s:O}", "memoryReference",
                                   json_object_get(args, "memoryReference"), "offset",
                                   json_object_get(body, "offset"), "count",
                                   json_object_get(body, "bytesWritten"));
        dbg__event_attached(s, NULL, "memory", memory);
        json_decref(memory);
    }
    if (cmd == DAP_CMD_writeMemory || cmd == DAP_CMD_setVariable || cmd == DAP_CMD_setExpression) {
        json_t *areas = json_pack("{s:[s]}", "areas", "variables");
        dbg__event_attached(s, cmd == DAP_CMD_writeMemory ? NULL : asker, "invalidated", areas);
        json_decref(areas);
    }
}

void dbg__finish_plain(struct dbg_session *s, struct dbg_request *r, struct dbg_job *job)
{
    struct cd_error err = CD_ERROR_INIT;
    if (!r) {
        return;
    }
    if (job->response) {
        const bool success = json_is_true(json_object_get(job->response, "success"));
        keep_threads(s, r, job->response);
        json_auto_t *body = json_incref(json_object_get(job->response, "body"));
        dbg__answer_made(r, cd_take(job->response));
        if (success) {
            tell_jump(s, r);
            tell_change(s, r, job, body);
        }
    } else if (job->ran) {
        cd_oom(&err);
    } else if (r->stop) {
        cd_error_set(&err, CD_E_NOT_STOPPED, "'%s' came when the stop had ended", r->dap.command);
    } else {
        cd_error_set(&err, CD_E_CANCELLED, "'%s' was not run: the kernel is ending",
                     r->dap.command);
    }
    if (!r->answered) {
        dbg__fail(r, &err);
    }
}

struct dbg_job *dbg__job_op(struct dbg_session *s, dbg_op op)
{
    struct op_work *w = calloc(1, sizeof(*w));
    if (!w) {
        return NULL;
    }
    w->work.finish = dbg__finish_plain;
    w->op = op;
    return dbg__job_new(s, run_op, &w->work);
}

/* Binds job and request; false: the request was answered with an error. */
static bool bind(struct dbg_session *s, struct dbg_request *r, struct dbg_job *job)
{
    if (!job) {
        struct cd_error err = CD_ERROR_INIT;
        cd_oom(&err);
        if (r) {
            dbg__fail(r, &err);
        }
        return false;
    }
    job->number = ++s->last_number;
    if (r) {
        r->number = job->number;
        job->route = r->route;
        job->request = cd_take(r->message);
        r->dap.arguments = NULL;
        r->dap.command = r->row->name;
        job->deadline_ms = r->deadline_ms;
        job->progress = cd_progress_ref(r->progress);
        dbg__make_pending(r);
    }
    return true;
}

static int64_t within(const struct dbg_session *s, int64_t ms)
{
    return s->transport->now_ms(s->transport->ctx) + ms;
}

/* When the reply has to be out, and how long code of the user's may run for it. */
static void set_times(struct dbg_request *r)
{
    const bool none = r->deadline_ms < 0;
    r->deadline_ms = none ? 0 : within(r->session, DBG_REPLY_WITHIN_MS);
    r->progress = cd_progress_new(none ? 0 : within(r->session, DBG_USER_CODE_MS));
}

/* A stopped thread that runs what cannot be stopped takes nothing else (contracts.md §8). */
static bool refuse_busy(struct dbg_request *r, struct dbg_job *job_owned)
{
    const char *busy = dbg__busy(r->session);
    struct cd_error err = CD_ERROR_INIT;
    if (!busy) {
        return false;
    }
    cd_error_set(&err, CD_E_BUSY,
                 "thread %d is busy: '%s' took too long and could not be stopped; 'continue' waits "
                 "for its end, 'terminate' tries again to stop it",
                 r->session->stop->thread_id, busy);
    dbg__fail(r, &err);
    dbg_job_free(job_owned);
    return true;
}

void dbg__post_stopped(struct dbg_request *r, struct dbg_job *job_owned)
{
    struct dbg_session *s = r->session;
    if (refuse_busy(r, job_owned)) {
        return;
    }
    set_times(r);
    r->stop = s->stop->number;
    if (bind(s, r, job_owned)) {
        job_owned->thread_id = s->stop->thread_id;
        job_owned->stop = s->stop->number;
        s->stop->jobs++;
        s->engine->post_stopped(job_owned);
    }
}

void dbg__post_assist(struct dbg_request *r, struct dbg_job *job_owned)
{
    struct dbg_session *s = r->session;
    set_times(r);
    r->stop = 0;
    if (bind(s, r, job_owned)) {
        s->transport->post(s->transport->ctx, DBG_ON_ASSIST, job_owned);
    }
}

void dbg__post_python(struct dbg_request *r, struct dbg_job *job_owned)
{
    if (dbg__is_stopped(r->session) && !(r->anywhere && dbg__busy(r->session))) {
        dbg__post_stopped(r, job_owned);
    } else {
        dbg__post_assist(r, job_owned);
    }
}

void dbg__post_arm(struct dbg_session *s, struct dbg_request *r, struct dbg_job *job_owned)
{
    if (r) {
        r->deadline_ms = within(s, r->late_body ? DBG_TABLES_WITHIN_MS : DBG_REPLY_WITHIN_MS);
    }
    if (bind(s, r, job_owned)) {
        s->transport->post(s->transport->ctx, DBG_ON_ARM, job_owned);
    }
}

void dbg__job_done(struct dbg_session *s, struct dbg_job *job_owned)
{
    const struct dbg_work *w = job_owned->data;
    struct dbg_request *r = dbg__request_by_number(s, job_owned->number);
    if (r && !r->answered && !job_owned->ran && r->stop && r->anywhere && !s->ended) {
        // its stop ended before it ran: it needs none
        dbg__stop_job_done(s, job_owned->stop);
        r->stop = 0;
        job_owned->stop = 0;
        job_owned->thread_id = 0;
        s->transport->post(s->transport->ctx, DBG_ON_ASSIST, job_owned);
        return;
    }
    if (r) {
        dbg__unlink(r);
    }
    w->finish(s, r && !r->answered ? r : NULL, job_owned);
    dbg__request_free(r);
    dbg__stop_job_done(s, job_owned->stop);
    dbg_job_free(job_owned);
    dbg__interrupt_due(s);
}
