/* SPDX-License-Identifier: BSD-3-Clause
 *
 * See outbox.h.
 */
#include "bridge/outbox.h"

#include "dap/base/buf.h"
#include "dap/base/limits.h"
#include "dap/base/log.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROOM_BYTES    (256u * 1024)       /* what a transport is given before it has written it */
#define PAUSE_BYTES   (8u * 1024 * 1024)  /* waiting here: its requests wait too */
#define OUTPUT_BYTES  (16u * 1024 * 1024) /* of output, for a client that reads */
#define STALLED_BYTES (1u * 1024 * 1024)  /* of output, for one that does not */
#define STALLED_MS    2000
#define LOST_BYTES    (128u * 1024 * 1024) /* of all the rest */

struct item {
    struct item *next;
    size_t len;
    enum bridge_outbox_kind kind;
    int64_t *ret_seq;
    char text[];
};

struct bridge_outbox {
    struct bridge_transport *transport;
    uint64_t (*now_ms)(void *ctx);
    void *ctx;
    struct item *first, **last;
    size_t output_bytes, message_bytes; /* of what waits */
    size_t outputs;                     /* how many wait */
    int64_t seq;
    uint64_t written_ms; /* when the transport last wrote, or had nothing to write */
    bool paused;
    uint64_t left_out; /* messages, not told yet */
};

struct bridge_outbox *bridge_outbox_new(uint64_t (*now_ms)(void *ctx), void *ctx)
{
    struct bridge_outbox *o = calloc(1, sizeof *o);

    if (o) {
        o->now_ms = now_ms;
        o->ctx = ctx;
        o->last = &o->first;
    }
    return o;
}

void bridge_outbox_free(struct bridge_outbox *o)
{
    while (o && o->first) {
        struct item *it = o->first;

        o->first = it->next;
        free(it);
    }
    free(o);
}

void bridge_outbox_connect(struct bridge_outbox *o, struct bridge_transport *t)
{
    o->transport = t;
    o->written_ms = o->now_ms(o->ctx);
}

static void hand_over(struct bridge_outbox *o, const char *object, size_t len, int64_t *ret_seq)
{
    struct cd_error err = CD_ERROR_INIT;
    cd_autobuf struct cd_buf text;

    cd_buf_init(&text, CD_MAX_BODY_BYTES + 64);
    if (cd_buf_appendf(&text, &err, "{\"seq\":%" PRId64 "%s", o->seq + 1, len > 2 ? "," : "") ||
        cd_buf_append(&text, object + 1, len - 1, &err) != CD_OK) {
        cd_log(CD_LOG_ERROR, "dap", "a message to the client is lost: %s", err.text);
        return;
    }
    o->seq++;
    if (ret_seq) {
        *ret_seq = o->seq;
    }
    cd_log(CD_LOG_TRACE, "dap", "-> %s", text.data);
    o->transport->ops->send(o->transport, text.data, text.len);
}

/* Where output was left out its reader is told, before the output that follows. */
static void tell_left_out(struct bridge_outbox *o)
{
    char text[256];
    int n;

    if (o->left_out == 0) {
        return;
    }
    n = snprintf(text, sizeof text,
                 "{\"type\":\"event\",\"event\":\"output\",\"body\":{\"category\":\"important\","
                 "\"output\":\"celldap: %" PRIu64 " outputs were left out: they were not read in "
                 "time\\n\"}}",
                 o->left_out);
    o->left_out = 0;
    hand_over(o, text, (size_t)n, NULL);
}

static size_t *bytes_of(struct bridge_outbox *o, enum bridge_outbox_kind kind)
{
    return kind == BRIDGE_OUT_OUTPUT ? &o->output_bytes : &o->message_bytes;
}

static void send_first(struct bridge_outbox *o)
{
    struct item *it = o->first;

    o->first = it->next;
    if (!o->first) {
        o->last = &o->first;
    }
    *bytes_of(o, it->kind) -= it->len;
    if (it->kind == BRIDGE_OUT_OUTPUT) {
        o->outputs--;
        tell_left_out(o);
    }
    hand_over(o, it->text, it->len, it->ret_seq);
    free(it);
}

static void set_paused(struct bridge_outbox *o)
{
    const size_t waiting = o->output_bytes + o->message_bytes;
    const bool paused = waiting > (o->paused ? PAUSE_BYTES / 2 : PAUSE_BYTES);

    if (paused != o->paused) {
        o->paused = paused;
        o->transport->ops->pause(o->transport, paused);
    }
}

static bool has_room(const struct bridge_outbox *o)
{
    return o->transport->ops->waiting(o->transport) < ROOM_BYTES;
}

static void leave_out(struct bridge_outbox *o)
{
    const bool stalled = o->now_ms(o->ctx) - o->written_ms > STALLED_MS;
    const size_t most = stalled ? STALLED_BYTES : OUTPUT_BYTES;
    struct item **at = &o->first;

    /* the newest is never left out, however long */
    while (o->output_bytes > most && o->outputs > 1) {
        struct item *it = *at;

        if (it->kind != BRIDGE_OUT_OUTPUT) {
            at = &it->next;
            continue;
        }
        *at = it->next;
        o->output_bytes -= it->len;
        o->outputs--;
        o->left_out++;
        free(it);
    }
}

static bool keep(struct bridge_outbox *o, const char *object, size_t len,
                 enum bridge_outbox_kind kind, int64_t *ret_seq)
{
    struct item *it = malloc(sizeof *it + len + 1);

    if (!it) {
        cd_log(CD_LOG_ERROR, "dap", "out of memory: a message to the client is lost");
        return true;
    }
    *it = (struct item){.len = len, .kind = kind, .ret_seq = ret_seq};
    memcpy(it->text, object, len);
    it->text[len] = '\0';
    *o->last = it;
    o->last = &it->next;
    *bytes_of(o, kind) += len;
    o->outputs += kind == BRIDGE_OUT_OUTPUT;
    leave_out(o);
    set_paused(o);
    return o->message_bytes <= LOST_BYTES;
}

bool bridge_outbox_send(struct bridge_outbox *o, const char *object, size_t len,
                        enum bridge_outbox_kind kind, int64_t *ret_seq)
{
    if (!o->transport) {
        return true;
    }
    if (o->first || !has_room(o)) {
        return keep(o, object, len, kind, ret_seq);
    }
    if (o->transport->ops->waiting(o->transport) == 0) {
        o->written_ms = o->now_ms(o->ctx);
    }
    hand_over(o, object, len, ret_seq);
    return true;
}

void bridge_outbox_written(struct bridge_outbox *o)
{
    if (!o->transport) {
        return;
    }
    o->written_ms = o->now_ms(o->ctx);
    while (o->first && has_room(o)) {
        send_first(o);
    }
    set_paused(o);
}

void bridge_outbox_flush(struct bridge_outbox *o)
{
    while (o->transport && o->first) {
        send_first(o);
    }
}
