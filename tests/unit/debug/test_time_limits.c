/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Code of the user's that does not end: it is broken off, the reply is what is there so far, its
 * thread is busy, terminate waits for its end.
 */
#include "support/debug/fake_engine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define CONTROL DBG_CLIENT_CONTROL

static struct fake *stopped_fake(void)
{
    struct fake *f = fake_new();
    fake_attach(f, CONTROL);
    fake_advance(f, 0);
    fake_run(f, FAKE_ARM);
    fake_stop(f, 1, 0, 0);
    fake_clear(f);
    return f;
}

/* Code of the user's runs in the first job of the stopped thread from now on. */
static struct cd_progress *user_code(struct fake *f, unsigned long thread)
{
    struct cd_progress *p = f->jobs[FAKE_STOPPED][0]->progress;
    assert_true(cd_progress_begin(p, f->now_ms, 400, thread));
    return p;
}

static void cancel_breaks_off_the_evaluation_that_runs(void **state)
{
    (void)state;
    struct fake *f = stopped_fake();
    size_t one = fake_sends(f, CONTROL, "evaluate", "{'expression':'x','context':'repl'}");
    size_t two = fake_sends(f, CONTROL, "evaluate", "{'expression':'y','context':'repl'}");
    struct cd_progress *p = user_code(f, 1);
    fake_send(f, CONTROL, "cancel", json_pack("{s:i}", "requestId", (int)two + 1));
    assert_int_equal(f->broken_off, 0); // waits behind the first
    fake_send(f, CONTROL, "cancel", json_pack("{s:i}", "requestId", (int)one + 1));
    assert_int_equal(f->broken_off, 1);
    assert_int_equal(fake_error_id(f, one), CD_E_CANCELLED);
    fake_advance(f, 99);
    assert_int_equal(f->broken_off, 1);
    fake_advance(f, 1); // it swallowed the exception
    assert_int_equal(f->broken_off, 2);
    assert_true(cd_progress_end(p));
    assert_false(cd_progress_begin(p, f->now_ms, 0, 1)); // no more of it
    fake_run(f, FAKE_STOPPED);
    fake_free(f);
}

static void terminate_waits_for_the_evaluation_to_end(void **state)
{
    (void)state;
    struct fake *f = stopped_fake();
    size_t one = fake_sends(f, CONTROL, "evaluate", "{'expression':'x','context':'repl'}");
    struct cd_progress *p = user_code(f, 1);
    assert_true(fake_success(f, fake_sends(f, CONTROL, "terminate", NULL)));
    assert_int_equal(fake_error_id(f, one), CD_E_CANCELLED);
    assert_int_equal(f->broken_off, 1);
    assert_int_equal(f->interrupts, 0); // it would end the evaluation, and not the stop
    assert_true(cd_progress_end(p));
    fake_run(f, FAKE_STOPPED);
    assert_int_equal(f->interrupts, 1);
    fake_send(f, CONTROL, "terminate", NULL);
    assert_int_equal(f->interrupts, 2); // nothing to wait for
    fake_free(f);
}

static void what_is_there_is_the_late_reply(void **state)
{
    (void)state;
    struct fake *f = stopped_fake();
    size_t n = fake_sends(f, CONTROL, "variables", "{'variablesReference':1}");
    struct cd_progress *p = f->jobs[FAKE_STOPPED][0]->progress;
    cd_progress_list(p, "variables");
    json_t *one = fake_json("{'name':'a','value':'1','variablesReference':0}");
    assert_true(cd_progress_add(p, one));
    cd_progress_instead(p, fake_json("{'name':'b','value':'?','variablesReference':0}"));
    user_code(f, 2);
    fake_advance(f, 399);
    assert_int_equal(f->broken_off, 0);
    fake_advance(f, 1);
    assert_int_equal(f->broken_off, 1);
    assert_int_equal(fake_run(f, FAKE_ARM), 1); // another thread than main: by arm
    assert_non_null(strstr(f->timeline, "broken"));
    fake_advance(f, 500);
    assert_int_equal(json_array_size(json_object_get(fake_body(f, n), "variables")), 2);
    size_t refused = fake_sends(f, CONTROL, "scopes", "{'frameId':1}");
    assert_int_equal(fake_error_id(f, refused), CD_E_BUSY);
    assert_non_null(strstr(fake_error(f, refused), "'variables' took too long"));
    fake_sends(f, CONTROL, "threads", NULL); // needs no stop
    assert_int_equal(fake_run(f, FAKE_ASSIST), 1);
    assert_true(fake_success(f, fake_sends(f, CONTROL, "continue", "{'threadId':1}")));
    assert_int_equal(f->resumes, 1);
    fake_run(f, FAKE_ARM);
    assert_true(cd_progress_end(p));
    one = fake_json("{'name':'c','value':'1','variablesReference':0}");
    assert_false(cd_progress_add(p, one));
    fake_run(f, FAKE_STOPPED);
    assert_int_equal(dbg_session_tick(f->session), -1);
    fake_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cancel_breaks_off_the_evaluation_that_runs),
        cmocka_unit_test(terminate_waits_for_the_evaluation_to_end),
        cmocka_unit_test(what_is_there_is_the_late_reply),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
