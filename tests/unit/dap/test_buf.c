/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cd_buf: the cap, appends that fail leave nothing, the NUL at the end.
 */
#include "unit/dap/unit.h"

static void buf_cap_is_exact(void **state)
{
    struct cd_error err = CD_ERROR_INIT;
    struct cd_buf b;

    (void)state;
    cd_buf_init(&b, 8);
    assert_string_equal(b.data, "");
    assert_int_equal(cd_buf_append(&b, "12345678", 8, &err), CD_OK);
    assert_int_equal(cd_buf_append(&b, "9", 1, &err), CD_ERR);
    assert_int_equal(err.id, CD_E_LIMIT);
    assert_string_equal(b.data, "12345678");
    cd_buf_clear(&b);
    cd_error_clear(&err);
    assert_int_equal(cd_buf_append(&b, "123456789", 9, &err), CD_ERR);
    assert_int_equal(b.len, 0);
    assert_int_equal(cd_buf_reserve(&b, SIZE_MAX, NULL), CD_ERR);
    assert_int_equal(cd_buf_append(&b, NULL, 0, NULL), CD_OK);
    cd_buf_done(&b);
}

static void buf_appendf_over_the_cap_leaves_nothing(void **state)
{
    struct cd_error err = CD_ERROR_INIT;
    struct cd_buf b;

    (void)state;
    cd_buf_init(&b, 10);
    assert_int_equal(cd_buf_appendf(&b, &err, "%s-%d", "abc", 42), CD_OK);
    assert_string_equal(b.data, "abc-42");
    assert_int_equal(cd_buf_appendf(&b, &err, "%05d", 7), CD_ERR);
    assert_string_equal(b.data, "abc-42");
    cd_buf_done(&b);
}

static void buf_consume_drops_from_the_front(void **state)
{
    struct cd_buf b;

    (void)state;
    cd_buf_init(&b, 1000);
    assert_int_equal(cd_buf_append(&b, "abcdef", 6, NULL), CD_OK);
    cd_buf_consume(&b, 0);
    assert_string_equal(b.data, "abcdef");
    cd_buf_consume(&b, 2);
    assert_string_equal(b.data, "cdef");
    assert_int_equal(b.len, 4);
    cd_buf_consume(&b, 99);
    assert_string_equal(b.data, "");
    cd_buf_done(&b);
}

static void buf_steal_gives_the_bytes_away(void **state)
{
    struct cd_buf b;
    char *s;

    (void)state;
    cd_buf_init(&b, 1000);
    s = cd_buf_steal(&b);
    assert_string_equal(s, "");
    free(s);
    assert_int_equal(cd_buf_append(&b, "abc", 3, NULL), CD_OK);
    s = cd_buf_steal(&b);
    assert_string_equal(s, "abc");
    free(s);
    assert_int_equal(b.len, 0);
    assert_string_equal(b.data, "");
    assert_int_equal(cd_buf_append(&b, "new", 3, NULL), CD_OK);
    assert_string_equal(b.data, "new");
    cd_buf_done(&b);
    cd_buf_done(&b); /* done twice is harmless */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(buf_cap_is_exact),
        cmocka_unit_test(buf_appendf_over_the_cap_leaves_nothing),
        cmocka_unit_test(buf_consume_drops_from_the_front),
        cmocka_unit_test(buf_steal_gives_the_bytes_away),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
