/* SPDX-License-Identifier: BSD-3-Clause
 *
 * dotenv files: what a line may be, and which line is wrong.
 */
#include "bridge/env_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void lines_are_read(void **state)
{
    static const struct {
        const char *text, *json;
    } rows[] = {
        {"", "{}"},
        {"# remark\n\n  A=1\r\nB = two words \n", "{\"A\":\"1\",\"B\":\"two words\"}"},
        {"export A=1\nexporter=2", "{\"A\":\"1\",\"exporter\":\"2\"}"},
        {"A=\nB=''\nC=\"\"", "{\"A\":\"\",\"B\":\"\",\"C\":\"\"}"},
        {"A=x # remark\nB=x#y\nC='x # y' # z", "{\"A\":\"x\",\"B\":\"x#y\",\"C\":\"x # y\"}"},
        {"A='$HOME\\n ${X}'\nB=\"1\\n2\\\"\\$\\q\"",
         "{\"A\":\"$HOME\\\\n ${X}\",\"B\":\"1\\n2\\\"$\\\\q\"}"},
        {"A=\"1\n2\"\nB=3", "{\"A\":\"1\\n2\",\"B\":\"3\"}"},
        {"A=1\nB=${A}${CELLDAP_T}-${NOT_THERE}-$A-${", "{\"A\":\"1\",\"B\":\"1t--$A-${\"}"},
        {"A=1\nA=2", "{\"A\":\"2\"}"},
        {"A=$", "{\"A\":\"$\"}"},
    };

    (void)state;
    assert_int_equal(setenv("CELLDAP_T", "t", 1), 0);
    for (size_t i = 0; i < CD_ARRAY_LEN(rows); i++) {
        json_auto_t *env = NULL, *wanted = NULL;
        struct cd_error err = CD_ERROR_INIT;

        if (bridge_env_read(rows[i].text, &env, &err) != CD_OK) {
            fail_msg("%s: %s", rows[i].text, err.text);
        }
        assert_int_equal(cd_json_load(rows[i].json, strlen(rows[i].json), &wanted, NULL), CD_OK);
        if (!json_equal(env, wanted)) {
            cd_autofree char *text = json_dumps(env, 0);
            fail_msg("%s gives %s", rows[i].text, text);
        }
    }
}

static void the_wrong_line_is_named(void **state)
{
    static const struct {
        const char *text, *error;
    } rows[] = {
        {"A=1\nnonsense\n", "line 2: expected NAME=value"},
        {"=1", "line 1: expected NAME=value"},
        {"\nA=\"1\n\n", "line 2: a quote is not closed"},
        {"A='1' x", "line 1: there is text after a quote"},
        {"A=\"1\n2\"\nB", "line 3: expected NAME=value"},
        {"A=\xff", "line 1: the value is not UTF-8"},
    };

    (void)state;
    for (size_t i = 0; i < CD_ARRAY_LEN(rows); i++) {
        json_t *env = NULL;
        struct cd_error err = CD_ERROR_INIT;

        assert_int_equal(bridge_env_read(rows[i].text, &env, &err), CD_ERR);
        assert_null(env);
        assert_string_equal(err.text, rows[i].error);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_read),
        cmocka_unit_test(the_wrong_line_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
