/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A request comes in: checked, looked up, checked against the state, handled. Whatever it is, it is
 * answered exactly once. Debug thread only.
 */
#include "kernel/debug/state.h"

static const dbg_handler HANDLERS[DAP_CMD_COUNT] = {
    [DAP_CMD_attach] = dbg__req_attach,
    [DAP_CMD_breakpointLocations] = dbg__req_breakpoint_locations,
    [DAP_CMD_cancel] = dbg__req_cancel,
    [DAP_CMD_celldap_child] = dbg__req_child,
    [DAP_CMD_celldap_hello] = dbg__req_hello,
    [DAP_CMD_celldap_ping] = dbg__req_ping,
    [DAP_CMD_celldap_postMortem] = dbg__req_post_mortem,
    [DAP_CMD_celldap_runCell] = dbg__req_run_cell,
    [DAP_CMD_configurationDone] = dbg__req_configuration_done,
    [DAP_CMD_continue] = dbg__req_continue,
    [DAP_CMD_debugInfo] = dbg__req_debug_info,
    [DAP_CMD_disconnect] = dbg__req_disconnect,
    [DAP_CMD_dumpCell] = dbg__req_dump_cell,
    [DAP_CMD_evaluate] = dbg__req_evaluate,
    [DAP_CMD_initialize] = dbg__req_initialize,
    [DAP_CMD_next] = dbg__req_next,
    [DAP_CMD_pause] = dbg__req_pause,
    [DAP_CMD_setBreakpoints] = dbg__req_set_breakpoints,
    [DAP_CMD_setDataBreakpoints] = dbg__req_set_data_breakpoints,
    [DAP_CMD_setExceptionBreakpoints] = dbg__req_set_exception_breakpoints,
    [DAP_CMD_setFunctionBreakpoints] = dbg__req_set_function_breakpoints,
    [DAP_CMD_stepIn] = dbg__req_step_in,
    [DAP_CMD_stepOut] = dbg__req_step_out,
    [DAP_CMD_terminate] = dbg__req_terminate,
};

static cd_result check_state(const struct dbg_session *s, const struct dbg_client *c,
                             const struct dap_command_row *row, struct cd_error *reterr)
{
    enum dap_command cmd = dap_command_id(row);
    enum dap_state state = DAP_S_RUNNING;
    // several front ends share the control channel and do not know of each other
    if (c->id == DBG_CLIENT_CONTROL &&
        (cmd == DAP_CMD_initialize || (cmd == DAP_CMD_attach && c->initialized))) {
        return CD_OK;
    }
    if (!c->initialized) {
        state = DAP_S_NEW;
    } else if (!c->attached) {
        state = DAP_S_CONFIG;
    } else if (dbg__is_stopped(s) || dbg__in_view(s, c)) {
        state = DAP_S_STOPPED;
    } else if (row->states & DAP_S_IDLE) {
        // whether a cell runs is not known here; a job finds out
        state = DAP_S_IDLE;
    }
    return dap_command_check_state(row, state, reterr);
}

static void run_simple(struct dbg_session *s, const struct dbg_client *c, struct dbg_request *r,
                       const struct dbg_simple *simple)
{
    r->anywhere = simple->anywhere;
    dbg__presentation_into(c, r);
    if (dap_command_id(r->row) == DAP_CMD_threads) {
        r->late_body = s->threads ? json_deep_copy(s->threads)
                                  : json_pack("{s:[{s:i, s:s}]}", "threads", "id", DBG_MAIN_THREAD,
                                              "name", "MainThread");
    }
    if (dbg__is_stopped(s) || dbg__in_view(s, c) || r->row->kernel != DAP_K_STOPPED) {
        dbg__post_python(r, dbg__job_op(s, simple->op));
    } else {
        struct cd_error err = CD_ERROR_INIT;
        cd_error_set(&err, CD_E_NOT_STOPPED, "'%s' needs a stopped program", r->row->name);
        dbg__fail(r, &err);
    }
}

static cd_result check(struct dbg_session *s, const struct dbg_client *c, struct dbg_request *r,
                       struct cd_error *reterr)
{
    if (dap_request_parse(r->message, &r->dap, reterr) != CD_OK) {
        return CD_ERR;
    }
    if (!c) {
        return cd_error_set(reterr, CD_E_INTERNAL, "the request came from nobody");
    }
    if (s->ended) {
        return cd_error_set(reterr, CD_E_BAD_STATE, "the kernel is ending");
    }
    r->row = dap_command_find(r->dap.command);
    if (!r->row) {
        return cd_error_set(reterr, CD_E_UNKNOWN_COMMAND, "unknown request '%.60s'",
                            r->dap.command);
    }
    if (r->row->kernel == DAP_K_REFUSE) {
        return cd_error_set(reterr, CD_E_UNSUPPORTED, "'%s' is not supported by this kernel",
                            r->row->name);
    }
    return check_state(s, c, r->row, reterr);
}

static void dispatch(struct dbg_session *s, struct dbg_client *c, struct dbg_request *r)
{
    struct cd_error err = CD_ERROR_INIT;
    if (check(s, c, r, &err) != CD_OK) {
        dbg__fail(r, &err);
        return;
    }
    dbg__blanks_in(s, c, r);
    dbg_handler handler = HANDLERS[dap_command_id(r->row)];
    const struct dbg_simple *simple = dbg__simple_find(r->row->name);
    if (dbg__in_view(s, c) && dbg__view_takes(s, c, r)) {
        return;
    }
    if (handler) {
        handler(s, c, r);
    } else if (simple) {
        run_simple(s, c, r, simple);
    }
}

static void out_of_memory(struct dbg_session *s, void *route, json_t *message_owned)
{
    struct dap_request dap;
    struct cd_error ignored = CD_ERROR_INIT;
    struct cd_error err = CD_ERROR_INIT;
    cd_oom(&err);
    if (dap_request_parse(message_owned, &dap, &ignored) != CD_OK) {
        cd_error_clear(&ignored);
    }
    s->transport->reply(s->transport->ctx, route, dap_error_response_new(&dap, &err, NULL));
    json_decref(message_owned);
}

void dbg_session_request(struct dbg_session *s, int client_id, void *route, json_t *request_owned)
{
    struct dbg_client *c = dbg__client_by_id(s, client_id);
    struct dbg_request *r = dbg__request_new(s, client_id, route, request_owned);
    bool back = c && c->away;
    if (!r) {
        out_of_memory(s, route, request_owned);
        return;
    }
    if (c) {
        c->away = false;
        c->seen_ms = s->transport->now_ms(s->transport->ctx);
    }
    dispatch(s, c, r);
    if (!r->pending) {
        dbg__request_free(r);
    }
    if (back) {
        dbg__client_back(s, c);
    }
}
