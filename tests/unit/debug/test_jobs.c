/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Requests that wait for Python: where they run, deadlines, cancel, jobs that come back unrun, the
 * end of the kernel; and Jupyter's debugInfo and dumpCell.
 */
#include "support/debug/fake_engine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define CONTROL DBG_CLIENT_CONTROL

static struct fake *attached(bool stopped)
{
    struct fake *f = fake_new();
    fake_attach(f, CONTROL);
    fake_advance(f, 0);
    fake_run(f, FAKE_ARM);
    if (stopped) {
        fake_stop(f, 1, 0, 0);
    }
    fake_clear(f);
    return f;
}

static void jobs_run_where_they_may(void **state)
{
    static const struct {
        const char *command;
        bool stopped;
        enum fake_queue queue;
    } ROWS[] = {
        {"stackTrace", true, FAKE_STOPPED},       {"threads", true, FAKE_STOPPED},
        {"threads", false, FAKE_ASSIST},          {"variables", true, FAKE_STOPPED},
        {"variables", false, FAKE_ASSIST},        {"inspectVariables", false, FAKE_ASSIST},
        {"inspectVariables", true, FAKE_STOPPED}, {"modules", false, FAKE_ASSIST},
        {"source", true, FAKE_STOPPED},           {"setVariable", true, FAKE_STOPPED},
        {"completions", false, FAKE_ASSIST},      {"richInspectVariables", false, FAKE_ASSIST},
        {"copyToGlobals", true, FAKE_STOPPED},
    };
    (void)state;
    for (size_t i = 0; i < CD_ARRAY_LEN(ROWS); i++) {
        struct fake *f = attached(ROWS[i].stopped);
        size_t n = fake_sends(f, CONTROL, ROWS[i].command, "{}");
        assert_null(fake_reply(f, n));
        assert_int_equal(f->job_count[ROWS[i].queue], 1);
        fake_run(f, ROWS[i].queue);
        assert_true(fake_success(f, n));
        assert_non_null(fake_body(f, n));
        fake_free(f);
    }
}

static void errors_of_the_engine_are_passed_on(void **state)
{
    (void)state;
    struct fake *f = attached(true);
    f->fail_ops = 1;
    size_t n = fake_sends(f, CONTROL, "evaluate", "{'expression':'x','context':'watch'}");
    fake_run(f, FAKE_STOPPED);
    assert_int_equal(fake_error_id(f, n), CD_E_EVALUATE);
    assert_non_null(strstr(fake_error(f, n), "NameError"));
    assert_non_null(json_object_get(fake_body(f, n), "traceback"));
    f->fail_ops = 1;
    n = fake_sends(f, CONTROL, "threads", NULL);
    fake_run(f, FAKE_STOPPED);
    assert_int_equal(fake_error_id(f, n), CD_E_EVALUATE);
    fake_free(f);
}

static void evaluate_by_context(void **state)
{
    (void)state;
    struct fake *f = attached(false);
    static const char *const STOPPED_ONLY[] = {"watch", "hover"};
    for (size_t i = 0; i < 2; i++) {
        size_t n =
            fake_send(f, CONTROL, "evaluate",
                      json_pack("{s:s, s:s}", "expression", "x", "context", STOPPED_ONLY[i]));
        assert_int_equal(fake_error_id(f, n), CD_E_NOT_STOPPED);
    }
    size_t repl = fake_sends(f, CONTROL, "evaluate", "{'expression':'x','context':'repl'}");
    size_t none = fake_sends(f, CONTROL, "evaluate", "{'expression':'x'}");
    assert_int_equal(fake_run(f, FAKE_ASSIST), 2);
    assert_true(fake_success(f, repl));
    assert_true(fake_success(f, none));
    size_t missing = fake_sends(f, CONTROL, "evaluate", "{}");
    assert_non_null(strstr(fake_error(f, missing), "arguments.expression"));
    fake_free(f);
}

static void a_reply_within_a_second(void **state)
{
    (void)state;
    struct fake *f = attached(true);
    size_t n = fake_sends(f, CONTROL, "variables", "{'variablesReference':1}");
    assert_in_range(dbg_session_tick(f->session), 1, 900);
    fake_advance(f, 899);
    assert_null(fake_reply(f, n));
    fake_advance(f, 1);
    assert_int_equal(fake_error_id(f, n), CD_E_TIMEOUT);
    assert_non_null(strstr(fake_error(f, n), "'variables' is still running"));
    fake_clear(f);
    fake_run(f, FAKE_STOPPED); // too late
    assert_string_equal(f->timeline, "");
    assert_int_equal(dbg_session_tick(f->session), -1);
    fake_free(f);
}

static void the_console_may_take_its_time(void **state)
{
    (void)state;
    struct fake *f = attached(true);
    size_t repl = fake_sends(f, CONTROL, "evaluate", "{'expression':'x','context':'repl'}");
    size_t watch = fake_sends(f, CONTROL, "evaluate", "{'expression':'x','context':'watch'}");
    fake_advance(f, 60000);
    assert_null(fake_reply(f, repl));
    assert_int_equal(fake_error_id(f, watch), CD_E_TIMEOUT);
    fake_run(f, FAKE_STOPPED);
    assert_true(fake_success(f, repl));
    fake_free(f);
}

static void threads_are_always_answered(void **state)
{
    (void)state;
    struct fake *f = attached(false);
    size_t n = fake_sends(f, CONTROL, "threads", NULL);
    fake_advance(f, 900);
    assert_int_equal(json_array_size(json_object_get(fake_body(f, n), "threads")), 1);
    fake_run(f, FAKE_ASSIST);
    n = fake_sends(f, CONTROL, "threads", NULL);
    fake_run(f, FAKE_ASSIST);
    n = fake_sends(f, CONTROL, "threads", NULL);
    fake_advance(f, 900);
    assert_int_equal(json_array_size(json_object_get(fake_body(f, n), "threads")), 2);
    fake_free(f);
}

static void cancel_answers_both(void **state)
{
    (void)state;
    struct fake *f = attached(true);
    size_t target = fake_sends(f, CONTROL, "variables", "{'variablesReference':1}");
    size_t other = fake_sends(f, CONTROL, "scopes", "{'frameId':1}");
    size_t n = fake_send(f, CONTROL, "cancel", json_pack("{s:i}", "requestId", (int)target + 1));
    assert_true(fake_success(f, n));
    assert_int_equal(fake_error_id(f, target), CD_E_CANCELLED);
    assert_string_equal(json_string_value(json_object_get(fake_reply(f, target), "message")),
                        "cancelled");
    assert_null(fake_reply(f, other));
    fake_run(f, FAKE_STOPPED);
    assert_true(fake_success(f, other));
    assert_int_equal(f->interrupts, 0);
    assert_true(fake_success(f, fake_sends(f, CONTROL, "cancel", "{'requestId':4711}")));
    assert_true(fake_success(f, fake_sends(f, CONTROL, "cancel", NULL)));
    fake_free(f);
}

static void cancel_is_for_ones_own_requests(void **state)
{
    (void)state;
    struct fake *f = attached(true);
    int other = dbg_session_client(f->session, "u-1", 3);
    size_t target = fake_sends(f, CONTROL, "scopes", "{'frameId':1}");
    fake_send(f, other, "initialize", NULL);
    size_t n = fake_send(f, other, "cancel", json_pack("{s:i}", "requestId", (int)target + 1));
    assert_true(fake_success(f, n));
    assert_null(fake_reply(f, target));
    fake_free(f);
}

static void a_job_that_did_not_run_is_answered(void **state)
{
    (void)state;
    struct fake *f = attached(true);
    size_t stopped = fake_sends(f, CONTROL, "scopes", "{'frameId':1}");
    size_t moved = fake_sends(f, CONTROL, "threads", NULL);
    fake_refuse(f, FAKE_STOPPED);
    assert_int_equal(fake_error_id(f, stopped), CD_E_NOT_STOPPED);
    assert_null(fake_reply(f, moved)); // tried again without the stop
    fake_refuse(f, FAKE_ASSIST);
    assert_int_equal(fake_error_id(f, moved), CD_E_CANCELLED);
    fake_free(f);
}

static void shutdown_answers_everything(void **state)
{
    (void)state;
    struct fake *f = attached(true);
    size_t rows[] = {
        fake_sends(f, CONTROL, "scopes", "{'frameId':1}"),
        fake_sends(f, CONTROL, "evaluate", "{'expression':'x','context':'repl'}"),
        fake_sends(f, CONTROL, "setBreakpoints", "{'source':{'path':'/a'},'lines':[1]}"),
        fake_sends(f, CONTROL, "dumpCell", "{'code':'x'}"),
    };
    dbg_session_shutdown(f->session);
    for (size_t i = 0; i < CD_ARRAY_LEN(rows); i++) {
        assert_int_equal(fake_error_id(f, rows[i]), CD_E_CANCELLED);
    }
    assert_int_equal(f->resumes, 1);
    assert_false(f->attached);
    assert_false(fake_success(f, fake_sends(f, CONTROL, "debugInfo", NULL)));
    fake_stop(f, 1, 0, 0); // was under way
    assert_int_equal(f->resumes, 2);
    fake_free(f);
}

static void initialize_tells_what_this_kernel_does(void **state)
{
    (void)state;
    struct fake *f = fake_new();
    size_t n = fake_sends(f, CONTROL, "initialize", "{'adapterID':'x','pathFormat':'path'}");
    assert_true(json_is_true(json_object_get(fake_body(f, n), "supportsConditionalBreakpoints")));
    for (int cmd = 0; cmd < DAP_CMD_COUNT; cmd++) {
        const struct dap_command_row *row = dap_command_row((enum dap_command)cmd);
        if (row->capability && row->kernel == DAP_K_REFUSE) {
            assert_false(json_is_true(json_object_get(fake_body(f, n), row->capability)));
        }
    }
    assert_false(fake_success(f, fake_sends(f, CONTROL, "initialize", "{'pathFormat':'uri'}")));
    assert_false(fake_success(f, fake_sends(f, CONTROL, "initialize", "{'linesStartAt1':false}")));
    fake_free(f);
}

static void debug_info_is_as_front_ends_read_it(void **state)
{
    (void)state;
    struct fake *f = fake_new();
    size_t n = fake_sends(f, CONTROL, "debugInfo", NULL);
    json_t *expected = fake_json("{'isStarted':false,'hashMethod':'Murmur2','hashSeed':3339675911,"
                                 "'tmpFilePrefix':'/tmp/celldap_test/','tmpFileSuffix':'.py',"
                                 "'breakpoints':[],'stoppedThreads':[],'richRendering':true,"
                                 "'copyToGlobals':true,'exceptionPaths':['Python Exceptions']}");
    assert_true(json_equal(fake_body(f, n), expected));
    json_decref(expected);
    fake_attach(f, CONTROL);
    int other = dbg_session_client(f->session, "u-1", 3);
    fake_attach(f, other);
    fake_sends(f, other, "setBreakpoints", "{'source':{'path':'/b'},'breakpoints':[{'line':9}]}");
    fake_sends(f, CONTROL, "setBreakpoints",
               "{'source':{'path':'/a'},'breakpoints':[{'line':100,'condition':'x'}]}");
    fake_run(f, FAKE_ARM);
    fake_stop(f, 1, 0, 0);
    n = fake_sends(f, CONTROL, "debugInfo", NULL);
    json_t *breakpoints = fake_json("[{'source':'/a','breakpoints':[{'line':101,"
                                    "'condition':'x'}]}]");
    assert_true(json_equal(json_object_get(fake_body(f, n), "breakpoints"), breakpoints));
    json_decref(breakpoints);
    assert_true(json_is_true(json_object_get(fake_body(f, n), "isStarted")));
    assert_int_equal(
        json_integer_value(json_array_get(json_object_get(fake_body(f, n), "stoppedThreads"), 0)),
        1);
    fake_advance(f, 20000); // the other one is away: its breakpoints are orphans
    n = fake_sends(f, CONTROL, "debugInfo", NULL);
    assert_int_equal(json_array_size(json_object_get(fake_body(f, n), "breakpoints")), 2);
    fake_free(f);
}

static void dump_cell_writes_the_hash_file(void **state)
{
    char folder[] = "/tmp/celldap-dump-XXXXXX";
    char prefix[60];
    char path[100];
    char text[40] = "";
    struct stat st;
    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(prefix, sizeof(prefix), "%s/", folder);
    snprintf(path, sizeof(path), "%s3773950048.py", prefix);
    struct fake *f = fake_new_at(prefix);
    for (int i = 0; i < 2; i++) { // also over an old one
        size_t n = fake_sends(f, CONTROL, "dumpCell", "{'code':'print(1)'}");
        fake_run(f, FAKE_ARM);
        assert_string_equal(json_string_value(json_object_get(fake_body(f, n), "sourcePath")),
                            path);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 0777, 0600);
        FILE *in = fopen(path, "r");
        assert_non_null(in);
        assert_non_null(fgets(text, sizeof(text), in));
        fclose(in);
        assert_string_equal(text, "print(1)");
    }
    size_t late = fake_sends(f, CONTROL, "dumpCell", "{'code':'print(1)'}");
    fake_advance(f, 800); // the name is known whatever Python does
    assert_string_equal(json_string_value(json_object_get(fake_body(f, late), "sourcePath")), path);
    fake_run(f, FAKE_ARM);
    unlink(path);
    assert_int_equal(rmdir(folder), 0); // nothing else was left there
    size_t n = fake_sends(f, CONTROL, "dumpCell", "{'code':'print(1)'}");
    fake_run(f, FAKE_ARM);
    assert_non_null(strstr(fake_error(f, n), "cannot write"));
    assert_non_null(
        strstr(fake_error(f, fake_sends(f, CONTROL, "dumpCell", "{}")), "arguments.code"));
    fake_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jobs_run_where_they_may),
        cmocka_unit_test(errors_of_the_engine_are_passed_on),
        cmocka_unit_test(evaluate_by_context),
        cmocka_unit_test(a_reply_within_a_second),
        cmocka_unit_test(the_console_may_take_its_time),
        cmocka_unit_test(threads_are_always_answered),
        cmocka_unit_test(cancel_answers_both),
        cmocka_unit_test(cancel_is_for_ones_own_requests),
        cmocka_unit_test(a_job_that_did_not_run_is_answered),
        cmocka_unit_test(shutdown_answers_everything),
        cmocka_unit_test(initialize_tells_what_this_kernel_does),
        cmocka_unit_test(debug_info_is_as_front_ends_read_it),
        cmocka_unit_test(dump_cell_writes_the_hash_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
