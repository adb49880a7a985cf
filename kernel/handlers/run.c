/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What a shell does with a request of its queue: busy, run, idle. The channel's thread only puts it
 * there. Requests that stop_on_error aborts are answered here too.
 */
#include "dap/base/log.h"
#include "kernel/handlers/handlers.h"
#include "kernel/shells.h"

#include <stdio.h>
#include <string.h>

/* What runs code and comes on control has a shell of its own, made when the first one comes: main
 * may be busy. */
#define CONTROL_SHELL "control"

void kernel_handle_run(struct kernel *k, enum wire_channel channel, struct wire_msg *m_owned)
{
    char id[40] = CONTROL_SHELL;
    if (channel == WIRE_SHELL) {
        kernel_shell_of(k, m_owned, id);
    } else if (!kernel_shell_exists(k, id)) {
        (void)kernel_shell_create(k, id, NULL);
    }
    if (!kernel_shell_push(k, id, m_owned)) {
        kernel_refuse_subshell(k, channel, m_owned);
    }
}

void kernel_refuse_subshell(struct kernel *k, enum wire_channel channel, struct wire_msg *m_owned)
{
    wire_automsg struct wire_msg *m = m_owned;
    const char *type = wire_msg_type(m);
    const char *id = json_string_value(json_object_get(m->header, "subshell_id"));
    const char *end = strstr(type, "_request");
    char reply_type[64], why[120];
    (void)snprintf(why, sizeof why, "Unknown subshell_id '%.60s'", id ? id : "");
    kernel_publish_status(k, m, "busy");
    if (end) {
        (void)snprintf(reply_type, sizeof reply_type, "%.*s_reply", (int)(end - type), type);
        kernel_reply(k, channel, m, reply_type,
                     json_pack("{s:s, s:s, s:s, s:[]}", "status", "error", "ename",
                               "UnknownSubshellError", "evalue", why, "traceback"));
    }
    kernel_publish_status(k, m, "idle");
}

void kernel_abort_request(struct kernel *k, const struct wire_msg *m)
{
    if (strcmp(wire_msg_type(m), "execute_request") != 0) {
        return; /* comm messages have no reply */
    }
    kernel_publish_status(k, m, "busy");
    kernel_reply(k, (enum wire_channel)m->channel, m, "execute_reply",
                 json_pack("{s:s, s:i}", "status", "aborted", "execution_count",
                           k->interp->execution_count() - 1));
    kernel_publish_status(k, m, "idle");
}

static void run(struct kernel *k, const struct wire_msg *m)
{
    struct kernel_parent *parent = kernel_parent_of(m);
    kernel_output_hold();
    kernel_publish_status(k, m, "busy");
    k->interp->set_parent(kernel_parent_ref(parent));
    if (kernel_shell_current(k) == k->main) {
        kernel_output_parent(k, parent);
    }
    kernel_parent_unref(parent);
    if (strcmp(wire_msg_type(m), "execute_request") == 0) {
        kernel_run_execute(k, m);
    } else {
        kernel_output_let_go(k);
        kernel_run_comm(k, m);
    }
    (void)fflush(stdout);
    kernel_output_let_go(k); /* where nothing was run */
    kernel_publish_status(k, m, "idle");
}

void kernel_run_request(struct kernel *k, struct wire_msg *m_owned)
{
    wire_automsg struct wire_msg *m = m_owned;
    run(k, m);
}

void kernel_run_beside(struct kernel *k, struct wire_msg *m_owned)
{
    wire_automsg struct wire_msg *m = m_owned;
    struct kernel_parent *before = kernel_output_parent_ref(k);
    run(k, m);
    if (kernel_shell_current(k) == k->main) {
        kernel_output_parent(k, before);
    }
    kernel_parent_unref(before);
}
