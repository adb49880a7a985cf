/* SPDX-License-Identifier: BSD-3-Clause
 *
 * debugpy's variablePresentation {all, special, function, class, protected: group, inline or hide}:
 * given with attach, kept for the client, and put into each of its requests that shows variables.
 * Debug thread only.
 */
#include "kernel/debug/state.h"

#include <string.h>

static const char *const KINDS[] = {"special", "function", "class", "protected"};

static cd_result read_mode(const json_t *object, const char *path, const char **ret,
                           struct cd_error *reterr)
{
    if (cd_json_str_opt(object, path, ret, reterr) != CD_OK) {
        return CD_ERR;
    }
    if (*ret && strcmp(*ret, "group") != 0 && strcmp(*ret, "inline") != 0 &&
        strcmp(*ret, "hide") != 0) {
        return cd_error_set(reterr, CD_E_BAD_VALUE, "'%.40s' at %s is none of group, inline, hide",
                            *ret, path);
    }
    return CD_OK;
}

cd_result dbg__presentation_read(const json_t *args, json_t **ret, struct cd_error *reterr)
{
    json_t *given = NULL;
    const char *all = NULL;
    if (cd_json_obj_opt(args, "arguments.variablePresentation", &given, reterr) != CD_OK ||
        read_mode(given, "arguments.variablePresentation.all", &all, reterr) != CD_OK) {
        return CD_ERR;
    }
    json_auto_t *made = json_object();
    for (size_t i = 0; i < CD_ARRAY_LEN(KINDS); i++) {
        const char *mode = all;
        cd_autobuf struct cd_buf path;
        cd_buf_init(&path, 100);
        if (cd_buf_appendf(&path, reterr, "arguments.variablePresentation.%s", KINDS[i]) != CD_OK ||
            read_mode(given, path.data, &mode, reterr) != CD_OK) {
            return CD_ERR;
        }
        if (mode && json_object_set_new(made, KINDS[i], json_string(mode)) != 0) {
            return cd_oom(reterr);
        }
    }
    *ret = json_object_size(made) > 0 ? json_incref(made) : NULL;
    return CD_OK;
}

void dbg__presentation_into(const struct dbg_client *c, struct dbg_request *r)
{
    const enum dap_command cmd = dap_command_id(r->row);
    if (c->presentation && (cmd == DAP_CMD_variables || cmd == DAP_CMD_scopes) &&
        !json_object_get(r->dap.arguments, "variablePresentation")) {
        (void)json_object_set(r->dap.arguments, "variablePresentation", c->presentation);
    }
}
