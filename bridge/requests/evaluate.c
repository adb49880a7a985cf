/* SPDX-License-Identifier: BSD-3-Clause
 *
 * evaluate: while stopped the kernel's debugger answers; else a line of the debug console is run as
 * a cell of its own, answers the input() that waits, or is a dot word (contracts.md §8, §9).
 */
#include "bridge/requests/requests.h"

#include <ctype.h>
#include <string.h>

#define EVALUATE_MS 5000

static cd_result read_arguments(const struct bridge_request *req, const char **ret_expression,
                                const char **ret_context, struct cd_error *reterr)
{
    const json_t *args = req->dap.arguments;
    int64_t frame = 0;

    if (cd_json_str(args, "arguments.expression", ret_expression, reterr) != CD_OK ||
        cd_json_str_opt(args, "arguments.context", ret_context, reterr) != CD_OK ||
        cd_json_int_opt(args, "arguments.frameId", INT32_MIN, INT32_MAX, &frame, reterr) != CD_OK) {
        return CD_ERR;
    }
    return CD_OK;
}

void bridge_answer_input(struct bridge_session *s, const char *value)
{
    bool password = s->input_password;

    bridge_input_clear(s);
    bridge_client_input(s->kernel, value);
    if (!password && !s->client.input) {
        bridge_say(s, "stdout", "%s\n", value);
    }
}

void bridge_console_run(struct bridge_request *req, const char *code)
{
    struct bridge_session *s = req->session;
    struct bridge_exec *e;

    if (s->launch->kind != BRIDGE_LAUNCH_NOTEBOOK &&
        !(bridge_is_attach(s) && bridge_client_has(s->kernel, WIRE_SHELL))) {
        bridge_failf(req, CD_E_NOT_STOPPED, "the program runs: pause it first");
        return;
    }
    e = bridge_exec_new(s, BRIDGE_EXEC_CONSOLE, code, req);
    if (!e) {
        bridge_failf(req, CD_E_OOM, "out of memory");
        return;
    }
    bridge_exec_push(s, e);
}

static void console_line(struct bridge_request *req, const char *line)
{
    struct bridge_session *s = req->session;

    if (s->input_prompt) {
        bridge_answer_input(s, line);
        bridge_reply(req, json_pack("{s:s, s:i}", "result", "", "variablesReference", 0));
    } else if (!bridge_console_word(req, line)) {
        if (bridge_state(s) == DAP_S_STOPPED) {
            bridge_forward(req, 0);
        } else {
            bridge_console_run(req, line);
        }
    }
}

void bridge_req_evaluate(struct bridge_request *req)
{
    struct bridge_session *s = req->session;
    struct cd_error err = CD_ERROR_INIT;
    const char *expression = NULL, *context = "";

    if (read_arguments(req, &expression, &context, &err) != CD_OK) {
        bridge_fail(req, &err);
    } else if (s->kernel_state != BRIDGE_KERNEL_READY) {
        bridge_failf(req, CD_E_BAD_STATE, "'evaluate' is not possible: the kernel is ending");
    } else if (strcmp(context, "repl") == 0) {
        console_line(req, expression);
    } else if (bridge_state(s) == DAP_S_RUNNING) {
        bridge_failf(req, CD_E_NOT_STOPPED,
                     "'evaluate' needs a stopped program, or wait for its end");
    } else if (s->foreign && bridge_state(s) == DAP_S_IDLE) {
        bridge_foreign_evaluate(req, expression);
    } else {
        if (bridge_state(s) == DAP_S_IDLE && strcmp(context, "watch") == 0) {
            /* the kernel refuses watches while a cell may run; here none does */
            json_object_set_new(req->dap.arguments, "context", json_string("variables"));
        }
        bridge_forward(req, EVALUATE_MS);
    }
}
