/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Many clients, one kernel (contracts.md §6): owners, orphans, who sees what, who resumes.
 */
#include "support/debug/fake_engine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define CONTROL DBG_CLIENT_CONTROL

static void goes_away(struct fake *f, int away, int stays)
{
    (void)away;
    fake_advance(f, 6000);
    fake_sends(f, stays, "celldap/ping", NULL);
    fake_advance(f, 6000);
}

static void hello_names_the_client(void **state)
{
    (void)state;
    struct fake *f = fake_new();
    int id = fake_client(f, "u-1");
    assert_true(id > 1);
    assert_int_equal(dbg_session_client(f->session, "u-1", 3), id);
    size_t n = fake_sends(f, id, "celldap/hello", "{'client':'u-1'}");
    assert_int_equal(json_integer_value(json_object_get(fake_body(f, n), "clientId")), id);
    assert_int_equal(json_integer_value(json_object_get(fake_body(f, n), "version")), 1);
    assert_false(fake_success(f, fake_sends(f, id, "celldap/hello", "{'client':'other'}")));
    n = fake_sends(f, id, "celldap/hello", "{'client':'u-1','version':2}");
    assert_non_null(strstr(fake_error(f, n), "version 1"));
    assert_true(fake_success(f, fake_sends(f, id, "celldap/ping", NULL)));
    assert_int_not_equal(fake_client(f, "u-2"), id);
    fake_free(f);
}

static void the_kernel_stops_at_the_union(void **state)
{
    (void)state;
    struct fake *f = fake_new();
    int other = fake_client(f, "u-1");
    fake_attach(f, CONTROL);
    fake_attach(f, other);
    int mine = fake_set_line(f, CONTROL, 1);
    int theirs = fake_set_line(f, other, 1);
    assert_int_not_equal(mine, theirs);
    assert_int_equal(f->bp_count, 2);
    fake_set_line(f, CONTROL, 5); // replaces its own only
    assert_int_equal(f->bp_count, 2);
    fake_free(f);
}

static void each_sees_its_own_hits(void **state)
{
    json_t *body = NULL;
    (void)state;
    struct fake *f = fake_new();
    int one = fake_client(f, "u-1");
    int two = fake_client(f, "u-2");
    fake_attach(f, CONTROL);
    fake_attach(f, one);
    fake_attach(f, two);
    int mine = fake_set_line(f, CONTROL, 1);
    int theirs = fake_set_line(f, one, 1);
    fake_stop(f, 1, mine, theirs);
    assert_int_equal(fake_events(f, CONTROL, "stopped", &body), 1);
    assert_int_equal(json_array_size(json_object_get(body, "hitBreakpointIds")), 1);
    assert_int_equal(
        json_integer_value(json_array_get(json_object_get(body, "hitBreakpointIds"), 0)), mine);
    assert_int_equal(fake_events(f, one, "stopped", &body), 1);
    assert_int_equal(
        json_integer_value(json_array_get(json_object_get(body, "hitBreakpointIds"), 0)), theirs);
    assert_int_equal(fake_events(f, two, "stopped", &body), 1);
    assert_null(json_object_get(body, "hitBreakpointIds"));
    fake_free(f);
}

static void who_resumes_gets_a_reply_the_others_an_event(void **state)
{
    (void)state;
    struct fake *f = fake_new();
    int one = fake_client(f, "u-1");
    fake_attach(f, CONTROL);
    fake_attach(f, one);
    fake_stop(f, 1, 0, 0);
    fake_clear(f);
    fake_sends(f, one, "next", NULL);
    assert_int_equal(fake_events(f, one, "continued", NULL), 0);
    assert_int_equal(fake_events(f, CONTROL, "continued", NULL), 1);
    fake_stop(f, 1, 0, 0);
    fake_clear(f);
    fake_sends(f, CONTROL, "continue", NULL);
    assert_int_equal(fake_events(f, one, "continued", NULL), 1);
    // iopub has readers that did not ask for it, and JupyterLab needs the event itself
    assert_int_equal(fake_events(f, CONTROL, "continued", NULL), 1);
    fake_free(f);
}

static void log_output_goes_to_its_owner(void **state)
{
    (void)state;
    struct fake *f = fake_new();
    int one = fake_client(f, "u-1");
    fake_attach(f, CONTROL);
    fake_attach(f, one);
    fake_note(f, ENGINE_OUTPUT, 1, one, fake_json("{'output':'i is 3'}"));
    assert_int_equal(fake_events(f, one, "output", NULL), 1);
    assert_int_equal(f->events[0].iopub_count, 7);
    assert_int_equal(fake_events(f, CONTROL, "output", NULL), 0);
    fake_note(f, ENGINE_OUTPUT, 1, 0, fake_json("{'output':'to all'}"));
    assert_int_equal(fake_events(f, one, "output", NULL), 2);
    assert_int_equal(fake_events(f, CONTROL, "output", NULL), 1);
    fake_note(f, ENGINE_THREAD, 2, 0, fake_json("{'reason':'started','threadId':2}"));
    assert_int_equal(fake_events(f, one, "thread", NULL), 1);
    fake_free(f);
}

static void what_is_loaded_is_looked_at_a_little_later(void **state)
{
    (void)state;
    struct fake *f = fake_new();
    int one = fake_client(f, "u-1");
    fake_attach(f, CONTROL);
    fake_attach(f, one);
    fake_advance(f, 0);
    fake_run(f, FAKE_ARM);
    assert_non_null(strstr(f->timeline, "loaded first;"));
    fake_clear(f);
    fake_note(f, ENGINE_MODULE, 0, 0, NULL);
    fake_note(f, ENGINE_MODULE, 0, 0, NULL);
    assert_int_equal(dbg_session_tick(f->session), 100);
    fake_advance(f, 100);
    assert_int_equal(fake_run(f, FAKE_ARM), 1);
    assert_int_equal(fake_events(f, one, "module", NULL), 1);
    assert_int_equal(fake_events(f, CONTROL, "module", NULL), 0); // not the user's own
    assert_int_equal(fake_events(f, one, "loadedSource", NULL), 1);
    assert_int_equal(fake_events(f, CONTROL, "loadedSource", NULL), 1);
    fake_free(f);
}

static void away_leaves_orphans_that_the_next_set_replaces(void **state)
{
    (void)state;
    struct fake *f = fake_new();
    int one = fake_client(f, "u-1");
    int two = fake_client(f, "u-2");
    fake_attach(f, one);
    fake_attach(f, two);
    fake_set_line(f, one, 1);
    goes_away(f, one, two);
    fake_stop(f, 1, 0, 0);
    assert_int_equal(fake_events(f, one, "stopped", NULL), 0);
    assert_int_equal(fake_events(f, two, "stopped", NULL), 1);
    fake_set_line(f, two, 2);
    assert_int_equal(f->bp_count, 1); // the orphan is gone
    assert_int_equal(f->bps[0].line_1based, 2);
    fake_free(f);
}

static void one_that_comes_back_owns_its_breakpoints_and_sees_the_stop(void **state)
{
    json_t *body = NULL;
    (void)state;
    struct fake *f = fake_new();
    int one = fake_client(f, "u-1");
    int two = fake_client(f, "u-2");
    fake_attach(f, one);
    fake_attach(f, two);
    int id = fake_set_line(f, one, 1);
    goes_away(f, one, two);
    fake_stop(f, 1, id, 0);
    fake_clear(f);
    assert_int_equal(fake_client(f, "u-1"), one);
    assert_string_equal(f->timeline, "reply celldap/hello;event 2 stopped;");
    assert_int_equal(fake_events(f, one, "stopped", &body), 1);
    assert_int_equal(json_array_size(json_object_get(body, "hitBreakpointIds")), 1);
    fake_set_line(f, two, 2);
    assert_int_equal(f->bp_count, 2); // no orphan any more
    fake_free(f);
}

static void a_ping_after_silence_brings_what_was_missed(void **state)
{
    (void)state;
    struct fake *f = fake_new();
    int one = fake_client(f, "u-1");
    int two = fake_client(f, "u-2");
    fake_attach(f, one);
    fake_attach(f, two);
    fake_stop(f, 1, 0, 0);
    goes_away(f, one, two);
    fake_clear(f);
    fake_sends(f, one, "celldap/ping", NULL);
    assert_int_equal(fake_events(f, one, "stopped", NULL), 0); // it knew of this one
    goes_away(f, one, two);
    fake_sends(f, two, "continue", NULL);
    fake_clear(f);
    fake_sends(f, one, "celldap/ping", NULL);
    assert_int_equal(fake_events(f, one, "continued", NULL), 1);
    fake_free(f);
}

static void without_a_present_client_nothing_stops(void **state)
{
    (void)state;
    struct fake *f = fake_new();
    int one = fake_client(f, "u-1");
    fake_attach(f, one);
    assert_true(f->attached);
    fake_advance(f, 9999);
    assert_true(f->attached);
    fake_advance(f, 1);
    assert_false(f->attached);
    fake_sends(f, one, "celldap/ping", NULL);
    assert_true(f->attached);
    fake_free(f);
}

static void a_stop_whose_clients_are_away_stays(void **state)
{
    (void)state;
    struct fake *f = fake_new();
    int one = fake_client(f, "u-1");
    fake_attach(f, one);
    fake_stop(f, 1, 0, 0);
    fake_advance(f, 20000);
    assert_int_equal(f->resumes, 0);
    fake_clear(f);
    fake_client(f, "u-1");
    assert_int_equal(fake_events(f, one, "stopped", NULL), 1);
    assert_true(fake_success(f, fake_sends(f, one, "continue", NULL)));
    assert_int_equal(f->resumes, 1);
    fake_free(f);
}

static void a_client_may_be_silent_before_it_attaches(void **state)
{
    (void)state;
    struct fake *f = fake_new();
    int one = fake_client(f, "u-1");
    fake_advance(f, 60000);
    assert_true(fake_success(f, fake_sends(f, one, "initialize", NULL)));
    assert_int_equal(dbg_session_client(f->session, "u-1", 3), one);
    fake_free(f);
}

static void exception_filters_are_united(void **state)
{
    (void)state;
    struct fake *f = fake_new();
    int one = fake_client(f, "u-1");
    fake_attach(f, CONTROL);
    fake_attach(f, one);
    fake_sends(f, CONTROL, "setExceptionBreakpoints",
               "{'filters':[],'filterOptions':[{'filterId':'raised','condition':'a'}]}");
    fake_sends(f, one, "setExceptionBreakpoints",
               "{'filters':['uncaught'],'filterOptions':[{'filterId':'raised','condition':'b'}]}");
    fake_run(f, FAKE_ARM);
    assert_true(f->filters.raised);
    assert_true(f->filters.uncaught);
    assert_true(strcmp(f->filters.raised_condition, "a\nb") == 0 ||
                strcmp(f->filters.raised_condition, "b\na") == 0);
    fake_sends(f, CONTROL, "setExceptionBreakpoints", "{'filters':['raised']}");
    fake_run(f, FAKE_ARM);
    assert_null(f->filters.raised_condition);
    fake_free(f);
}

static void just_my_code_only_if_all_want_it(void **state)
{
    (void)state;
    struct fake *f = fake_new();
    int one = fake_client(f, "u-1");
    fake_attach(f, CONTROL);
    assert_true(f->just_my_code);
    fake_sends(f, one, "initialize", NULL);
    fake_sends(f, one, "attach", "{'justMyCode':false}");
    assert_false(f->just_my_code);
    fake_sends(f, one, "disconnect", NULL);
    assert_true(f->just_my_code);
    fake_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hello_names_the_client),
        cmocka_unit_test(the_kernel_stops_at_the_union),
        cmocka_unit_test(each_sees_its_own_hits),
        cmocka_unit_test(who_resumes_gets_a_reply_the_others_an_event),
        cmocka_unit_test(log_output_goes_to_its_owner),
        cmocka_unit_test(what_is_loaded_is_looked_at_a_little_later),
        cmocka_unit_test(away_leaves_orphans_that_the_next_set_replaces),
        cmocka_unit_test(one_that_comes_back_owns_its_breakpoints_and_sees_the_stop),
        cmocka_unit_test(a_ping_after_silence_brings_what_was_missed),
        cmocka_unit_test(without_a_present_client_nothing_stops),
        cmocka_unit_test(a_stop_whose_clients_are_away_stays),
        cmocka_unit_test(a_client_may_be_silent_before_it_attaches),
        cmocka_unit_test(exception_filters_are_united),
        cmocka_unit_test(just_my_code_only_if_all_want_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
