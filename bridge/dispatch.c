/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The bridge's table of handlers over dap/requests.def: see dispatch.h.
 */
#include "bridge/dispatch.h"

#include "bridge/edge.h"
#include "bridge/session_impl.h"
#include "dap/base/limits.h"

#include <string.h>

#define FORWARD_MS 5000 /* the kernel answers within a second; this is for one that does not */

static const bridge_handler_fn handlers[DAP_CMD_COUNT] = {
    [DAP_CMD_attach] = bridge_req_attach,
    [DAP_CMD_cancel] = bridge_req_cancel,
    [DAP_CMD_celldap_cell] = bridge_req_cell,
    [DAP_CMD_celldap_cells] = bridge_req_cells,
    [DAP_CMD_celldap_input] = bridge_req_input,
    [DAP_CMD_celldap_interrupt] = bridge_req_interrupt,
    [DAP_CMD_celldap_restartKernel] = bridge_req_restart_kernel,
    [DAP_CMD_celldap_runCell] = bridge_req_run_cell,
    [DAP_CMD_celldap_saveOutputs] = bridge_req_save_outputs,
    [DAP_CMD_completions] = bridge_req_completions,
    [DAP_CMD_configurationDone] = bridge_req_configuration_done,
    [DAP_CMD_continue] = bridge_req_continue,
    [DAP_CMD_disconnect] = bridge_req_disconnect,
    [DAP_CMD_evaluate] = bridge_req_evaluate,
    [DAP_CMD_initialize] = bridge_req_initialize,
    [DAP_CMD_launch] = bridge_req_launch,
    [DAP_CMD_loadedSources] = bridge_req_loaded_sources,
    [DAP_CMD_restart] = bridge_req_restart,
    [DAP_CMD_setBreakpoints] = bridge_req_set_breakpoints,
    [DAP_CMD_setDataBreakpoints] = bridge_req_set_data_breakpoints,
    [DAP_CMD_setExceptionBreakpoints] = bridge_req_set_exception_breakpoints,
    [DAP_CMD_setFunctionBreakpoints] = bridge_req_set_function_breakpoints,
    [DAP_CMD_source] = bridge_req_source,
    [DAP_CMD_terminate] = bridge_req_terminate,
    [DAP_CMD_threads] = bridge_req_threads,
};

/* What makes room when too much waits. */
static bool makes_room(enum dap_command cmd)
{
    return cmd == DAP_CMD_cancel || cmd == DAP_CMD_celldap_interrupt || cmd == DAP_CMD_continue ||
           cmd == DAP_CMD_disconnect || cmd == DAP_CMD_terminate;
}

static void run(struct bridge_request *req)
{
    struct cd_error err = CD_ERROR_INIT;
    const struct dap_command_row *row = dap_command_find(req->dap.command);
    bridge_handler_fn handler;

    if (!row || row->bridge == DAP_B_NONE) {
        bridge_failf(req, CD_E_UNKNOWN_COMMAND, "unknown command '%.60s'", req->dap.command);
        return;
    }
    req->row = row;
    if (req->session->disconnect_request && dap_command_id(row) != DAP_CMD_disconnect) {
        bridge_failf(req, CD_E_BAD_STATE, "'%s' is not possible: the session is ending", row->name);
        return;
    }
    if (req->session->open_count > CD_MAX_OPEN_REQUESTS && !makes_room(dap_command_id(row))) {
        bridge_failf(req, CD_E_LIMIT,
                     "%u requests wait for their answers already: wait for some, or cancel them",
                     CD_MAX_OPEN_REQUESTS);
        return;
    }
    if (row->bridge == DAP_B_REFUSE) {
        bridge_failf(req, CD_E_UNSUPPORTED, "'%s' is not supported by celldap", row->name);
        return;
    }
    if (!bridge_kernel_offers(req->session, dap_command_id(row))) {
        bridge_failf(req, CD_E_UNSUPPORTED, "'%s' is not offered by this kernel", row->name);
        return;
    }
    if (dap_command_check_state(row, bridge_state(req->session), &err) != CD_OK) {
        bridge_fail(req, &err);
        return;
    }
    handler = handlers[dap_command_id(row)];
    if (handler) {
        handler(req);
    } else {
        bridge_forward(req, FORWARD_MS);
    }
    if (!req->replied && req->refs == 2) {
        bridge_failf(req, CD_E_INTERNAL, "'%s' was not answered", row->name);
    }
}

/* A launch configuration is the user's: whatever it has under these names is no line of ours. */
static bool has_lines(const char *command)
{
    return strcmp(command, "launch") != 0 && strcmp(command, "attach") != 0 &&
           strcmp(command, "restart") != 0 && strcmp(command, "initialize") != 0;
}

/* What is no request: a reply needs the number of what it answers. */
static void refuse(struct bridge_request *req, const struct cd_error *err)
{
    if (req->dap.seq > 0) {
        bridge_fail(req, err);
        return;
    }
    bridge_say(req->session, "important", "celldap: skipped a message that is no request: %s\n",
               err->text);
    bridge_request_drop(req);
}

void bridge_dispatch(struct bridge_session *s, json_t *message_owned)
{
    struct cd_error err = CD_ERROR_INIT;
    const json_t *type = json_object_get(message_owned, "type");
    struct bridge_request *req;

    if (json_is_string(type) && strcmp(json_string_value(type), "response") == 0) {
        bridge_reverse_answer(s, message_owned);
        return;
    }
    req = bridge_request_new(s, message_owned);
    if (!req) {
        return;
    }
    bridge_request_ref(req); /* ours, over the handler */
    if (dap_request_parse(req->message, &req->dap, &err) != CD_OK) {
        refuse(req, &err);
    } else {
        if (has_lines(req->dap.command)) {
            bridge_edge_shift(req->dap.arguments, s->client.lines_at_0 ? 1 : 0,
                              s->client.columns_at_0 ? 1 : 0);
        }
        run(req);
    }
    bridge_request_unref(req);
}
