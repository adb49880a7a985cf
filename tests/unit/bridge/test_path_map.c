/* SPDX-License-Identifier: BSD-3-Clause
 *
 * pathMappings: which path becomes which, both ways, and what is refused.
 */
#include "bridge/notebook/path_map.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct bridge_path_map *map_of(const char *json, const char *cwd)
{
    json_auto_t *v = NULL;
    struct bridge_path_map *m = NULL;
    struct cd_error err = CD_ERROR_INIT;

    assert_int_equal(cd_json_load(json, strlen(json), &v, NULL), CD_OK);
    if (bridge_path_map_new(v, cwd, &m, &err) != CD_OK) {
        fail_msg("%s", err.text);
    }
    return m;
}

static void assert_both_ways(const struct bridge_path_map *m, const char *local, const char *remote)
{
    cd_autofree char *there = bridge_path_to_remote(m, local);
    cd_autofree char *back = bridge_path_to_local(m, remote);

    assert_non_null(there);
    assert_non_null(back);
    assert_string_equal(there, remote);
    assert_string_equal(back, local);
}

static void the_first_folder_that_has_it_counts(void **state)
{
    struct bridge_path_map *m = map_of("[{\"localRoot\":\"/w/lib\",\"remoteRoot\":\"/opt/lib/\"},"
                                       "{\"localRoot\":\"/w/\",\"remoteRoot\":\"/app\"}]",
                                       NULL);

    (void)state;
    assert_both_ways(m, "/w/a/b.py", "/app/a/b.py");
    assert_both_ways(m, "/w/lib/x.py", "/opt/lib/x.py");
    assert_both_ways(m, "/w", "/app");
    assert_null(bridge_path_to_remote(m, "/www/a.py"));
    assert_null(bridge_path_to_local(m, "/w/a.py"));
    bridge_path_map_free(m);
    assert_null(bridge_path_to_remote(NULL, "/w"));
}

static void separators_are_those_of_the_other_side(void **state)
{
    struct bridge_path_map *m =
        map_of("[{\"localRoot\":\"/w\",\"remoteRoot\":\"C:\\\\work\\\\\"}]", NULL);

    (void)state;
    assert_both_ways(m, "/w/a/b.py", "C:\\work\\a\\b.py");
    cd_autofree char *local = bridge_path_to_local(m, "c:\\WORK\\a.py");
    assert_string_equal(local, "/w/a.py");
    bridge_path_map_free(m);
}

static void roots_may_be_the_root_or_a_dot(void **state)
{
    struct bridge_path_map *m = map_of("[{\"localRoot\":\"/w\",\"remoteRoot\":\".\"},"
                                       "{\"localRoot\":\"/\",\"remoteRoot\":\"/mnt\"}]",
                                       "/here");

    (void)state;
    assert_both_ways(m, "/w/a.py", "/here/a.py");
    assert_both_ways(m, "/x/a.py", "/mnt/x/a.py");
    json_auto_t *json = bridge_path_map_json(m);
    assert_string_equal(json_string_value(json_object_get(json_array_get(json, 0), "remoteRoot")),
                        "/here");
    assert_string_equal(json_string_value(json_object_get(json_array_get(json, 1), "localRoot")),
                        "/");
    bridge_path_map_free(m);
}

static void what_is_missing_is_named(void **state)
{
    static const struct {
        const char *json, *error;
    } rows[] = {
        {"[{\"localRoot\":\"/w\"}]", "arguments.pathMappings[0].remoteRoot"},
        {"[{\"localRoot\":\"/w\",\"remoteRoot\":3}]", "arguments.pathMappings[0].remoteRoot"},
        {"[{\"localRoot\":\"\",\"remoteRoot\":\"/x\"}]", "arguments.pathMappings[0].localRoot"},
        {"[{\"localRoot\":\"/w\",\"remoteRoot\":\".\"}]", "name it"},
    };

    (void)state;
    for (size_t i = 0; i < CD_ARRAY_LEN(rows); i++) {
        json_auto_t *v = NULL;
        struct bridge_path_map *m = NULL;
        struct cd_error err = CD_ERROR_INIT;

        assert_int_equal(cd_json_load(rows[i].json, strlen(rows[i].json), &v, NULL), CD_OK);
        assert_int_equal(bridge_path_map_new(v, NULL, &m, &err), CD_ERR);
        assert_null(m);
        assert_non_null(strstr(err.text, rows[i].error));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_folder_that_has_it_counts),
        cmocka_unit_test(separators_are_those_of_the_other_side),
        cmocka_unit_test(roots_may_be_the_root_or_a_dot),
        cmocka_unit_test(what_is_missing_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
