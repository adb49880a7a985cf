/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What a client that reads slowly, or not at all, gets in the end.
 */
#include "bridge/outbox.h"
#include "dap/base/buf.h"
#include "dap/base/json.h"
#include "tests/unit/dap/unit.h"

#include <stdlib.h>
#include <string.h>

#define MAX_SENT 4096

/* A transport that writes when it is told to. */
struct slow {
    struct bridge_transport base;
    char *sent[MAX_SENT];
    size_t count;
    size_t waiting;
    bool paused;
    uint64_t now_ms;
    struct bridge_outbox *box;
};

static void slow_send(struct bridge_transport *t, const char *body, size_t len)
{
    struct slow *s = (struct slow *)t;

    assert_true(s->count < MAX_SENT);
    s->sent[s->count++] = strndup(body, len);
    s->waiting += len;
}

static size_t slow_waiting(const struct bridge_transport *t)
{
    return ((const struct slow *)t)->waiting;
}

static void slow_pause(struct bridge_transport *t, bool paused)
{
    ((struct slow *)t)->paused = paused;
}

static void slow_close(struct bridge_transport *t)
{
    (void)t;
}

static const struct bridge_transport_ops slow_ops = {slow_send, slow_waiting, slow_pause,
                                                     slow_close};

static uint64_t now(void *ctx)
{
    return ((struct slow *)ctx)->now_ms;
}

static int begin(void **state)
{
    struct slow *s = calloc(1, sizeof *s);

    s->base.ops = &slow_ops;
    s->now_ms = 1000;
    s->box = bridge_outbox_new(now, s);
    bridge_outbox_connect(s->box, &s->base);
    *state = s;
    return 0;
}

static int end(void **state)
{
    struct slow *s = *state;

    bridge_outbox_free(s->box);
    for (size_t i = 0; i < s->count; i++) {
        free(s->sent[i]);
    }
    free(s);
    return 0;
}

static bool reply(struct slow *s, int number)
{
    char text[80];
    int n = snprintf(text, sizeof text, "{\"type\":\"response\",\"request_seq\":%d}", number);

    return bridge_outbox_send(s->box, text, (size_t)n, BRIDGE_OUT_MESSAGE, NULL);
}

/* An output of so many bytes that begins with its number. */
static bool print(struct slow *s, int number, size_t bytes)
{
    char *filler = malloc(bytes + 1);
    cd_autobuf struct cd_buf text;
    bool r;

    memset(filler, 'x', bytes);
    filler[bytes] = '\0';
    cd_buf_init(&text, bytes + 100);
    assert_int_equal(cd_buf_appendf(&text, NULL, "{\"type\":\"event\",\"number\":%d,\"o\":\"%s\"}",
                                    number, filler),
                     CD_OK);
    r = bridge_outbox_send(s->box, text.data, text.len, BRIDGE_OUT_OUTPUT, NULL);
    free(filler);
    return r;
}

/* The client reads all there is. */
static void read_all(struct slow *s)
{
    while (s->waiting > 0) {
        s->waiting = 0;
        bridge_outbox_written(s->box);
    }
}

static json_t *nth(const struct slow *s, size_t i)
{
    json_t *message = json_loads(s->sent[i], 0, NULL);

    assert_non_null(message);
    return message;
}

static json_int_t member(const struct slow *s, size_t i, const char *name)
{
    json_auto_t *message = nth(s, i);

    return json_integer_value(json_object_get(message, name));
}

static void a_message_goes_out_at_once_with_its_number(void **state)
{
    struct slow *s = *state;
    int64_t seq = 0;

    assert_true(reply(s, 7));
    assert_true(bridge_outbox_send(s->box, "{}", 2, BRIDGE_OUT_MESSAGE, &seq));
    assert_string_equal(s->sent[0], "{\"seq\":1,\"type\":\"response\",\"request_seq\":7}");
    assert_string_equal(s->sent[1], "{\"seq\":2}");
    assert_int_equal(seq, 2);
}

static void what_waits_keeps_its_order_and_count(void **state)
{
    struct slow *s = *state;

    for (int i = 0; i < 40; i++) {
        assert_true(i % 4 ? print(s, i, 50000) : reply(s, i));
    }
    assert_true(s->count < 40);
    read_all(s);
    assert_int_equal(s->count, 40);
    for (size_t i = 0; i < 40; i++) {
        assert_int_equal(member(s, i, "seq"), i + 1);
        assert_int_equal(member(s, i, i % 4 ? "number" : "request_seq"), i);
    }
}

static void who_reads_slowly_misses_nothing(void **state)
{
    struct slow *s = *state;

    for (int i = 0; i < 150; i++) { /* 15 MB */
        s->now_ms += 100;
        if (i % 10 == 9) {
            s->waiting /= 2; /* something is written now and then */
            bridge_outbox_written(s->box);
        }
        assert_true(print(s, i, 100000));
    }
    read_all(s);
    assert_int_equal(s->count, 150);
}

static void one_long_output_is_never_left_out(void **state)
{
    struct slow *s = *state;

    for (int i = 0; i < 3; i++) {
        assert_true(print(s, i, 300000));
    }
    assert_true(print(s, 3, 40000000));
    read_all(s);
    assert_int_equal(member(s, s->count - 1, "number"), 3);
    assert_int_equal(member(s, 0, "number"), 0);
}

static void who_does_not_read_loses_the_oldest_output_and_is_told(void **state)
{
    struct slow *s = *state;
    int64_t expected = 1, first_kept = -1;
    size_t replies = 0, notes = 0;

    for (int i = 0; i < 100; i++) {
        s->now_ms += 100;
        assert_true(print(s, i, 100000));
        assert_true(reply(s, i));
    }
    read_all(s);
    for (size_t i = 0; i < s->count; i++) {
        json_auto_t *message = nth(s, i);
        const json_t *number = json_object_get(message, "number");

        assert_int_equal(json_integer_value(json_object_get(message, "seq")), expected++);
        replies += json_object_get(message, "request_seq") != NULL;
        if (strstr(s->sent[i], "were left out")) {
            notes++;
            assert_non_null(strstr(s->sent[i], "\"important\""));
            assert_int_equal(first_kept, -1);
        } else if (number && notes && first_kept < 0) {
            first_kept = json_integer_value(number);
        }
    }
    assert_int_equal(replies, 100);
    assert_int_equal(notes, 1);
    assert_in_range(first_kept, 85, 99); /* a megabyte of the newest */
    assert_int_equal(member(s, s->count - 1, "request_seq"), 99);
}

static void its_requests_wait_while_much_waits_for_it(void **state)
{
    struct slow *s = *state;

    for (int i = 0; i < 100; i++) {
        assert_true(print(s, i, 100000));
    }
    assert_true(s->paused);
    read_all(s);
    assert_false(s->paused);
}

static void replies_without_end_end_the_session(void **state)
{
    struct slow *s = *state;
    char *big = malloc(8u << 20);
    bool good = true;

    memset(big, ' ', 8u << 20);
    big[0] = '{';
    big[(8u << 20) - 1] = '}';
    for (int i = 0; i < 20 && good; i++) {
        good = bridge_outbox_send(s->box, big, 8u << 20, BRIDGE_OUT_MESSAGE, NULL);
    }
    assert_false(good);
    free(big);
}

static void the_end_flushes(void **state)
{
    struct slow *s = *state;

    for (int i = 0; i < 20; i++) {
        assert_true(print(s, i, 100000));
    }
    bridge_outbox_flush(s->box);
    assert_int_equal(s->count, 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_message_goes_out_at_once_with_its_number, begin, end),
        cmocka_unit_test_setup_teardown(what_waits_keeps_its_order_and_count, begin, end),
        cmocka_unit_test_setup_teardown(who_reads_slowly_misses_nothing, begin, end),
        cmocka_unit_test_setup_teardown(one_long_output_is_never_left_out, begin, end),
        cmocka_unit_test_setup_teardown(who_does_not_read_loses_the_oldest_output_and_is_told,
                                        begin, end),
        cmocka_unit_test_setup_teardown(its_requests_wait_while_much_waits_for_it, begin, end),
        cmocka_unit_test_setup_teardown(replies_without_end_end_the_session, begin, end),
        cmocka_unit_test_setup_teardown(the_end_flushes, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
