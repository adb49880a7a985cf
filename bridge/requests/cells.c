/* SPDX-License-Identifier: BSD-3-Clause
 *
 * celldap's own requests (contracts.md §9; docs/protocol.md has the JSON of each).
 */
#include "bridge/requests/requests.h"

json_t *bridge_cell_name(const struct bridge_session *s, int cell)
{
    struct bridge_cell_view view;

    bridge_cells_view(s->cells, cell, &view);
    return json_pack("{s:i, s:s, s:s*}", "index", view.index, "id", view.id, "uri", view.uri);
}

void bridge_req_cell(struct bridge_request *req)
{
    struct bridge_session *s = req->session;
    struct cd_error err = CD_ERROR_INIT;
    int cell = -1;

    if (bridge_cells_announce(s->cells, req->dap.arguments, &cell, &err) != CD_OK) {
        bridge_fail(req, &err);
        return;
    }
    if (s->debugging && s->kernel) {
        struct bridge_cell_view view;

        bridge_cells_view(s->cells, cell, &view);
        bridge_debug_quiet(s, "dumpCell",
                           json_pack("{s:o}", "code", cd_json_text(view.code, view.code_len)));
    }
    bridge_reply(req, json_pack("{s:o}", "cell", bridge_cell_name(s, cell)));
    bridge_breakpoints_resolve(s->breakpoints);
}

void bridge_req_cells(struct bridge_request *req)
{
    struct bridge_session *s = req->session;
    const char *notebook = s->notebook ? bridge_notebook_path(s->notebook) : NULL;
    json_t *list = json_array();

    for (int i = 0; i < bridge_cells_count(s->cells); i++) {
        struct bridge_cell_view view;
        json_t *cell = bridge_cell_name(s, i);

        bridge_cells_view(s->cells, i, &view);
        json_object_set_new(cell, "code", cd_json_text(view.code, view.code_len));
        if (s->room) {
            bridge_room_describe(s->room, view.id, cell);
        }
        json_array_append_new(list, cell);
    }
    bridge_reply(req, json_pack("{s:s*, s:o}", "notebook", notebook, "cells", list));
}

static cd_result need_notebook(const struct bridge_session *s, struct cd_error *reterr)
{
    if (!s->launch ||
        (s->launch->kind != BRIDGE_LAUNCH_NOTEBOOK &&
         !(bridge_is_attach(s) && s->kernel && bridge_client_has(s->kernel, WIRE_SHELL)))) {
        return cd_error_set(reterr, CD_E_BAD_STATE, "no notebook was launched");
    }
    if (s->kernel_state != BRIDGE_KERNEL_READY) {
        return cd_error_set(reterr, CD_E_BAD_STATE, "the kernel is ending");
    }
    return CD_OK;
}

void bridge_req_run_cell(struct bridge_request *req)
{
    struct bridge_session *s = req->session;
    struct cd_error err = CD_ERROR_INIT;
    const char *code = NULL;
    int cell = -1;

    if (need_notebook(s, &err) != CD_OK ||
        cd_json_str_opt(req->dap.arguments, "arguments.code", &code, &err) != CD_OK ||
        bridge_cells_find(s->cells, req->dap.arguments, &cell, &err) != CD_OK ||
        bridge_run_cell(s, cell, code, false, &err) != CD_OK) {
        bridge_fail(req, &err);
        return;
    }
    bridge_reply(req, json_pack("{s:o}", "cell", bridge_cell_name(s, cell)));
}

void bridge_req_interrupt(struct bridge_request *req)
{
    bridge_interrupt(req->session);
    bridge_reply(req, NULL);
}

void bridge_req_save_outputs(struct bridge_request *req)
{
    struct bridge_session *s = req->session;
    struct cd_error err = CD_ERROR_INIT;
    const char *path = NULL;
    int count = 0;

    if (cd_json_str_opt(req->dap.arguments, "arguments.path", &path, &err) != CD_OK ||
        bridge_keep_save(s, path, &count, &err) != CD_OK) {
        bridge_fail(req, &err);
        return;
    }
    bridge_reply(req, json_pack("{s:s, s:i}", "path",
                                path ? path : bridge_notebook_path(s->notebook), "cells", count));
}

void bridge_req_input(struct bridge_request *req)
{
    struct bridge_session *s = req->session;
    struct cd_error err = CD_ERROR_INIT;
    const char *value = NULL;

    if (cd_json_str(req->dap.arguments, "arguments.value", &value, &err) != CD_OK) {
        bridge_fail(req, &err);
    } else if (!s->input_prompt) {
        bridge_failf(req, CD_E_BAD_STATE, "no input() waits for an answer");
    } else {
        bridge_answer_input(s, value);
        bridge_reply(req, NULL);
    }
}
