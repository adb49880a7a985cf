/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Building and freeing Jupyter messages. Any thread; a message has one owner at a time.
 * Must never share a json_t between two messages.
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
    free(m->header_text);
    free(m->parent_text);
    free(m->type);
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

static bool is_plain(const char *text)
{
    return text[strspn(
               text, "abcdefghijklmnopqrstuvwxyz_ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.")] == '\0';
}

/* msg_type is the one member that Python code may choose, and need not be a plain word. */
static char *type_text_new(const char *msg_type)
{
    cd_autobuf struct cd_buf out;
    cd_buf_init(&out, CD_MAX_HEADER_BYTES);
    json_auto_t *value = cd_json_textz(msg_type);
    return value && !cd_json_dump(value, &out, NULL) ? cd_buf_steal(&out) : NULL;
}

static cd_result make_header(struct wire_msg *m, const char *msg_type)
{
    char date[80];
    const size_t type_bytes = strlen(msg_type) + 1;
    const size_t id_bytes = strlen(wire_session) + 24;
    const bool plain = is_plain(msg_type);
    cd_autofree char *text = plain ? NULL : type_text_new(msg_type);
    m->type = malloc(type_bytes + id_bytes);
    if (!m->type || (!plain && !text)) {
        return CD_ERR;
    }
    memcpy(m->type, msg_type, type_bytes);
    m->id = m->type + type_bytes;
    (void)snprintf(m->id, id_bytes, "%s_%llu", wire_session,
                   atomic_fetch_add_explicit(&wire_sent, 1, memory_order_relaxed));
    wire_date_now(date, sizeof date);
    const size_t bytes = 128 + strlen(m->id) + strlen(wire_session) + strlen(wire_username) +
                         sizeof date + (plain ? type_bytes + 2 : strlen(text));
    m->header_text = malloc(bytes);
    if (!m->header_text) {
        return CD_ERR;
    }
    const char *quote = plain ? "\"" : "";
    (void)snprintf(m->header_text, bytes,
                   "{\"msg_id\":\"%s\",\"session\":\"%s\",\"username\":\"%s\",\"date\":\"%s\","
                   "\"msg_type\":%s%s%s,\"version\":\"5.5\"}",
                   m->id, wire_session, wire_username, date, quote, plain ? msg_type : text, quote);
    return CD_OK;
}

/* Everything but the content. */
static struct wire_msg *envelope_new(const char *msg_type, const char *parent_header)
{
    wire_automsg struct wire_msg *m = calloc(1, sizeof *m);
    if (!m || make_header(m, msg_type)) {
        return NULL;
    }
    m->parent_text = parent_header ? strdup(parent_header) : NULL;
    return parent_header && !m->parent_text ? NULL : cd_take(m);
}

struct wire_msg *wire_msg_new(const char *msg_type, const struct wire_msg *parent,
                              json_t *content_owned)
{
    struct wire_msg *m =
        content_owned ? envelope_new(msg_type, parent ? parent->header_text : NULL) : NULL;
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

struct wire_msg *wire_msg_text_new(const char *msg_type, const char *parent_header,
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
    const char *type =
        m->type ? m->type : json_string_value(json_object_get(m->header, "msg_type"));
    return type ? type : "";
}

const char *wire_msg_id(const struct wire_msg *m)
{
    const char *id = m->id ? m->id : json_string_value(json_object_get(m->header, "msg_id"));
    return id ? id : "";
}

json_t *wire_msg_metadata(struct wire_msg *m)
{
    if (!m->metadata) {
        m->metadata = json_object();
    }
    return m->metadata;
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
