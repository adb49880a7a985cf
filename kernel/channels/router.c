/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Receiving and sending on a ROUTER, for the threads of shell, control, stdin and debug. Runs on
 * the socket's thread. A message that is no valid one never gets further than here.
 */
#include "dap/base/log.h"
#include "kernel/channels/channels.h"

#include <stdio.h>

static atomic_ulong bad_messages; /* over all channels */

static void count_bad(const struct cd_error *err)
{
    const unsigned long before = atomic_fetch_add_explicit(&bad_messages, 1, memory_order_relaxed);
    cd_log(before ? CD_LOG_DEBUG : CD_LOG_WARN, "wire", "message %lu dropped: %s", before + 1,
           err->text);
}

void kernel_receive_all(struct kernel *k, enum wire_channel channel, struct wire_signer *signer,
                        kernel_receive_fn receive)
{
    for (;;) {
        struct wire_msg *m = NULL;
        struct cd_error err = CD_ERROR_INIT;
        const int got = wire_socket_recv(k->sockets[channel], signer, &m, &err);
        if (got == 0 || (got < 0 && err.id == CD_E_SYSTEM)) {
            return;
        }
        if (got < 0) {
            count_bad(&err);
            continue;
        }
        m->channel = (int)channel;
        atomic_store_explicit(&k->heard_ms, kernel_now_ms(), memory_order_relaxed);
        receive(k, channel, m);
    }
}

void kernel_send_all(struct kernel *k, enum wire_channel channel, struct wire_signer *signer,
                     struct cd_queue *queue)
{
    struct wire_msg *m;
    while ((m = cd_queue_pop(queue))) {
        struct cd_error err = CD_ERROR_INIT;
        if (wire_socket_send(k->sockets[channel], signer, m, &err)) {
            cd_log(CD_LOG_ERROR, "wire", "%s", err.text);
        }
    }
}

struct wire_signer *kernel_signer(const struct kernel *k)
{
    struct cd_error err = CD_ERROR_INIT;
    struct wire_signer *signer = wire_signer_new(k->connection.key, &err);
    if (!signer) {
        cd_log(CD_LOG_ERROR, "wire", "%s", err.text);
        kernel_ask_stop(k);
    }
    return signer;
}

bool kernel_drained(struct cd_queue *q)
{
    return cd_queue_closed(q) && cd_queue_len(q) == 0;
}

void kernel_publish_status(struct kernel *k, const struct wire_msg *parent, const char *state)
{
    char content[64];
    const int len = snprintf(content, sizeof content, "{\"execution_state\":\"%s\"}", state);
    kernel_publish(
        k, wire_msg_text_new("status", parent ? parent->header_text : NULL, content, (size_t)len));
}
