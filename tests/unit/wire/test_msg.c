/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Frames to message and back: what a message carries, and what is refused with which error.
 */
#include "dap/base/limits.h"
#include "kernel/wire/frames.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MAX_PARTS (CD_MAX_WIRE_PARTS + 1)

struct fixture {
    struct wire_signer *signer;
    struct wire_blob parts[MAX_PARTS];
    size_t count;
    char signature[WIRE_SIGNATURE_CHARS + 1];
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    assert_non_null(f);
    f->signer = wire_signer_new("key", NULL);
    wire_msg_session("00000000-test", "tester");
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    wire_signer_free(f->signer);
    free(f);
    return 0;
}

static void put(struct fixture *f, const char *text)
{
    f->parts[f->count++] = (struct wire_blob){(char *)(uintptr_t)text, strlen(text)};
}

/* ident, delimiter, right signature, the four frames. */
static void put_message(struct fixture *f, const char *header, const char *parent,
                        const char *metadata, const char *content)
{
    put(f, "client");
    put(f, WIRE_DELIMITER);
    put(f, "");
    put(f, header);
    put(f, parent);
    put(f, metadata);
    put(f, content);
    assert_int_equal(wire_signer_sign(f->signer, &f->parts[3], f->signature, NULL), CD_OK);
    f->parts[2] = (struct wire_blob){f->signature, strlen(f->signature)};
}

static void expect_refused(struct fixture *f, int id, const char *text)
{
    struct cd_error err = CD_ERROR_INIT;
    struct wire_msg *m = NULL;
    assert_int_equal(wire_msg_parse(f->parts, f->count, f->signer, &m, &err), CD_ERR);
    assert_null(m);
    assert_int_equal(err.id, id);
    if (!strstr(err.text, text)) {
        fail_msg("'%s' does not say '%s'", err.text, text);
    }
}

static const char header[] = "{\"msg_type\": \"execute_request\", \"msg_id\": \"7\"}";

static void parse_takes_a_message_apart(void **state)
{
    struct fixture *f = *state;
    put_message(f, header, "{}", "{\"cellId\": \"c\"}", "{\"code\": \"é\"}");
    f->parts[f->count++] = (struct wire_blob){(char *)(uintptr_t)"a\0b", 3};
    struct wire_msg *m = NULL;
    assert_int_equal(wire_msg_parse(f->parts, f->count, f->signer, &m, NULL), CD_OK);
    assert_string_equal(wire_msg_type(m), "execute_request");
    assert_int_equal(m->ident_count, 1);
    assert_memory_equal(m->idents[0].data, "client", 6);
    assert_int_equal(m->buffer_count, 1);
    assert_int_equal(m->buffers[0].len, 3);
    assert_memory_equal(m->buffers[0].data, "a\0b", 3);
    assert_string_equal(json_string_value(json_object_get(m->content, "code")), "é");
    assert_string_equal(json_string_value(json_object_get(m->metadata, "cellId")), "c");
    wire_msg_free(m);
}

static void parse_refuses_a_message_without_delimiter(void **state)
{
    struct fixture *f = *state;
    put(f, "client");
    put(f, "");
    put(f, header);
    expect_refused(f, CD_E_BAD_FRAME, WIRE_DELIMITER);
    f->count = 0;
    expect_refused(f, CD_E_BAD_FRAME, WIRE_DELIMITER);
}

static void parse_refuses_too_few_frames(void **state)
{
    struct fixture *f = *state;
    put_message(f, header, "{}", "{}", "{}");
    for (f->count = 6; f->count >= 2; f->count--) {
        expect_refused(f, CD_E_BAD_FRAME, "expected 5");
    }
}

static void parse_refuses_a_wrong_signature_before_it_reads_json(void **state)
{
    struct fixture *f = *state;
    put_message(f, "not json", "{}", "{}", "{}");
    expect_refused(f, CD_E_BAD_JSON, "header");
    f->signature[0] = f->signature[0] == '0' ? '1' : '0';
    expect_refused(f, CD_E_BAD_SIGNATURE, "signature");
    f->parts[2].len = 63;
    expect_refused(f, CD_E_BAD_SIGNATURE, "signature");
    f->parts[2].len = 0;
    expect_refused(f, CD_E_BAD_SIGNATURE, "signature");
}

static void parse_names_the_frame_that_is_no_object(void **state)
{
    struct fixture *f = *state;
    const char *names[] = {"header", "parent_header", "metadata", "content"};
    for (size_t i = 0; i < 4; i++) {
        const char *frames[4] = {header, "{}", "{}", "{}"};
        frames[i] = "[1]";
        f->count = 0;
        put_message(f, frames[0], frames[1], frames[2], frames[3]);
        expect_refused(f, CD_E_BAD_JSON, names[i]);
    }
}

static void parse_wants_a_message_type(void **state)
{
    struct fixture *f = *state;
    put_message(f, "{}", "{}", "{}", "{}");
    expect_refused(f, CD_E_MISSING, "header.msg_type");
    f->count = 0;
    put_message(f, "{\"msg_type\": 3}", "{}", "{}", "{}");
    expect_refused(f, CD_E_BAD_TYPE, "header.msg_type");
}

static void parse_caps_the_number_of_frames(void **state)
{
    struct fixture *f = *state;
    put_message(f, header, "{}", "{}", "{}");
    while (f->count < CD_MAX_WIRE_PARTS) {
        put(f, "buffer");
    }
    struct wire_msg *m = NULL;
    assert_int_equal(wire_msg_parse(f->parts, f->count, f->signer, &m, NULL), CD_OK);
    assert_int_equal(m->buffer_count, CD_MAX_WIRE_PARTS - 7);
    wire_msg_free(m);
    put(f, "one more");
    expect_refused(f, CD_E_BAD_FRAME, "65 frames");
}

static void parse_caps_identities_and_frames(void **state)
{
    struct fixture *f = *state;
    char *id = calloc(1, CD_MAX_ID_BYTES + 1);
    put_message(f, header, "{}", "{}", "{}");
    f->parts[0] = (struct wire_blob){id, CD_MAX_ID_BYTES};
    struct wire_msg *m = NULL;
    assert_int_equal(wire_msg_parse(f->parts, f->count, f->signer, &m, NULL), CD_OK);
    wire_msg_free(m);
    f->parts[0].len++;
    expect_refused(f, CD_E_BAD_FRAME, "routing identity 0");
    f->parts[0].len = (size_t)CD_MAX_WIRE_BYTES + 1; /* refused by its length, never read */
    expect_refused(f, CD_E_BAD_FRAME, "frame 0");
    free(id);
}

static void frames_of_a_message_parse_to_the_same_message(void **state)
{
    struct fixture *f = *state;
    put_message(f, header, "{}", "{}", "{\"code\": \"x\"}");
    struct wire_msg *request = NULL;
    assert_int_equal(wire_msg_parse(f->parts, f->count, f->signer, &request, NULL), CD_OK);
    struct wire_msg *m =
        wire_msg_reply_new("execute_reply", request, json_pack("{s:s}", "status", "ok"));
    struct wire_blob json[WIRE_JSON_FRAMES];
    assert_int_equal(wire_msg_frames(m, json, NULL), CD_OK);
    assert_int_equal(wire_signer_sign(f->signer, json, f->signature, NULL), CD_OK);
    f->parts[0] = m->idents[0];
    f->parts[2] = (struct wire_blob){f->signature, strlen(f->signature)};
    memcpy(&f->parts[3], json, sizeof json);
    struct wire_msg *back = NULL;
    assert_int_equal(wire_msg_parse(f->parts, 7, f->signer, &back, NULL), CD_OK);
    assert_true(json_equal(back->parent, request->header));
    assert_true(json_equal(back->content, m->content));
    assert_string_equal(wire_msg_id(back), wire_msg_id(m));
    assert_string_equal(wire_msg_type(back), "execute_reply");
    assert_string_equal(json_string_value(json_object_get(back->header, "session")),
                        "00000000-test");
    assert_memory_equal(back->idents[0].data, "client", 6);
    wire_frames_done(json);
    wire_msg_free(request);
    wire_msg_free(back);
    wire_msg_free(m);
}

static void content_text_is_sent_as_it_is(void **state)
{
    (void)state;
    const char text[] = "{ \"a\":1.50 }";
    struct wire_msg *m = wire_msg_text_new("stream", NULL, text, strlen(text));
    struct wire_blob json[WIRE_JSON_FRAMES];
    assert_int_equal(wire_msg_frames(m, json, NULL), CD_OK);
    assert_int_equal(json[WIRE_CONTENT].len, strlen(text));
    assert_memory_equal(json[WIRE_CONTENT].data, text, strlen(text));
    assert_string_equal(json[WIRE_PARENT].data, "{}");
    wire_frames_done(json);
    wire_msg_free(m);
}

static void an_odd_type_is_still_a_json_string(void **state)
{
    (void)state;
    struct wire_msg *m = wire_msg_new("a \"b\"\n", NULL, json_object());
    struct wire_blob json[WIRE_JSON_FRAMES];
    assert_int_equal(wire_msg_frames(m, json, NULL), CD_OK);
    json_auto_t *made = json_loadb(json[WIRE_HEADER].data, json[WIRE_HEADER].len, 0, NULL);
    assert_string_equal(json_string_value(json_object_get(made, "msg_type")), "a \"b\"\n");
    assert_string_equal(json_string_value(json_object_get(made, "msg_id")), wire_msg_id(m));
    wire_frames_done(json);
    wire_msg_free(m);
}

static void every_message_has_its_own_id(void **state)
{
    (void)state;
    struct wire_msg *a = wire_msg_new("status", NULL, json_object());
    struct wire_msg *b = wire_msg_new("status", NULL, json_object());
    assert_string_not_equal(wire_msg_id(a), wire_msg_id(b));
    wire_msg_free(a);
    wire_msg_free(b);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(parse_takes_a_message_apart),
        TEST(parse_refuses_a_message_without_delimiter),
        TEST(parse_refuses_too_few_frames),
        TEST(parse_refuses_a_wrong_signature_before_it_reads_json),
        TEST(parse_names_the_frame_that_is_no_object),
        TEST(parse_wants_a_message_type),
        TEST(parse_caps_the_number_of_frames),
        TEST(parse_caps_identities_and_frames),
        TEST(frames_of_a_message_parse_to_the_same_message),
        TEST(content_text_is_sent_as_it_is),
        TEST(an_odd_type_is_still_a_json_string),
        TEST(every_message_has_its_own_id),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
