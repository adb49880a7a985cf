/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Replies of foreign debuggers as DAP wants them: members are missing, `body` is no object, or the
 * whole is `{}` where the debugger is not started (facts: jupyter.md §4). Pure.
 */
#include "bridge/foreign.h"

#include <string.h>

/* ipykernel takes the next message of its debugger for the answer, whichever it is. */
static bool is_of_another(const char *command, int64_t seq, const json_t *response)
{
    const json_t *number = json_object_get(response, "request_seq");
    const char *name = json_string_value(json_object_get(response, "command"));

    return json_is_integer(number) && json_integer_value(number) != seq && name &&
           strcmp(name, command) != 0;
}

cd_result bridge_foreign_repair(const char *command, int64_t seq, json_t *response,
                                struct cd_error *reterr)
{
    const json_t *body = json_object_get(response, "body");

    if (!json_is_object(response) || json_object_size(response) == 0) {
        return cd_error_set(reterr, CD_E_KERNEL,
                            "the kernel's debugger is not started: it answered '%s' with nothing",
                            command);
    }
    if (is_of_another(command, seq, response)) {
        return cd_error_set(reterr, CD_E_KERNEL,
                            "the kernel's debugger answered '%s' with the reply of another "
                            "request: ask again",
                            command);
    }
    if (!json_is_boolean(json_object_get(response, "success"))) {
        json_object_set_new(response, "success", json_boolean(json_is_object(body)));
    }
    if (body && !json_is_object(body)) {
        json_object_del(response, "body");
    }
    json_object_set_new(response, "type", json_string("response"));
    json_object_set_new(response, "command", json_string(command));
    json_object_set_new(response, "request_seq", json_integer(seq));
    return CD_OK;
}
