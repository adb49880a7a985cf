/* SPDX-License-Identifier: BSD-3-Clause
 *
 * From message type to handler. Runs on the thread of the channel.
 */
#include "dap/base/log.h"
#include "kernel/handlers/handlers.h"
#include "kernel/shells.h"

#include <stdlib.h>
#include <string.h>

#define ON_SHELL   (1u << WIRE_SHELL)
#define ON_CONTROL (1u << WIRE_CONTROL)

struct handler_row {
    const char *msg_type;
    unsigned channels;
    kernel_handler_fn *handler;
};

/* Sorted by type. */
static const struct handler_row rows[] = {
#define KERNEL_HANDLER(msg_type, channels, handler) {#msg_type, channels, handler},
#include "kernel/handlers/table.def"
#undef KERNEL_HANDLER
};

static int compare(const void *type, const void *row)
{
    return strcmp(type, ((const struct handler_row *)row)->msg_type);
}

static void keep_parent(struct kernel *k, const struct wire_msg *m)
{
    struct kernel_parent *now = kernel_parent_of(m);
    (void)pthread_mutex_lock(&k->shells_mu);
    struct kernel_parent *before = k->control_parent;
    k->control_parent = now;
    (void)pthread_mutex_unlock(&k->shells_mu);
    kernel_parent_unref(before);
}

void kernel_dispatch(struct kernel *k, enum wire_channel channel, struct wire_msg *m_owned)
{
    const char *type = wire_msg_type(m_owned);
    const struct handler_row *row =
        bsearch(type, rows, CD_ARRAY_LEN(rows), sizeof rows[0], compare);
    if (!row || !(row->channels & 1u << channel)) {
        cd_log(CD_LOG_DEBUG, "kernel", "a '%.60s' is ignored", type);
        wire_msg_free(m_owned);
        return;
    }
    if (channel == WIRE_CONTROL) {
        keep_parent(k, m_owned);
    }
    const char *shell = json_string_value(json_object_get(m_owned->header, "subshell_id"));
    if (channel == WIRE_SHELL && shell && !kernel_shell_exists(k, shell)) {
        kernel_refuse_subshell(k, channel, m_owned);
        return;
    }
    row->handler(k, channel, m_owned);
}
