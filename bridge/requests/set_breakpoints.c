/* SPDX-License-Identifier: BSD-3-Clause
 *
 * setBreakpoints, setFunctionBreakpoints, setExceptionBreakpoints: kept by the bridge from
 * before there is a kernel, brought to each kernel of the session.
 */
#include "bridge/requests/requests.h"

#define FILTERS_MS 5000

void bridge_req_set_breakpoints(struct bridge_request *req)
{
    bridge_breakpoints_set(req->session->breakpoints, req);
}

void bridge_req_set_data_breakpoints(struct bridge_request *req)
{
    bridge_breakpoints_set_data(req->session->breakpoints, req);
}

void bridge_req_set_function_breakpoints(struct bridge_request *req)
{
    bridge_breakpoints_set_functions(req->session->breakpoints, req);
}

static cd_result check_filters(const json_t *args, struct cd_error *reterr)
{
    json_t *filters = NULL, *options = NULL, *item;
    size_t i;

    if (cd_json_arr(args, "arguments.filters", &filters, reterr) != CD_OK ||
        cd_json_arr_opt(args, "arguments.filterOptions", &options, reterr) != CD_OK) {
        return CD_ERR;
    }
    json_array_foreach(filters, i, item)
    {
        if (!json_is_string(item)) {
            return cd_error_set(reterr, CD_E_BAD_TYPE, "expected string at arguments.filters[%zu]",
                                i);
        }
    }
    options = NULL;
    return cd_json_arr_opt(args, "arguments.exceptionOptions", &options, reterr);
}

void bridge_req_set_exception_breakpoints(struct bridge_request *req)
{
    struct bridge_session *s = req->session;
    struct cd_error err = CD_ERROR_INIT;

    if (check_filters(req->dap.arguments, &err) != CD_OK) {
        bridge_fail(req, &err);
        return;
    }
    json_decref(s->exception_arguments);
    s->exception_arguments = json_deep_copy(req->dap.arguments);
    if (s->debugging && s->kernel) {
        bridge_forward(req, FILTERS_MS);
    } else {
        bridge_reply(req, NULL);
    }
}
