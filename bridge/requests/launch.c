/* SPDX-License-Identifier: BSD-3-Clause
 *
 * launch, attach, configurationDone, restart: what starts things. A launch is answered when its
 * kernel is ready and the client has configured it (facts: dap.md §3.6).
 */
#include "bridge/log_file.h"
#include "bridge/requests/requests.h"

#include <string.h>

/* Breakpoints that were set before may be in folders that the kernel has elsewhere. */
static void use_paths(struct bridge_session *s)
{
    bridge_cells_set_paths(s->cells, s->launch->paths);
    if (s->launch->paths) {
        bridge_breakpoints_resolve(s->breakpoints);
    }
}

/* contracts.md §10. As long a time for any text of the right length. */
static cd_result check_token(const struct bridge_session *s, const json_t *arguments,
                             struct cd_error *reterr)
{
    const char *wanted = s->config.token, *given = "";
    unsigned char differ = 0;

    if (!wanted) {
        return CD_OK;
    }
    if (cd_json_str(arguments, "arguments.celldapToken", &given, reterr) != CD_OK) {
        return CD_ERR;
    }
    for (size_t i = 0; strlen(given) == strlen(wanted) && wanted[i]; i++) {
        differ |= (unsigned char)(given[i] ^ wanted[i]);
    }
    return strlen(given) == strlen(wanted) && differ == 0
               ? CD_OK
               : cd_error_set(reterr, CD_E_BAD_VALUE,
                              "arguments.celldapToken is not the token of this server: it is in "
                              "the URL that celldap serve printed");
}

/* A log that cannot be written is no reason not to debug. */
static void log_to_file(struct bridge_session *s)
{
    struct cd_error err = CD_ERROR_INIT;

    if (!s->launch->log_to_file) {
        return;
    }
    if (!s->config.kernel_log && bridge_log_to_file(&s->config.kernel_log, &err) != CD_OK) {
        bridge_say(s, "important", "celldap: %s\n", err.text);
    } else {
        bridge_say(s, "console", "celldap: the log is %s\n", s->config.kernel_log);
    }
}

static void begin(struct bridge_request *req,
                  cd_result (*parse)(const json_t *, struct bridge_launch **, struct cd_error *),
                  void (*start)(struct bridge_session *))
{
    struct bridge_session *s = req->session;
    struct cd_error err = CD_ERROR_INIT;

    if (s->launch) {
        bridge_failf(req, CD_E_BAD_STATE, "'%s' was sent before",
                     bridge_is_attach(s) ? "attach" : "launch");
        return;
    }
    if (check_token(s, req->dap.arguments, &err) != CD_OK ||
        bridge_read_declaration(s, req->dap.arguments, &err) != CD_OK ||
        parse(req->dap.arguments, &s->launch, &err) != CD_OK) {
        err.show_user = true;
        bridge_fail(req, &err);
        if (err.id != CD_E_BAD_TYPE) { /* a malformed request may be sent again */
            bridge_terminated(s);
        }
        return;
    }
    log_to_file(s);
    use_paths(s);
    s->launch_request = bridge_request_ref(req);
    start(s);
}

void bridge_req_launch(struct bridge_request *req)
{
    begin(req, bridge_launch_parse, bridge_start);
}

void bridge_req_attach(struct bridge_request *req)
{
    begin(req, bridge_attach_parse, bridge_attach);
}

void bridge_req_configuration_done(struct bridge_request *req)
{
    struct bridge_session *s = req->session;

    bridge_reply(req, NULL);
    s->configured = true;
    bridge_maybe_run(s);
}

static void restart(struct bridge_request *req, bool rerun)
{
    struct bridge_session *s = req->session;
    struct cd_error err = CD_ERROR_INIT;
    struct bridge_launch *launch = NULL;
    json_t *arguments = NULL;

    if (!s->launched || s->ended || (!s->process && !s->room)) {
        bridge_failf(req, CD_E_BAD_STATE, "'%s' is not possible: nothing was launched",
                     req->row->name);
        return;
    }
    if (s->kernel_state != BRIDGE_KERNEL_READY) {
        bridge_failf(req, CD_E_BAD_STATE, "'%s' is not possible: the kernel is ending",
                     req->row->name);
        return;
    }
    if (rerun &&
        cd_json_obj_opt(req->dap.arguments, "arguments.arguments", &arguments, &err) != CD_OK) {
        bridge_fail(req, &err);
        return;
    }
    if (json_object_size(arguments) > 0) {
        if (bridge_launch_parse(arguments, &launch, &err) != CD_OK) {
            bridge_fail(req, &err);
            return;
        }
        bridge_launch_free(s->launch);
        s->launch = launch;
        bridge_cells_set_paths(s->cells, launch->paths);
    }
    if (s->room) {
        bridge_room_again(req, rerun);
        return;
    }
    s->launch_request = bridge_request_ref(req);
    bridge_restart(s, rerun);
}

void bridge_req_restart(struct bridge_request *req)
{
    restart(req, true);
}

/* Whoever started the kernel starts it again when it ends so (jupyter: messaging, "restart"). */
static void ask_to_restart(struct bridge_request *req)
{
    struct bridge_session *s = req->session;

    if (s->remote) {
        bridge_remote_restart(s);
    } else {
        bridge_client_request(s->kernel, WIRE_CONTROL, "shutdown_request",
                              json_pack("{s:b}", "restart", 1), NULL, 0, NULL, NULL, NULL);
    }
    bridge_reply(req, NULL);
}

void bridge_req_restart_kernel(struct bridge_request *req)
{
    struct bridge_session *s = req->session;

    if (bridge_is_attach(s) && !s->room && s->kernel &&
        bridge_client_has(s->kernel, WIRE_CONTROL)) {
        ask_to_restart(req);
        return;
    }
    restart(req, s->launch && s->launch->kind != BRIDGE_LAUNCH_NOTEBOOK);
}
