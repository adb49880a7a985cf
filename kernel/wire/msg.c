/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Building and freeing Jupyter messages. Any thread; a message has one owner at a time.
 * Must never share a json_t between two messages: headers are copied deep.
 */
#include "kernel/wire/msg.h"

#include "dap/base/limits.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static char wire_session[64];
static char wire_username[64] = "celldap";
static atomic_ullong wire_sent;

void wire_msg_session(const char *session, const char *username)
{
    (void)snprintf(wire_session, sizeof wire_session, "%s", session);
    (void)snprintf(wire_username, sizeof wire_username, "%s", username);
}

static void blobs_free(struct wire_blob *blobs, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(blobs[i].data);
    }
    free(blobs);
}

void wire_msg_free(struct wire_msg *m)
{
    if (!m) {
        return;
    }
    blobs_free(m->idents, m->ident_count);
    blobs_free(m->buffers, m->buffer_count);
    json_decref(m->header);
    json_decref(m->parent);
    json_decref(m->metadata);
    json_decref(m->content);
    free(m->content_text);
    free(m);
}

void wire_msg_autofree_(struct wire_msg **m)
{
    wire_msg_free(*m);
}

void wire_date_now(char *out, size_t out_bytes)
{
    struct timespec now;
    struct tm tm;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    if (!gmtime_r(&now.tv_sec, &tm)) {
        out[0] = '\0';
        return;
    }
    (void)snprintf(out, out_bytes, "%04d-%02d-%02dT%02d:%02d:%02d.%06ldZ", tm.tm_year + 1900,
                   tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, now.tv_nsec / 1000);
}

static json_t *header_new(const char *msg_type)
{
    char id[sizeof wire_session + 24];
    char date[80];
    (void)snprintf(id, sizeof id, "%s_%llu", wire_session,
                   atomic_fetch_add_explicit(&wire_sent, 1, memory_order_relaxed));
    wire_date_now(date, sizeof date);
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "msg_id", id, "session", wire_session,
                     "username", wire_username, "date", date, "msg_type", msg_type, "version",
                     "5.5");
}

/* Everything but the content. */
static struct wire_msg *envelope_new(const char *msg_type, const json_t *parent_header)
{
    wire_automsg struct wire_msg *m = calloc(1, sizeof *m);
    if (!m) {
        return NULL;
    }
    m->header = header_new(msg_type);
    m->parent = parent_header ? json_deep_copy(parent_header) : json_object();
    m->metadata = json_object();
    return m->header && m->parent && m->metadata ? cd_take(m) : NULL;
}

struct wire_msg *wire_msg_new(const char *msg_type, const struct wire_msg *parent,
                              json_t *content_owned)
{
    struct wire_msg *m =
        content_owned ? envelope_new(msg_type, parent ? parent->header : NULL) : NULL;
    if (!m) {
        json_decref(content_owned);
        return NULL;
    }
    m->content = content_owned;
    return m;
}

struct wire_msg *wire_msg_reply_new(const char *msg_type, const struct wire_msg *request,
                                    json_t *content_owned)
{
    struct wire_msg *m = wire_msg_new(msg_type, request, content_owned);
    for (size_t i = 0; m && i < request->ident_count; i++) {
        const struct wire_blob *ident = &request->idents[i];
        if (wire_msg_add_ident(m, ident->data, ident->len, NULL)) {
            wire_msg_free(cd_take(m));
        }
    }
    return m;
}

struct wire_msg *wire_msg_text_new(const char *msg_type, const json_t *parent_header,
                                   const char *content, size_t len)
{
    struct wire_msg *m = envelope_new(msg_type, parent_header);
    if (!m) {
        return NULL;
    }
    m->content_text = malloc(len + 1);
    if (!m->content_text) {
        wire_msg_free(m);
        return NULL;
    }
    memcpy(m->content_text, content, len);
    m->content_text[len] = '\0';
    m->content_len = len;
    return m;
}

const char *wire_msg_type(const struct wire_msg *m)
{
    const char *type = json_string_value(json_object_get(m->header, "msg_type"));
    return type ? type : "";
}

static cd_result blob_add(struct wire_blob **blobs, size_t *count, const void *bytes, size_t len,
                          struct cd_error *reterr)
{
    struct wire_blob *grown = realloc(*blobs, (*count + 1) * sizeof *grown);
    if (!grown) {
        return cd_oom(reterr);
    }
    *blobs = grown;
    char *copy = malloc(len ? len : 1);
    if (!copy) {
        return cd_oom(reterr);
    }
    if (len) {
        memcpy(copy, bytes, len);
    }
    grown[(*count)++] = (struct wire_blob){.data = copy, .len = len};
    return CD_OK;
}

cd_result wire_msg_add_ident(struct wire_msg *m, const void *bytes, size_t len,
                             struct cd_error *reterr)
{
    if (len > CD_MAX_ID_BYTES) {
        return cd_error_set(reterr, CD_E_LIMIT,
                            "a routing identity has %zu bytes, at most %u are allowed", len,
                            CD_MAX_ID_BYTES);
    }
    return blob_add(&m->idents, &m->ident_count, bytes, len, reterr);
}

cd_result wire_msg_add_buffer(struct wire_msg *m, const void *bytes, size_t len,
                              struct cd_error *reterr)
{
    if (len > CD_MAX_WIRE_BYTES) {
        return cd_error_set(reterr, CD_E_LIMIT, "a buffer has %zu bytes, at most %u are allowed",
                            len, CD_MAX_WIRE_BYTES);
    }
    return blob_add(&m->buffers, &m->buffer_count, bytes, len, reterr);
}
