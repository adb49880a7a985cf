/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Child processes of the program: the client is asked to open a session for each (DAP:
 * startDebugging), which attaches by the child's connection file. Bridge loop only.
 */
#include "bridge/session_impl.h"
#include "dap/base/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* New. The client adds nothing: what the parent's session was told holds for the child's. */
static json_t *configuration(const struct bridge_session *s, const json_t *child)
{
    const struct bridge_launch *l = s->launch;
    const char *program = json_string_value(json_object_get(child, "name"));
    const json_int_t pid = json_integer_value(json_object_get(child, "pid"));
    json_t *name = json_sprintf("child %lld: %s", (long long)pid, program ? program : "python");

    return json_pack("{s:s, s:s, s:o, s:O, s:b, s:b, s:O*, s:o*, s:O*}", "type",
                     l->type ? l->type : "celldap", "request", "attach", "name", name,
                     "connectionFile", json_object_get(child, "connectionFile"), "justMyCode",
                     l->just_my_code, "subProcess", 1, "rules", l->rules, "pathMappings",
                     bridge_path_map_json(l->paths), "breakOnSystemExit", l->exit_codes);
}

static void tell(struct bridge_session *s, const char *what, const char *file)
{
    bridge_say(s, "console", "celldap: %s; to debug it, attach with \"connectionFile\": \"%s\"\n",
               what, file);
}

static void on_opened(struct bridge_session *s, void *data, const json_t *body,
                      const struct cd_error *err)
{
    cd_autofree char *file = data;
    cd_autofree char *what = NULL;

    (void)body;
    if (err && !s->ended && asprintf(&what, "a child process runs, but %s", err->text) >= 0) {
        tell(s, what, file);
    }
}

void bridge_child_started(struct bridge_session *s, const json_t *child)
{
    const char *file = json_string_value(json_object_get(child, "connectionFile"));
    const long long pid = (long long)json_integer_value(json_object_get(child, "pid"));
    char what[80];

    if (!file || !s->launch->sub_process) {
        return;
    }
    if (s->remote) {
        bridge_say(s, "console",
                   "celldap: a child process runs (pid %lld) on the kernel's host: it is not "
                   "debugged through a server\n",
                   (long long)json_integer_value(json_object_get(child, "pid")));
        return;
    }
    if (!s->client.start_debugging) {
        (void)snprintf(what, sizeof what, "a child process runs (pid %lld)", pid);
        tell(s, what, file);
        return;
    }
    bridge_reverse(
        s, "startDebugging",
        json_pack("{s:s, s:o}", "request", "attach", "configuration", configuration(s, child)),
        on_opened, strdup(file));
}
