/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Iopub thread: owns the XPUB, welcomes subscribers, and sends what output.c queued; text that is
 * not queued yet becomes a message after 5 ms.
 */
#include "dap/base/log.h"
#include "kernel/channels/output.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BATCH_MS 5

/* JEP 65: a subscriber learns that it is connected, and (ours) where the count is. It is let in
 * when its welcome is sent, which so is the first message that it gets. */
static void welcome(struct kernel *k, const char *frame, size_t len)
{
    struct kernel_output *o = k->output;
    const char *topic = frame + 1;
    wire_automsg struct wire_msg *m = wire_msg_new(
        "iopub_welcome", NULL, json_pack("{s:o}", "subscription", cd_json_text(topic, len - 1)));
    cd_autofree char *subscription = malloc(len);
    if (!m || !subscription || wire_msg_add_ident(m, topic, len - 1, NULL)) {
        return;
    }
    memcpy(subscription, frame, len);
    (void)pthread_mutex_lock(&o->mu);
    kernel_output_settle(o);
    json_t *ours = json_pack("{s:I}", "iopub_count", (json_int_t)o->count);
    if (json_object_set_new(wire_msg_metadata(m), "celldap", ours) == 0) {
        kernel_output_push(
            o, (struct kernel_output_item){
                   .msg = cd_take(m), .welcome = true, .text = cd_take(subscription), .len = len});
    }
    (void)pthread_mutex_unlock(&o->mu);
}

static void answer(struct kernel *k, const char *frame, size_t len)
{
    struct cd_error err = CD_ERROR_INIT;
    if (wire_socket_answer_subscription(k->sockets[WIRE_IOPUB], frame, len, &err)) {
        cd_log(CD_LOG_ERROR, "iopub", "a subscriber gets nothing: %s", err.text);
    }
}

static struct wire_msg *stream_message(struct kernel *k, struct kernel_output_item *i)
{
    static const char *const names[] = {[INTERP_STDOUT] = "stdout", [INTERP_STDERR] = "stderr"};
    json_t *content =
        json_pack("{s:s, s:o}", "name", names[i->which], "text", cd_json_text(i->text, i->len));
    struct wire_msg *m = wire_msg_new("stream", NULL, content);
    if (!m || kernel_output_add_topic(k, m)) {
        wire_msg_free(m);
        return NULL;
    }
    m->parent_text = strdup(kernel_parent_text(i->parent));
    return m;
}

static void send(struct kernel *k, struct wire_signer *signer, struct kernel_output_item *i)
{
    struct cd_error err = CD_ERROR_INIT;
    if (i->welcome) {
        answer(k, i->text, i->len);
    }
    struct wire_msg *m = i->msg ? cd_take(i->msg) : stream_message(k, i);
    if (!m || wire_socket_send(k->sockets[WIRE_IOPUB], signer, m, &err)) {
        cd_log(CD_LOG_ERROR, "iopub", "a message is lost: %s", err.text);
    }
    kernel_output_item_free(i);
}

static void send_all(struct kernel *k, struct wire_signer *signer)
{
    struct kernel_output_item *i;
    while ((i = cd_queue_pop(k->output->queue))) {
        send(k, signer, i);
    }
}

/* One at a time: answering means the subscription that was read last. */
static void receive_subscriptions(struct kernel *k, struct wire_signer *signer)
{
    for (;;) {
        char frame[KERNEL_TOPIC_BYTES];
        size_t len = 0;
        struct cd_error err = CD_ERROR_INIT;
        const int got =
            wire_socket_recv_raw(k->sockets[WIRE_IOPUB], frame, sizeof frame, &len, &err);
        if (got == 0 || (got < 0 && err.id == CD_E_SYSTEM)) {
            return;
        }
        if (got > 0 && len > 0 && frame[0] == 1) {
            welcome(k, frame, len);
            send_all(k, signer);
        } else if (got > 0) { /* got < 0: longer than any topic of ours */
            answer(k, frame, len);
        }
    }
}

/* The timer: whole lines become messages; the beginning of one waits a round more (again: it did),
 * as print() writes a line's end by itself. true: text waits on. */
static bool flush_lines(struct kernel_output *o, bool again)
{
    char tail[KERNEL_TOPIC_BYTES];
    (void)pthread_mutex_lock(&o->mu);
    kernel_output_collect(o);
    const char *end = memrchr(o->text.data, '\n', o->text.len);
    const size_t whole = end ? (size_t)(end + 1 - o->text.data) : 0;
    const size_t rest = o->text.len - whole;
    const bool hold = !again && rest > 0 && rest <= sizeof tail;
    if (hold) { // its text_parent goes with the lines before it
        memcpy(tail, o->text.data + whole, rest);
        o->text.len = whole;
    }
    struct kernel_parent *parent = hold ? kernel_parent_ref(o->text_parent) : NULL;
    kernel_output_flush(o);
    if (hold) {
        kernel_output_append(o, parent, o->which, tail, rest);
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
            kernel_output_collect(o);
            (void)pthread_mutex_unlock(&o->mu);
        }
        if ((ready & 4u) && read(o->text_fd, &n, sizeof n) > 0 && flush_at == 0) {
            flush_at = kernel_now_ms() + BATCH_MS;
        }
        if (flush_at != 0 && kernel_now_ms() >= flush_at) {
            held = flush_lines(o, held);
            flush_at = held ? kernel_now_ms() + BATCH_MS : 0;
        }
        receive_subscriptions(k, signer);
        send_all(k, signer);
    }
    wire_signer_free(signer);
}
