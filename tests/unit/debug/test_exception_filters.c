/* SPDX-License-Identifier: BSD-3-Clause
 *
 * setExceptionBreakpoints in its three forms: what is answered and what the engine gets.
 */
#include "support/debug/fake_engine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define CONTROL DBG_CLIENT_CONTROL

static struct fake *attached(void)
{
    struct fake *f = fake_new();
    fake_attach(f, CONTROL);
    return f;
}

static size_t answers(const struct fake *f, size_t route)
{
    return json_array_size(json_object_get(fake_body(f, route), "breakpoints"));
}

static void exception_filters_in_three_forms(void **state)
{
    (void)state;
    struct fake *f = attached();
    size_t n = fake_sends(f, CONTROL, "setExceptionBreakpoints", "{'filters':['raised']}");
    fake_run(f, FAKE_ARM);
    assert_int_equal(answers(f, n), 1);
    assert_true(f->filters.raised);
    assert_false(f->filters.uncaught);
    n = fake_sends(f, CONTROL, "setExceptionBreakpoints",
                   "{'filters':['userUnhandled'],'filterOptions':[{'filterId':'uncaught',"
                   "'condition':'ValueError'}]}");
    fake_run(f, FAKE_ARM);
    assert_int_equal(answers(f, n), 2);
    assert_false(f->filters.raised);
    assert_true(f->filters.user_unhandled);
    assert_string_equal(f->filters.uncaught_condition, "ValueError");
    fake_sends(f, CONTROL, "setExceptionBreakpoints",
               "{'filters':[],'exceptionOptions':[{'path':[{'names':['Python Exceptions']}],"
               "'breakMode':'always'},{'breakMode':'never'}]}");
    fake_run(f, FAKE_ARM);
    assert_true(f->filters.raised);
    assert_null(f->filters.raised_condition);
    assert_false(f->filters.uncaught);
    fake_sends(f, CONTROL, "setExceptionBreakpoints",
               "{'filters':[],'exceptionOptions':["
               "{'path':[{'names':['Python Exceptions']},{'names':['KeyError','m.E']}],"
               "'breakMode':'always'},{'path':[{'names':['Python Exceptions']}],"
               "'breakMode':'unhandled'},{'path':[{'names':['Python Exceptions']},"
               "{'names':['OSError']}],'breakMode':'never'},"
               "{'path':[{'names':['Python Exceptions']},{'names':['A'],'negate':true}],"
               "'breakMode':'userUnhandled'}]}");
    fake_run(f, FAKE_ARM);
    assert_string_equal(f->filters.raised_condition, "!OSError\nKeyError, m.E");
    assert_string_equal(f->filters.uncaught_condition, "!OSError");
    assert_string_equal(f->filters.user_unhandled_condition, "!OSError\n!A");
    fake_free(f);
}

static void bad_exception_filters_are_named(void **state)
{
    static const struct {
        const char *args, *named;
    } ROWS[] = {
        {"{'filters':['sometimes']}", "sometimes"},
        {"{'filters':[5]}", "arguments.filters[0]"},
        {"{'filters':'raised'}", "arguments.filters"},
        {"{'filters':[],'filterOptions':[{'filterId':'x'}]}", "'x'"},
        {"{'filters':[],'filterOptions':[5]}", "arguments.filterOptions[0]"},
        {"{'filters':[],'filterOptions':[{}]}", "filterId"},
        {"{'filters':[],'exceptionOptions':[{'breakMode':'maybe'}]}", "maybe"},
        {"{'filters':[],'exceptionOptions':[{'breakMode':'always','path':[{'names':"
         "['ValueError']}]}]}",
         "Python Exceptions"},
        {"{'filters':[],'exceptionOptions':[{'breakMode':'always','path':[{'names':"
         "['Python Exceptions']},{'names':[5]}]}]}",
         "path.names"},
    };
    (void)state;
    struct fake *f = attached();
    for (size_t i = 0; i < CD_ARRAY_LEN(ROWS); i++) {
        size_t n = fake_sends(f, CONTROL, "setExceptionBreakpoints", ROWS[i].args);
        assert_false(fake_success(f, n));
        assert_non_null(strstr(fake_error(f, n), ROWS[i].named));
    }
    assert_int_equal(f->set_calls, 0);
    fake_free(f);
}

static void exception_filters_do_not_wait_for_a_busy_interpreter(void **state)
{
    (void)state;
    struct fake *f = attached();
    size_t n = fake_sends(f, CONTROL, "setExceptionBreakpoints", "{'filters':['raised']}");
    fake_advance(f, 800);
    assert_true(fake_success(f, n));
    assert_int_equal(answers(f, n), 1);
    fake_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exception_filters_in_three_forms),
        cmocka_unit_test(bad_exception_filters_are_named),
        cmocka_unit_test(exception_filters_do_not_wait_for_a_busy_interpreter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
