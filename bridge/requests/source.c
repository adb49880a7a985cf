/* SPDX-License-Identifier: BSD-3-Clause
 *
 * source and loadedSources: cells' texts are the bridge's own, everything else the kernel's.
 */
#include "bridge/requests/requests.h"

#define SOURCE_MS 5000
#define MAX_TOLD  1000 /* sources that loadedSource events named already */

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
    } else if (s->foreign && !json_object_get(json_object_get(arguments, "source"), "path")) {
        json_decref(arguments);
        bridge_failf(req, CD_E_UNSUPPORTED, "this kernel shows no source that has no file");
    } else {
        bridge_client_debug(s->kernel, "source", arguments, SOURCE_MS, on_source,
                            bridge_request_ref(req));
    }
}

/* Appends what is not in the list yet: in spelling (a) the file is the same for every cell. */
static void add_source(json_t *sources, json_t *source_owned)
{
    for (size_t k = 0; k < json_array_size(sources); k++) {
        if (json_equal(json_array_get(sources, k), source_owned)) {
            json_decref(source_owned);
            return;
        }
    }
    json_array_append_new(sources, source_owned);
}

static json_t *sources_of_cells(struct bridge_session *s)
{
    json_t *sources = json_array();

    for (int i = 0; i < bridge_cells_count(s->cells); i++) {
        int line = 1;

        add_source(sources, bridge_cells_client_source(s->cells, i, &line));
    }
    return sources;
}

static void on_loaded_sources(void *ctx, json_t *response, const struct cd_error *err)
{
    struct bridge_request *req = ctx;
    struct bridge_session *s = req->session;
    const json_t *body = json_object_get(response, "body");
    json_t *sources = sources_of_cells(s);
    json_t *source;
    size_t i;

    (void)err; /* the cells are known whatever the kernel says */
    json_array_foreach(json_object_get(body, "sources"), i, source)
    {
        json_t *holder = json_pack("{s:O}", "source", source);

        if (holder && bridge_cells_object_out(s->cells, holder, NULL) == CD_OK) {
            add_source(sources, json_incref(json_object_get(holder, "source")));
        }
        json_decref(holder);
    }
    bridge_reply(req, json_pack("{s:o}", "sources", sources));
    bridge_request_unref(req);
}

void bridge_req_loaded_sources(struct bridge_request *req)
{
    struct bridge_session *s = req->session;

    if (s->kernel && s->debugging && !s->foreign && s->kernel_state == BRIDGE_KERNEL_READY) {
        bridge_client_debug(s->kernel, "loadedSources", NULL, SOURCE_MS, on_loaded_sources,
                            bridge_request_ref(req));
    } else {
        bridge_reply(req, json_pack("{s:o}", "sources", sources_of_cells(s)));
    }
}

void bridge_on_loaded_source(struct bridge_session *s, json_t *body)
{
    size_t before = json_array_size(s->told_sources);

    if (bridge_cells_object_out(s->cells, body, NULL) != CD_OK) {
        return;
    }
    if (!s->told_sources || before >= MAX_TOLD) {
        json_decref(s->told_sources);
        s->told_sources = json_array();
        before = 0;
    }
    add_source(s->told_sources, json_deep_copy(json_object_get(body, "source")));
    if (json_array_size(s->told_sources) > before) {
        bridge_event(s, "loadedSource", json_incref(body));
    }
}
