/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The body of the initialize response, derived from requests.def. Pure; the value is the caller's.
 * Must never name what is not built: an editor shows a button for each of these.
 */
#include "dap/requests.h"

static json_t *filter(const char *id, const char *label, const char *description, bool on)
{
    return json_pack("{s:s, s:s, s:s, s:b, s:b, s:s}", "filter", id, "label", label, "description",
                     description, "default", on ? 1 : 0, "supportsCondition", 1,
                     "conditionDescription",
                     "an expression over the exception, or names of exception types");
}

/* What has no request of its own: properties of requests that are there. */
static json_t *fixed(void)
{
    return json_pack("{s:b, s:b, s:b, s:b, s:b, s:b, s:b, s:b, s:b, s:b, s:b, s:[s], s:[o, o, o]}",
                     "supportsConditionalBreakpoints", 1, "supportsHitConditionalBreakpoints", 1,
                     "supportsLogPoints", 1, "supportsEvaluateForHovers", 1,
                     "supportsClipboardContext", 1, "supportsValueFormattingOptions", 1,
                     "supportsExceptionFilterOptions", 1, "supportsExceptionOptions", 1,
                     "supportsSingleThreadExecutionRequests", 1, "supportsANSIStyling", 1,
                     "supportTerminateDebuggee", 1, "completionTriggerCharacters", ".",
                     "exceptionBreakpointFilters",
                     filter("raised", "Raised Exceptions",
                            "Stop where an exception is raised, caught or not.", false),
                     filter("uncaught", "Uncaught Exceptions",
                            "Stop where an exception was raised that nothing catches.", true),
                     filter("userUnhandled", "User Uncaught Exceptions",
                            "Stop where an exception was raised that leaves your code for a "
                            "library's.",
                            false));
}

/* Consumes caps_owned on failure. */
static json_t *add(json_t *caps_owned, const char *name)
{
    if (caps_owned && json_object_set_new(caps_owned, name, json_true()) < 0) {
        json_decref(caps_owned);
        return NULL;
    }
    return caps_owned;
}

json_t *dap_capabilities_new(void)
{
    json_t *caps = fixed();

    for (int cmd = 0; cmd < DAP_CMD_COUNT; cmd++) {
        const struct dap_command_row *row = dap_command_row((enum dap_command)cmd);

        if (row->capability && row->bridge != DAP_B_REFUSE && row->bridge != DAP_B_NONE) {
            caps = add(caps, row->capability);
        }
    }
    return caps;
}

json_t *dap_kernel_capabilities_new(void)
{
    json_t *caps = add(fixed(), "supportSuspendDebuggee");

    for (int cmd = 0; cmd < DAP_CMD_COUNT; cmd++) {
        const struct dap_command_row *row = dap_command_row((enum dap_command)cmd);

        if (row->capability && row->kernel != DAP_K_REFUSE) {
            caps = add(caps, row->capability);
        }
    }
    return caps;
}
