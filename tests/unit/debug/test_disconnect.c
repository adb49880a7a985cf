/* SPDX-License-Identifier: BSD-3-Clause
 *
 * disconnect and terminate (contracts.md §6, §7): what goes along, what stays, what is resumed.
 */
#include "support/debug/fake_engine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define CONTROL DBG_CLIENT_CONTROL

static void disconnect_takes_the_callers_breakpoints_along(void **state)
{
    (void)state;
    struct fake *f = fake_new();
    int one = fake_client(f, "u-1");
    fake_attach(f, CONTROL);
    fake_attach(f, one);
    fake_set_line(f, CONTROL, 1);
    fake_set_line(f, one, 2);
    fake_sends(f, one, "setExceptionBreakpoints", "{'filters':['raised']}");
    fake_run(f, FAKE_ARM);
    assert_true(f->filters.raised);
    fake_stop(f, 1, 0, 0);
    fake_clear(f);
    assert_true(fake_success(f, fake_sends(f, one, "disconnect", NULL)));
    fake_run(f, FAKE_ARM);
    assert_int_equal(f->bp_count, 1);
    assert_int_equal(f->bps[0].line_1based, 1);
    assert_false(f->filters.raised);
    assert_int_equal(f->resumes, 0); // the other one is still there
    fake_sends(f, CONTROL, "disconnect", NULL);
    fake_run(f, FAKE_ARM);
    assert_int_equal(f->bp_count, 0);
    assert_int_equal(f->resumes, 1);
    assert_false(f->attached);
    fake_free(f);
}

static void disconnect_can_leave_the_stop(void **state)
{
    (void)state;
    struct fake *f = fake_new();
    int one = fake_client(f, "u-1");
    fake_attach(f, one);
    fake_stop(f, 1, 0, 0);
    fake_sends(f, one, "disconnect", "{'suspendDebuggee':true}");
    assert_int_equal(f->resumes, 0);
    fake_sends(f, one, "initialize", NULL);
    fake_clear(f);
    fake_sends(f, one, "attach", "{}");
    assert_string_equal(f->timeline, "attached;reply attach;event 2 initialized;event 2 stopped;");
    fake_sends(f, one, "disconnect", "{'terminateDebuggee':true}");
    assert_int_equal(f->resumes, 1);
    assert_int_equal(f->interrupts, 1);
    fake_free(f);
}

static void disconnect_ends_nested_stops_one_after_the_other(void **state)
{
    (void)state;
    struct fake *f = fake_new();
    int one = fake_client(f, "u-1");
    fake_attach(f, one);
    fake_stop(f, 1, 0, 0);
    fake_sends(f, one, "evaluate", "{'expression':'f()','context':'repl'}");
    fake_stop(f, 1, 0, 0);
    f->resume_limit = 1; // the outer stop cannot end before the inner has
    fake_sends(f, one, "disconnect", NULL);
    assert_int_equal(f->resumes, 2);
    assert_int_equal(dbg_session_tick(f->session), 10);
    fake_clear(f);
    fake_run(f, FAKE_STOPPED);
    assert_int_equal(fake_events(f, CONTROL, "stopped", NULL), 0);
    f->resume_limit = 0;
    assert_true(dbg_session_tick(f->session) > 10);
    assert_int_equal(fake_events(f, CONTROL, "continued", NULL), 1);
    size_t info = fake_sends(f, CONTROL, "debugInfo", NULL);
    assert_int_equal(json_array_size(json_object_get(fake_body(f, info), "stoppedThreads")), 0);
    fake_free(f);
}

static void disconnect_of_one_that_never_attached_touches_nothing(void **state)
{
    (void)state;
    struct fake *f = fake_new();
    int one = fake_client(f, "u-1");
    fake_attach(f, one);
    fake_stop(f, 1, 0, 0);
    fake_advance(f, 20000); // away: nobody present is attached
    assert_true(fake_success(f, fake_sends(f, CONTROL, "disconnect", "{}")));
    assert_int_equal(f->resumes, 0);
    fake_free(f);
}

static void terminate_interrupts_and_says_terminated(void **state)
{
    (void)state;
    struct fake *f = fake_new();
    fake_attach(f, CONTROL);
    assert_true(fake_success(f, fake_sends(f, CONTROL, "terminate", NULL)));
    assert_int_equal(f->interrupts, 1);
    assert_int_equal(fake_events(f, CONTROL, "terminated", NULL), 1);
    fake_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(disconnect_takes_the_callers_breakpoints_along),
        cmocka_unit_test(disconnect_can_leave_the_stop),
        cmocka_unit_test(disconnect_ends_nested_stops_one_after_the_other),
        cmocka_unit_test(disconnect_of_one_that_never_attached_touches_nothing),
        cmocka_unit_test(terminate_interrupts_and_says_terminated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
