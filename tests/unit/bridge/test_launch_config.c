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
    assert_refused("\"args\":[\"a\\u0000b\"]", CD_E_BAD_TYPE, "arguments.args[0]");
}

static void launch_names_what_it_leaves_out(void **state)
{
    struct bridge_launch *l = parsed("\"django\":true,\"gevent\":false,\"rules\":[],\"sudo\":true,"
                                     "\"console\":\"externalTerminal\"");

    (void)state;
    assert_string_equal(l->notes, "option 'django', option 'sudo', console 'externalTerminal'");
    bridge_launch_free(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(launch_has_debugpys_defaults),
        cmocka_unit_test(launch_takes_debugpys_spellings_of_python),
        cmocka_unit_test(launch_names_wrong_fields),
        cmocka_unit_test(launch_names_what_it_leaves_out),
    };
    return cmocka_run_group_tests(tests, make_program, remove_program);
}
