/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Requests that the kernel's debugger answers: sent on with the bridge's own numbers, sources and
 * lines mapped both ways.
 */
#include "bridge/edge.h"
#include "bridge/session_impl.h"
#include "dap/base/log.h"

#include <string.h>

static void map_each(struct bridge_session *s, json_t *body, const char *member)
{
    size_t i;
    json_t *item;

    json_array_foreach(json_object_get(body, member), i, item)
    {
        if (bridge_cells_object_out(s->cells, item, NULL) != CD_OK) {
            cd_log(CD_LOG_WARN, "forward", "a source in '%s' could not be mapped", member);
        }
    }
}

/* showReturnValue: false. */
static void without_returned(json_t *scopes)
{
    for (size_t i = json_array_size(scopes); i-- > 0;) {
        const json_t *hint = json_object_get(json_array_get(scopes, i), "presentationHint");

        if (json_is_string(hint) && strcmp(json_string_value(hint), "returnValue") == 0) {
            json_array_remove(scopes, i);
        }
    }
}

static void map_modules(struct bridge_session *s, json_t *modules)
{
    size_t i;
    json_t *module;

    json_array_foreach(modules, i, module)
    {
        bridge_cells_module_out(s->cells, module);
    }
}

/* CompletionItem.start counts as the client's columns do (DAP: CompletionItem). */
static void from_zero(json_t *targets)
{
    size_t i;
    json_t *item;

    json_array_foreach(targets, i, item)
    {
        json_t *start = json_object_get(item, "start");

        if (json_integer_value(start) > 0) {
            json_integer_set(start, json_integer_value(start) - 1);
        }
    }
}

/* The kernel's lines are a cell's; the client asked for one line in its own spelling. */
static void lines_as_asked(const struct bridge_request *req, json_t *targets)
{
    size_t i;
    json_t *item;

    json_array_foreach(targets, i, item)
    {
        json_object_set_new(item, "line", json_copy(json_object_get(req->dap.arguments, "line")));
    }
}

/* A call's place in a cell means nothing in the notebook's file; its label says enough. */
static void without_places(json_t *targets)
{
    static const char *const places[] = {"line", "column", "endLine", "endColumn"};
    size_t i;
    json_t *item;

    json_array_foreach(targets, i, item)
    {
        for (size_t k = 0; k < CD_ARRAY_LEN(places); k++) {
            json_object_del(item, places[k]);
        }
    }
}

/* Places of the source that was asked about: mapped as any object with that source. */
static void locations_out(struct bridge_session *s, const struct bridge_request *req,
                          json_t *locations)
{
    json_t *asked = json_deep_copy(req->dap.arguments);
    size_t i;
    json_t *item;

    if (asked && bridge_cells_object_in(s->cells, asked, NULL) == CD_OK) {
        json_array_foreach(locations, i, item)
        {
            json_object_set(item, "source", json_object_get(asked, "source"));
            if (bridge_cells_object_out(s->cells, item, NULL) != CD_OK) {
                cd_log(CD_LOG_WARN, "forward", "a place could not be mapped");
            }
            json_object_del(item, "source");
        }
    }
    json_decref(asked);
}

static void map_reply(struct bridge_session *s, const struct bridge_request *req, json_t *body)
{
    switch (dap_command_id(req->row)) {
    case DAP_CMD_stackTrace:
        map_each(s, body, "stackFrames");
        break;
    case DAP_CMD_breakpointLocations:
        locations_out(s, req, json_object_get(body, "breakpoints"));
        break;
    case DAP_CMD_scopes:
        map_each(s, body, "scopes");
        if (!s->launch->show_return_value) {
            without_returned(json_object_get(body, "scopes"));
        }
        break;
    case DAP_CMD_modules:
        map_modules(s, json_object_get(body, "modules"));
        break;
    case DAP_CMD_locations:
        if (bridge_cells_object_out(s->cells, body, NULL) != CD_OK) {
            cd_log(CD_LOG_WARN, "forward", "a source in 'locations' could not be mapped");
        }
        break;
    case DAP_CMD_gotoTargets:
        lines_as_asked(req, json_object_get(body, "targets"));
        break;
    case DAP_CMD_stepInTargets:
        if (s->notebook) {
            without_places(json_object_get(body, "targets"));
        }
        break;
    case DAP_CMD_evaluate:
        if (!s->client.ansi) {
            bridge_edge_strip_ansi(body, "result");
        }
        break;
    case DAP_CMD_completions:
        if (s->client.columns_at_0) {
            from_zero(json_object_get(body, "targets"));
        }
        break;
    case DAP_CMD_exceptionInfo:
        if (!s->client.ansi) {
            bridge_edge_strip_ansi(body, "description");
        }
        break;
    default:
        break;
    }
}

static bool steps(enum dap_command cmd)
{
    return cmd == DAP_CMD_next || cmd == DAP_CMD_stepIn || cmd == DAP_CMD_stepOut;
}

static bool resumes(enum dap_command cmd)
{
    return cmd == DAP_CMD_continue || steps(cmd);
}

static void on_reply(void *ctx, json_t *response, const struct cd_error *err)
{
    struct bridge_request *req = ctx;
    struct bridge_session *s = req->session;
    enum dap_command cmd = dap_command_id(req->row);

    req->kernel_request = 0;
    if (cmd == DAP_CMD_evaluate && s->evaluations > 0) {
        s->evaluations--;
    }
    if (!response) {
        bridge_fail(req, err);
        if (s->foreign) {
            bridge_foreign_doubt(s);
        }
    } else {
        if (json_is_true(json_object_get(response, "success"))) {
            if (s->foreign && json_object_get(response, "body")) {
                bridge_foreign_answer(req, json_object_get(response, "body"));
            }
            map_reply(s, req, json_object_get(response, "body"));
            s->view = s->view || cmd == DAP_CMD_celldap_postMortem;
            if (resumes(cmd) && req->stop_count == s->stop_count) {
                bridge_resumed(s); /* else it has stopped again before the reply was here */
            }
        }
        bridge_reply_as(req, response);
    }
    bridge_request_unref(req);
}

/* The kernel knows the request by another number. */
static void cancel(struct bridge_request *req)
{
    struct bridge_session *s = req->session;
    int64_t seq = s->kernel ? bridge_client_debug_seq(s->kernel, req->kernel_request) : 0;

    if (seq && !s->foreign) {
        bridge_debug_quiet(s, "cancel", json_pack("{s:I}", "requestId", (json_int_t)seq));
    }
}

void bridge_forward(struct bridge_request *req, uint64_t timeout_ms)
{
    struct bridge_session *s = req->session;
    struct cd_error err = CD_ERROR_INIT;
    const char *command = req->row->name;
    json_t *arguments;

    if (bridge_foreign_trouble(s)) {
        bridge_failf(req, CD_E_KERNEL, "%s", bridge_foreign_trouble(s));
        return;
    }
    if (!s->kernel || !s->debugging) {
        bridge_failf(req, CD_E_BAD_STATE, "'%s' is not possible: nothing is debugged%s",
                     req->row->name,
                     s->launch && s->launch->no_debug ? " (launched with noDebug)" : "");
        return;
    }
    arguments = json_deep_copy(req->dap.arguments);
    if ((json_object_get(arguments, "source") &&
         bridge_cells_object_in(s->cells, arguments, &err) != CD_OK) ||
        (s->foreign && !(command = bridge_foreign_ask(req, &arguments, &err)))) {
        json_decref(arguments);
        bridge_fail(req, &err);
        return;
    }
    if (dap_command_id(req->row) == DAP_CMD_evaluate) {
        s->evaluations++;
    }
    if (steps(dap_command_id(req->row)) && !s->launch->step_resumes_all &&
        !json_object_get(arguments, "singleThread")) {
        json_object_set_new(arguments, "singleThread", json_true());
    }
    req->cancel = cancel;
    req->stop_count = s->stop_count;
    req->kernel_request = bridge_client_debug(s->kernel, command, arguments, timeout_ms, on_reply,
                                              bridge_request_ref(req));
    if (!req->kernel_request) {
        bridge_failf(req, CD_E_OOM, "out of memory");
        bridge_request_unref(req);
    }
}

static void on_quiet(void *ctx, json_t *response, const struct cd_error *err)
{
    const char *message = json_string_value(json_object_get(response, "message"));

    (void)ctx;
    if (!json_is_true(json_object_get(response, "success"))) {
        cd_log(CD_LOG_INFO, "forward", "the kernel refused: %s",
               err       ? err->text
               : message ? message
                         : "");
    }
}

void bridge_debug_quiet(struct bridge_session *s, const char *command, json_t *arguments_owned)
{
    bridge_client_debug(s->kernel, command, arguments_owned, 5000, on_quiet, s);
}
