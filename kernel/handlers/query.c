/* SPDX-License-Identifier: BSD-3-Clause
 *
 * complete, inspect, is_complete, history, comm_info: answered on the assist thread, so that none
 * of them waits for a cell that runs, is stopped or reads input.
 */
#include "dap/base/limits.h"
#include "kernel/handlers/handlers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void kernel_handle_query(struct kernel *k, enum wire_channel channel, struct wire_msg *m_owned)
{
    (void)channel;
    kernel_python_query(k, m_owned);
}

void kernel_answer_query(struct kernel *k, const struct wire_msg *m)
{
    char kind[32], reply_type[40];
    const char *type = wire_msg_type(m);
    const char *end = strstr(type, "_request");
    (void)snprintf(kind, sizeof kind, "%.*s", end ? (int)(end - type) : 0, type);
    (void)snprintf(reply_type, sizeof reply_type, "%s_reply", kind);
    cd_autobuf struct cd_buf content;
    cd_buf_init(&content, CD_MAX_WIRE_BYTES);
    kernel_publish_status(k, m, "busy");
    cd_autofree char *reply = cd_json_dump(m->content, &content, NULL)
                                  ? NULL
                                  : k->interp->query(kind, content.data, content.len);
    if (reply) {
        kernel_reply_text(k, (enum wire_channel)m->channel, m, reply_type, reply, strlen(reply));
    } else {
        kernel_reply(k, (enum wire_channel)m->channel, m, reply_type,
                     json_pack("{s:s, s:s, s:s, s:[]}", "status", "error", "ename", "MemoryError",
                               "evalue", "out of memory", "traceback"));
    }
    kernel_publish_status(k, m, "idle");
}
