/* SPDX-License-Identifier: BSD-3-Clause
 *
 * source and loadedSources: cells' texts are the bridge's own, everything else the kernel's.
 */
#include "bridge/requests/requests.h"

#define SOURCE_MS 5000

static void on_source(void *ctx, json_t *response, const struct cd_error *err)
{
    struct bridge_request *req = ctx;

    if (response) {
        bridge_reply_as(req, response);
    } else {
        bridge_fail(req, err);
    }
    bridge_request_unref(req);
}

void bridge_req_source(struct bridge_request *req)
{
    struct bridge_session *s = req->session;
    struct cd_error err = CD_ERROR_INIT;
    const char *content = NULL;
    json_t *arguments = NULL;
    size_t len = 0;
    int64_t reference = 0;
    int found;

    if (cd_json_int(req->dap.arguments, "arguments.sourceReference", 0, INT32_MAX, &reference,
                    &err) != CD_OK) {
        bridge_fail(req, &err);
        return;
    }
    found =
        bridge_cells_source_text(s->cells, req->dap.arguments, &content, &len, &arguments, &err);
    if (found < 0) {
        bridge_fail(req, &err);
    } else if (found > 0) {
        bridge_reply(req, json_pack("{s:o, s:s}", "content", cd_json_text(content, len), "mimeType",
                                    "text/x-python"));
    } else if (!s->kernel || !s->debugging) {
        json_decref(arguments);
        bridge_failf(req, CD_E_NOT_FOUND, "no such source is known");
    } else {
        bridge_client_debug(s->kernel, "source", arguments, SOURCE_MS, on_source,
                            bridge_request_ref(req));
    }
}

void bridge_req_loaded_sources(struct bridge_request *req)
{
    struct bridge_session *s = req->session;
    json_t *sources = json_array();

    for (int i = 0; i < bridge_cells_count(s->cells); i++) {
        int line = 1;
        json_t *source = bridge_cells_client_source(s->cells, i, &line);
        bool known = false;

        /* spelling (a) is the same file for every cell */
        for (size_t k = 0; k < json_array_size(sources) && !known; k++) {
            known = json_equal(json_array_get(sources, k), source);
        }
        if (known) {
            json_decref(source);
        } else {
            json_array_append_new(sources, source);
        }
    }
    bridge_reply(req, json_pack("{s:o}", "sources", sources));
}
