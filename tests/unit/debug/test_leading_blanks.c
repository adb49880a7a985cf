/* SPDX-License-Identifier: BSD-3-Clause
 *
 * vscode-jupyter counts the lines of a cell without the blank ones at its top; nobody else does.
 */
#include "support/debug/fake_engine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define CONTROL DBG_CLIENT_CONTROL
#define VSCODE  "{'clientID':'vscode','adapterID':'Python Kernel Debug Adapter'}"
#define LAB     "{'clientID':'jupyterlab','adapterID':'celldap'}"

static char folder[] = "/tmp/celldap-blanks-XXXXXX";

static struct fake *client(const char *who)
{
    char prefix[200];
    snprintf(prefix, sizeof prefix, "%s/", folder);
    struct fake *f = fake_new_at(prefix);
    fake_sends(f, CONTROL, "initialize", who);
    fake_sends(f, CONTROL, "attach", NULL);
    return f;
}

/* The path of the dumped cell. */
static char *dump(struct fake *f, const char *code)
{
    size_t n = fake_send(f, CONTROL, "dumpCell", json_pack("{s:s}", "code", code));
    fake_run(f, FAKE_ARM);
    char *path = strdup(json_string_value(json_object_get(fake_body(f, n), "sourcePath")));
    assert_int_equal(unlink(path), 0);
    return path;
}

/* A breakpoint at this line of the cell: what the engine gets, and what the client hears of it. */
static void check_line(struct fake *f, const char *path, int sent, int engine, int answered)
{
    size_t n = fake_send(
        f, CONTROL, "setBreakpoints",
        json_pack("{s:{s:s}, s:[{s:i}]}", "source", "path", path, "breakpoints", "line", sent));
    fake_run(f, FAKE_ARM);
    assert_int_equal(f->bp_count, 1);
    assert_int_equal(f->bps[0].line_1based, engine);
    const json_t *b = json_array_get(json_object_get(fake_body(f, n), "breakpoints"), 0);
    assert_int_equal(json_integer_value(json_object_get(b, "line")), answered);
}

static void lines_of_this_client_are_moved(void **state)
{
    (void)state;
    static const struct {
        const char *code;
        int blanks;
    } rows[] = {{"x = 1\ny = 2\nz = 3\n", 0},
                {"\nx = 1\ny = 2\n", 1},
                {"\n  \t\n\r\n  x = 1\n", 3},
                {"\n\n\n", 0},
                {"", 0}};
    for (size_t i = 0; i < CD_ARRAY_LEN(rows); i++) {
        struct fake *f = client(VSCODE);
        char *path = dump(f, rows[i].code);
        check_line(f, path, 1, 1 + rows[i].blanks, 1);
        check_line(f, path, 7, 7 + rows[i].blanks, 7);
        check_line(f, "/a.py", 7, 7, 7);
        free(path);
        fake_free(f);
    }
}

static void other_clients_count_every_line(void **state)
{
    (void)state;
    struct fake *f = client(LAB);
    char *path = dump(f, "\n\nx = 1\n");
    check_line(f, path, 3, 3, 3);
    // the control channel is many front ends: the one that initialized last counts
    fake_sends(f, CONTROL, "initialize", VSCODE);
    check_line(f, path, 1, 3, 1);
    fake_sends(f, CONTROL, "disconnect", NULL);
    fake_run(f, FAKE_ARM);
    fake_sends(f, CONTROL, "initialize", LAB);
    fake_sends(f, CONTROL, "attach", NULL);
    check_line(f, path, 3, 3, 3);
    free(path);
    fake_free(f);
}

static void older_lines_are_moved_too(void **state)
{
    (void)state;
    struct fake *f = client(VSCODE);
    char *path = dump(f, "\n\nx = 1\n");
    fake_send(f, CONTROL, "setBreakpoints",
              json_pack("{s:{s:s}, s:[i,i]}", "source", "path", path, "lines", 1, 4));
    fake_run(f, FAKE_ARM);
    assert_int_equal(f->bp_count, 2);
    assert_int_equal(f->bps[0].line_1based, 3);
    assert_int_equal(f->bps[1].line_1based, 6);
    free(path);
    fake_free(f);
}

static void odd_lines_are_refused_as_ever(void **state)
{
    (void)state;
    static const char *const lines[] = {"{\"line\":2147483647}", "{\"line\":9223372036854775807}",
                                        "{\"line\":\"x\"}", "7", "null"};
    struct fake *f = client(VSCODE);
    char *path = dump(f, "\nx = 1\n");
    for (size_t i = 0; i < CD_ARRAY_LEN(lines); i++) {
        json_t *item = json_loads(lines[i], JSON_DECODE_ANY, NULL);
        size_t n =
            fake_send(f, CONTROL, "setBreakpoints",
                      json_pack("{s:{s:s}, s:[o]}", "source", "path", path, "breakpoints", item));
        fake_run(f, FAKE_ARM);
        assert_true(fake_success(f, n) == (i == 0));
    }
    free(path);
    fake_free(f);
}

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_of_this_client_are_moved),
        cmocka_unit_test(other_clients_count_every_line),
        cmocka_unit_test(older_lines_are_moved_too),
        cmocka_unit_test(odd_lines_are_refused_as_ever),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
