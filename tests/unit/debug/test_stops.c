/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Stops and what ends them: order of replies and events, nested stops, jobs of a stop that is over.
 */
#include "support/debug/fake_engine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define CONTROL DBG_CLIENT_CONTROL

static struct fake *attached(void)
{
    struct fake *f = fake_new();
    fake_attach(f, CONTROL);
    return f;
}

static void reply_comes_before_the_resume(void **state)
{
    static const char *const COMMANDS[] = {"continue", "next", "stepIn", "stepOut"};
    (void)state;
    for (size_t i = 0; i < CD_ARRAY_LEN(COMMANDS); i++) {
        char expected[100];
        struct fake *f = attached();
        fake_stop(f, 1, 0, 0);
        fake_clear(f);
        assert_true(fake_success(f, fake_sends(f, CONTROL, COMMANDS[i], "{'threadId':1}")));
        snprintf(expected, sizeof(expected), "reply %s;resume %s;event %d continued;", COMMANDS[i],
                 COMMANDS[i], CONTROL);
        assert_string_equal(f->timeline, expected);
        fake_free(f);
    }
}

static void stopped_event_has_what_clients_need(void **state)
{
    json_t *body = NULL;
    (void)state;
    struct fake *f = attached();
    fake_stop(f, 3, 0, 0);
    assert_int_equal(fake_events(f, CONTROL, "stopped", &body), 1);
    assert_true(json_is_true(json_object_get(body, "allThreadsStopped")));
    assert_int_equal(json_integer_value(json_object_get(body, "threadId")), 3);
    assert_int_equal(f->events[0].iopub_count, 7);
    fake_note(f, ENGINE_STOPPED, 3, 0, NULL); // the engine left everything out
    assert_int_equal(fake_events(f, CONTROL, "stopped", &body), 2);
    assert_true(json_is_string(json_object_get(body, "reason")));
    fake_free(f);
}

static void a_jump_answers_and_is_a_stop_of_its_own(void **state)
{
    (void)state;
    struct fake *f = attached();
    json_t *body = NULL;
    fake_stop(f, 1, 0, 0);
    fake_clear(f);
    size_t n = fake_sends(f, CONTROL, "goto", "{'threadId':1,'targetId':4}");
    fake_run(f, FAKE_STOPPED);
    assert_true(fake_success(f, n));
    assert_int_equal(fake_events(f, CONTROL, "stopped", &body), 1);
    assert_string_equal(json_string_value(json_object_get(body, "reason")), "goto");
    assert_string_equal(f->timeline, "reply goto;event 1 stopped;");
    f->fail_ops = 1; // what Python refuses is no stop
    n = fake_sends(f, CONTROL, "restartFrame", "{'frameId':1}");
    fake_run(f, FAKE_STOPPED);
    assert_false(fake_success(f, n));
    assert_int_equal(fake_events(f, CONTROL, "stopped", &body), 1);
    fake_free(f);
}

static void second_continue_is_harmless(void **state)
{
    (void)state;
    struct fake *f = attached();
    fake_stop(f, 1, 0, 0);
    fake_clear(f);
    fake_sends(f, CONTROL, "continue", "{'threadId':1}");
    size_t n = fake_sends(f, CONTROL, "continue", "{'threadId':1}");
    assert_true(fake_success(f, n));
    assert_true(json_is_true(json_object_get(fake_body(f, n), "allThreadsContinued")));
    assert_int_equal(f->resumes, 1);
    assert_int_equal(fake_events(f, CONTROL, "continued", NULL), 1); // of the first one
    assert_int_equal(f->event_count, 1);
    assert_int_equal(f->pause_cancels, 1); // it disarms a pause of the next cell
    fake_free(f);
}

static void step_carries_its_plan(void **state)
{
    (void)state;
    struct fake *f = fake_new();
    fake_sends(f, CONTROL, "initialize", NULL);
    fake_sends(f, CONTROL, "attach", "{'justMyCode':false}");
    assert_true(f->attached);
    assert_false(f->just_my_code);
    fake_stop(f, 5, 0, 0);
    fake_sends(f, CONTROL, "stepIn",
               "{'threadId':5,'singleThread':true,'targetId':4,'granularity':'statement'}");
    assert_int_equal(f->last_step.kind, ENGINE_STEP_IN);
    assert_true(f->last_step.single_thread);
    assert_false(f->last_step.just_my_code);
    assert_int_equal(f->last_step.target_id, 4);
    fake_free(f);
}

static void step_of_another_thread_is_refused(void **state)
{
    (void)state;
    struct fake *f = attached();
    fake_stop(f, 5, 0, 0);
    size_t n = fake_sends(f, CONTROL, "next", "{'threadId':9}");
    assert_int_equal(fake_error_id(f, n), CD_E_NOT_FOUND);
    assert_int_equal(f->resumes, 0);
    // JupyterLab says 1 for "the one that is stopped"
    assert_true(fake_success(f, fake_sends(f, CONTROL, "next", "{'threadId':1}")));
    assert_int_equal(f->resumes, 1);
    fake_free(f);
}

static void bad_granularity_is_named(void **state)
{
    (void)state;
    struct fake *f = attached();
    fake_stop(f, 1, 0, 0);
    size_t n = fake_sends(f, CONTROL, "next", "{'granularity':'word'}");
    assert_int_equal(fake_error_id(f, n), CD_E_BAD_VALUE);
    assert_non_null(strstr(fake_error(f, n), "arguments.granularity"));
    fake_free(f);
}

static void resume_cancels_jobs_of_the_stop(void **state)
{
    (void)state;
    struct fake *f = attached();
    fake_stop(f, 1, 0, 0);
    size_t scopes = fake_sends(f, CONTROL, "scopes", "{'frameId':1}");
    size_t evaluate = fake_sends(f, CONTROL, "evaluate", "{'expression':'x','context':'repl'}");
    size_t threads = fake_sends(f, CONTROL, "threads", NULL);
    fake_sends(f, CONTROL, "continue", NULL);
    assert_int_equal(fake_error_id(f, scopes), CD_E_CANCELLED);
    assert_int_equal(fake_error_id(f, evaluate), CD_E_CANCELLED);
    assert_null(fake_reply(f, threads)); // needs no stop
    assert_int_equal(fake_refuse(f, FAKE_STOPPED), 3);
    assert_int_equal(fake_run(f, FAKE_ASSIST), 1);
    assert_true(fake_success(f, threads));
    fake_free(f);
}

static void interrupt_ends_the_stop_by_itself(void **state)
{
    json_t *body = NULL;
    (void)state;
    struct fake *f = attached();
    fake_stop(f, 1, 0, 0);
    size_t scopes = fake_sends(f, CONTROL, "scopes", "{'frameId':1}");
    fake_clear(f);
    fake_note(f, ENGINE_CONTINUED, 1, 0, NULL);
    assert_int_equal(fake_error_id(f, scopes), CD_E_CANCELLED);
    assert_int_equal(fake_events(f, CONTROL, "continued", &body), 1);
    assert_int_equal(json_integer_value(json_object_get(body, "threadId")), 1);
    size_t next = fake_sends(f, CONTROL, "next", NULL);
    assert_int_equal(fake_error_id(f, next), CD_E_NOT_STOPPED);
    fake_free(f);
}

static void a_stop_that_ended_while_it_was_resumed_is_told_once(void **state)
{
    (void)state;
    struct fake *f = attached();
    fake_stop(f, 1, 0, 0);
    f->resume_result = false;
    assert_true(fake_success(f, fake_sends(f, CONTROL, "continue", NULL)));
    fake_clear(f);
    fake_note(f, ENGINE_CONTINUED, 1, 0, NULL); // was under way
    assert_int_equal(f->event_count, 0);
    f->resume_result = true;
    fake_stop(f, 1, 0, 0);
    assert_int_equal(fake_events(f, CONTROL, "stopped", NULL), 1);
    fake_note(f, ENGINE_CONTINUED, 1, 0, NULL);
    assert_int_equal(fake_events(f, CONTROL, "continued", NULL), 1);
    fake_free(f);
}

static void a_nested_stop_that_ended_leaves_the_outer_one(void **state)
{
    (void)state;
    struct fake *f = attached();
    fake_stop(f, 1, 0, 0);
    fake_sends(f, CONTROL, "evaluate", "{'expression':'f()','context':'repl'}");
    fake_stop(f, 1, 0, 0);
    f->resume_result = false;
    fake_sends(f, CONTROL, "continue", NULL);
    f->resume_result = true;
    fake_note(f, ENGINE_CONTINUED, 1, 0, NULL); // the inner one's
    fake_run(f, FAKE_STOPPED);
    assert_true(fake_success(f, fake_sends(f, CONTROL, "next", NULL)));
    fake_free(f);
}

static void nested_stop_shows_the_outer_one_again(void **state)
{
    (void)state;
    struct fake *f = attached();
    fake_stop(f, 1, 0, 0);
    size_t evaluate = fake_sends(f, CONTROL, "evaluate", "{'expression':'f()','context':'repl'}");
    fake_stop(f, 1, 0, 0); // a breakpoint in f
    size_t scopes = fake_sends(f, CONTROL, "scopes", "{'frameId':1}");
    fake_clear(f);
    assert_true(fake_success(f, fake_sends(f, CONTROL, "continue", NULL)));
    assert_int_equal(fake_error_id(f, scopes), CD_E_CANCELLED);
    assert_null(fake_reply(f, evaluate));
    // the evaluation runs: nothing is stopped
    assert_int_equal(fake_error_id(f, fake_sends(f, CONTROL, "next", NULL)), CD_E_NOT_STOPPED);
    assert_true(fake_success(f, fake_sends(f, CONTROL, "continue", NULL)));
    assert_int_equal(f->resumes, 1);
    assert_int_equal(fake_events(f, CONTROL, "stopped", NULL), 0);
    fake_clear(f);
    fake_run(f, FAKE_STOPPED);
    assert_true(fake_success(f, evaluate));
    assert_string_equal(f->timeline, "reply evaluate;event 1 stopped;");
    assert_true(fake_success(f, fake_sends(f, CONTROL, "next", NULL)));
    fake_free(f);
}

static void two_stopped_threads_show_one_after_the_other(void **state)
{
    json_t *body = NULL;
    (void)state;
    struct fake *f = attached();
    fake_stop(f, 1, 0, 0);
    fake_stop(f, 2, 0, 0);
    fake_clear(f);
    fake_sends(f, CONTROL, "continue", NULL);
    assert_int_equal(fake_events(f, CONTROL, "stopped", &body), 1);
    assert_int_equal(json_integer_value(json_object_get(body, "threadId")), 1);
    fake_free(f);
}

static void pause_and_continue_while_running(void **state)
{
    (void)state;
    struct fake *f = attached();
    assert_true(fake_success(f, fake_sends(f, CONTROL, "pause", "{'threadId':1}")));
    assert_string_equal(f->timeline, "pause;reply pause;");
    fake_stop(f, 1, 0, 0);
    assert_true(fake_success(f, fake_sends(f, CONTROL, "pause", "{'threadId':1}")));
    assert_int_equal(f->pauses, 1);
    fake_free(f);
}

static void a_stop_without_any_client_is_resumed(void **state)
{
    (void)state;
    struct fake *f = fake_new();
    fake_stop(f, 1, 0, 0);
    assert_int_equal(f->resumes, 1);
    assert_int_equal(f->event_count, 0);
    fake_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reply_comes_before_the_resume),
        cmocka_unit_test(stopped_event_has_what_clients_need),
        cmocka_unit_test(a_jump_answers_and_is_a_stop_of_its_own),
        cmocka_unit_test(second_continue_is_harmless),
        cmocka_unit_test(step_carries_its_plan),
        cmocka_unit_test(step_of_another_thread_is_refused),
        cmocka_unit_test(bad_granularity_is_named),
        cmocka_unit_test(resume_cancels_jobs_of_the_stop),
        cmocka_unit_test(interrupt_ends_the_stop_by_itself),
        cmocka_unit_test(a_stop_that_ended_while_it_was_resumed_is_told_once),
        cmocka_unit_test(a_nested_stop_that_ended_leaves_the_outer_one),
        cmocka_unit_test(nested_stop_shows_the_outer_one_again),
        cmocka_unit_test(two_stopped_threads_show_one_after_the_other),
        cmocka_unit_test(pause_and_continue_while_running),
        cmocka_unit_test(a_stop_without_any_client_is_resumed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
