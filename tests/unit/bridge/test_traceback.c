/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Where in a cell an error was raised, read off its traceback; and figures' base64.
 */
#include "bridge/error_place.h"
#include "bridge/figures.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void traceback_gives_the_innermost_line_of_the_cell(void **state)
{
    static const struct {
        const char *text, *path;
        int count, line;
    } rows[] = {
        {"  File \"/t/1.py\", line 3, in <module>\n  File \"/t/1.py\", line 7, in f\n", "/t/1.py",
         2, 7},
        {"Cell In[2], line 3\n      1 x\nCell In[2], line 1, in f()\n", "/t/1.py", 2, 1},
        {"  File \"Cell In[2]\", line 4, in g\n", "/t/1.py", 2, 4},
        {"Cell In[12], line 3\n", "", 2, 0},
        {"File /lib/x.py:3\n", "/t/1.py", 2, 0},
        {"Cell In[2], line 3\n", "", 0, 0},
        {"", "", 1, 0},
    };
    (void)state;
    for (size_t i = 0; i < CD_ARRAY_LEN(rows); i++) {
        assert_int_equal(bridge_traceback_line(rows[i].text, rows[i].path, rows[i].count),
                         rows[i].line);
    }
}

static void base64_reads_what_kernels_send(void **state)
{
    static const struct {
        const char *text, *bytes;
        bool good;
    } rows[] = {{"", "", true},        {"YQ==", "a", true},       {"YWI=", "ab", true},
                {"YWJj", "abc", true}, {"YW\nJj\n", "abc", true}, {"YWJjZA", "abcd", true},
                {"Y*==", NULL, false}, {"é", NULL, false}};
    (void)state;
    for (size_t i = 0; i < CD_ARRAY_LEN(rows); i++) {
        cd_autobuf struct cd_buf out;

        cd_buf_init(&out, 100);
        assert_int_equal(bridge_base64(rows[i].text, strlen(rows[i].text), &out), rows[i].good);
        if (rows[i].good) {
            assert_string_equal(out.data, rows[i].bytes);
        }
    }
}

static void base64_over_the_cap_is_refused(void **state)
{
    cd_autobuf struct cd_buf out;

    (void)state;
    cd_buf_init(&out, 2);
    assert_false(bridge_base64("YWJj", 4, &out));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(traceback_gives_the_innermost_line_of_the_cell),
        cmocka_unit_test(base64_reads_what_kernels_send),
        cmocka_unit_test(base64_over_the_cap_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
