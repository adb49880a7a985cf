/* SPDX-License-Identifier: BSD-3-Clause
 *
 * How a client comes and goes: celldap/hello, celldap/ping, initialize, attach, configurationDone,
 * disconnect, terminate. A kernel is only attached to; what was launched is the bridge's matter.
 * Debug thread only.
 */
#include "kernel/debug/state.h"

#include <string.h>
#include <unistd.h>

#define PROTOCOL_VERSION 1 /* of the celldap/ requests, contracts.md §9 */

void dbg__req_hello(struct dbg_session *s, struct dbg_client *c, struct dbg_request *r)
{
    struct cd_error err = CD_ERROR_INIT;
    const char *uuid = NULL;
    int64_t version = PROTOCOL_VERSION;
    cd_result result = cd_json_str_opt(r->dap.arguments, "arguments.client", &uuid, &err);
    if (result == CD_OK) {
        result =
            cd_json_int_opt(r->dap.arguments, "arguments.version", 1, INT32_MAX, &version, &err);
    }
    if (result == CD_OK && version > PROTOCOL_VERSION) {
        result = cd_error_set(&err, CD_E_BAD_VALUE,
                              "version %lld at arguments.version is not known: this kernel "
                              "speaks version %d",
                              (long long)version, PROTOCOL_VERSION);
    }
    if (result == CD_OK && uuid && c->uuid &&
        (strlen(uuid) != c->uuid_len || memcmp(uuid, c->uuid, c->uuid_len) != 0)) {
        result =
            cd_error_set(&err, CD_E_BAD_VALUE,
                         "'%.60s' at arguments.client is not the identity of this socket", uuid);
    }
    if (result != CD_OK) {
        dbg__fail(r, &err);
        return;
    }
    dbg__answer(r, json_pack("{s:i, s:i}", "version", PROTOCOL_VERSION, "clientId", c->id));
    if (c->attached) {
        // one that comes back has lost what it knew
        dbg__show_stop(s, c);
    }
}

void dbg__req_ping(struct dbg_session *s, struct dbg_client *c, struct dbg_request *r)
{
    struct cd_error err = CD_ERROR_INIT;
    bool away = false;

    if (cd_json_bool_opt(r->dap.arguments, "arguments.away", &away, &err) != CD_OK) {
        dbg__fail(r, &err);
        return;
    }
    if (away && c->id != DBG_CLIENT_CONTROL) { // it says goodbye but leaves all as it is
        c->away = true;
        dbg__tell_engine(s);
    }
    dbg__answer(r, json_pack("{s:i}", "pid", (int)getpid()));
}

static cd_result check_initialize(const json_t *args, struct cd_error *reterr)
{
    const char *format = "path";
    bool lines = true;
    bool columns = true;
    if (cd_json_str_opt(args, "arguments.pathFormat", &format, reterr) != CD_OK ||
        cd_json_bool_opt(args, "arguments.linesStartAt1", &lines, reterr) != CD_OK ||
        cd_json_bool_opt(args, "arguments.columnsStartAt1", &columns, reterr) != CD_OK) {
        return CD_ERR;
    }
    if (strcmp(format, "path") != 0) {
        return cd_error_set(reterr, CD_E_BAD_VALUE,
                            "'%.40s' at arguments.pathFormat is not supported: use 'path'", format);
    }
    if (!lines || !columns) {
        return cd_error_set(reterr, CD_E_BAD_VALUE,
                            "false at arguments.%s is not supported: this kernel counts from 1",
                            lines ? "columnsStartAt1" : "linesStartAt1");
    }
    return CD_OK;
}

void dbg__req_initialize(struct dbg_session *s, struct dbg_client *c, struct dbg_request *r)
{
    struct cd_error err = CD_ERROR_INIT;
    (void)s;
    if (check_initialize(r->dap.arguments, &err) != CD_OK) {
        dbg__fail(r, &err);
        return;
    }
    c->initialized = true;
    dbg__blanks_client(c, r->dap.arguments);
    dbg__answer(r, dap_kernel_capabilities_new());
}

void dbg__req_attach(struct dbg_session *s, struct dbg_client *c, struct dbg_request *r)
{
    struct cd_error err = CD_ERROR_INIT;
    bool just_my_code = true, sub_process = true;
    json_t *list = NULL, *exits = NULL, *presentation = NULL;
    struct engine_rules rules = {0};
    if (cd_json_bool_opt(r->dap.arguments, "arguments.justMyCode", &just_my_code, &err) != CD_OK ||
        cd_json_bool_opt(r->dap.arguments, "arguments.subProcess", &sub_process, &err) != CD_OK ||
        cd_json_arr_opt(r->dap.arguments, "arguments.rules", &list, &err) != CD_OK ||
        cd_json_arr_opt(r->dap.arguments, "arguments.breakOnSystemExit", &exits, &err) != CD_OK ||
        dbg__presentation_read(r->dap.arguments, &presentation, &err) != CD_OK ||
        dbg__rules_read(list, &rules, &err) != CD_OK ||
        dbg__exits_read(exits, &rules, &err) != CD_OK) {
        json_decref(presentation);
        engine_rules_free(&rules);
        dbg__fail(r, &err);
        return;
    }
    c->just_my_code = just_my_code;
    json_decref(c->presentation);
    c->presentation = presentation;
    c->sub_process = sub_process;
    c->attached = true;
    dbg__rules_arm(s, c, &rules);
    dbg__inherited_over(s);
    dbg__tell_engine(s);
    dbg__answer(r, NULL);
    dbg__event_to(s, c, "initialized", NULL, 0);
    dbg__show_stop(s, c);
}

void dbg__req_configuration_done(struct dbg_session *s, struct dbg_client *c, struct dbg_request *r)
{
    // nothing waits for it: JupyterLab never sends it
    (void)s;
    (void)c;
    dbg__answer(r, NULL);
}

void dbg__req_disconnect(struct dbg_session *s, struct dbg_client *c, struct dbg_request *r)
{
    struct cd_error err = CD_ERROR_INIT;
    bool restart = false;
    bool terminate = false;
    bool suspend = false;
    const json_t *args = r->dap.arguments;
    if (cd_json_bool_opt(args, "arguments.restart", &restart, &err) != CD_OK ||
        cd_json_bool_opt(args, "arguments.terminateDebuggee", &terminate, &err) != CD_OK ||
        cd_json_bool_opt(args, "arguments.suspendDebuggee", &suspend, &err) != CD_OK) {
        dbg__fail(r, &err);
        return;
    }
    bool was_attached = c->attached;
    dbg__answer(r, NULL);
    if (was_attached && terminate) {
        dbg__interrupt(s); // before the stop ends: the cell must not run to its end meanwhile
    }
    dbg__client_reset(s, c);
    if (was_attached && dbg__attached_count(s, false) == 0) {
        s->engine->pause_cancel();
        if (!suspend) {
            dbg__resume_all(s, c);
        }
    }
}

void dbg__req_terminate(struct dbg_session *s, struct dbg_client *c, struct dbg_request *r)
{
    struct cd_error err = CD_ERROR_INIT;
    bool restart = false;
    if (cd_json_bool_opt(r->dap.arguments, "arguments.restart", &restart, &err) != CD_OK) {
        dbg__fail(r, &err);
        return;
    }
    // contracts.md §7, a kernel that is attached to: the cell is interrupted, the kernel lives
    dbg__answer(r, NULL);
    s->engine->pause_cancel();
    dbg__interrupt(s);
    dbg__event_to(s, c, "terminated", NULL, 0);
}
