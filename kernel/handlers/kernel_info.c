/* SPDX-License-Identifier: BSD-3-Clause
 *
 * kernel_info_request, on shell and control: answered by the channel's own thread, whatever Python
 * does.
 */
#include "kernel/handlers/handlers.h"
#include "kernel/shells.h"

#include <string.h>
#include <unistd.h>

static json_t *info_new(struct kernel *k)
{
    const char *text = k->interp->info();
    json_t *info = NULL;
    if (cd_json_load(text, strlen(text), &info, NULL)) {
        return NULL;
    }
    json_auto_t *ours = json_pack(
        "{s:s, s:s, s:b, s:[s,s], s:{s:i, s:i, s:i, s:s, s:I}}", "status", "ok", "protocol_version",
        "5.5", "debugger", 1, "supported_features", "debugger", "kernel subshells", "celldap",
        "version", 1, "debug_port", k->connection.port[WIRE_DEBUG], "pid", (int)getpid(),
        "execution_state", kernel_shells_busy(k) ? "busy" : "idle", "last_activity",
        (json_int_t)atomic_load(&k->last_active));
    if (!ours || json_object_update(info, ours)) {
        json_decref(info);
        return NULL;
    }
    return info;
}

void kernel_handle_info(struct kernel *k, enum wire_channel channel, struct wire_msg *m_owned)
{
    wire_automsg struct wire_msg *m = m_owned;
    kernel_publish_status(k, m, "busy");
    kernel_reply(k, channel, m, "kernel_info_reply", info_new(k));
    kernel_publish_status(k, m, "idle");
}
