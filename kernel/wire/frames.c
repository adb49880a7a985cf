/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Parts on the wire to message and back (Jupyter messaging 5.5, "The wire protocol"):
 *   identities… delimiter signature header parent_header metadata content buffers…
 * Pure but for allocation; any thread. Every byte comes from outside: must never trust a length.
 */
#include "kernel/wire/frames.h"

#include "dap/base/limits.h"

#include <stdlib.h>
#include <string.h>

static const char *const frame_names[WIRE_JSON_FRAMES] = {"header", "parent_header", "metadata",
                                                          "content"};

static cd_result check_caps(const struct wire_blob *parts, size_t count, struct cd_error *reterr)
{
    if (count > CD_MAX_WIRE_PARTS) {
        return cd_error_set(reterr, CD_E_BAD_FRAME,
                            "a message of %zu frames, at most %u are allowed", count,
                            CD_MAX_WIRE_PARTS);
    }
    for (size_t i = 0; i < count; i++) {
        if (parts[i].len > CD_MAX_WIRE_BYTES) {
            return cd_error_set(reterr, CD_E_BAD_FRAME,
                                "frame %zu has %zu bytes, at most %u are allowed", i, parts[i].len,
                                CD_MAX_WIRE_BYTES);
        }
    }
    return CD_OK;
}

static cd_result find_delimiter(const struct wire_blob *parts, size_t count, size_t *ret,
                                struct cd_error *reterr)
{
    for (size_t i = 0; i < count; i++) {
        if (parts[i].len == strlen(WIRE_DELIMITER) &&
            memcmp(parts[i].data, WIRE_DELIMITER, parts[i].len) == 0) {
            *ret = i;
            return CD_OK;
        }
        if (parts[i].len > CD_MAX_ID_BYTES) {
            return cd_error_set(reterr, CD_E_BAD_FRAME,
                                "routing identity %zu has %zu bytes, at most %u are allowed", i,
                                parts[i].len, CD_MAX_ID_BYTES);
        }
    }
    return cd_error_set(reterr, CD_E_BAD_FRAME, "a message without the frame '%s'", WIRE_DELIMITER);
}

static cd_result load_object(const struct wire_blob *part, const char *name, json_t **ret,
                             struct cd_error *reterr)
{
    json_auto_t *v = NULL;
    if (cd_json_load(part->data, part->len, &v, reterr)) {
        cd_error_prefix(reterr, "%s", name);
        return CD_ERR;
    }
    if (!json_is_object(v)) {
        return cd_error_set(reterr, CD_E_BAD_JSON, "expected object in the frame '%s'", name);
    }
    *ret = cd_take(v);
    return CD_OK;
}

static cd_result dump(const json_t *v, struct wire_blob *ret, struct cd_error *reterr)
{
    cd_autobuf struct cd_buf out;
    cd_buf_init(&out, CD_MAX_WIRE_BYTES);
    if (cd_json_dump(v, &out, reterr)) {
        return CD_ERR;
    }
    const size_t len = out.len;
    char *data = cd_buf_steal(&out);
    if (!data) {
        return cd_oom(reterr);
    }
    *ret = (struct wire_blob){.data = data, .len = len};
    return CD_OK;
}

static cd_result load_message(const struct wire_blob *parts, size_t count, size_t delimiter,
                              struct wire_msg *m, struct cd_error *reterr)
{
    json_t **slots[WIRE_JSON_FRAMES] = {&m->header, &m->parent, &m->metadata, &m->content};
    const size_t json = delimiter + 2;
    for (size_t i = 0; i < WIRE_JSON_FRAMES; i++) {
        if (load_object(&parts[json + i], frame_names[i], slots[i], reterr)) {
            return CD_ERR;
        }
    }
    const char *msg_type = NULL;
    if (cd_json_str(m->header, "header.msg_type", &msg_type, reterr)) {
        return CD_ERR;
    }
    struct wire_blob header;
    if (dump(m->header, &header, reterr)) { /* not as it came: others get it as a parent */
        return CD_ERR;
    }
    m->header_text = header.data;
    for (size_t i = 0; i < delimiter; i++) {
        if (wire_msg_add_ident(m, parts[i].data, parts[i].len, reterr)) {
            return CD_ERR;
        }
    }
    for (size_t i = json + WIRE_JSON_FRAMES; i < count; i++) {
        if (wire_msg_add_buffer(m, parts[i].data, parts[i].len, reterr)) {
            return CD_ERR;
        }
    }
    return CD_OK;
}

cd_result wire_msg_parse(const struct wire_blob *parts, size_t count, struct wire_signer *signer,
                         struct wire_msg **ret, struct cd_error *reterr)
{
    size_t delimiter = 0;
    if (check_caps(parts, count, reterr) || find_delimiter(parts, count, &delimiter, reterr)) {
        return CD_ERR;
    }
    if (count - delimiter < 2 + WIRE_JSON_FRAMES) {
        return cd_error_set(reterr, CD_E_BAD_FRAME,
                            "a message with %zu frames after '%s', expected 5",
                            count - delimiter - 1, WIRE_DELIMITER);
    }
    const struct wire_blob *signature = &parts[delimiter + 1];
    if (!wire_signer_check(signer, &parts[delimiter + 2], signature->data, signature->len)) {
        return cd_error_set(reterr, CD_E_BAD_SIGNATURE, "a message with a wrong signature");
    }
    wire_automsg struct wire_msg *m = calloc(1, sizeof *m);
    if (!m) {
        return cd_oom(reterr);
    }
    if (load_message(parts, count, delimiter, m, reterr)) {
        return CD_ERR;
    }
    *ret = cd_take(m);
    return CD_OK;
}

void wire_frames_done(struct wire_blob frames[WIRE_JSON_FRAMES])
{
    for (size_t i = 0; i < WIRE_JSON_FRAMES; i++) {
        free(frames[i].data);
        frames[i] = (struct wire_blob){0};
    }
}

static cd_result copy(const char *text, size_t len, struct wire_blob *ret, struct cd_error *reterr)
{
    char *bytes = malloc(len + 1);
    if (!bytes) {
        return cd_oom(reterr);
    }
    memcpy(bytes, text, len);
    bytes[len] = '\0';
    *ret = (struct wire_blob){.data = bytes, .len = len};
    return CD_OK;
}

cd_result wire_msg_frames(const struct wire_msg *m, struct wire_blob ret[WIRE_JSON_FRAMES],
                          struct cd_error *reterr)
{
    struct wire_blob frames[WIRE_JSON_FRAMES] = {0};
    const json_t *values[WIRE_JSON_FRAMES] = {m->header, m->parent, m->metadata, m->content};
    const char *texts[WIRE_JSON_FRAMES] = {m->header_text, m->parent_text, NULL, m->content_text};
    for (size_t i = 0; i < WIRE_JSON_FRAMES; i++) {
        const char *text = texts[i] ? texts[i] : "{}";
        const size_t len = i == WIRE_CONTENT && m->content_text ? m->content_len : strlen(text);
        if (texts[i] || !values[i] ? copy(text, len, &frames[i], reterr)
                                   : dump(values[i], &frames[i], reterr)) {
            wire_frames_done(frames);
            return CD_ERR;
        }
    }
    memcpy(ret, frames, sizeof frames);
    return CD_OK;
}
