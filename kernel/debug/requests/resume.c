/* SPDX-License-Identifier: BSD-3-Clause
 *
 * continue, next, stepIn, stepOut, pause. The reply goes out before anything runs, so that it comes
 * before the events that it causes. Debug thread only.
 */
#include "kernel/debug/state.h"

#include <string.h>

struct resume_args {
    int64_t thread_id; /* 0: not given */
    int64_t target_id;
    bool single_thread;
};

static cd_result read_args(const json_t *args, struct resume_args *ret, struct cd_error *reterr)
{
    const char *granularity = "line";
    *ret = (struct resume_args){0};
    if (cd_json_int_opt(args, "arguments.threadId", 0, INT32_MAX, &ret->thread_id, reterr) !=
            CD_OK ||
        cd_json_int_opt(args, "arguments.targetId", 0, INT32_MAX, &ret->target_id, reterr) !=
            CD_OK ||
        cd_json_bool_opt(args, "arguments.singleThread", &ret->single_thread, reterr) != CD_OK ||
        cd_json_str_opt(args, "arguments.granularity", &granularity, reterr) != CD_OK) {
        return CD_ERR;
    }
    if (strcmp(granularity, "statement") != 0 && strcmp(granularity, "line") != 0 &&
        strcmp(granularity, "instruction") != 0) {
        return cd_error_set(reterr, CD_E_BAD_VALUE,
                            "'%.40s' at arguments.granularity is none of statement, line, "
                            "instruction",
                            granularity);
    }
    return CD_OK;
}

void dbg__req_continue(struct dbg_session *s, struct dbg_client *c, struct dbg_request *r)
{
    struct cd_error err = CD_ERROR_INIT;
    struct resume_args args;
    if (read_args(r->dap.arguments, &args, &err) != CD_OK) {
        dbg__fail(r, &err);
        return;
    }
    struct engine_step step = {.kind = ENGINE_CONTINUE,
                               .just_my_code = c->just_my_code,
                               .owner = c->id,
                               .single_thread = dbg__is_stopped(s) && args.single_thread};
    const bool stopped = dbg__is_stopped(s);
    if (!stopped) {
        s->engine->pause_cancel(); // before the reply: the client may run a cell at once
    }
    dbg__answer(r, json_pack("{s:b}", "allThreadsContinued", !step.single_thread));
    if (stopped) {
        dbg__resume(s, c, &step);
    }
}

static void step(struct dbg_session *s, struct dbg_client *c, struct dbg_request *r,
                 enum engine_step_kind kind)
{
    struct cd_error err = CD_ERROR_INIT;
    struct resume_args args;
    cd_result result = read_args(r->dap.arguments, &args, &err);
    // JupyterLab says 1 where it knows no thread
    if (result == CD_OK && args.thread_id > DBG_MAIN_THREAD &&
        args.thread_id != s->stop->thread_id) {
        result = cd_error_set(&err, CD_E_NOT_FOUND,
                              "thread %lld at arguments.threadId is not the one that stopped: "
                              "step thread %d",
                              (long long)args.thread_id, s->stop->thread_id);
    }
    if (result != CD_OK) {
        dbg__fail(r, &err);
        return;
    }
    struct engine_step plan = {.kind = kind,
                               .single_thread = args.single_thread,
                               .just_my_code = c->just_my_code,
                               .owner = c->id,
                               .target_id = (int)args.target_id};
    dbg__answer(r, NULL);
    dbg__resume(s, c, &plan);
}

void dbg__req_next(struct dbg_session *s, struct dbg_client *c, struct dbg_request *r)
{
    step(s, c, r, ENGINE_NEXT);
}

void dbg__req_step_in(struct dbg_session *s, struct dbg_client *c, struct dbg_request *r)
{
    step(s, c, r, ENGINE_STEP_IN);
}

void dbg__req_step_out(struct dbg_session *s, struct dbg_client *c, struct dbg_request *r)
{
    step(s, c, r, ENGINE_STEP_OUT);
}

void dbg__req_pause(struct dbg_session *s, struct dbg_client *c, struct dbg_request *r)
{
    struct cd_error err = CD_ERROR_INIT;
    int64_t thread_id = DBG_MAIN_THREAD;
    (void)c;
    if (cd_json_int_opt(r->dap.arguments, "arguments.threadId", 0, INT32_MAX, &thread_id, &err) !=
        CD_OK) {
        dbg__fail(r, &err);
        return;
    }
    // armed before the reply: the client may run a cell as soon as it has that. The stop itself is
    // a note, which this thread takes up after the reply
    if (!dbg__is_stopped(s)) {
        s->engine->pause((int)thread_id);
    }
    dbg__answer(r, NULL);
}
