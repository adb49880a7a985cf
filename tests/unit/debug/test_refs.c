/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The path table behind frameId and variablesReference: same path, same number; nothing reused.
 */
#include "kernel/debug/refs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static void same_path_has_the_same_number(void **state)
{
    (void)state;
    struct dbg_refs *r = dbg_refs_new(100);
    int thread = dbg_refs_number(r, 0, 'T', "1", 1);
    int frame = dbg_refs_number(r, thread, 'F', "a.py:1:f", 8);
    assert_true(thread > 0 && frame > 0 && frame != thread);
    assert_int_equal(dbg_refs_number(r, thread, 'F', "a.py:1:f", 8), frame);
    assert_int_equal(dbg_refs_number(r, 0, 'T', "1", 1), thread);
    assert_int_equal(dbg_refs_count(r), 2);
    dbg_refs_free(r);
}

static void kind_key_and_parent_tell_paths_apart(void **state)
{
    (void)state;
    struct dbg_refs *r = dbg_refs_new(100);
    int root = dbg_refs_number(r, 0, 'T', "1", 1);
    int a = dbg_refs_number(r, root, 'a', "x", 1);
    assert_int_not_equal(dbg_refs_number(r, root, 'i', "x", 1), a);
    assert_int_not_equal(dbg_refs_number(r, root, 'a', "y", 1), a);
    assert_int_not_equal(dbg_refs_number(r, a, 'a', "x", 1), a);
    assert_int_not_equal(dbg_refs_number(r, root, 'a', "x\0y", 3), a);
    assert_int_not_equal(dbg_refs_number(r, root, 'a', "", 0), a);
    dbg_refs_free(r);
}

static void a_number_gives_its_step_back(void **state)
{
    (void)state;
    struct dbg_refs *r = dbg_refs_new(100);
    int root = dbg_refs_number(r, 0, 'T', "1", 1);
    int a = dbg_refs_number(r, root, 'a', "na\0me", 5);
    struct dbg_ref got;
    assert_true(dbg_refs_get(r, a, &got));
    assert_int_equal(got.parent, root);
    assert_int_equal(got.kind, 'a');
    assert_int_equal(got.len, 5);
    assert_memory_equal(got.key, "na\0me", 6);
    assert_false(dbg_refs_get(r, 0, &got));
    assert_false(dbg_refs_get(r, -1, &got));
    assert_false(dbg_refs_get(r, a + 1, &got));
    assert_false(dbg_refs_get(r, INT32_MAX, &got));
    dbg_refs_free(r);
}

static void cleared_numbers_are_unknown_and_not_reused(void **state)
{
    (void)state;
    struct dbg_refs *r = dbg_refs_new(100);
    int old = dbg_refs_number(r, 0, 'T', "1", 1);
    dbg_refs_clear(r);
    struct dbg_ref got;
    assert_false(dbg_refs_get(r, old, &got));
    assert_int_equal(dbg_refs_number(r, old, 'F', "f", 1), 0);
    assert_true(dbg_refs_number(r, 0, 'T', "1", 1) > old);
    dbg_refs_free(r);
}

static void full_table_gives_zero_and_keeps_what_it_has(void **state)
{
    (void)state;
    struct dbg_refs *r = dbg_refs_new(2);
    int a = dbg_refs_number(r, 0, 'T', "1", 1);
    assert_true(dbg_refs_number(r, 0, 'T', "2", 1) > 0);
    assert_int_equal(dbg_refs_number(r, 0, 'T', "3", 1), 0);
    assert_int_equal(dbg_refs_number(r, 0, 'T', "1", 1), a);
    dbg_refs_free(r);
}

static void many_paths_are_all_found_again(void **state)
{
    (void)state;
    struct dbg_refs *r = dbg_refs_new(100000);
    int parent = 0;
    for (int i = 0; i < 20000; i++) {
        char key[32];
        int len = snprintf(key, sizeof(key), "k%d", i % 7);
        int n = dbg_refs_number(r, parent, 'F', key, (size_t)len);
        assert_int_equal(n, i + 1);
        parent = n;
    }
    parent = 0;
    for (int i = 0; i < 20000; i++) {
        char key[32];
        int len = snprintf(key, sizeof(key), "k%d", i % 7);
        parent = dbg_refs_number(r, parent, 'F', key, (size_t)len);
        assert_int_equal(parent, i + 1);
    }
    dbg_refs_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_path_has_the_same_number),
        cmocka_unit_test(kind_key_and_parent_tell_paths_apart),
        cmocka_unit_test(a_number_gives_its_step_back),
        cmocka_unit_test(cleared_numbers_are_unknown_and_not_reused),
        cmocka_unit_test(full_table_gives_zero_and_keeps_what_it_has),
        cmocka_unit_test(many_paths_are_all_found_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
