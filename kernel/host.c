/* SPDX-License-Identifier: BSD-3-Clause
 *
 * struct interp_host and struct engine_host. Any thread, mostly with the GIL held: nothing here may
 * block; messages are built here and queued.
 */
#include "kernel/host.h"

#include "dap/base/limits.h"
#include "kernel/channels/channels.h"

static void on_stream(void *ctx, enum interp_stream which, const char *text, size_t len)
{
    kernel_output_stream(ctx, which, text, len);
}

static struct wire_msg *message_new(struct kernel *k, const char *msg_type, const char *content,
                                    size_t content_len, const char *metadata, size_t metadata_len)
{
    cd_autofree char *parent = kernel_output_parent_copy(k);
    struct wire_msg *m = wire_msg_text_new(msg_type, parent, content, content_len);
    json_t *meta = NULL;
    if (m && metadata && !cd_json_load(metadata, metadata_len, &meta, NULL) &&
        json_is_object(meta)) {
        json_decref(m->metadata);
        m->metadata = cd_take(meta);
    }
    json_decref(meta);
    return m;
}

static void on_publish(void *ctx, const char *msg_type, const char *content, size_t content_len,
                       const char *metadata, size_t metadata_len,
                       const struct interp_bytes *buffers, size_t buffer_count)
{
    struct kernel *k = ctx;
    struct wire_msg *m = message_new(k, msg_type, content, content_len, metadata, metadata_len);
    for (size_t i = 0; m && i < buffer_count; i++) {
        if (wire_msg_add_buffer(m, buffers[i].data, buffers[i].len, NULL)) {
            wire_msg_free(cd_take(m));
        }
    }
    kernel_publish(k, m);
}

static char *on_parent(void *ctx)
{
    return kernel_output_parent_copy(ctx);
}

static int on_input_request(void *ctx, const char *prompt, bool password)
{
    return kernel_input_request(ctx, prompt, password);
}

static int on_input_take(void *ctx, char **ret)
{
    return kernel_input_take(ctx, ret);
}

static void on_input_cancel(void *ctx)
{
    kernel_input_cancel(ctx);
}

static void on_ask_exit(void *ctx, bool keep_kernel)
{
    struct kernel *k = ctx;
    if (!keep_kernel) {
        atomic_store(&k->exit_asked, true);
    }
}

static void on_note(void *ctx, struct engine_note *note_owned)
{
    kernel_debug_note(ctx, note_owned);
}

static uint64_t on_output_mark(void *ctx)
{
    return kernel_output_mark(ctx);
}

void kernel_host_fill(struct kernel *k)
{
    k->interp_host = (struct interp_host){
        .ctx = k,
        .stream = on_stream,
        .publish = on_publish,
        .parent = on_parent,
        .input_request = on_input_request,
        .input_take = on_input_take,
        .input_cancel = on_input_cancel,
        .ask_exit = on_ask_exit,
    };
    k->engine_host = (struct engine_host){.ctx = k, .note = on_note, .output_mark = on_output_mark};
}
