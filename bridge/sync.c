/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Attaches to a new kernel's debugger and brings what the session knows: cells, so that breakpoints
 * bind before anything runs, breakpoints, exception filters. All is sent in one go; the kernel
 * answers in order.
 */
#include "bridge/session_impl.h"
#include "dap/base/log.h"

#include <stdlib.h>
#include <string.h>

#define SYNC_MS 30000

static void failed(struct bridge_session *s, const char *what, const char *text)
{
    struct cd_error err = CD_ERROR_INIT;

    if (s->kernel_state == BRIDGE_KERNEL_STARTING) {
        cd_error_set(&err, CD_E_KERNEL, "the kernel's debugger refused '%s': %s", what, text);
        bridge_start_failed(s, &err);
    }
}

bool bridge_sync_good(struct bridge_session *s, const char *what, const json_t *response,
                      const struct cd_error *err)
{
    const json_t *message = json_object_get(response, "message");

    if (s->kernel_state != BRIDGE_KERNEL_STARTING) {
        return false;
    }
    if (json_is_true(json_object_get(response, "success"))) {
        return true;
    }
    failed(s, what,
           err                       ? err->text
           : json_is_string(message) ? json_string_value(message)
                                     : "no reason given");
    return false;
}

static void on_configured(void *ctx, json_t *response, const struct cd_error *err)
{
    struct bridge_session *s = ctx;

    if (bridge_sync_good(s, "configurationDone", response, err)) {
        bridge_ready(s);
    }
}

void bridge_sync_answered(struct bridge_session *s)
{
    if (s->kernel_state == BRIDGE_KERNEL_STARTING && --s->sync_open == 0) {
        bridge_client_debug(s->kernel, "configurationDone", NULL, SYNC_MS, on_configured, s);
    }
}

static void on_exception_filters(void *ctx, json_t *response, const struct cd_error *err)
{
    if (!json_is_true(json_object_get(response, "success"))) {
        cd_log(CD_LOG_WARN, "start", "exception filters: %s", err ? err->text : "refused");
    }
    bridge_sync_answered(ctx);
}

static void dump_cells(struct bridge_session *s)
{
    int count = bridge_cells_count(s->cells);

    for (int i = 0; i < count; i++) {
        struct bridge_cell_view cell;

        bridge_cells_view(s->cells, i, &cell);
        bridge_client_debug(s->kernel, "dumpCell",
                            json_pack("{s:o}", "code", cd_json_text(cell.code, cell.code_len)),
                            SYNC_MS, NULL, NULL);
    }
}

static void on_info(void *ctx, json_t *response, const struct cd_error *err)
{
    struct bridge_session *s = ctx;
    struct cd_error bad = CD_ERROR_INIT;
    const char *prefix = NULL;

    if (!bridge_sync_good(s, "debugInfo", response, err)) {
        return;
    }
    if (cd_json_str(json_object_get(response, "body"), "body.tmpFilePrefix", &prefix, &bad) !=
            CD_OK ||
        bridge_cells_set_prefix(s->cells, prefix, &bad) != CD_OK) {
        failed(s, "debugInfo", bad.text);
        return;
    }
    free(s->cell_folder);
    s->cell_folder = strdup(prefix);
    s->debugging = true;
    s->sync_open = 1; /* ours, until all is sent */
    dump_cells(s);
    bridge_breakpoints_sync(s->breakpoints);
    if (s->exception_arguments) {
        s->sync_open++;
        bridge_client_debug(s->kernel, "setExceptionBreakpoints",
                            s->foreign ? bridge_foreign_filters(s->foreign, s->exception_arguments)
                                       : json_incref(s->exception_arguments),
                            SYNC_MS, on_exception_filters, s);
    }
    bridge_sync_answered(s);
}

static void on_attached(void *ctx, json_t *response, const struct cd_error *err)
{
    bridge_sync_good(ctx, "attach", response, err);
}

static void on_initialized(void *ctx, json_t *response, const struct cd_error *err)
{
    bridge_sync_good(ctx, "initialize", response, err);
}

/* What the client is able to, in the kernel's counting. */
json_t *bridge_sync_initialize_arguments(const struct bridge_session *s)
{
    json_t *a = s->client.arguments ? json_deep_copy(s->client.arguments) : json_object();

    if (a) {
        json_object_del(a, "celldap");
        json_object_set_new(a, "adapterID", json_string("celldap"));
        json_object_set_new(a, "linesStartAt1", json_true());
        json_object_set_new(a, "columnsStartAt1", json_true());
        json_object_set_new(a, "pathFormat", json_string("path"));
    }
    return a;
}

json_t *bridge_sync_attach_arguments(const struct bridge_session *s)
{
    return json_pack("{s:b, s:b, s:O*, s:O*, s:O*}", "justMyCode", s->launch->just_my_code,
                     "subProcess", s->launch->sub_process, "rules", s->launch->rules,
                     "variablePresentation", s->launch->presentation, "breakOnSystemExit",
                     s->launch->exit_codes);
}

void bridge_sync_cells(struct bridge_session *s)
{
    bridge_client_debug(s->kernel, "debugInfo", NULL, SYNC_MS, on_info, s);
}

void bridge_sync(struct bridge_session *s)
{
    if (s->foreign) {
        bridge_foreign_start(s);
        return;
    }
    bridge_client_debug(s->kernel, "initialize", bridge_sync_initialize_arguments(s), SYNC_MS,
                        on_initialized, s);
    bridge_client_debug(s->kernel, "attach", bridge_sync_attach_arguments(s), SYNC_MS, on_attached,
                        s);
    bridge_sync_cells(s);
}
