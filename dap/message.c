/* SPDX-License-Identifier: BSD-3-Clause
 *
 * DAP ProtocolMessage envelopes. Pure; a new value belongs to the caller.
 * An error response always has body.error: the schema asks for it and clients read it unchecked.
 */
#include "dap/message.h"

#include <string.h>

/* Lua and PHP write an empty object as []. */
static bool is_empty_array(const json_t *v)
{
    return json_is_array(v) && json_array_size(v) == 0;
}

cd_result dap_request_parse(const json_t *message, struct dap_request *ret, struct cd_error *reterr)
{
    const char *type = NULL;
    bool bad;

    *ret = (struct dap_request){.command = ""};
    if (!json_is_object(message)) {
        return cd_error_set(reterr, CD_E_BAD_TYPE, "expected an object as message");
    }
    /* Each field is read whatever is wrong with the others, for the error reply; the first error
     * is the one that is told. */
    bad = cd_json_int(message, "seq", 0, INT64_MAX, &ret->seq, reterr) < 0;
    bad |= cd_json_str(message, "command", &ret->command, reterr) < 0;
    bad |= cd_json_str(message, "type", &type, reterr) < 0;
    if (type && strcmp(type, "request") != 0) {
        bad = true;
        cd_error_set(reterr, CD_E_BAD_VALUE, "expected 'request' at type, got '%.40s'", type);
    }
    if (!is_empty_array(json_object_get(message, "arguments"))) {
        bad |= cd_json_obj_opt(message, "arguments", &ret->arguments, reterr) < 0;
    }
    return bad ? CD_ERR : CD_OK;
}

static json_t *response(const struct dap_request *req, bool success, json_t *message_owned,
                        json_t *body_owned)
{
    return json_pack("{s:s, s:I, s:b, s:o, s:o*, s:o*}", "type", "response", "request_seq",
                     (json_int_t)req->seq, "success", success ? 1 : 0, "command",
                     cd_json_textz(req->command), "message", message_owned, "body", body_owned);
}

json_t *dap_response_new(const struct dap_request *req, json_t *body_owned)
{
    return response(req, true, NULL, body_owned);
}

json_t *dap_error_response_new(const struct dap_request *req, const struct cd_error *err,
                               json_t *body_extra_owned)
{
    int id = err->id != CD_E_NONE ? err->id : (int)CD_E_INTERNAL;
    const char *text = err->text[0] != '\0' ? err->text : "failed without a reason";
    const char *word = cd_error_word(id);
    json_t *body = body_extra_owned ? body_extra_owned : json_object();
    json_t *error = json_pack("{s:i, s:o, s:b}", "id", id, "format", cd_json_textz(text),
                              "showUser", err->show_user ? 1 : 0);

    if (!error || json_object_set_new(body, "error", error) < 0) {
        json_decref(body);
        return NULL;
    }
    return response(req, false, cd_json_textz(word ? word : text), body);
}

json_t *dap_event_new(const char *event, json_t *body_owned)
{
    return json_pack("{s:s, s:s, s:o*}", "type", "event", "event", event, "body", body_owned);
}
