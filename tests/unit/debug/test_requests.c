/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Whatever comes in, in whatever state: exactly one reply each (the fake checks that it is one, and
 * its form), and the session goes on.
 */
#include "support/debug/fake_engine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum when { BEFORE, CONFIG, RUNNING, STOPPED, AFTER, WHENS };

static struct fake *in_state(enum when when)
{
    struct fake *f = fake_new();
    if (when == CONFIG) {
        fake_sends(f, DBG_CLIENT_CONTROL, "initialize", NULL);
    } else if (when != BEFORE) {
        fake_attach(f, DBG_CLIENT_CONTROL);
    }
    if (when == STOPPED) {
        fake_stop(f, 1, 0, 0);
    } else if (when == AFTER) {
        fake_sends(f, DBG_CLIENT_CONTROL, "disconnect", NULL);
    }
    return f;
}

static void run_all(struct fake *f)
{
    fake_run(f, FAKE_STOPPED);
    fake_run(f, FAKE_ARM);
    fake_run(f, FAKE_ASSIST);
}

/* Every field that a request has, with the value given for all of them. */
static json_t *every_field(const json_t *value)
{
    static const char *const FIELDS[] = {
        "source",
        "breakpoints",
        "lines",
        "filters",
        "filterOptions",
        "exceptionOptions",
        "threadId",
        "frameId",
        "variablesReference",
        "expression",
        "context",
        "granularity",
        "singleThread",
        "targetId",
        "code",
        "requestId",
        "progressId",
        "restart",
        "terminateDebuggee",
        "suspendDebuggee",
        "justMyCode",
        "rules",
        "client",
        "version",
        "pathFormat",
        "linesStartAt1",
        "name",
        "value",
        "variableName",
        "srcVariableName",
    };
    json_t *args = json_object();
    for (size_t i = 0; i < CD_ARRAY_LEN(FIELDS); i++) {
        json_object_set_new(args, FIELDS[i], json_deep_copy(value));
    }
    return args;
}

static json_t *arguments(int shape)
{
    static const char *const VALUES[] = {"[]",
                                         "{}",
                                         "'x'",
                                         "-1",
                                         "1.5",
                                         "true",
                                         "[null,1,[],{}]",
                                         "99999999999",
                                         "{'path':5,'adapterData':7}",
                                         "[{}]",
                                         "[{'line':'x'}]",
                                         "null",
                                         "'\\t '"};
    if (shape == 0) {
        return NULL;
    }
    if (shape == 1) {
        return fake_json("{'threadId':99,'frameId':99,'variablesReference':99,'requestId':99,"
                         "'source':{'path':'/nowhere'},'expression':'x','code':'','name':'x',"
                         "'value':'1','filters':[],'breakpoints':[]}");
    }
    json_t *value = fake_json(VALUES[shape - 2]);
    json_t *args = every_field(value);
    json_decref(value);
    return args;
}

#define SHAPES (2 + 13)

static void every_command_in_every_state_has_one_reply(void **state)
{
    (void)state;
    for (int cmd = 0; cmd <= DAP_CMD_COUNT; cmd++) {
        const char *name =
            cmd < DAP_CMD_COUNT ? dap_command_row((enum dap_command)cmd)->name : "noSuchRequest";
        for (int when = 0; when < WHENS; when++) {
            for (int shape = 0; shape < SHAPES; shape++) {
                struct fake *f = in_state((enum when)when);
                size_t n = fake_send(f, DBG_CLIENT_CONTROL, name, arguments(shape));
                run_all(f);
                assert_non_null(fake_reply(f, n));
                assert_int_equal(
                    json_integer_value(json_object_get(fake_reply(f, n), "request_seq")), n + 1);
                assert_string_equal(json_string_value(json_object_get(fake_reply(f, n), "command")),
                                    name);
                if (cmd == DAP_CMD_COUNT) {
                    assert_int_equal(fake_error_id(f, n), CD_E_UNKNOWN_COMMAND);
                } else if (dap_command_row((enum dap_command)cmd)->kernel == DAP_K_REFUSE) {
                    assert_int_equal(fake_error_id(f, n), CD_E_UNSUPPORTED);
                }
                assert_int_not_equal(fake_error_id(f, n), CD_E_INTERNAL);
                assert_true(fake_success(f, fake_sends(f, DBG_CLIENT_CONTROL, "debugInfo", NULL)));
                fake_free(f);
            }
        }
    }
}

static void no_request_at_all_has_one_reply(void **state)
{
    static const char *const MESSAGES[] = {
        "{}",
        "[]",
        "1",
        "'x'",
        "null",
        "true",
        "{'seq':1}",
        "{'command':5}",
        "{'seq':'x','type':'request','command':'threads'}",
        "{'seq':-1,'type':'request','command':'threads'}",
        "{'seq':1,'type':'event','command':'threads'}",
        "{'type':'request','command':''}",
        "{'seq':1,'type':'request','command':'threads','arguments':[1]}",
        "{'seq':1,'type':'request','command':'threads','arguments':'x'}",
        "{'seq':1,'type':'request','command':null}",
    };
    (void)state;
    for (size_t i = 0; i < CD_ARRAY_LEN(MESSAGES); i++) {
        struct fake *f = in_state(RUNNING);
        size_t n = fake_request(f, DBG_CLIENT_CONTROL, fake_json(MESSAGES[i]));
        assert_non_null(fake_reply(f, n));
        assert_false(fake_success(f, n));
        assert_true(fake_success(f, fake_sends(f, DBG_CLIENT_CONTROL, "debugInfo", NULL)));
        fake_free(f);
    }
}

static void seq_zero_is_echoed(void **state)
{
    (void)state;
    struct fake *f = fake_new();
    size_t n = fake_request(f, DBG_CLIENT_CONTROL,
                            fake_json("{'seq':0,'type':'request','command':'debugInfo'}"));
    assert_true(fake_success(f, n));
    assert_int_equal(json_integer_value(json_object_get(fake_reply(f, n), "request_seq")), 0);
    fake_free(f);
}

static void deep_arguments_are_survived(void **state)
{
    (void)state;
    struct fake *f = in_state(RUNNING);
    json_t *deep = json_array();
    for (int i = 0; i < 400; i++) {
        deep = json_pack("[o]", deep);
    }
    size_t n = fake_send(f, DBG_CLIENT_CONTROL, "setBreakpoints",
                         json_pack("{s:o, s:{s:s}}", "breakpoints", deep, "source", "path", "/a"));
    assert_int_equal(fake_error_id(f, n), CD_E_BAD_TYPE);
    assert_non_null(strstr(fake_error(f, n), "arguments.breakpoints[0]"));
    fake_free(f);
}

static void unknown_clients_are_answered(void **state)
{
    (void)state;
    struct fake *f = fake_new();
    assert_false(fake_success(f, fake_sends(f, 77, "debugInfo", NULL)));
    assert_false(fake_success(f, fake_sends(f, 0, "debugInfo", NULL)));
    fake_free(f);
}

static void states_are_told_apart(void **state)
{
    static const struct {
        const char *command;
        enum when when;
        int error; /* 0: success */
    } ROWS[] = {
        {"setBreakpoints", BEFORE, CD_E_BAD_STATE},
        {"attach", BEFORE, CD_E_BAD_STATE},
        {"threads", BEFORE, CD_E_BAD_STATE},
        {"threads", AFTER, CD_E_BAD_STATE},
        {"threads", RUNNING, 0},
        {"threads", STOPPED, 0},
        {"stackTrace", RUNNING, CD_E_NOT_STOPPED},
        {"stackTrace", STOPPED, 0},
        {"scopes", RUNNING, CD_E_NOT_STOPPED},
        {"exceptionInfo", RUNNING, CD_E_NOT_STOPPED},
        {"next", RUNNING, CD_E_NOT_STOPPED},
        {"stepIn", RUNNING, CD_E_NOT_STOPPED},
        {"stepOut", RUNNING, CD_E_NOT_STOPPED},
        {"next", STOPPED, 0},
        {"continue", RUNNING, 0},
        {"continue", BEFORE, CD_E_BAD_STATE},
        {"pause", RUNNING, 0},
        {"pause", STOPPED, 0},
        {"inspectVariables", BEFORE, 0},
        {"modules", BEFORE, 0},
        {"debugInfo", BEFORE, 0},
        {"disconnect", BEFORE, 0},
        {"disconnect", AFTER, 0},
        {"initialize", AFTER, 0},
        {"initialize", RUNNING, 0},
        {"variables", RUNNING, 0},
        {"configurationDone", RUNNING, 0},
    };
    (void)state;
    for (size_t i = 0; i < CD_ARRAY_LEN(ROWS); i++) {
        struct fake *f = in_state(ROWS[i].when);
        size_t n = fake_sends(f, DBG_CLIENT_CONTROL, ROWS[i].command, NULL);
        run_all(f);
        assert_int_equal(fake_error_id(f, n), ROWS[i].error);
        if (ROWS[i].error == CD_E_NOT_STOPPED) {
            assert_string_equal(json_string_value(json_object_get(fake_reply(f, n), "message")),
                                "notStopped");
        }
        fake_free(f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_command_in_every_state_has_one_reply),
        cmocka_unit_test(no_request_at_all_has_one_reply),
        cmocka_unit_test(seq_zero_is_echoed),
        cmocka_unit_test(deep_arguments_are_survived),
        cmocka_unit_test(unknown_clients_are_answered),
        cmocka_unit_test(states_are_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
