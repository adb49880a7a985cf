/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Percent scripts: where cells begin, which magics become active, and lines both ways.
 */
#include "bridge/notebook/percent.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct bridge_percent read_text(const char *text)
{
    struct bridge_percent p;
    struct cd_error err = CD_ERROR_INIT;

    if (bridge_percent_read(text, strlen(text), &p, &err) != CD_OK) {
        fail_msg("%s", err.text);
    }
    return p;
}

static void assert_sources(const char *text, const char *const *sources, int count)
{
    struct bridge_percent p = read_text(text);

    assert_int_equal(p.count, count);
    for (int i = 0; i < count; i++) {
        assert_string_equal(p.cells[i].source, sources[i]);
        assert_int_equal(p.cells[i].source_len, strlen(sources[i]));
    }
    bridge_percent_done(&p);
}

#define ASSERT_SOURCES(text, ...)                                                                  \
    assert_sources(text, (const char *const[]){__VA_ARGS__},                                       \
                   (int)(sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *)))

static void text_before_the_first_mark_is_cell_0(void **state)
{
    (void)state;
    ASSERT_SOURCES("a = 1\n\n# %%\nb = 2\n#%%\nc = 3", "a = 1", "b = 2", "c = 3");
    ASSERT_SOURCES("# %%\nb = 2\n", "", "b = 2");
    ASSERT_SOURCES("", "");
    ASSERT_SOURCES("no marks\n", "no marks");
}

static void a_mark_needs_a_blank_or_a_bracket(void **state)
{
    (void)state;
    ASSERT_SOURCES("# %% title\n1\n# %%[md]\n# x\n#  %%%\n2\n", "", "1", "# x", "2");
    ASSERT_SOURCES("# %%time\nx = 1\n", "%%time\nx = 1");
    ASSERT_SOURCES("x = 1 # %%\n  # %%\ny = 2\n", "x = 1 # %%\n  # %%\ny = 2");
}

static void no_mark_inside_of_a_string(void **state)
{
    (void)state;
    ASSERT_SOURCES("s = '''\n# %%\n# !ls\n'''\n# %%\n1\n", "s = '''\n# %%\n# !ls\n'''", "1");
    ASSERT_SOURCES("s = 'it\\'s' # '''\n# %%\n1\n", "s = 'it\\'s' # '''", "1");
    ASSERT_SOURCES("s = \"\"\"a\\\"\"\"\"\n# %%\n1\n", "s = \"\"\"a\\\"\"\"\"", "1");
}

static void commented_magics_become_active(void **state)
{
    (void)state;
    ASSERT_SOURCES("# %matplotlib inline\nx = 1\n", "%matplotlib inline\nx = 1");
    ASSERT_SOURCES("#!pip list\n#%who\n", "#!pip list\n%who"); /* a shebang is in line 1 only */
    ASSERT_SOURCES("# %%\n#!%who\n# !./run.sh\n", "", "%who\n!./run.sh");
    ASSERT_SOURCES("if x:\n    # %time f()\n    pass\n", "if x:\n    %time f()\n    pass");
    ASSERT_SOURCES("# files = !ls\n# t = %sql\n", "files = !ls\nt = %sql");
}

static void comments_stay_comments(void **state)
{
    (void)state;
    ASSERT_SOURCES("# 50 % of it\n# !\n# %\n# ! Beware\n", "# 50 % of it\n# !\n# %\n# ! Beware");
    ASSERT_SOURCES("#!/usr/bin/python\nx = 1\n", "#!/usr/bin/python\nx = 1");
    ASSERT_SOURCES("f(1,\n  # %a\n  2)\n", "f(1,\n  # %a\n  2)");
    ASSERT_SOURCES("x = 1 + \\\n# %a\n", "x = 1 + \\\n# %a");
}

static void a_commented_cell_magic_takes_its_cell_along(void **state)
{
    (void)state;
    ASSERT_SOURCES("# %%\n# %%bash\n# ls\n#\n# # rem\n", "", "%%bash\nls\n\n# rem");
    ASSERT_SOURCES("# %%\n# %%time\nf()\n# said\n", "", "%%time\nf()\n# said");
}

static void types_and_tags_are_read(void **state)
{
    struct bridge_percent p = read_text(
        "# %% [markdown]\n# # Head\n# %% a title [raw]\nx\n"
        "# %% tags=[\"skip-execution\", \"other\"]\n1/0\n# %% tags=[\"raises-exception\"]\n"
        "1/0\n# %% tags=[broken\n1\n");

    (void)state;
    assert_int_equal(p.count, 6);
    assert_int_equal(p.cells[1].type, BRIDGE_CELL_MARKDOWN);
    assert_int_equal(p.cells[2].type, BRIDGE_CELL_RAW);
    assert_int_equal(p.cells[3].type, BRIDGE_CELL_CODE);
    assert_true(p.cells[3].skip_execution && !p.cells[3].raises_exception);
    assert_true(p.cells[4].raises_exception && !p.cells[4].skip_execution);
    assert_false(p.cells[5].raises_exception || p.cells[5].skip_execution);
    assert_string_equal(p.cells[2].source, "x");
    bridge_percent_done(&p);
}

static void lines_are_the_files(void **state)
{
    struct bridge_percent p = read_text("a\nb\n# %% [md]\n# text\n# %%\r\n\r\nc\r\nd\n\n");
    struct cd_error err = CD_ERROR_INIT;
    int index = -1, line = -1;

    (void)state;
    assert_true(bridge_percent_from_line(&p, "x.py", 2, &index, &line, &err));
    assert_true(index == 0 && line == 2);
    assert_true(bridge_percent_from_line(&p, "x.py", 8, &index, &line, &err));
    assert_true(index == 2 && line == 3);
    assert_string_equal(p.cells[2].source, "\nc\nd");
    assert_int_equal(bridge_percent_to_line(&p, 2, 3), 8);
    assert_int_equal(bridge_percent_to_line(&p, 0, 2), 2);
    assert_int_equal(bridge_percent_to_line(&p, 2, 5), 0);
    assert_int_equal(bridge_percent_to_line(&p, 3, 1), 0);
    assert_false(bridge_percent_from_line(&p, "x.py", 5, &index, &line, &err));
    assert_string_equal(err.text, "line 5 of 'x.py' begins a cell and has no code");
    err = (struct cd_error)CD_ERROR_INIT;
    assert_false(bridge_percent_from_line(&p, "x.py", 4, &index, &line, &err));
    assert_string_equal(err.text, "line 4 of 'x.py' is in a cell without code");
    err = (struct cd_error)CD_ERROR_INIT;
    assert_false(bridge_percent_from_line(&p, "x.py", 10, &index, &line, &err));
    assert_string_equal(err.text, "'x.py' has no line 10");
    assert_false(bridge_percent_from_line(&p, "x.py", 0, &index, &line, NULL));
    bridge_percent_done(&p);
}

static void what_is_no_text_is_refused(void **state)
{
    struct bridge_percent p;
    struct cd_error err = CD_ERROR_INIT;

    (void)state;
    assert_int_equal(bridge_percent_read("a\n\xff\n", 4, &p, &err), CD_ERR);
    assert_string_equal(err.text, "line 2: is not UTF-8");
    err = (struct cd_error)CD_ERROR_INIT;
    assert_int_equal(bridge_percent_read("a\0b", 3, &p, &err), CD_ERR);
    assert_string_equal(err.text, "line 1: null character");
    ASSERT_SOURCES("\xef\xbb\xbf# %%\n1\n", "", "1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_before_the_first_mark_is_cell_0),
        cmocka_unit_test(a_mark_needs_a_blank_or_a_bracket),
        cmocka_unit_test(no_mark_inside_of_a_string),
        cmocka_unit_test(commented_magics_become_active),
        cmocka_unit_test(comments_stay_comments),
        cmocka_unit_test(a_commented_cell_magic_takes_its_cell_along),
        cmocka_unit_test(types_and_tags_are_read),
        cmocka_unit_test(lines_are_the_files),
        cmocka_unit_test(what_is_no_text_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
