/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Envelopes: what a request must have, what a reply looks like.
 */
#include "dap/message.h"
#include "unit/dap/unit.h"

static void request_gives_its_parts(void **state)
{
    struct cd_error err = CD_ERROR_INIT;
    struct dap_request req;
    json_t *m =
        load("{\"type\":\"request\",\"seq\":0,\"command\":\"next\",\"arguments\":{\"a\":1}}");

    (void)state;
    assert_int_equal(dap_request_parse(m, &req, &err), CD_OK);
    assert_int_equal(req.seq, 0);
    assert_string_equal(req.command, "next");
    assert_ptr_equal(req.arguments, json_object_get(m, "arguments"));
    json_decref(m);
}

static void request_arguments_may_be_missing_null_or_an_empty_array(void **state)
{
    static const char *const texts[] = {
        "{\"type\":\"request\",\"seq\":1,\"command\":\"next\"}",
        "{\"type\":\"request\",\"seq\":1,\"command\":\"next\",\"arguments\":null}",
        "{\"type\":\"request\",\"seq\":1,\"command\":\"next\",\"arguments\":[]}",
    };

    (void)state;
    for (size_t i = 0; i < CD_ARRAY_LEN(texts); i++) {
        json_t *m = load(texts[i]);
        struct dap_request req;

        assert_int_equal(dap_request_parse(m, &req, NULL), CD_OK);
        assert_null(req.arguments);
        json_decref(m);
    }
}

static const struct {
    const char *text;
    int64_t seq;
    const char *command;
    const char *error;
} bad[] = {
    {"[]", 0, "", "expected an object as message"},
    {"5", 0, "", "expected an object as message"},
    {"{\"type\":\"request\",\"command\":\"x\"}", 0, "x", "missing seq (integer)"},
    {"{\"type\":\"request\",\"seq\":\"1\",\"command\":\"x\"}", 0, "x", "expected integer at seq"},
    {"{\"type\":\"request\",\"seq\":1.5,\"command\":\"x\"}", 0, "x", "expected integer at seq"},
    {"{\"type\":\"request\",\"seq\":-1,\"command\":\"x\"}", 0, "x",
     "expected integer from 0 to 9223372036854775807 at seq"},
    {"{\"type\":\"request\",\"seq\":7}", 7, "", "missing command (string)"},
    {"{\"type\":\"request\",\"seq\":7,\"command\":{}}", 7, "", "expected string at command"},
    {"{\"seq\":7,\"command\":\"x\"}", 7, "x", "missing type (string)"},
    {"{\"type\":\"event\",\"seq\":7,\"command\":\"x\"}", 7, "x",
     "expected 'request' at type, got 'event'"},
    {"{\"type\":\"request\",\"seq\":7,\"command\":\"x\",\"arguments\":[1]}", 7, "x",
     "expected object at arguments"},
    {"{\"type\":\"request\",\"seq\":7,\"command\":\"x\",\"arguments\":\"a\"}", 7, "x",
     "expected object at arguments"},
    {"{\"type\":\"request\",\"seq\":7,\"command\":\"x\\u0000y\"}", 7, "",
     "expected string without NUL at command"},
};

static void request_that_is_wrong_names_the_field_and_keeps_the_rest(void **state)
{
    (void)state;
    for (size_t i = 0; i < CD_ARRAY_LEN(bad); i++) {
        struct cd_error err = CD_ERROR_INIT;
        json_t *m = load(bad[i].text);
        struct dap_request req;

        assert_int_equal(dap_request_parse(m, &req, &err), CD_ERR);
        assert_string_equal(err.text, bad[i].error);
        assert_int_equal(req.seq, bad[i].seq);
        assert_string_equal(req.command, bad[i].command);
        json_decref(m);
    }
}

static const struct dap_request next = {.seq = 12, .command = "next"};

static void response_has_body_only_when_there_is_one(void **state)
{
    (void)state;
    assert_dump(dap_response_new(&next, NULL),
                "{\"type\":\"response\",\"request_seq\":12,\"success\":true,\"command\":\"next\"}");
    assert_dump(dap_response_new(&next, json_pack("{s:i}", "a", 1)),
                "{\"type\":\"response\",\"request_seq\":12,\"success\":true,\"command\":\"next\","
                "\"body\":{\"a\":1}}");
}

static void error_response_has_a_word_where_there_is_one_and_always_a_body(void **state)
{
    struct cd_error err = CD_ERROR_INIT;

    (void)state;
    cd_error_set(&err, CD_E_NOT_STOPPED, "thread 1 runs");
    assert_dump(dap_error_response_new(&next, &err, NULL),
                "{\"type\":\"response\",\"request_seq\":12,\"success\":false,\"command\":\"next\","
                "\"message\":\"notStopped\",\"body\":{\"error\":{\"id\":1021,\"format\":\"thread 1 "
                "runs\",\"showUser\":false}}}");
    cd_error_clear(&err);
    cd_error_set(&err, CD_E_EVALUATE, "bad \xFF byte");
    err.show_user = true;
    assert_dump(dap_error_response_new(&next, &err, json_pack("{s:s}", "details", "d")),
                "{\"type\":\"response\",\"request_seq\":12,\"success\":false,\"command\":\"next\","
                "\"message\":\"bad \xEF\xBF\xBD byte\",\"body\":{\"details\":\"d\",\"error\":{"
                "\"id\":1031,\"format\":\"bad \xEF\xBF\xBD byte\",\"showUser\":true}}}");
    cd_error_clear(&err); /* a handler that failed without a word is still an error */
    assert_dump(dap_error_response_new(&next, &err, NULL),
                "{\"type\":\"response\",\"request_seq\":12,\"success\":false,\"command\":\"next\","
                "\"message\":\"failed without a reason\",\"body\":{\"error\":{\"id\":1000,"
                "\"format\":\"failed without a reason\",\"showUser\":false}}}");
}

static void event_has_no_seq(void **state)
{
    (void)state;
    assert_dump(dap_event_new("initialized", NULL),
                "{\"type\":\"event\",\"event\":\"initialized\"}");
    assert_dump(dap_event_new("thread", json_object()),
                "{\"type\":\"event\",\"event\":\"thread\",\"body\":{}}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(request_gives_its_parts),
        cmocka_unit_test(request_arguments_may_be_missing_null_or_an_empty_array),
        cmocka_unit_test(request_that_is_wrong_names_the_field_and_keeps_the_rest),
        cmocka_unit_test(response_has_body_only_when_there_is_one),
        cmocka_unit_test(error_response_has_a_word_where_there_is_one_and_always_a_body),
        cmocka_unit_test(event_has_no_seq),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
