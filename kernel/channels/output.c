/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The buffer of stream text before iopub: text waits at most 5 ms, and is queued before any other
 * message, so that order holds. Any thread, with or without the GIL: nothing here may block
 * but the last words before os._exit().
 */
#include "kernel/channels/output.h"

#include "dap/base/limits.h"
#include "dap/base/log.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define BATCH_BYTES   (64u * 1024)
#define STREAM_BYTES  (512u * 1024 * 1024)
#define LAST_WORDS_MS 100

static void item_done(const struct kernel_output_item *i)
{
    wire_msg_free(i->msg);
    free(i->text);
    kernel_parent_unref(i->parent);
}

void kernel_output_item_free(void *arg)
{
    item_done(arg);
    free(arg);
}

struct kernel_output *kernel_output_new(struct cd_error *reterr)
{
    struct kernel_output *o = calloc(1, sizeof *o);
    if (!o) {
        (void)cd_oom(reterr);
        return NULL;
    }
    (void)pthread_mutex_init(&o->mu, NULL);
    cd_buf_init(&o->text, STREAM_BYTES);
    kernel_capture_init(&o->capture);
    o->queue = cd_queue_new(0, kernel_output_item_free);
    o->text_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (!o->queue || o->text_fd < 0) {
        (void)cd_error_errno(reterr, errno, "cannot make the iopub queue");
        kernel_output_free(o);
        return NULL;
    }
    return o;
}

void kernel_output_free(struct kernel_output *o)
{
    if (!o) {
        return;
    }
    if (o->text_fd >= 0) {
        close(o->text_fd);
    }
    kernel_capture_done(&o->capture);
    cd_queue_free(o->queue);
    cd_buf_done(&o->text);
    kernel_parent_unref(o->parent);
    kernel_parent_unref(o->text_parent);
    (void)pthread_mutex_destroy(&o->mu);
    free(o);
}

static _Thread_local bool held;

void kernel_output_hold(void)
{
    held = true;
}

void kernel_output_let_go(struct kernel *k)
{
    if (held) {
        held = false;
        cd_queue_wake(k->output->queue);
    }
}

/* Under mu. */
void kernel_output_push(struct kernel_output *o, struct kernel_output_item item)
{
    struct kernel_output_item *i = malloc(sizeof *i);
    if (!i) {
        item_done(&item);
        return;
    }
    *i = item;
    if ((held ? cd_queue_push_later : cd_queue_push)(o->queue, i) == CD_OK) {
        o->count++;
    }
}

/* Under mu. */
void kernel_output_flush(struct kernel_output *o)
{
    if (o->text.len == 0) {
        return;
    }
    const size_t len = o->text.len;
    char *text = cd_buf_steal(&o->text);
    struct kernel_parent *parent = cd_take(o->text_parent);
    if (!text) {
        kernel_parent_unref(parent);
        return;
    }
    kernel_output_push(o, (struct kernel_output_item){
                              .which = o->which, .text = text, .len = len, .parent = parent});
}

/* Under mu. parent NULL: of what runs now. */
void kernel_output_append(struct kernel_output *o, struct kernel_parent *parent,
                          enum interp_stream which, const char *text, size_t len)
{
    parent = parent ? parent : o->parent;
    if (which != o->which || parent != o->text_parent) {
        kernel_output_flush(o);
        o->which = which;
    }
    const bool first = o->text.len == 0;
    if (first && parent != o->text_parent) {
        kernel_parent_unref(o->text_parent);
        o->text_parent = kernel_parent_ref(parent);
    }
    (void)!cd_buf_append(&o->text, text, len, NULL);
    if (o->text.len >= BATCH_BYTES) {
        kernel_output_flush(o);
    } else if (first && o->text.len > 0) {
        const uint64_t one = 1;
        (void)!write(o->text_fd, &one, sizeof one);
    }
}

/* Takes in what came by the file descriptors. Under mu; holds it for 256 KB at most. */
void kernel_output_collect(struct kernel_output *o)
{
    char text[16 * 1024];
    if (!kernel_capture_waits(&o->capture)) {
        return;
    }
    for (int which = 0; which < 2; which++) {
        size_t n;
        for (int i = 0;
             i < 16 && (n = kernel_capture_read(&o->capture, which, text, sizeof text)) > 0; i++) {
            kernel_output_append(o, NULL, which == 0 ? INTERP_STDOUT : INTERP_STDERR, text, n);
        }
    }
}

/* All text so far becomes messages. Under mu. */
void kernel_output_settle(struct kernel_output *o)
{
    kernel_output_collect(o);
    kernel_output_flush(o);
}

cd_result kernel_output_capture(struct kernel *k, struct cd_error *reterr)
{
    return kernel_capture_start(&k->output->capture, reterr);
}

void kernel_output_restore(struct kernel *k)
{
    (void)pthread_mutex_lock(&k->output->mu);
    kernel_capture_restore(&k->output->capture);
    (void)pthread_mutex_unlock(&k->output->mu);
}

void kernel_output_last_words(struct kernel *k)
{
    struct kernel_output *o = k->output;
    (void)pthread_mutex_lock(&o->mu);
    kernel_capture_restore(&o->capture);
    kernel_output_collect(o);
    const int fd = o->which == INTERP_STDOUT ? STDOUT_FILENO : STDERR_FILENO;
    for (size_t at = 0; at < o->text.len;) {
        const ssize_t n = write(fd, o->text.data + at, o->text.len - at);
        if (n <= 0 && errno != EINTR) {
            break;
        }
        at += n > 0 ? (size_t)n : 0;
    }
    cd_buf_clear(&o->text);
    (void)pthread_mutex_unlock(&o->mu);
    /* What became a message just now is on its way through zeromq's thread, and nothing tells when
     * it is out. The process ends here: it may have a moment. */
    (void)poll(NULL, 0, LAST_WORDS_MS);
}

void kernel_output_close(struct kernel_output *o)
{
    (void)pthread_mutex_lock(&o->mu);
    kernel_capture_restore(&o->capture);
    kernel_output_settle(o);
    (void)pthread_mutex_unlock(&o->mu);
    cd_queue_close(o->queue);
}

void kernel_output_stream(struct kernel *k, struct kernel_parent *parent, enum interp_stream which,
                          const char *text, size_t len)
{
    struct kernel_output *o = k->output;
    (void)pthread_mutex_lock(&o->mu);
    kernel_output_collect(o);
    kernel_output_append(o, parent, which, text, len);
    (void)pthread_mutex_unlock(&o->mu);
}

void kernel_output_parent(struct kernel *k, struct kernel_parent *parent)
{
    struct kernel_output *o = k->output;
    (void)pthread_mutex_lock(&o->mu);
    kernel_output_settle(o);
    struct kernel_parent *old = o->parent;
    o->parent = kernel_parent_ref(parent);
    (void)pthread_mutex_unlock(&o->mu);
    kernel_parent_unref(old);
}

struct kernel_parent *kernel_output_parent_ref(struct kernel *k)
{
    (void)pthread_mutex_lock(&k->output->mu);
    struct kernel_parent *parent = kernel_parent_ref(k->output->parent);
    (void)pthread_mutex_unlock(&k->output->mu);
    return parent;
}

char *kernel_output_parent_copy(struct kernel *k)
{
    struct kernel_parent *parent = kernel_output_parent_ref(k);
    char *header = strdup(kernel_parent_text(parent));
    kernel_parent_unref(parent);
    return header;
}

uint64_t kernel_output_mark(struct kernel *k)
{
    struct kernel_output *o = k->output;
    (void)pthread_mutex_lock(&o->mu);
    kernel_output_settle(o);
    const uint64_t count = o->count;
    (void)pthread_mutex_unlock(&o->mu);
    return count;
}

cd_result kernel_output_add_topic(struct kernel *k, struct wire_msg *m)
{
    char topic[KERNEL_TOPIC_BYTES];
    const int n = snprintf(topic, sizeof topic, "kernel.%s.%s", k->session, wire_msg_type(m));
    return wire_msg_add_ident(m, topic, n < KERNEL_TOPIC_BYTES ? (size_t)n : sizeof topic - 1,
                              NULL);
}

void kernel_publish(struct kernel *k, struct wire_msg *m_owned)
{
    struct kernel_output *o = k->output;
    if (!m_owned || (m_owned->ident_count == 0 && kernel_output_add_topic(k, m_owned))) {
        cd_log(CD_LOG_ERROR, "iopub", "out of memory: a message is lost");
        wire_msg_free(m_owned);
        return;
    }
    const char *type = wire_msg_type(m_owned);
    const bool around = strcmp(type, "status") == 0 || strcmp(type, "execute_input") == 0;
    (void)pthread_mutex_lock(&o->mu);
    if (!around) { /* between a parent and the next the file descriptors are read anyway */
        kernel_output_collect(o);
    }
    kernel_output_flush(o);
    kernel_output_push(o, (struct kernel_output_item){.msg = m_owned});
    (void)pthread_mutex_unlock(&o->mu);
}
