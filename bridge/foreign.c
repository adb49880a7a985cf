/* SPDX-License-Identifier: BSD-3-Clause
 *
 * See foreign.h. ipykernel answers a request of DAP that its debugger does not know with nothing,
 * and then nothing else on control any more: only what it is known to take is sent.
 */
#include "bridge/foreign.h"

#include "bridge/session_impl.h"

#include <string.h>

/* What any kernel with Jupyter's debugger takes though no capability says so. */
static const enum dap_command always[] = {DAP_CMD_attach,         DAP_CMD_configurationDone,
                                          DAP_CMD_continue,       DAP_CMD_disconnect,
                                          DAP_CMD_evaluate,       DAP_CMD_initialize,
                                          DAP_CMD_next,           DAP_CMD_pause,
                                          DAP_CMD_scopes,         DAP_CMD_source,
                                          DAP_CMD_setBreakpoints, DAP_CMD_setExceptionBreakpoints,
                                          DAP_CMD_stackTrace,     DAP_CMD_stepIn,
                                          DAP_CMD_stepOut,        DAP_CMD_threads,
                                          DAP_CMD_variables};
/* What the bridge does by itself, whatever the kernel: requests, each with its capability, and
 * flags that belong to no request. */
static const enum dap_command ours[] = {DAP_CMD_cancel, DAP_CMD_loadedSources, DAP_CMD_terminate};
static const char *const our_flags[] = {"supportsANSIStyling", "supportTerminateDebuggee"};

static bool among(enum dap_command cmd, const enum dap_command *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (list[i] == cmd) {
            return true;
        }
    }
    return false;
}

static bool is_our_flag(const char *name)
{
    for (size_t i = 0; i < CD_ARRAY_LEN(our_flags); i++) {
        if (strcmp(our_flags[i], name) == 0) {
            return true;
        }
    }
    for (size_t i = 0; i < CD_ARRAY_LEN(ours); i++) {
        if (strcmp(dap_command_row(ours[i])->capability, name) == 0) {
            return true;
        }
    }
    return false;
}

static bool takes(const struct dap_command_row *row, const json_t *capabilities)
{
    enum dap_command cmd = dap_command_id(row);

    return strncmp(row->name, "celldap/", 8) == 0 || cmd == DAP_CMD_launch ||
           cmd == DAP_CMD_restart || among(cmd, always, CD_ARRAY_LEN(always)) ||
           among(cmd, ours, CD_ARRAY_LEN(ours)) ||
           (cmd == DAP_CMD_goto &&
            json_is_true(json_object_get(capabilities, "supportsGotoTargetsRequest"))) ||
           (row->capability && json_is_true(json_object_get(capabilities, row->capability)));
}

void bridge_foreign_learn(struct bridge_session *s, const json_t *capabilities)
{
    json_t *shown = dap_capabilities_new(), *changed = json_object(), *value;
    const json_t *filters = json_object_get(capabilities, "exceptionBreakpointFilters");
    const char *name;

    for (int cmd = 0; cmd < DAP_CMD_COUNT; cmd++) {
        s->withdrawn[cmd] = !takes(dap_command_row((enum dap_command)cmd), capabilities);
    }
    json_object_foreach(shown, name, value)
    {
        if (json_is_true(value) && !is_our_flag(name) &&
            !json_is_true(json_object_get(capabilities, name))) {
            json_object_set_new(changed, name, json_false());
        }
    }
    if (json_is_array(filters)) {
        json_object_set_new(changed, "exceptionBreakpointFilters", json_deep_copy(filters));
    }
    bridge_event(s, "capabilities", json_pack("{s:o}", "capabilities", changed));
    json_decref(shown);
}

bool bridge_kernel_offers(const struct bridge_session *s, enum dap_command cmd)
{
    return !s->withdrawn[cmd];
}
