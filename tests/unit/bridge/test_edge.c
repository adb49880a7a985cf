/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What is changed between client and bridge: lines, columns, escape sequences.
 */
#include "bridge/edge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static json_t *shifted(const char *text, int lines, int columns)
{
    json_t *v = NULL;

    assert_int_equal(cd_json_load(text, strlen(text), &v, NULL), CD_OK);
    bridge_edge_shift(v, lines, columns);
    return v;
}

static void assert_shift(const char *text, int lines, int columns, const char *wanted)
{
    json_auto_t *v = shifted(text, lines, columns);
    json_auto_t *w = shifted(wanted, 0, 0);

    if (!json_equal(v, w)) {
        fail_msg("%s", json_dumps(v, JSON_COMPACT));
    }
}

static void edge_shifts_lines_at_any_depth(void **state)
{
    (void)state;
    assert_shift("{\"breakpoints\":[{\"line\":0,\"column\":3}],\"endLine\":7}", 1, 0,
                 "{\"breakpoints\":[{\"line\":1,\"column\":3}],\"endLine\":8}");
    assert_shift("{\"a\":{\"column\":1,\"endColumn\":2,\"line\":5}}", 0, -1,
                 "{\"a\":{\"column\":0,\"endColumn\":1,\"line\":5}}");
}

static void edge_shifts_the_old_list_of_lines(void **state)
{
    (void)state;
    assert_shift("{\"lines\":[0,4,\"x\"]}", 1, 1, "{\"lines\":[1,5,\"x\"]}");
}

static void edge_leaves_what_is_no_line(void **state)
{
    (void)state;
    assert_shift("{\"line\":\"x\",\"online\":3,\"start\":1,\"id\":0}", 1, 1,
                 "{\"line\":\"x\",\"online\":3,\"start\":1,\"id\":0}");
    /* 0 of a frame without a source means nothing and must not become -1 */
    assert_shift("{\"line\":0,\"column\":0}", -1, -1, "{\"line\":0,\"column\":0}");
}

static void edge_strips_escape_sequences(void **state)
{
    static const struct {
        const char *from, *to;
    } rows[] = {{"plain", "plain"},
                {"\x1b[31mred\x1b[0m", "red"},
                {"\x1b[1;38;5;9mx\x1b[K", "x"},
                {"a\x1b]0;title\a!", "a!"},
                {"a\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "alink"},
                {"\x1b(x", "x"},
                {"cut\x1b[3", "cut"},
                {"cut\x1b", "cut"},
                {"", ""}};
    (void)state;
    for (size_t i = 0; i < CD_ARRAY_LEN(rows); i++) {
        char text[80];

        (void)snprintf(text, sizeof text, "%s", rows[i].from);
        assert_int_equal(bridge_strip_ansi(text, strlen(text)), strlen(rows[i].to));
        assert_string_equal(text, rows[i].to);
    }
}

static void edge_strips_a_member(void **state)
{
    json_auto_t *v = json_pack("{s:s, s:i}", "output", "\x1b[1mé\x1b[0m", "n", 1);

    (void)state;
    bridge_edge_strip_ansi(v, "output");
    bridge_edge_strip_ansi(v, "n");
    bridge_edge_strip_ansi(v, "missing");
    assert_string_equal(json_string_value(json_object_get(v, "output")), "é");
    assert_int_equal(json_integer_value(json_object_get(v, "n")), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(edge_shifts_lines_at_any_depth),
        cmocka_unit_test(edge_shifts_the_old_list_of_lines),
        cmocka_unit_test(edge_leaves_what_is_no_line),
        cmocka_unit_test(edge_strips_escape_sequences),
        cmocka_unit_test(edge_strips_a_member),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
