/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Iopub thread: owns the XPUB, welcomes subscribers, and sends what is queued. And the buffer of
 * stream text before it: text waits at most 5 ms, and is queued before any other message, so that
 * order holds. Producers may hold the GIL: nothing they call may block.
 * A message counts when it is queued; each queued item is one message on the wire.
 */
#include "dap/base/limits.h"
#include "dap/base/log.h"
#include "kernel/channels/capture.h"
#include "kernel/channels/channels.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define BATCH_MS     5
#define BATCH_BYTES  (64u * 1024)
#define STREAM_BYTES (512u * 1024 * 1024)
#define TOPIC_BYTES  1024

/* One message to be: ready, or stream text that the iopub thread wraps. */
struct item {
    struct wire_msg *msg;
    enum interp_stream which;
    char *text; /* owned */
    size_t len;
    struct kernel_parent *parent; /* a reference */
};

struct kernel_output {
    struct cd_queue *queue; /* struct item */
    pthread_mutex_t mu;     /* rank 1; guards all below; queue's mutex is taken under it */
    struct cd_buf text;     /* stream text not queued yet */
    enum interp_stream which;
    struct kernel_parent *text_parent; /* a reference: of text */
    struct kernel_parent *parent; /* a reference: what runs now; NULL before the first request */
    uint64_t count;
    struct kernel_capture capture;
    int text_fd; /* eventfd: text became non-empty */
};

static void item_done(const struct item *i)
{
    wire_msg_free(i->msg);
    free(i->text);
    kernel_parent_unref(i->parent);
}

static void item_free(void *arg)
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
    o->queue = cd_queue_new(0, item_free);
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

/* Under mu. */
static void push(struct kernel_output *o, struct item item)
{
    struct item *i = malloc(sizeof *i);
    if (!i) {
        item_done(&item);
        return;
    }
    *i = item;
    if (cd_queue_push(o->queue, i) == CD_OK) {
        o->count++;
    }
}

/* Under mu. */
static void flush(struct kernel_output *o)
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
    push(o, (struct item){.which = o->which, .text = text, .len = len, .parent = parent});
}

/* Under mu. parent NULL: of what runs now. */
static void append(struct kernel_output *o, struct kernel_parent *parent, enum interp_stream which,
                   const char *text, size_t len)
{
    parent = parent ? parent : o->parent;
    if (which != o->which || parent != o->text_parent) {
        flush(o);
        o->which = which;
    }
    const bool first = o->text.len == 0;
    if (first && parent != o->text_parent) {
        kernel_parent_unref(o->text_parent);
        o->text_parent = kernel_parent_ref(parent);
    }
    (void)!cd_buf_append(&o->text, text, len, NULL);
    if (o->text.len >= BATCH_BYTES) {
        flush(o);
    } else if (first && o->text.len > 0) {
        const uint64_t one = 1;
        (void)!write(o->text_fd, &one, sizeof one);
    }
}

/* Takes in what came by the file descriptors. Under mu; holds it for 256 KB at most. */
static void collect(struct kernel_output *o)
{
    char text[16 * 1024];
    for (int which = 0; which < 2; which++) {
        size_t n;
        for (int i = 0;
             i < 16 && (n = kernel_capture_read(&o->capture, which, text, sizeof text)) > 0; i++) {
            append(o, NULL, which == 0 ? INTERP_STDOUT : INTERP_STDERR, text, n);
        }
    }
}

/* All text so far becomes messages. Under mu. */
static void settle(struct kernel_output *o)
{
    collect(o);
    flush(o);
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
    collect(o);
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
}

void kernel_output_close(struct kernel_output *o)
{
    (void)pthread_mutex_lock(&o->mu);
    kernel_capture_restore(&o->capture);
    settle(o);
    (void)pthread_mutex_unlock(&o->mu);
    cd_queue_close(o->queue);
}

void kernel_output_stream(struct kernel *k, struct kernel_parent *parent, enum interp_stream which,
                          const char *text, size_t len)
{
    struct kernel_output *o = k->output;
    (void)pthread_mutex_lock(&o->mu);
    if (len > 1) { /* a line's end follows its line */
        collect(o);
    }
    append(o, parent, which, text, len);
    (void)pthread_mutex_unlock(&o->mu);
}

void kernel_output_parent(struct kernel *k, struct kernel_parent *parent)
{
    struct kernel_output *o = k->output;
    (void)pthread_mutex_lock(&o->mu);
    settle(o);
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
    settle(o);
    const uint64_t count = o->count;
    (void)pthread_mutex_unlock(&o->mu);
    return count;
}

static cd_result add_topic(struct kernel *k, struct wire_msg *m)
{
    char topic[TOPIC_BYTES];
    const int n = snprintf(topic, sizeof topic, "kernel.%s.%s", k->session, wire_msg_type(m));
    return wire_msg_add_ident(m, topic, n < TOPIC_BYTES ? (size_t)n : sizeof topic - 1, NULL);
}

void kernel_publish(struct kernel *k, struct wire_msg *m_owned)
{
    struct kernel_output *o = k->output;
    if (!m_owned || (m_owned->ident_count == 0 && add_topic(k, m_owned))) {
        cd_log(CD_LOG_ERROR, "iopub", "out of memory: a message is lost");
        wire_msg_free(m_owned);
        return;
    }
    (void)pthread_mutex_lock(&o->mu);
    settle(o);
    push(o, (struct item){.msg = m_owned});
    (void)pthread_mutex_unlock(&o->mu);
}

/* JEP 65: a subscriber learns that it is connected, and (ours) where the count is. */
static void welcome(struct kernel *k, const char *topic, size_t len)
{
    struct kernel_output *o = k->output;
    wire_automsg struct wire_msg *m = wire_msg_new(
        "iopub_welcome", NULL, json_pack("{s:o}", "subscription", cd_json_text(topic, len)));
    if (!m || wire_msg_add_ident(m, topic, len, NULL)) {
        return;
    }
    (void)pthread_mutex_lock(&o->mu);
    settle(o);
    json_t *ours = json_pack("{s:I}", "iopub_count", (json_int_t)o->count);
    if (json_object_set_new(wire_msg_metadata(m), "celldap", ours) == 0) {
        push(o, (struct item){.msg = cd_take(m)});
    }
    (void)pthread_mutex_unlock(&o->mu);
}

static void receive_subscriptions(struct kernel *k)
{
    for (;;) {
        char frame[TOPIC_BYTES];
        size_t len = 0;
        struct cd_error err = CD_ERROR_INIT;
        const int got =
            wire_socket_recv_raw(k->sockets[WIRE_IOPUB], frame, sizeof frame, &len, &err);
        if (got == 0 || (got < 0 && err.id == CD_E_SYSTEM)) {
            return;
        }
        if (got > 0 && len > 0 && frame[0] == 1) {
            welcome(k, frame + 1, len - 1);
        }
    }
}

static struct wire_msg *stream_message(struct kernel *k, struct item *i)
{
    static const char *const names[] = {[INTERP_STDOUT] = "stdout", [INTERP_STDERR] = "stderr"};
    json_t *content =
        json_pack("{s:s, s:o}", "name", names[i->which], "text", cd_json_text(i->text, i->len));
    struct wire_msg *m = wire_msg_new("stream", NULL, content);
    if (!m || add_topic(k, m)) {
        wire_msg_free(m);
        return NULL;
    }
    m->parent_text = strdup(kernel_parent_text(i->parent));
    return m;
}

static void send_all(struct kernel *k, struct wire_signer *signer)
{
    struct item *i;
    while ((i = cd_queue_pop(k->output->queue))) {
        struct cd_error err = CD_ERROR_INIT;
        struct wire_msg *m = i->msg ? cd_take(i->msg) : stream_message(k, i);
        if (!m || wire_socket_send(k->sockets[WIRE_IOPUB], signer, m, &err)) {
            cd_log(CD_LOG_ERROR, "iopub", "a message is lost: %s", err.text);
        }
        item_free(i);
    }
}

/* The timer: whole lines become messages; the beginning of one waits a round more (again: it did),
 * as print() writes a line's end by itself. true: text waits on. */
static bool flush_lines(struct kernel_output *o, bool again)
{
    char tail[TOPIC_BYTES];
    (void)pthread_mutex_lock(&o->mu);
    collect(o);
    const char *end = memrchr(o->text.data, '\n', o->text.len);
    const size_t whole = end ? (size_t)(end + 1 - o->text.data) : 0;
    const size_t rest = o->text.len - whole;
    const bool hold = !again && rest > 0 && rest <= sizeof tail;
    if (hold) { // its text_parent goes with the lines before it
        memcpy(tail, o->text.data + whole, rest);
        o->text.len = whole;
    }
    struct kernel_parent *parent = hold ? kernel_parent_ref(o->text_parent) : NULL;
    flush(o);
    if (hold) {
        append(o, parent, o->which, tail, rest);
        kernel_parent_unref(parent);
    }
    (void)pthread_mutex_unlock(&o->mu);
    return hold;
}

void kernel_iopub_loop(struct kernel *k)
{
    struct kernel_output *o = k->output;
    struct wire_signer *signer = kernel_signer(k);
    const int fds[] = {cd_queue_fd(o->queue), o->text_fd, o->capture.read_fd[0],
                       o->capture.read_fd[1]};
    const size_t fd_count = fds[2] >= 0 ? 4 : 2;
    int64_t flush_at = 0; /* 0: no text waits */
    bool held = false;    /* the beginning of a line did */
    while (signer && !kernel_drained(o->queue)) {
        const int64_t left = flush_at - kernel_now_ms();
        const int timeout = flush_at == 0 ? -1 : left > 0 ? (int)left : 0;
        const unsigned ready = wire_poll(&k->sockets[WIRE_IOPUB], 1, fds, fd_count, timeout);
        uint64_t n;
        if (ready & 0x18u) {
            (void)pthread_mutex_lock(&o->mu);
            collect(o);
            (void)pthread_mutex_unlock(&o->mu);
        }
        if ((ready & 4u) && read(o->text_fd, &n, sizeof n) > 0 && flush_at == 0) {
            flush_at = kernel_now_ms() + BATCH_MS;
        }
        if (flush_at != 0 && kernel_now_ms() >= flush_at) {
            held = flush_lines(o, held);
            flush_at = held ? kernel_now_ms() + BATCH_MS : 0;
        }
        receive_subscriptions(k);
        send_all(k, signer);
    }
    wire_signer_free(signer);
}
