/* SPDX-License-Identifier: BSD-3-Clause
 *
 * initialize: answered without a kernel, and `initialized` right after it (facts: dap.md §3.5).
 */
#include "bridge/requests/requests.h"

#include <string.h>

#define CELLDAP_VERSION_NUMBER 1

static cd_result read_words(const json_t *object, const char *path,
                            bool (*take)(struct bridge_client_facts *, const char *),
                            struct bridge_client_facts *facts, struct cd_error *reterr)
{
    json_t *list = NULL, *item;
    size_t i;

    if (cd_json_arr_opt(object, path, &list, reterr) != CD_OK) {
        return CD_ERR;
    }
    json_array_foreach(list, i, item)
    {
        if (!json_is_string(item)) {
            return cd_error_set(reterr, CD_E_BAD_TYPE, "expected string at %s[%zu]", path, i);
        }
        take(facts, json_string_value(item));
    }
    return CD_OK;
}

static bool take_event(struct bridge_client_facts *facts, const char *name)
{
    const struct {
        const char *name;
        bool *value;
    } rows[] = {{"celldap/cellOutput", &facts->cell_output},
                {"celldap/cellState", &facts->cell_state},
                {"celldap/input", &facts->input}};

    for (size_t i = 0; i < CD_ARRAY_LEN(rows); i++) {
        /* with or without the prefix that all of them share */
        if (strcmp(name, rows[i].name) == 0 || strcmp(name, rows[i].name + 8) == 0) {
            *rows[i].value = true;
            return true;
        }
    }
    return false;
}

static bool take_reverse(struct bridge_client_facts *facts, const char *name)
{
    (void)facts;
    (void)name;
    return false; /* none is sent yet */
}

cd_result bridge_read_declaration(struct bridge_session *s, const json_t *arguments,
                                  struct cd_error *reterr)
{
    json_t *declared = NULL;
    int64_t version = 0;

    if (cd_json_obj_opt(arguments, "arguments.celldap", &declared, reterr) != CD_OK) {
        return CD_ERR;
    }
    if (!declared) {
        return CD_OK;
    }
    if (cd_json_int(declared, "arguments.celldap.version", 1, INT32_MAX, &version, reterr)) {
        return CD_ERR;
    }
    if (version > CELLDAP_VERSION_NUMBER) {
        return cd_error_set(reterr, CD_E_BAD_VALUE,
                            "arguments.celldap.version is %d, this celldap speaks version %d",
                            (int)version, CELLDAP_VERSION_NUMBER);
    }
    if (read_words(declared, "arguments.celldap.events", take_event, &s->client, reterr) != CD_OK ||
        read_words(declared, "arguments.celldap.reverse", take_reverse, &s->client, reterr)) {
        return CD_ERR;
    }
    s->client.celldap = true;
    return CD_OK;
}

static cd_result read_client(struct bridge_session *s, const json_t *arguments,
                             struct cd_error *reterr)
{
    bool lines_at_1 = true, columns_at_1 = true;
    const char *format = "path", *id = NULL;

    if (cd_json_str_opt(arguments, "arguments.adapterID", &id, reterr) != CD_OK ||
        cd_json_str_opt(arguments, "arguments.clientID", &id, reterr) != CD_OK ||
        cd_json_str_opt(arguments, "arguments.pathFormat", &format, reterr) != CD_OK ||
        cd_json_bool_opt(arguments, "arguments.linesStartAt1", &lines_at_1, reterr) != CD_OK ||
        cd_json_bool_opt(arguments, "arguments.columnsStartAt1", &columns_at_1, reterr) != CD_OK ||
        cd_json_bool_opt(arguments, "arguments.supportsANSIStyling", &s->client.ansi, reterr) ||
        cd_json_bool_opt(arguments, "arguments.supportsMemoryEvent", &s->client.memory, reterr) ||
        cd_json_bool_opt(arguments, "arguments.supportsInvalidatedEvent", &s->client.invalidated,
                         reterr) != CD_OK ||
        cd_json_bool_opt(arguments, "arguments.supportsStartDebuggingRequest",
                         &s->client.start_debugging, reterr) != CD_OK ||
        cd_json_bool_opt(arguments, "arguments.supportsRunInTerminalRequest",
                         &s->client.run_in_terminal, reterr) != CD_OK ||
        cd_json_bool_opt(arguments, "arguments.supportsProgressReporting", &s->client.progress,
                         reterr) != CD_OK) {
        return CD_ERR;
    }
    if (strcmp(format, "path") != 0) {
        return cd_error_set(reterr, CD_E_BAD_VALUE,
                            "arguments.pathFormat '%.40s' is not supported, 'path' is", format);
    }
    if (bridge_read_declaration(s, arguments, reterr) != CD_OK) {
        return CD_ERR;
    }
    s->client.lines_at_0 = !lines_at_1;
    s->client.columns_at_0 = !columns_at_1;
    return CD_OK;
}

static json_t *our_requests(void)
{
    json_t *list = json_array();

    for (int cmd = 0; cmd < DAP_CMD_COUNT; cmd++) {
        const struct dap_command_row *row = dap_command_row((enum dap_command)cmd);

        if (strncmp(row->name, "celldap/", 8) == 0 && row->bridge == DAP_B_HANDLE) {
            json_array_append_new(list, json_string(row->name));
        }
    }
    return list;
}

void bridge_req_initialize(struct bridge_request *req)
{
    struct bridge_session *s = req->session;
    struct cd_error err = CD_ERROR_INIT;
    json_t *body;

    if (read_client(s, req->dap.arguments, &err) != CD_OK) {
        s->client = (struct bridge_client_facts){0};
        bridge_fail(req, &err);
        return;
    }
    s->client.arguments = json_deep_copy(req->dap.arguments);
    s->initialized = true;
    body = dap_capabilities_new();
    if (body) {
        json_object_set_new(
            body, "celldap",
            json_pack("{s:i, s:o}", "version", CELLDAP_VERSION_NUMBER, "requests", our_requests()));
    }
    bridge_reply(req, body);
    bridge_event(s, "initialized", NULL);
}
