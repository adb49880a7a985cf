/* SPDX-License-Identifier: BSD-3-Clause
 *
 * struct interp_host and struct engine_host. Any thread, mostly with the GIL held: nothing here may
 * block; messages are built here and queued.
 */
#include "kernel/host.h"

#include "dap/base/limits.h"
#include "kernel/channels/channels.h"
#include "kernel/shells.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void on_stream(void *ctx, struct kernel_parent *parent, enum interp_stream which,
                      const char *text, size_t len)
{
    kernel_output_stream(ctx, parent, which, text, len);
}

static char *header_of(struct kernel *k, const struct kernel_parent *parent)
{
    return parent ? strdup(kernel_parent_text(parent)) : kernel_output_parent_copy(k);
}

static struct wire_msg *message_new(struct kernel *k, const struct kernel_parent *parent,
                                    const char *msg_type, const char *content, size_t content_len,
                                    const char *metadata, size_t metadata_len)
{
    cd_autofree char *header = header_of(k, parent);
    struct wire_msg *m = wire_msg_text_new(msg_type, header, content, content_len);
    json_t *meta = NULL;
    if (m && metadata && !cd_json_load(metadata, metadata_len, &meta, NULL) &&
        json_is_object(meta)) {
        json_decref(m->metadata);
        m->metadata = cd_take(meta);
    }
    json_decref(meta);
    return m;
}

static void on_publish(void *ctx, struct kernel_parent *parent, const char *msg_type,
                       const char *content, size_t content_len, const char *metadata,
                       size_t metadata_len, const struct interp_bytes *buffers, size_t buffer_count)
{
    struct kernel *k = ctx;
    struct wire_msg *m =
        message_new(k, parent, msg_type, content, content_len, metadata, metadata_len);
    for (size_t i = 0; m && i < buffer_count; i++) {
        if (wire_msg_add_buffer(m, buffers[i].data, buffers[i].len, NULL)) {
            wire_msg_free(cd_take(m));
        }
    }
    kernel_publish(k, m);
}

static char *on_parent(void *ctx, struct kernel_parent *parent)
{
    return header_of(ctx, parent);
}

static char *on_control_parent(void *ctx)
{
    struct kernel *k = ctx;
    (void)pthread_mutex_lock(&k->shells_mu);
    char *text = strdup(kernel_parent_text(k->control_parent));
    (void)pthread_mutex_unlock(&k->shells_mu);
    return text;
}

static struct kernel_parent *on_parent_new(void *ctx, const char *text, size_t len)
{
    (void)ctx;
    return kernel_parent_new(text, len);
}

static void on_parent_unref(void *ctx, struct kernel_parent *parent)
{
    (void)ctx;
    kernel_parent_unref(parent);
}

static void on_sigint_came(void *ctx)
{
    const struct kernel *k = ctx;
    const uint64_t one = 1;
    const int saved = errno;
    (void)!write(k->nudge_fd, &one, sizeof one);
    errno = saved;
}

static bool on_idle_interrupt(void *ctx)
{
    struct kernel *k = ctx;
    return atomic_exchange(&k->idle_interrupt, false);
}

static bool on_cell_runs(void *ctx)
{
    const struct kernel *k = ctx;
    return atomic_load_explicit(&k->cell_runs, memory_order_relaxed);
}

static bool on_main_shell(void *ctx)
{
    const struct kernel *k = ctx;
    return kernel_shell_current(ctx) == k->main;
}

static void on_parent_default(void *ctx, struct kernel_parent *parent)
{
    kernel_output_parent(ctx, parent);
}

static void on_comm_sent(void *ctx, const char *request_id)
{
    kernel_shell_comm_sent(ctx, request_id);
}

static int on_comm_fd(void *ctx)
{
    return kernel_shell_current(ctx)->comm_fd;
}

static void on_run_comms(void *ctx)
{
    kernel_shell_run_comms(kernel_shell_current(ctx));
}

static char *on_subshells(void *ctx, char *ret_own)
{
    json_auto_t *list = kernel_shell_list(ctx);
    (void)snprintf(ret_own, 40, "%s", kernel_shell_current(ctx)->id);
    return list ? json_dumps(list, JSON_COMPACT) : NULL;
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

static void on_last_words(void *ctx)
{
    kernel_output_last_words(ctx);
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
        .control_parent = on_control_parent,
        .parent_new = on_parent_new,
        .parent_unref = on_parent_unref,
        .sigint_came = on_sigint_came,
        .idle_interrupt = on_idle_interrupt,
        .cell_runs = on_cell_runs,
        .on_main_shell = on_main_shell,
        .parent_default = on_parent_default,
        .comm_sent = on_comm_sent,
        .comm_fd = on_comm_fd,
        .run_comms = on_run_comms,
        .subshells = on_subshells,
        .input_request = on_input_request,
        .input_take = on_input_take,
        .input_cancel = on_input_cancel,
        .last_words = on_last_words,
        .ask_exit = on_ask_exit,
    };
    k->engine_host = (struct engine_host){.ctx = k, .note = on_note, .output_mark = on_output_mark};
}
