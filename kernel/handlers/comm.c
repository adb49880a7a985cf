/* SPDX-License-Identifier: BSD-3-Clause
 *
 * comm_open, comm_msg, comm_close: handed to Python on main. They have no reply.
 */
#include "dap/base/limits.h"
#include "dap/base/log.h"
#include "kernel/handlers/handlers.h"

void kernel_run_comm(struct kernel *k, const struct wire_msg *m)
{
    cd_autobuf struct cd_buf content;
    cd_buf_init(&content, CD_MAX_WIRE_BYTES);
    cd_autobuf struct cd_buf metadata;
    cd_buf_init(&metadata, CD_MAX_WIRE_BYTES);
    struct interp_bytes buffers[CD_MAX_WIRE_PARTS];
    struct cd_error err = CD_ERROR_INIT;
    if (cd_json_dump(m->content, &content, &err) || cd_json_dump(m->metadata, &metadata, &err)) {
        cd_log(CD_LOG_ERROR, "kernel", "a comm message is lost: %s", err.text);
        return;
    }
    for (size_t i = 0; i < m->buffer_count; i++) { /* parsing capped them */
        buffers[i] = (struct interp_bytes){m->buffers[i].data, m->buffers[i].len};
    }
    k->interp->comm(wire_msg_type(m), content.data, content.len, metadata.data, metadata.len,
                    buffers, m->buffer_count);
    kernel_leave_fork(k);
}
