/* SPDX-License-Identifier: BSD-3-Clause
 *
 * create_subshell_request, delete_subshell_request, list_subshell_request (JEP 91). Control thread:
 * never waits for Python, so a new subshell answers for itself when its thread can run, and so does
 * one that ends.
 */
#include "kernel/handlers/handlers.h"
#include "kernel/shells.h"

#include <stdio.h>
#include <sys/random.h>

static void refuse(struct kernel *k, const struct wire_msg *m, const char *reply_type,
                   const char *why)
{
    kernel_reply(k, WIRE_CONTROL, m, reply_type,
                 json_pack("{s:s, s:s, s:s, s:[]}", "status", "error", "ename", "SubshellError",
                           "evalue", why, "traceback"));
    kernel_publish_status(k, m, "idle");
}

void kernel_handle_create_subshell(struct kernel *k, enum wire_channel channel,
                                   struct wire_msg *m_owned)
{
    unsigned char b[16];
    char id[40];
    (void)channel;
    kernel_publish_status(k, m_owned, "busy");
    (void)!getrandom(b, sizeof b, 0);
    (void)snprintf(id, sizeof id,
                   "%02x%02x%02x%02x-%02x%02x-4%x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0],
                   b[1], b[2], b[3], b[4], b[5], b[6] & 0x0f, b[7], (b[8] & 0x3f) | 0x80, b[9],
                   b[10], b[11], b[12], b[13], b[14], b[15]);
    if (kernel_shell_create(k, id, m_owned)) {
        refuse(k, m_owned, "create_subshell_reply", "no thread could be made");
        wire_msg_free(m_owned);
    }
}

void kernel_handle_delete_subshell(struct kernel *k, enum wire_channel channel,
                                   struct wire_msg *m_owned)
{
    const char *id = NULL;
    struct cd_error err = CD_ERROR_INIT;
    (void)channel;
    kernel_publish_status(k, m_owned, "busy");
    if (cd_json_str(m_owned->content, "content.subshell_id", &id, &err)) {
        refuse(k, m_owned, "delete_subshell_reply", err.text);
        wire_msg_free(m_owned);
    } else if (!kernel_shell_delete(k, id, m_owned)) {
        char why[120];
        (void)snprintf(why, sizeof why, "Unknown subshell_id '%.60s'", id);
        refuse(k, m_owned, "delete_subshell_reply", why);
        wire_msg_free(m_owned);
    }
}

void kernel_handle_list_subshell(struct kernel *k, enum wire_channel channel,
                                 struct wire_msg *m_owned)
{
    wire_automsg struct wire_msg *m = m_owned;
    kernel_publish_status(k, m, "busy");
    kernel_reply(k, channel, m, "list_subshell_reply",
                 json_pack("{s:s, s:o}", "status", "ok", "subshell_id", kernel_shell_list(k)));
    kernel_publish_status(k, m, "idle");
}
