/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Arguments of launch: types, defaults, what is named to the user.
 */
#include "bridge/launch_config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char program[] = "/tmp/celldap-test-XXXXXX.py";

static int make_program(void **state)
{
    int fd = mkstemps(program, 3);

    (void)state;
    return fd < 0 ? -1 : close(fd);
}

static int remove_program(void **state)
{
    (void)state;
    return unlink(program);
}

static json_t *arguments(const char *more)
{
    char text[1024];
    json_t *v = NULL;

    (void)snprintf(text, sizeof text, "{\"program\":\"%s\"%s%s}", program, more[0] ? "," : "",
                   more);
    assert_int_equal(cd_json_load(text, strlen(text), &v, NULL), CD_OK);
    return v;
}

static struct bridge_launch *parsed(const char *more)
{
    json_auto_t *v = arguments(more);
    struct cd_error err = CD_ERROR_INIT;
    struct bridge_launch *l = NULL;

    if (bridge_launch_parse(v, &l, &err) != CD_OK) {
        fail_msg("%s", err.text);
    }
    return l;
}

static void assert_refused(const char *more, int id, const char *text)
{
    json_auto_t *v = arguments(more);
    struct cd_error err = CD_ERROR_INIT;
    struct bridge_launch *l = NULL;

    assert_int_equal(bridge_launch_parse(v, &l, &err), CD_ERR);
    assert_null(l);
    assert_int_equal(err.id, id);
    assert_non_null(strstr(err.text, text));
}

static void launch_has_debugpys_defaults(void **state)
{
    struct bridge_launch *l = parsed("\"__sessionId\":\"x\"");

    (void)state;
    assert_int_equal(l->kind, BRIDGE_LAUNCH_FILE);
    assert_string_equal(l->program, program);
    assert_string_equal(l->cwd, "/tmp");
    assert_true(l->just_my_code);
    assert_false(l->no_debug || l->stop_on_entry || l->exit_when_done || l->keep_kernel);
    assert_int_equal(json_array_size(l->args), 0);
    assert_string_equal(l->notes, "");
    bridge_launch_free(l);
}

static void launch_takes_debugpys_spellings_of_python(void **state)
{
    static const char *const rows[] = {"\"python\":\"/p\"", "\"python\":[\"/p\"]",
                                       "\"pythonPath\":\"/p\""};
    (void)state;
    for (size_t i = 0; i < CD_ARRAY_LEN(rows); i++) {
        struct bridge_launch *l = parsed(rows[i]);

        assert_string_equal(l->python, "/p");
        bridge_launch_free(l);
    }
}

static void launch_names_wrong_fields(void **state)
{
    (void)state;
    assert_refused("\"args\":[\"a\",1]", CD_E_BAD_TYPE, "arguments.args[1]");
    assert_refused("\"env\":{\"A\":[]}", CD_E_BAD_TYPE, "arguments.env.A");
    assert_refused("\"env\":{\"A=B\":\"\"}", CD_E_BAD_VALUE, "A=B");
    assert_refused("\"cells\":[0.5]", CD_E_BAD_TYPE, "arguments.cells[0]");
    assert_refused("\"noDebug\":1", CD_E_BAD_TYPE, "arguments.noDebug");
    assert_refused("\"module\":\"m\"", CD_E_BAD_VALUE, "arguments.module");
    assert_refused("\"cwd\":\"/nowhere/at/all\"", CD_E_NOT_FOUND, "/nowhere/at/all");
    assert_refused("\"args\":[\"a\\u0000b\"]", CD_E_BAD_VALUE, "arguments.args[0]");
    assert_refused("\"args\":1", CD_E_BAD_TYPE, "expected string or array at arguments.args");
    assert_refused("\"args\":\"a 'b\"", CD_E_BAD_VALUE, "a quote is not closed");
    assert_refused("\"args\":\"$(ls)\"", CD_E_BAD_VALUE, "commands");
    assert_refused("\"args\":\"a|b\"", CD_E_BAD_VALUE, "not quoted");
    assert_refused("\"notebook\":\"nb.ipynb\"", CD_E_BAD_TYPE, "boolean at arguments.notebook");
    assert_refused("\"console\":\"tty\"", CD_E_BAD_VALUE, "arguments.console is none of");
    assert_refused("\"envFile\":\"no.env\"", CD_E_NOT_FOUND, "/tmp/no.env");
    assert_refused("\"breakOnSystemExit\":[1.5]", CD_E_BAD_TYPE, "arguments.breakOnSystemExit[0]");
    assert_refused("\"variablePresentation\":{\"all\":\"x\"}", CD_E_BAD_VALUE,
                   "arguments.variablePresentation.all");
    assert_refused("\"pathMappings\":[1]", CD_E_BAD_TYPE, "arguments.pathMappings[0]");
}

static void launch_names_what_it_leaves_out(void **state)
{
    struct bridge_launch *l = parsed("\"django\":true,\"gevent\":false,\"rules\":[],\"sudo\":true,"
                                     "\"qt\":\"none\",\"variablePresentation\":{\"all\":\"hide\"}");

    (void)state;
    assert_string_equal(l->notes, "option 'django', option 'sudo'");
    bridge_launch_free(l);
}

static void args_are_a_list_or_split_as_a_shell_does(void **state)
{
    struct bridge_launch *l = parsed("\"args\":\"a 'b c' \\\"d\\\" e\\\\ f $CELLDAP_NONE x=1\"");
    static const char *const wanted[] = {"a", "b c", "d", "e f", "x=1"};

    (void)state;
    assert_int_equal(json_array_size(l->args), CD_ARRAY_LEN(wanted));
    for (size_t i = 0; i < CD_ARRAY_LEN(wanted); i++) {
        assert_string_equal(json_string_value(json_array_get(l->args, i)), wanted[i]);
    }
    bridge_launch_free(l);
}

static void redirect_output_follows_the_console(void **state)
{
    static const struct {
        const char *more;
        bool shown;
    } rows[] = {{"", true},
                {"\"console\":\"integratedTerminal\"", false},
                {"\"console\":\"externalTerminal\",\"redirectOutput\":true", true},
                {"\"redirectOutput\":false", false}};

    (void)state;
    for (size_t i = 0; i < CD_ARRAY_LEN(rows); i++) {
        struct bridge_launch *l = parsed(rows[i].more);

        assert_int_equal(l->show_output, rows[i].shown);
        bridge_launch_free(l);
    }
}

static void the_interpreters_arguments_follow_it(void **state)
{
    struct bridge_launch *l = parsed("\"python\":[\"/p\",\"-O\"],\"pythonArgs\":[\"-X\",\"dev\"]");
    json_auto_t *wanted = json_pack("[sss]", "-O", "-X", "dev");

    (void)state;
    assert_string_equal(l->python, "/p");
    assert_true(json_equal(l->python_args, wanted));
    bridge_launch_free(l);
}

static void exit_codes_are_debugpys(void **state)
{
    struct bridge_launch *l =
        parsed("\"breakOnSystemExit\":[3,{\"from\":5,\"to\":9}],\"breakOnSystemExitZero\":true");
    json_auto_t *wanted = json_pack("[i{s:i,s:i}in]", 3, "from", 5, "to", 9, 0);

    (void)state;
    assert_true(json_equal(l->exit_codes, wanted));
    bridge_launch_free(l);
    l = parsed("");
    assert_null(l->exit_codes);
    bridge_launch_free(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(launch_has_debugpys_defaults),
        cmocka_unit_test(launch_takes_debugpys_spellings_of_python),
        cmocka_unit_test(launch_names_wrong_fields),
        cmocka_unit_test(launch_names_what_it_leaves_out),
        cmocka_unit_test(args_are_a_list_or_split_as_a_shell_does),
        cmocka_unit_test(redirect_output_follows_the_console),
        cmocka_unit_test(the_interpreters_arguments_follow_it),
        cmocka_unit_test(exit_codes_are_debugpys),
    };
    return cmocka_run_group_tests(tests, make_program, remove_program);
}
