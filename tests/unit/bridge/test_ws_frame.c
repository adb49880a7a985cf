/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Both framings of a Jupyter Server's websocket: what is written can be read, and no length of a
 * message is believed.
 */
#include "bridge/remote/ws_frame.h"
#include "dap/base/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct wire_signer *signer;

static int make_signer(void **state)
{
    (void)state;
    signer = wire_signer_new("", NULL);
    return signer ? 0 : -1;
}

static int free_signer(void **state)
{
    (void)state;
    wire_signer_free(signer);
    return 0;
}

static struct wire_msg *request(void)
{
    struct wire_msg *m = wire_msg_new("execute_request", NULL, json_pack("{s:s}", "code", "é\n"));

    assert_non_null(m);
    assert_int_equal(json_object_set_new(wire_msg_metadata(m), "cellId", json_string("c1")), 0);
    return m;
}

static cd_result read(enum remote_framing framing, bool binary, const void *bytes, size_t len,
                      struct wire_msg **ret)
{
    enum wire_channel channel = WIRE_HB;
    struct cd_error err = CD_ERROR_INIT;
    char *copy = malloc(len ? len : 1); /* its end is the end of what may be read */
    cd_result result;

    assert_non_null(copy);
    if (len) {
        memcpy(copy, bytes, len);
    }
    result = remote_frame_read(framing, binary, copy, len, signer, &channel, ret, &err);
    free(copy);
    assert_int_equal(result == CD_OK, err.id == CD_E_NONE);
    return result;
}

static void what_is_written_can_be_read(void **state)
{
    static const enum wire_channel channels[] = {WIRE_SHELL, WIRE_CONTROL, WIRE_STDIN};

    (void)state;
    for (int framing = REMOTE_FRAMING_LEGACY; framing <= REMOTE_FRAMING_V1; framing++) {
        for (size_t i = 0; i < CD_ARRAY_LEN(channels); i++) {
            wire_automsg struct wire_msg *m = request();
            struct wire_msg *raw = NULL;
            cd_autobuf struct cd_buf out;
            enum wire_channel channel = WIRE_HB;
            bool binary = false;

            cd_buf_init(&out, 10000);
            assert_int_equal(remote_frame_write((enum remote_framing)framing, channels[i], m, &out,
                                                &binary, NULL),
                             CD_OK);
            assert_int_equal(binary, framing == REMOTE_FRAMING_V1);
            assert_int_equal(remote_frame_read((enum remote_framing)framing, binary, out.data,
                                               out.len, signer, &channel, &raw, NULL),
                             CD_OK);
            wire_automsg struct wire_msg *again = raw;
            assert_int_equal(channel, channels[i]);
            assert_string_equal(wire_msg_type(again), "execute_request");
            assert_string_equal(wire_msg_id(again), wire_msg_id(m));
            assert_true(json_equal(again->content, m->content));
            assert_true(json_equal(again->metadata, m->metadata));
            assert_int_equal(json_object_size(again->parent), 0);
        }
    }
}

static void v1_offsets_are_as_the_servers_write_them(void **state)
{
    wire_automsg struct wire_msg *m = request();
    cd_autobuf struct cd_buf out;
    uint64_t words[7];
    bool binary = false;

    (void)state;
    cd_buf_init(&out, 10000);
    assert_int_equal(remote_frame_write(REMOTE_FRAMING_V1, WIRE_SHELL, m, &out, &binary, NULL),
                     CD_OK);
    memcpy(words, out.data, sizeof words);
    assert_int_equal(words[0], 6);
    assert_int_equal(words[1], 56);
    assert_int_equal(words[2], 56 + strlen("shell"));
    assert_int_equal(words[6], out.len);
    assert_memory_equal(out.data + 56, "shell", 5);
}

static void no_byte_of_a_v1_message_is_missing_unnoticed(void **state)
{
    wire_automsg struct wire_msg *m = request();
    struct wire_msg *none = NULL;
    cd_autobuf struct cd_buf out;
    bool binary = false;

    (void)state;
    cd_buf_init(&out, 10000);
    assert_int_equal(remote_frame_write(REMOTE_FRAMING_V1, WIRE_SHELL, m, &out, &binary, NULL),
                     CD_OK);
    for (size_t len = 0; len < out.len; len++) {
        assert_int_equal(read(REMOTE_FRAMING_V1, true, out.data, len, &none), CD_ERR);
        assert_null(none);
    }
}

static void odd_offsets_are_refused(void **state)
{
    static const uint64_t rows[][7] = {
        {0},
        {5, 48, 48, 48, 48, 48, 48},
        {CD_MAX_WIRE_PARTS + 3},
        {UINT64_MAX},
        {6, 8, 56, 56, 56, 56, 56},    /* inside of the offsets */
        {6, 56, 56, 56, 56, 56, 1000}, /* behind the end */
        {6, 56, 60, 58, 60, 60, 60},   /* backwards */
        {6, 56, UINT64_MAX, 56, 56, 56, 56},
    };
    char bytes[60] = {0};
    struct wire_msg *none = NULL;

    (void)state;
    for (size_t i = 0; i < CD_ARRAY_LEN(rows); i++) {
        memcpy(bytes, rows[i], sizeof rows[i]);
        assert_int_equal(read(REMOTE_FRAMING_V1, true, bytes, sizeof bytes, &none), CD_ERR);
        assert_null(none);
    }
    assert_int_equal(read(REMOTE_FRAMING_V1, false, "{}", 2, &none), CD_ERR);
}

#define HEADER "\"header\":{\"msg_type\":\"stream\",\"msg_id\":\"1\"}"

static void legacy_text_may_lack_what_servers_leave_out(void **state)
{
    static const struct {
        const char *text;
        bool good;
    } rows[] = {
        {"{\"channel\":\"iopub\"," HEADER ",\"parent_header\":null,\"content\":{}}", true},
        {"{" HEADER ",\"parent_header\":{},\"metadata\":{},\"content\":{},\"buffers\":[]}", true},
        {"{\"channel\":\"nowhere\"," HEADER ",\"content\":{}}", false},
        {"{\"channel\":\"iopub\",\"header\":{},\"content\":{}}", false},
        {"{\"channel\":\"iopub\"," HEADER ",\"content\":[]}", false},
        {"{\"channel\":7," HEADER ",\"content\":{}}", false},
        {"[]", false},
        {"", false},
        {"{\"channel\":\"iopub\",", false},
    };

    (void)state;
    for (size_t i = 0; i < CD_ARRAY_LEN(rows); i++) {
        struct wire_msg *m = NULL;

        assert_int_equal(read(REMOTE_FRAMING_LEGACY, false, rows[i].text, strlen(rows[i].text), &m),
                         rows[i].good ? CD_OK : CD_ERR);
        assert_int_equal(m != NULL, rows[i].good);
        wire_msg_free(m);
    }
}

static void legacy_buffers_are_cut_out_and_their_offsets_checked(void **state)
{
    static const char json[] = "{\"channel\":\"iopub\"," HEADER ",\"content\":{}}";
    const size_t json_len = sizeof json - 1;
    unsigned char bytes[200] = {0, 0, 0, 2, 0, 0, 0, 12, 0, 0, 0, 0};
    struct wire_msg *m = NULL;

    (void)state;
    bytes[11] = (unsigned char)(12 + json_len);
    memcpy(bytes + 12, json, json_len);
    memcpy(bytes + 12 + json_len, "abc", 3);
    assert_int_equal(read(REMOTE_FRAMING_LEGACY, true, bytes, 15 + json_len, &m), CD_OK);
    assert_int_equal(m->buffer_count, 1);
    assert_int_equal(m->buffers[0].len, 3);
    assert_memory_equal(m->buffers[0].data, "abc", 3);
    wire_msg_free(cd_take(m));
    bytes[7] = 11; /* inside of the offsets */
    assert_int_equal(read(REMOTE_FRAMING_LEGACY, true, bytes, 15 + json_len, &m), CD_ERR);
    bytes[7] = 12;
    bytes[10] = 0xff; /* behind the end */
    assert_int_equal(read(REMOTE_FRAMING_LEGACY, true, bytes, 15 + json_len, &m), CD_ERR);
    memset(bytes, 0xff, 4); /* more buffers than bytes */
    assert_int_equal(read(REMOTE_FRAMING_LEGACY, true, bytes, 15 + json_len, &m), CD_ERR);
    assert_int_equal(read(REMOTE_FRAMING_LEGACY, true, "\0\0", 2, &m), CD_ERR);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_can_be_read),
        cmocka_unit_test(v1_offsets_are_as_the_servers_write_them),
        cmocka_unit_test(no_byte_of_a_v1_message_is_missing_unnoticed),
        cmocka_unit_test(odd_offsets_are_refused),
        cmocka_unit_test(legacy_text_may_lack_what_servers_leave_out),
        cmocka_unit_test(legacy_buffers_are_cut_out_and_their_offsets_checked),
    };

    return cmocka_run_group_tests(tests, make_signer, free_signer);
}
