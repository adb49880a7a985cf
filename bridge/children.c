/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Child processes of the program: the client is asked to open a session for each (DAP:
 * startDebugging), which attaches by the child's connection file. Bridge loop only.
 */
#include "bridge/session_impl.h"
#include "dap/base/log.h"

/* New. The client adds nothing: what the parent's session was told holds for the child's. */
static json_t *configuration(const struct bridge_session *s, const json_t *child)
{
    const struct bridge_launch *l = s->launch;
    const char *program = json_string_value(json_object_get(child, "name"));
    const json_int_t pid = json_integer_value(json_object_get(child, "pid"));
    json_t *name = json_sprintf("child %lld: %s", (long long)pid, program ? program : "python");

    return json_pack("{s:s, s:s, s:o, s:O, s:b, s:b, s:O*, s:o*}", "type",
                     l->type ? l->type : "celldap", "request", "attach", "name", name,
                     "connectionFile", json_object_get(child, "connectionFile"), "justMyCode",
                     l->just_my_code, "subProcess", 1, "rules", l->rules, "pathMappings",
                     bridge_path_map_json(l->paths));
}

void bridge_child_started(struct bridge_session *s, const json_t *child)
{
    const char *file = json_string_value(json_object_get(child, "connectionFile"));

    if (!file || !s->launch->sub_process) {
        return;
    }
    if (!s->client.start_debugging) {
        bridge_say(s, "console",
                   "celldap: a child process runs (pid %lld); to debug it, attach "
                   "with \"connectionFile\": \"%s\"\n",
                   (long long)json_integer_value(json_object_get(child, "pid")), file);
        return;
    }
    bridge_send(s, json_pack("{s:s, s:s, s:{s:s, s:o}}", "type", "request", "command",
                             "startDebugging", "arguments", "request", "attach", "configuration",
                             configuration(s, child)));
}
