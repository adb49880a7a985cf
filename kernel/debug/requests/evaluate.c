/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Requests that are one function of the engine, and evaluate, where the context says when it may
 * run. The op functions are called on a Python thread with the GIL; the rest is the debug thread's.
 */
#include "kernel/debug/state.h"

#include <string.h>

#define SIMPLE_OP(name)                                                                            \
    static cd_result op_##name(const struct engine_ops *engine, const json_t *args, json_t **ret,  \
                               json_t **ret_extra, struct cd_error *reterr)                        \
    {                                                                                              \
        (void)ret_extra;                                                                           \
        return engine->name(args, ret, reterr);                                                    \
    }

SIMPLE_OP(stack_trace)
SIMPLE_OP(scopes)
SIMPLE_OP(variables)
SIMPLE_OP(set_variable)
SIMPLE_OP(set_expression)
SIMPLE_OP(go_to)
SIMPLE_OP(goto_targets)
SIMPLE_OP(restart_frame)
SIMPLE_OP(step_in_targets)
SIMPLE_OP(completions)
SIMPLE_OP(data_breakpoint_info)
SIMPLE_OP(exception_info)
SIMPLE_OP(source)
SIMPLE_OP(modules)
SIMPLE_OP(loaded_sources)
SIMPLE_OP(locations)
SIMPLE_OP(read_memory)
SIMPLE_OP(write_memory)
SIMPLE_OP(rich_inspect_variables)
SIMPLE_OP(copy_to_globals)

static cd_result op_threads(const struct engine_ops *engine, const json_t *args, json_t **ret,
                            json_t **ret_extra, struct cd_error *reterr)
{
    (void)args;
    (void)ret_extra;
    *ret = engine->threads(reterr);
    return *ret ? CD_OK : CD_ERR;
}

static cd_result op_inspect_variables(const struct engine_ops *engine, const json_t *args,
                                      json_t **ret, json_t **ret_extra, struct cd_error *reterr)
{
    (void)args;
    (void)ret_extra;
    return engine->inspect_variables(ret, reterr);
}

static cd_result op_evaluate(const struct engine_ops *engine, const json_t *args, json_t **ret,
                             json_t **ret_extra, struct cd_error *reterr)
{
    return engine->evaluate(args, ret, ret_extra, reterr);
}

static const struct {
    const char *command;
    struct dbg_simple simple;
} SIMPLE[] = {
    {"completions", {op_completions, false}},
    {"copyToGlobals", {op_copy_to_globals, false}},
    {"dataBreakpointInfo", {op_data_breakpoint_info, true}},
    {"exceptionInfo", {op_exception_info, false}},
    {"goto", {op_go_to, false}},
    {"gotoTargets", {op_goto_targets, false}},
    {"inspectVariables", {op_inspect_variables, true}},
    {"loadedSources", {op_loaded_sources, true}},
    {"locations", {op_locations, false}},
    {"modules", {op_modules, true}},
    {"readMemory", {op_read_memory, false}},
    {"restartFrame", {op_restart_frame, false}},
    {"richInspectVariables", {op_rich_inspect_variables, false}},
    {"scopes", {op_scopes, false}},
    {"setExpression", {op_set_expression, false}},
    {"setVariable", {op_set_variable, false}},
    {"source", {op_source, true}},
    {"stackTrace", {op_stack_trace, false}},
    {"stepInTargets", {op_step_in_targets, false}},
    {"threads", {op_threads, true}},
    {"variables", {op_variables, false}},
    {"writeMemory", {op_write_memory, false}},
};

const struct dbg_simple *dbg__simple_find(const char *command)
{
    for (size_t i = 0; i < CD_ARRAY_LEN(SIMPLE); i++) {
        if (strcmp(SIMPLE[i].command, command) == 0) {
            return &SIMPLE[i].simple;
        }
    }
    return NULL;
}

/* Jupyter's front ends know ipykernel's answer outside of frames: a text without quotes. */
static void plain_text(const struct dbg_client *c, json_t *arguments)
{
    if (c->id == DBG_CLIENT_CONTROL && !json_object_get(arguments, "frameId") &&
        !json_object_get(arguments, "format")) {
        (void)json_object_set_new(arguments, "format", json_pack("{s:b}", "rawString", 1));
    }
}

void dbg__req_evaluate(struct dbg_session *s, struct dbg_client *c, struct dbg_request *r)
{
    struct cd_error err = CD_ERROR_INIT;
    const char *expression = NULL;
    const char *context = "";
    cd_result result = cd_json_str(r->dap.arguments, "arguments.expression", &expression, &err);
    if (result == CD_OK) {
        result = cd_json_str_opt(r->dap.arguments, "arguments.context", &context, &err);
    }
    // a watch would have to wait for the cell; the console may
    if (result == CD_OK && !dbg__is_stopped(s) && !dbg__in_view(s, c) &&
        (strcmp(context, "watch") == 0 || strcmp(context, "hover") == 0)) {
        result = cd_error_set(&err, CD_E_NOT_STOPPED, "evaluation for a %s needs a stopped program",
                              context);
    }
    if (result != CD_OK) {
        dbg__fail(r, &err);
        return;
    }
    if (strcmp(context, "repl") == 0) {
        r->deadline_ms = -1;
        plain_text(c, r->dap.arguments);
    }
    dbg__post_python(r, dbg__job_op(s, op_evaluate));
}
