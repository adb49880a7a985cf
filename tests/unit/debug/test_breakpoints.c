/* SPDX-License-Identifier: BSD-3-Clause
 *
 * setBreakpoints, setFunctionBreakpoints: what is answered, what the engine gets, and what comes
 * later.
 */
#include "dap/base/limits.h"
#include "support/debug/fake_engine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define CONTROL DBG_CLIENT_CONTROL
#define A       "'source':{'path':'/a.py'}"

static struct fake *attached(void)
{
    struct fake *f = fake_new();
    fake_attach(f, CONTROL);
    return f;
}

static size_t set(struct fake *f, const char *args)
{
    size_t n = fake_sends(f, CONTROL, "setBreakpoints", args);
    fake_run(f, FAKE_ARM);
    return n;
}

static const json_t *nth(const struct fake *f, size_t route, size_t i)
{
    return json_array_get(json_object_get(fake_body(f, route), "breakpoints"), i);
}

static size_t answers(const struct fake *f, size_t route)
{
    return json_array_size(json_object_get(fake_body(f, route), "breakpoints"));
}

static long long number(const json_t *o, const char *key)
{
    return (long long)json_integer_value(json_object_get(o, key));
}

static const char *text(const json_t *o, const char *key)
{
    const char *s = json_string_value(json_object_get(o, key));
    return s ? s : "";
}

static void answer_has_length_and_order_of_the_request(void **state)
{
    (void)state;
    struct fake *f = attached();
    size_t n = set(f, "{" A ",'breakpoints':[{'line':9},{'line':2000},{'line':3,"
                      "'hitCondition':'often'},{'line':100},{'line':9}]}");
    assert_int_equal(answers(f, n), 5);
    assert_true(json_is_true(json_object_get(nth(f, n, 0), "verified")));
    assert_int_equal(number(nth(f, n, 0), "line"), 9);
    assert_true(json_is_false(json_object_get(nth(f, n, 1), "verified")));
    assert_int_equal(number(nth(f, n, 1), "line"), 2000);
    assert_string_equal(text(nth(f, n, 1), "reason"), "failed");
    assert_true(json_is_false(json_object_get(nth(f, n, 2), "verified")));
    assert_string_equal(text(nth(f, n, 2), "reason"), "failed");
    assert_non_null(strstr(text(nth(f, n, 2), "message"), "often"));
    assert_int_equal(number(nth(f, n, 3), "line"), 101); // where it landed
    assert_string_equal(text(json_object_get(nth(f, n, 0), "source"), "path"), "/a.py");
    for (size_t i = 0; i < 5; i++) {
        for (size_t k = 0; k < i; k++) {
            assert_true(number(nth(f, n, i), "id") != number(nth(f, n, k), "id"));
        }
    }
    assert_int_equal(f->bp_count, 4); // the engine never sees the bad one
    assert_string_equal(f->bp_path, "/a.py");
    fake_free(f);
}

static void unchanged_ones_keep_their_ids(void **state)
{
    (void)state;
    struct fake *f = attached();
    size_t one = set(f, "{" A ",'breakpoints':[{'line':1},{'line':2,'condition':'x'},{'line':3}]}");
    size_t two = set(f, "{" A ",'breakpoints':[{'line':3},{'line':2,'condition':'y'},{'line':1}]}");
    assert_int_equal(number(nth(f, one, 0), "id"), number(nth(f, two, 2), "id"));
    assert_int_equal(number(nth(f, one, 2), "id"), number(nth(f, two, 0), "id"));
    assert_true(number(nth(f, one, 1), "id") != number(nth(f, two, 1), "id"));
    fake_free(f);
}

static void texts_reach_the_engine(void **state)
{
    (void)state;
    struct fake *f = attached();
    set(f, "{" A ",'breakpoints':[{'line':1,'condition':'i > 3','hitCondition':'>= 2',"
           "'logMessage':'i is {i}'},{'line':2,'condition':'  ','logMessage':''}]}");
    assert_string_equal(f->bps[0].condition, "i > 3");
    assert_string_equal(f->bps[0].log_message, "i is {i}");
    assert_int_equal(f->bps[0].hit.op, DBG_HIT_GE);
    assert_int_equal(f->bps[0].hit.n, 2);
    assert_int_equal(f->bps[0].owner, CONTROL);
    assert_null(f->bps[1].condition);
    assert_null(f->bps[1].log_message);
    fake_free(f);
}

static void cells_are_told_apart_by_their_tag(void **state)
{
    (void)state;
    struct fake *f = attached();
    set(f, "{'source':{'path':'/h1.py','adapterData':{'cellId':'c1'}},'breakpoints':[{'line':1}]}");
    assert_string_equal(f->bp_cell, "c1");
    // the cell was edited: same id, other hash file
    size_t n = set(f, "{'source':{'path':'/h2.py','adapterData':{'cellId':'c1'}},"
                      "'breakpoints':[{'line':1},{'line':2}]}");
    assert_int_equal(f->bp_count, 2);
    assert_string_equal(f->bp_path, "/h2.py");
    assert_string_equal(
        text(json_object_get(json_object_get(nth(f, n, 0), "source"), "adapterData"), "cellId"),
        "c1");
    // by path alone it is another source
    set(f, "{'source':{'path':'/h2.py'},'breakpoints':[]}");
    assert_string_equal(f->bp_cell, "");
    assert_int_equal(f->bp_count, 0);
    set(f, "{'source':{'adapterData':{'cellId':'c1'}},'breakpoints':[]}");
    assert_string_equal(f->bp_cell, "c1");
    fake_free(f);
}

static void lines_are_an_older_form(void **state)
{
    (void)state;
    struct fake *f = attached();
    size_t n = set(f, "{" A ",'lines':[4,5]}");
    assert_int_equal(answers(f, n), 2);
    assert_int_equal(number(nth(f, n, 1), "line"), 5);
    n = set(f, "{" A "}");
    assert_int_equal(answers(f, n), 0);
    assert_int_equal(f->bp_count, 0);
    fake_free(f);
}

static void bad_requests_change_nothing_and_name_the_field(void **state)
{
    static const struct {
        const char *args, *field;
    } ROWS[] = {
        {"{}", "arguments.source"},
        {"{'source':{}}", "arguments.source.path"},
        {"{'source':{'path':5}}", "arguments.source.path"},
        {"{'source':{'path':'/a.py','adapterData':{'cellId':5}}}", "cellId"},
        {"{" A ",'breakpoints':5}", "arguments.breakpoints"},
        {"{" A ",'breakpoints':[{'line':1},5]}", "arguments.breakpoints[1]"},
        {"{" A ",'breakpoints':[{'line':1},{}]}", "arguments.breakpoints[1].line"},
        {"{" A ",'breakpoints':[{'line':'1'}]}", "arguments.breakpoints[0].line"},
        {"{" A ",'breakpoints':[{'line':-1}]}", "arguments.breakpoints[0].line"},
        {"{" A ",'breakpoints':[{'line':1,'condition':5}]}", "arguments.breakpoints[0].condition"},
        {"{" A ",'breakpoints':[{'line':1,'hitCondition':5}]}", "[0].hitCondition"},
        {"{" A ",'breakpoints':[{'line':1,'logMessage':[]}]}", "[0].logMessage"},
        {"{" A ",'lines':['x']}", "arguments.lines[0]"},
    };
    (void)state;
    for (size_t i = 0; i < CD_ARRAY_LEN(ROWS); i++) {
        struct fake *f = attached();
        set(f, "{" A ",'breakpoints':[{'line':7}]}");
        size_t n = fake_sends(f, CONTROL, "setBreakpoints", ROWS[i].args);
        assert_false(fake_success(f, n));
        assert_non_null(strstr(fake_error(f, n), ROWS[i].field));
        assert_int_equal(fake_run(f, FAKE_ARM), 0);
        assert_int_equal(f->bp_count, 1);
        fake_free(f);
    }
}

static void too_many_are_refused(void **state)
{
    (void)state;
    for (size_t count = CD_MAX_BREAKPOINTS; count <= CD_MAX_BREAKPOINTS + 1; count++) {
        struct fake *f = attached();
        json_t *list = json_array();
        for (size_t i = 0; i < count; i++) {
            json_array_append_new(list, json_pack("{s:i}", "line", (int)i % 999 + 1));
        }
        size_t n =
            fake_send(f, CONTROL, "setBreakpoints",
                      json_pack("{s:{s:s}, s:o}", "source", "path", "/a.py", "breakpoints", list));
        fake_run(f, FAKE_ARM);
        assert_int_equal(fake_error_id(f, n), count > CD_MAX_BREAKPOINTS ? CD_E_LIMIT : 0);
        fake_free(f);
    }
}

static void busy_interpreter_pending_then_events(void **state)
{
    json_t *body = NULL;
    (void)state;
    struct fake *f = attached();
    size_t n = fake_sends(f, CONTROL, "setBreakpoints",
                          "{" A ",'breakpoints':[{'line':1},{'line':2},{'line':3,"
                          "'hitCondition':'?'}]}");
    fake_advance(f, 799);
    assert_null(fake_reply(f, n));
    fake_advance(f, 1);
    assert_true(fake_success(f, n));
    assert_true(json_is_false(json_object_get(nth(f, n, 0), "verified")));
    assert_string_equal(text(nth(f, n, 0), "reason"), "pending");
    assert_string_equal(text(nth(f, n, 2), "reason"), "failed");
    assert_int_equal(f->event_count, 0);
    fake_run(f, FAKE_ARM);
    assert_int_equal(fake_events(f, CONTROL, "breakpoint", &body), 2);
    assert_string_equal(text(body, "reason"), "changed");
    const json_t *b = json_object_get(body, "breakpoint");
    assert_int_equal(number(b, "id"), number(nth(f, n, 1), "id"));
    assert_true(json_is_true(json_object_get(b, "verified")));
    assert_int_equal(number(b, "line"), 2);
    assert_string_equal(text(json_object_get(b, "source"), "path"), "/a.py");
    fake_free(f);
}

static void two_in_a_row_keep_their_order(void **state)
{
    (void)state;
    struct fake *f = attached();
    size_t one = fake_sends(f, CONTROL, "setBreakpoints", "{" A ",'breakpoints':[{'line':1}]}");
    size_t two = fake_sends(f, CONTROL, "setBreakpoints", "{" A ",'breakpoints':[{'line':2}]}");
    fake_clear(f);
    fake_run(f, FAKE_ARM);
    assert_string_equal(f->timeline, "reply setBreakpoints;reply setBreakpoints;");
    assert_true(json_is_true(json_object_get(nth(f, one, 0), "verified")));
    assert_int_equal(number(nth(f, one, 0), "line"), 1);
    assert_int_equal(number(nth(f, two, 0), "line"), 2);
    assert_int_equal(f->bp_count, 1);
    assert_int_equal(f->bps[0].line_1based, 2);
    fake_free(f);
}

static void late_result_of_a_replaced_one_is_dropped(void **state)
{
    (void)state;
    struct fake *f = attached();
    fake_sends(f, CONTROL, "setBreakpoints", "{" A ",'breakpoints':[{'line':1}]}");
    fake_sends(f, CONTROL, "setBreakpoints", "{" A ",'breakpoints':[]}");
    fake_advance(f, 300);
    fake_clear(f);
    fake_run(f, FAKE_ARM);
    assert_int_equal(f->event_count, 0);
    fake_free(f);
}

static void arm_thread_that_ended_says_so(void **state)
{
    (void)state;
    struct fake *f = attached();
    size_t n = fake_sends(f, CONTROL, "setBreakpoints", "{" A ",'breakpoints':[{'line':1}]}");
    fake_refuse(f, FAKE_ARM);
    assert_true(fake_success(f, n));
    assert_string_equal(text(nth(f, n, 0), "reason"), "failed");
    fake_free(f);
}

static void engines_note_reaches_the_owner(void **state)
{
    json_t *body = NULL;
    (void)state;
    struct fake *f = attached();
    size_t n = set(f, "{" A ",'breakpoints':[{'line':2000}]}");
    int id = (int)number(nth(f, n, 0), "id");
    fake_note(f, ENGINE_BREAKPOINT, 0, 0,
              json_pack("{s:s, s:{s:i, s:b, s:i}}", "reason", "changed", "breakpoint", "id", id,
                        "verified", 1, "line", 2001));
    assert_int_equal(fake_events(f, CONTROL, "breakpoint", &body), 1);
    const json_t *b = json_object_get(body, "breakpoint");
    assert_int_equal(number(b, "line"), 2001);
    assert_string_equal(text(json_object_get(b, "source"), "path"), "/a.py");
    assert_null(json_object_get(b, "reason"));
    fake_clear(f);
    fake_note(f, ENGINE_BREAKPOINT, 0, 0, fake_json("{'breakpoint':{'id':99,'verified':true}}"));
    fake_note(f, ENGINE_BREAKPOINT, 0, 0, NULL);
    assert_int_equal(f->event_count, 0);
    fake_free(f);
}

static void function_breakpoints(void **state)
{
    (void)state;
    struct fake *f = attached();
    size_t n = fake_sends(f, CONTROL, "setFunctionBreakpoints",
                          "{'breakpoints':[{'name':'f','condition':'x'},{'name':'A.g',"
                          "'hitCondition':'bad'},{'name':'h'}]}");
    fake_run(f, FAKE_ARM);
    assert_int_equal(answers(f, n), 3);
    assert_int_equal(f->bp_count, 2);
    assert_string_equal(f->bp_names[0], "f");
    assert_string_equal(f->bp_names[1], "h");
    assert_string_equal(f->bps[0].condition, "x");
    assert_true(json_is_true(json_object_get(nth(f, n, 0), "verified")));
    assert_string_equal(text(nth(f, n, 1), "reason"), "failed");
    size_t again = fake_sends(f, CONTROL, "setFunctionBreakpoints",
                              "{'breakpoints':[{'name':'h'},{'name':'f'}]}");
    fake_run(f, FAKE_ARM);
    assert_int_equal(number(nth(f, again, 0), "id"), number(nth(f, n, 2), "id"));
    assert_false(fake_success(
        f, fake_sends(f, CONTROL, "setFunctionBreakpoints", "{'breakpoints':[{'name':' '}]}")));
    assert_false(fake_success(f, fake_sends(f, CONTROL, "setFunctionBreakpoints", "{}")));
    fake_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answer_has_length_and_order_of_the_request),
        cmocka_unit_test(unchanged_ones_keep_their_ids),
        cmocka_unit_test(texts_reach_the_engine),
        cmocka_unit_test(cells_are_told_apart_by_their_tag),
        cmocka_unit_test(lines_are_an_older_form),
        cmocka_unit_test(bad_requests_change_nothing_and_name_the_field),
        cmocka_unit_test(too_many_are_refused),
        cmocka_unit_test(busy_interpreter_pending_then_events),
        cmocka_unit_test(two_in_a_row_keep_their_order),
        cmocka_unit_test(late_result_of_a_replaced_one_is_dropped),
        cmocka_unit_test(arm_thread_that_ended_says_so),
        cmocka_unit_test(engines_note_reaches_the_owner),
        cmocka_unit_test(function_breakpoints),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
