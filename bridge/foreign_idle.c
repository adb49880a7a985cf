/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Values of a foreign kernel while nothing is stopped: its debugger has no frame then, its shell
 * evaluates them as user_expressions of an empty, silent execution.
 */
#include "bridge/foreign_impl.h"

#define IDLE_MS 900

static void on_evaluated(void *ctx, const struct wire_msg *reply, const struct cd_error *err)
{
    struct bridge_request *req = ctx;
    const json_t *value =
        reply ? json_object_get(json_object_get(reply->content, "user_expressions"), "value")
              : NULL;
    const json_t *text = json_object_get(json_object_get(value, "data"), "text/plain");
    const char *ename = json_string_value(json_object_get(value, "ename"));
    const char *evalue = json_string_value(json_object_get(value, "evalue"));

    if (!reply) {
        if (err->id == CD_E_TIMEOUT) {
            bridge_failf(req, CD_E_NOT_STOPPED, "a cell runs: 'evaluate' waits for its end");
        } else {
            bridge_fail(req, err);
        }
    } else if (json_is_string(text)) {
        bridge_reply(req, json_pack("{s:O, s:i}", "result", text, "variablesReference", 0));
    } else {
        bridge_failf(req, CD_E_EVALUATE, "%s%s%.300s", ename ? ename : "no value",
                     evalue ? ": " : "", evalue ? evalue : "");
    }
    bridge_request_unref(req);
}

void bridge_foreign_evaluate(struct bridge_request *req, const char *expression)
{
    bridge_client_request(req->session->kernel, WIRE_SHELL, "execute_request",
                          json_pack("{s:s, s:b, s:b, s:b, s:{s:s}}", "code", "", "silent", 1,
                                    "store_history", 0, "allow_stdin", 0, "user_expressions",
                                    "value", expression),
                          NULL, IDLE_MS, on_evaluated, bridge_request_ref(req), NULL);
}
