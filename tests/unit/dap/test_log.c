/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The log: levels, one line an entry whatever is in the text, long entries cut.
 */
#include "dap/base/log.h"
#include "unit/dap/unit.h"

#include <unistd.h>

/* What one entry at level writes while the log is at limit; "" = nothing. */
static char *entry(enum cd_log_level limit, enum cd_log_level level, const char *text)
{
    char *out = calloc(1, 4096);
    int fds[2];

    assert_non_null(out);
    assert_int_equal(pipe(fds), 0);
    cd_log_init(fds[1], limit);
    cd_log(level, "dap", "%s", text);
    close(fds[1]);
    assert_true(read(fds[0], out, 4095) >= 0);
    close(fds[0]);
    return out;
}

static void log_entries_above_the_level_are_dropped(void **state)
{
    char *line = entry(CD_LOG_WARN, CD_LOG_INFO, "x");

    (void)state;
    assert_string_equal(line, "");
    assert_false(cd_log_on(CD_LOG_INFO));
    assert_true(cd_log_on(CD_LOG_ERROR));
    free(line);
    line = entry(CD_LOG_INFO, CD_LOG_INFO, "x");
    assert_non_null(strstr(line, " info dap "));
    free(line);
}

static void log_entry_is_one_line(void **state)
{
    char *line = entry(CD_LOG_INFO, CD_LOG_WARN, "a\nb\rc\x1B[1m");
    char longer[3000];

    (void)state;
    assert_non_null(strstr(line, ": a b c [1m\n"));
    assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
    free(line);
    memset(longer, 'x', sizeof(longer) - 1);
    longer[sizeof(longer) - 1] = '\0';
    line = entry(CD_LOG_INFO, CD_LOG_WARN, longer);
    assert_true(strlen(line) <= 1024);
    assert_int_equal(line[strlen(line) - 1], '\n');
    free(line);
}

static void log_levels_have_words(void **state)
{
    enum cd_log_level level = CD_LOG_WARN;

    (void)state;
    assert_true(cd_log_level_parse("trace", &level));
    assert_int_equal(level, CD_LOG_TRACE);
    assert_false(cd_log_level_parse("loud", &level));
    assert_int_equal(level, CD_LOG_TRACE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(log_entries_above_the_level_are_dropped),
        cmocka_unit_test(log_entry_is_one_line),
        cmocka_unit_test(log_levels_have_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
