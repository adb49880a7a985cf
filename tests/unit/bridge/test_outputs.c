/* SPDX-License-Identifier: BSD-3-Clause
 *
 * iopub messages -> nbformat outputs: each row is the messages of one cell and what it keeps.
 */
#include "bridge/notebook/outputs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static json_t *json_of(const char *text)
{
    json_t *v = json_loads(text, 0, NULL);
    if (!v) {
        fail_msg("no JSON: %s", text);
    }
    return v;
}

/* messages: [[type, content], …] of the execution "m" of this cell. */
static void feed(struct bridge_outputs *o, int cell, const char *messages)
{
    json_auto_t *list = json_of(messages);
    size_t i;
    json_t *m;
    json_array_foreach(list, i, m)
    {
        const char *type = json_string_value(json_array_get(m, 0));
        assert_int_equal(bridge_outputs_message(o, cell, type, "m", json_array_get(m, 1), NULL),
                         CD_OK);
    }
}

static void assert_outputs(const struct bridge_outputs *o, int cell, const char *want)
{
    json_auto_t *got = bridge_outputs_nbformat(o, cell);
    json_auto_t *expected = json_of(want);
    if (!json_equal(got, expected)) {
        fail_msg("%s is not %s", json_dumps(got, 0), want);
    }
}

#define STREAM(name, text) "[\"stream\", {\"name\": \"" name "\", \"text\": \"" text "\"}]"
#define SHOW(type, text, id)                                                                       \
    "[\"" type "\", {\"data\": {\"text/plain\": \"" text "\"}, \"metadata\": {},"                  \
    " \"transient\": {\"display_id\": \"" id "\"}}]"
#define SHOWN(text)                                                                                \
    "{\"output_type\": \"display_data\", \"data\": {\"text/plain\": [\"" text "\"]},"              \
    " \"metadata\": {}}"
#define KEPT(name, lines)                                                                          \
    "{\"output_type\": \"stream\", \"name\": \"" name "\", \"text\": [" lines "]}"

static void messages_become_outputs(void **state)
{
    static const struct {
        const char *messages, *outputs;
    } rows[] = {
        {"[]", "[]"},
        {"[" STREAM("stdout", "a\\n") "," STREAM("stdout", "b") "," STREAM("stdout", "c\\n\\n") "]",
         "[" KEPT("stdout", "\"a\\n\", \"bc\\n\", \"\\n\"") "]"},
        {"[" STREAM("stdout", "a") "," STREAM("stderr", "b") "," STREAM("stdout", "c") "]",
         "[" KEPT("stdout", "\"a\"") "," KEPT("stderr", "\"b\"") "," KEPT("stdout", "\"c\"") "]"},
        {"[" STREAM("stdout", "a") ", [\"clear_output\", {\"wait\": false}]]", "[]"},
        {"[" STREAM("stdout", "a") ", [\"clear_output\", {\"wait\": true}]]",
         "[" KEPT("stdout", "\"a\"") "]"},
        {"[" STREAM("stdout", "a") ", [\"clear_output\", {\"wait\": true}]," STREAM("stdout",
                                                                                    "b") "]",
         "[" KEPT("stdout", "\"b\"") "]"},
        {"[[\"execute_result\", {\"execution_count\": 3, \"data\": {\"text/plain\": \"1\\n2\","
         " \"application/json\": \"x\\ny\", \"image/svg+xml\": \"<a>\\n\", \"text/html\": \"\"},"
         " \"metadata\": {\"k\": 1}}]]",
         "[{\"output_type\": \"execute_result\", \"execution_count\": 3, \"data\": {\"text/plain\":"
         " [\"1\\n\", \"2\"], \"application/json\": \"x\\ny\", \"image/svg+xml\": [\"<a>\\n\"],"
         " \"text/html\": []}, \"metadata\": {\"k\": 1}}]"},
        {"[[\"error\", {\"ename\": \"E\", \"evalue\": \"v\", \"traceback\": [\"t\"]}]]",
         "[{\"output_type\": \"error\", \"ename\": \"E\", \"evalue\": \"v\", \"traceback\": "
         "[\"t\"]}]"},
        {"[" SHOW("display_data", "1", "x") "," SHOW("display_data", "2", "y") "," SHOW(
             "update_display_data", "3", "x") "," SHOW("update_display_data", "4", "z") "]",
         "[" SHOWN("3") "," SHOWN("2") "]"},
        {"[" SHOW("display_data", "1", "x") "," SHOW("display_data", "2", "x") "]",
         "[" SHOWN("2") "," SHOWN("2") "]"},
        {"[[\"stream\", {}], [\"display_data\", {\"data\": 5}], [\"comm_msg\", {}], [\"status\", "
         "{}]]",
         "[{\"output_type\": \"display_data\", \"data\": {}, \"metadata\": {}}]"},
    };
    (void)state;
    for (size_t i = 0; i < CD_ARRAY_LEN(rows); i++) {
        struct bridge_outputs *o = bridge_outputs_new(1, NULL);
        assert_int_equal(bridge_outputs_begin(o, 0, NULL), CD_OK);
        feed(o, 0, rows[i].messages);
        assert_outputs(o, 0, rows[i].outputs);
        bridge_outputs_free(o);
    }
}

static void a_display_is_updated_in_another_cell(void **state)
{
    struct bridge_outputs *o = bridge_outputs_new(2, NULL);
    (void)state;
    assert_int_equal(bridge_outputs_begin(o, 0, NULL), CD_OK);
    feed(o, 0,
         "[[\"execute_input\", {\"execution_count\": 7}]," SHOW("display_data", "1", "x") "]");
    assert_int_equal(bridge_outputs_begin(o, 1, NULL), CD_OK);
    feed(o, 1, "[" SHOW("update_display_data", "2", "x") "]");
    assert_outputs(o, 0, "[" SHOWN("2") "]");
    assert_outputs(o, 1, "[]");
    assert_int_equal(bridge_outputs_execution_count(o, 0), 7);
    assert_int_equal(bridge_outputs_begin(o, 0, NULL), CD_OK);
    assert_int_equal(bridge_outputs_execution_count(o, 0), 0);
    assert_outputs(o, 0, "[]");
    bridge_outputs_free(o);
}

static void an_output_widget_takes_what_it_captures(void **state)
{
    struct bridge_outputs *o = bridge_outputs_new(1, NULL);
    (void)state;
    assert_int_equal(bridge_outputs_begin(o, 0, NULL), CD_OK);
    feed(o, 0,
         "[[\"comm_open\", {\"comm_id\": \"w\", \"target_name\": \"jupyter.widget\","
         "  \"data\": {\"state\": {\"_model_name\": \"OutputModel\", \"msg_id\": \"\"}}}]," STREAM(
             "stdout", "1") ", [\"comm_msg\", {\"comm_id\": \"w\", \"data\": {\"method\": "
                            "\"update\", \"state\":"
                            "  {\"msg_id\": \"m\"}}}]," STREAM(
                                "stdout",
                                "2") ", [\"comm_msg\", {\"comm_id\": \"w\","
                                     "  \"data\": {\"state\": {\"msg_id\": \"\"}}}]," STREAM(
                                         "stdout", "3") "]");
    assert_outputs(o, 0, "[" KEPT("stdout", "\"13\"") "]");
    bridge_outputs_free(o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_become_outputs),
        cmocka_unit_test(a_display_is_updated_in_another_cell),
        cmocka_unit_test(an_output_widget_takes_what_it_captures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
