/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Jupyter's folders for environments of all kinds: each row sets variables and names the folders in
 * the order that jupyter_core gives.
 */
#include "bridge/jupyter_paths.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const char *const names[] = {
    "JUPYTER_PATH",      "JUPYTER_DATA_DIR",        "XDG_DATA_HOME", "HOME",          "VIRTUAL_ENV",
    "CONDA_DEFAULT_ENV", "JUPYTER_PREFER_ENV_PATH", "CONDA_PREFIX",  "PYTHONUSERBASE"};

static void with(const char *const *env)
{
    for (size_t i = 0; i < CD_ARRAY_LEN(names); i++) {
        unsetenv(names[i]);
    }
    for (; *env; env += 2) {
        setenv(env[0], env[1], 1);
    }
}

static char *folders(void)
{
    struct bridge_strings dirs = {0};
    struct cd_buf text;
    cd_buf_init(&text, 10000);
    assert_int_equal(bridge_jupyter_folders(&dirs, NULL), CD_OK);
    for (size_t i = 0; i < dirs.count; i++) {
        assert_int_equal(cd_buf_appendf(&text, NULL, "%s%s", i ? " " : "", dirs.v[i]), CD_OK);
    }
    bridge_strings_done(&dirs);
    return cd_buf_steal(&text);
}

#define SYSTEM "/usr/local/share/jupyter /usr/share/jupyter"
#define USER   "/h/.local/share/jupyter"

static void test_order(void **state)
{
    static const struct {
        const char *env[9];
        const char *want;
    } rows[] = {
        {{"HOME", "/h", NULL}, USER " " SYSTEM},
        {{"HOME", "/h", "JUPYTER_PATH", "/a:/b/::/a", NULL}, "/a /b " USER " " SYSTEM},
        {{"HOME", "/h", "JUPYTER_DATA_DIR", "/d", NULL}, "/d " USER " " SYSTEM},
        {{"HOME", "/h", "XDG_DATA_HOME", "/x", NULL}, "/x/jupyter " USER " " SYSTEM},
        {{"HOME", "/h", "PYTHONUSERBASE", "/p", NULL}, USER " /p/share/jupyter " SYSTEM},
        {{NULL}, SYSTEM},
        /* not there, so not the user's own: after the user's */
        {{"HOME", "/h", "VIRTUAL_ENV", "/no/such", NULL}, USER " /no/such/share/jupyter " SYSTEM},
        {{"HOME", "/h", "VIRTUAL_ENV", "/v", "JUPYTER_PREFER_ENV_PATH", "1", NULL},
         "/v/share/jupyter " USER " " SYSTEM},
        {{"HOME", "/h", "VIRTUAL_ENV", "/v", "JUPYTER_PREFER_ENV_PATH", "No", NULL},
         USER " /v/share/jupyter " SYSTEM},
        {{"HOME", "/h", "CONDA_PREFIX", "/tmp", "CONDA_DEFAULT_ENV", "base", NULL},
         USER " /tmp/share/jupyter " SYSTEM},
        {{"HOME", "/h", "CONDA_PREFIX", "/usr", NULL},
         USER " /usr/share/jupyter /usr/local/share/jupyter"},
    };
    (void)state;
    for (size_t i = 0; i < CD_ARRAY_LEN(rows); i++) {
        with(rows[i].env);
        char *got = folders();
        assert_string_equal(got, rows[i].want);
        free(got);
    }
}

static void test_owned_environment_first(void **state)
{
    char folder[] = "/tmp/celldap-paths-XXXXXX", want[200];
    (void)state;
    assert_non_null(mkdtemp(folder));
    const char *const env[] = {"HOME", "/h", "VIRTUAL_ENV", folder, NULL};
    with(env);
    char *got = folders();
    (void)snprintf(want, sizeof want, "%s/share/jupyter " USER " " SYSTEM, folder);
    assert_string_equal(got, want);
    free(got);
    assert_int_equal(rmdir(folder), 0);
}

static void test_runtime(void **state)
{
    const char *const home[] = {"HOME", "/h", NULL}, *const none[] = {NULL};
    char *got = NULL;
    struct cd_error err = CD_ERROR_INIT;
    (void)state;
    with(home);
    unsetenv("JUPYTER_RUNTIME_DIR");
    assert_int_equal(bridge_jupyter_runtime_folder(&got, NULL), CD_OK);
    assert_string_equal(got, USER "/runtime");
    free(got);
    setenv("JUPYTER_RUNTIME_DIR", "/r", 1);
    assert_int_equal(bridge_jupyter_runtime_folder(&got, NULL), CD_OK);
    assert_string_equal(got, "/r");
    free(got);
    unsetenv("JUPYTER_RUNTIME_DIR");
    with(none);
    assert_int_equal(bridge_jupyter_runtime_folder(&got, &err), CD_ERR);
    assert_non_null(strstr(err.text, "JUPYTER_DATA_DIR"));
}

static void test_names(void **state)
{
    static const char *const good[] = {"python3", "a", "Python-3.13_x", "9"};
    static const char *const bad[] = {"", ".", "..", ".hidden", "a/b", "a b", "é", "a\n"};
    (void)state;
    for (size_t i = 0; i < CD_ARRAY_LEN(good); i++) {
        assert_true(bridge_kernel_name_good(good[i]));
    }
    for (size_t i = 0; i < CD_ARRAY_LEN(bad); i++) {
        assert_false(bridge_kernel_name_good(bad[i]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_owned_environment_first),
        cmocka_unit_test(test_runtime),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
