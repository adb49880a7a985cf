/* SPDX-License-Identifier: BSD-3-Clause
 *
 * See ws_frame.h. Both framings are turned into the parts of a message as ZeroMQ would carry it, so
 * that caps and shapes are checked in one place (wire_msg_parse).
 */
#include "bridge/remote/ws_frame.h"

#include "dap/base/limits.h"
#include "kernel/wire/frames.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#define FIXED_PARTS (2 + WIRE_JSON_FRAMES) /* delimiter, signature, the JSON frames */
#define MAX_OFFSETS (CD_MAX_WIRE_PARTS + 2)

static const char *const names[WIRE_CHANNEL_COUNT] = {[WIRE_SHELL] = "shell",
                                                      [WIRE_IOPUB] = "iopub",
                                                      [WIRE_STDIN] = "stdin",
                                                      [WIRE_CONTROL] = "control"};

static cd_result find_channel(const char *name, size_t len, enum wire_channel *ret,
                              struct cd_error *reterr)
{
    for (int i = 0; i < WIRE_CHANNEL_COUNT; i++) {
        if (names[i] && strlen(names[i]) == len && memcmp(names[i], name, len) == 0) {
            *ret = (enum wire_channel)i;
            return CD_OK;
        }
    }
    return cd_error_set(reterr, CD_E_BAD_FRAME, "a message of the unknown channel '%.*s'",
                        (int)(len < 40 ? len : 40), name);
}

/* parts[FIXED_PARTS…] are buffers. The parts are read only. */
static void begin_parts(struct wire_blob parts[])
{
    static char delimiter[] = WIRE_DELIMITER, nothing[] = "";

    parts[0] = (struct wire_blob){delimiter, strlen(delimiter)};
    parts[1] = (struct wire_blob){nothing, 0};
}

static uint64_t u64_at(const char *bytes, size_t index)
{
    uint64_t v;

    memcpy(&v, bytes + index * sizeof v, sizeof v);
    return le64toh(v);
}

/* Checked: each offset is inside and none is before the one that it follows. */
static cd_result read_offsets(const char *bytes, size_t len, size_t *ret_count,
                              struct cd_error *reterr)
{
    const uint64_t count = len >= sizeof(uint64_t) ? u64_at(bytes, 0) : 0;
    uint64_t last;

    if (count < 2 + WIRE_JSON_FRAMES || count > MAX_OFFSETS) {
        return cd_error_set(reterr, CD_E_BAD_FRAME, "a message with %llu offsets",
                            (unsigned long long)count);
    }
    last = (1 + count) * sizeof(uint64_t);
    if (last > len) {
        return cd_error_set(reterr, CD_E_BAD_FRAME, "a message that ends in its offsets");
    }
    for (size_t i = 1; i <= count; i++) {
        const uint64_t offset = u64_at(bytes, i);

        if (offset < last || offset > len) {
            return cd_error_set(reterr, CD_E_BAD_FRAME, "offset %zu of a message is wrong", i - 1);
        }
        last = offset;
    }
    *ret_count = (size_t)count;
    return CD_OK;
}

static cd_result read_v1(const char *bytes, size_t len, struct wire_signer *signer,
                         enum wire_channel *ret_channel, struct wire_msg **ret,
                         struct cd_error *reterr)
{
    struct wire_blob parts[2 + MAX_OFFSETS];
    size_t count = 0, used = 2;

    if (read_offsets(bytes, len, &count, reterr) != CD_OK ||
        find_channel(bytes + u64_at(bytes, 1), u64_at(bytes, 2) - u64_at(bytes, 1), ret_channel,
                     reterr) != CD_OK) {
        return CD_ERR;
    }
    begin_parts(parts);
    for (size_t i = 2; i < count; i++) {
        const uint64_t from = u64_at(bytes, i), to = u64_at(bytes, i + 1);

        parts[used++] = (struct wire_blob){(char *)(uintptr_t)(bytes + from), (size_t)(to - from)};
    }
    return wire_msg_parse(parts, used, signer, ret, reterr);
}

static uint32_t u32_at(const char *bytes, size_t index)
{
    uint32_t v;

    memcpy(&v, bytes + index * sizeof v, sizeof v);
    return be32toh(v);
}

/* Part 0 is the JSON text, the others are buffers. */
static cd_result split_legacy(const char *bytes, size_t len, struct wire_blob parts[],
                              size_t *ret_count, struct cd_error *reterr)
{
    const size_t count = len >= sizeof(uint32_t) ? u32_at(bytes, 0) : 0;
    size_t last = (1 + count) * sizeof(uint32_t);

    if (count == 0 || count > CD_MAX_WIRE_PARTS - FIXED_PARTS || last > len) {
        return cd_error_set(reterr, CD_E_BAD_FRAME, "a message with %zu buffers", count);
    }
    for (size_t i = 0; i < count; i++) {
        const size_t from = u32_at(bytes, 1 + i);
        const size_t to = i + 1 < count ? u32_at(bytes, 2 + i) : len;

        if (from < last || to < from || to > len) {
            return cd_error_set(reterr, CD_E_BAD_FRAME, "offset %zu of a message is wrong", i);
        }
        parts[i] = (struct wire_blob){(char *)(uintptr_t)(bytes + from), to - from};
        last = from;
    }
    *ret_count = count;
    return CD_OK;
}

/* One JSON frame out of the message's text; a parent that is null is none. */
static cd_result dump_member(const json_t *message, const char *name, struct wire_blob *ret,
                             struct cd_error *reterr)
{
    const json_t *value = json_object_get(message, name);
    cd_autobuf struct cd_buf out;
    size_t len;

    cd_buf_init(&out, CD_MAX_WIRE_BYTES);
    if (!value || json_is_null(value)) {
        if (cd_buf_append(&out, "{}", 2, reterr) != CD_OK) {
            return CD_ERR;
        }
    } else if (cd_json_dump(value, &out, reterr) != CD_OK) {
        return CD_ERR;
    }
    len = out.len;
    ret->data = cd_buf_steal(&out);
    ret->len = len;
    return ret->data ? CD_OK : cd_oom(reterr);
}

static cd_result read_json(const json_t *message, struct wire_blob parts[], size_t count,
                           struct wire_signer *signer, enum wire_channel *ret_channel,
                           struct wire_msg **ret, struct cd_error *reterr)
{
    static const char *const members[WIRE_JSON_FRAMES] = {"header", "parent_header", "metadata",
                                                          "content"};
    struct wire_blob json[WIRE_JSON_FRAMES] = {0};
    const char *channel = "shell"; /* as servers take it, too */
    cd_result result = CD_ERR;

    if (!json_is_object(message)) {
        return cd_error_set(reterr, CD_E_BAD_FRAME, "a message that is no JSON object");
    }
    if (cd_json_str_opt(message, "channel", &channel, reterr) != CD_OK ||
        find_channel(channel, strlen(channel), ret_channel, reterr) != CD_OK) {
        return CD_ERR;
    }
    for (size_t i = 0; i < WIRE_JSON_FRAMES; i++) {
        if (dump_member(message, members[i], &json[i], reterr) != CD_OK) {
            goto out;
        }
    }
    memcpy(parts + 2, json, sizeof json);
    result = wire_msg_parse(parts, count, signer, ret, reterr);
out:
    wire_frames_done(json);
    return result;
}

static cd_result read_legacy(bool binary, const char *bytes, size_t len, struct wire_signer *signer,
                             enum wire_channel *ret_channel, struct wire_msg **ret,
                             struct cd_error *reterr)
{
    struct wire_blob given[CD_MAX_WIRE_PARTS] = {{(char *)(uintptr_t)bytes, len}};
    struct wire_blob parts[CD_MAX_WIRE_PARTS + FIXED_PARTS];
    json_auto_t *message = NULL;
    size_t count = 1;

    if ((binary && split_legacy(bytes, len, given, &count, reterr) != CD_OK) ||
        cd_json_load(given[0].data, given[0].len, &message, reterr) != CD_OK) {
        return CD_ERR;
    }
    begin_parts(parts);
    memcpy(parts + FIXED_PARTS, given + 1, (count - 1) * sizeof given[0]);
    return read_json(message, parts, FIXED_PARTS + count - 1, signer, ret_channel, ret, reterr);
}

cd_result remote_frame_read(enum remote_framing framing, bool binary, const char *bytes, size_t len,
                            struct wire_signer *signer, enum wire_channel *ret_channel,
                            struct wire_msg **ret, struct cd_error *reterr)
{
    if (framing == REMOTE_FRAMING_LEGACY) {
        return read_legacy(binary, bytes, len, signer, ret_channel, ret, reterr);
    }
    if (!binary) {
        return cd_error_set(reterr, CD_E_BAD_FRAME, "a text message where v1 has binary ones");
    }
    return read_v1(bytes, len, signer, ret_channel, ret, reterr);
}

static cd_result append_u64(struct cd_buf *out, uint64_t value, struct cd_error *reterr)
{
    const uint64_t v = htole64(value);

    return cd_buf_append(out, &v, sizeof v, reterr);
}

static cd_result write_v1(const char *channel, const struct wire_blob json[WIRE_JSON_FRAMES],
                          struct cd_buf *out, struct cd_error *reterr)
{
    const uint64_t count = 2 + WIRE_JSON_FRAMES;
    uint64_t offset = (1 + count) * sizeof(uint64_t);

    if (append_u64(out, count, reterr) != CD_OK || append_u64(out, offset, reterr) != CD_OK) {
        return CD_ERR;
    }
    offset += strlen(channel);
    for (size_t i = 0; i < WIRE_JSON_FRAMES; i++) {
        if (append_u64(out, offset, reterr) != CD_OK) {
            return CD_ERR;
        }
        offset += json[i].len;
    }
    if (append_u64(out, offset, reterr) != CD_OK ||
        cd_buf_append(out, channel, strlen(channel), reterr) != CD_OK) {
        return CD_ERR;
    }
    for (size_t i = 0; i < WIRE_JSON_FRAMES; i++) {
        if (cd_buf_append(out, json[i].data, json[i].len, reterr) != CD_OK) {
            return CD_ERR;
        }
    }
    return CD_OK;
}

/* The frames are JSON text already. */
static cd_result write_legacy(const char *channel, const struct wire_blob json[WIRE_JSON_FRAMES],
                              struct cd_buf *out, struct cd_error *reterr)
{
    static const char *const before[WIRE_JSON_FRAMES] = {
        ",\"header\":", ",\"parent_header\":", ",\"metadata\":", ",\"content\":"};

    if (cd_buf_appendf(out, reterr, "{\"channel\":\"%s\"", channel) != CD_OK) {
        return CD_ERR;
    }
    for (size_t i = 0; i < WIRE_JSON_FRAMES; i++) {
        if (cd_buf_append(out, before[i], strlen(before[i]), reterr) != CD_OK ||
            cd_buf_append(out, json[i].data, json[i].len, reterr) != CD_OK) {
            return CD_ERR;
        }
    }
    return cd_buf_appendf(out, reterr, ",\"buffers\":[]}");
}

cd_result remote_frame_write(enum remote_framing framing, enum wire_channel channel,
                             const struct wire_msg *m, struct cd_buf *out, bool *ret_binary,
                             struct cd_error *reterr)
{
    struct wire_blob json[WIRE_JSON_FRAMES];
    cd_result result;

    if (wire_msg_frames(m, json, reterr) != CD_OK) {
        return CD_ERR;
    }
    *ret_binary = framing == REMOTE_FRAMING_V1;
    result = *ret_binary ? write_v1(names[channel], json, out, reterr)
                         : write_legacy(names[channel], json, out, reterr);
    wire_frames_done(json);
    return result;
}
