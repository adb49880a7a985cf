/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cd_error: first wins, ids are unique, long texts are cut at a character.
 */
#include "unit/dap/unit.h"

#include <errno.h>

static const int ids[] = {
#define CD_ERROR(name, id, word) (id),
#include "dap/base/error_ids.def"
#undef CD_ERROR
};

static void error_ids_are_unique(void **state)
{
    (void)state;
    for (size_t i = 0; i < CD_ARRAY_LEN(ids); i++) {
        assert_int_not_equal(ids[i], CD_E_NONE);
        for (size_t k = 0; k < i; k++) {
            assert_int_not_equal(ids[i], ids[k]);
        }
    }
}

static void error_first_one_wins(void **state)
{
    struct cd_error err = CD_ERROR_INIT;

    (void)state;
    assert_int_equal(cd_error_set(&err, CD_E_BAD_TYPE, "first %d", 1), CD_ERR);
    assert_int_equal(cd_error_set(&err, CD_E_MISSING, "second"), CD_ERR);
    assert_int_equal(cd_oom(&err), CD_ERR);
    assert_int_equal(cd_error_errno(&err, ENOENT, "third"), CD_ERR);
    assert_int_equal(err.id, CD_E_BAD_TYPE);
    assert_string_equal(err.text, "first 1");
    cd_error_clear(&err);
    assert_int_equal(cd_error_errno(&err, ENOENT, "cannot open '%s'", "x"), CD_ERR);
    assert_int_equal(err.id, CD_E_SYSTEM);
    assert_string_equal(err.text, "cannot open 'x': No such file or directory");
    assert_int_equal(cd_error_set(NULL, CD_E_MISSING, "nobody listens"), CD_ERR);
}

static void error_prefix_goes_before_and_is_cut_at_the_end(void **state)
{
    struct cd_error err = CD_ERROR_INIT;
    char longer[600];

    (void)state;
    cd_error_set(&err, CD_E_MISSING, "missing key");
    cd_error_prefix(&err, "file '%s'", "c.json");
    assert_string_equal(err.text, "file 'c.json': missing key");
    memset(longer, 'p', sizeof(longer) - 1);
    longer[sizeof(longer) - 1] = '\0';
    cd_error_prefix(&err, "%s", longer);
    assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
    cd_error_prefix(NULL, "nobody");
}

static void error_text_is_cut_between_characters(void **state)
{
    (void)state;
    for (size_t pad = sizeof(((struct cd_error *)0)->text) - 6;
         pad < sizeof(((struct cd_error *)0)->text); pad++) {
        struct cd_error err = CD_ERROR_INIT;
        char text[sizeof(err.text) + 8];

        memset(text, 'x', pad);
        memcpy(text + pad, "\xF0\x9F\x98\x80", 5); /* one character of four bytes */
        cd_error_set(&err, CD_E_MISSING, "%s", text);
        if (pad + 4 < sizeof(err.text)) {
            assert_string_equal(err.text, text);
        } else {
            assert_int_equal(strlen(err.text), pad);
        }
    }
}

static void error_words_are_those_that_clients_branch_on(void **state)
{
    (void)state;
    assert_string_equal(cd_error_word(CD_E_NOT_STOPPED), "notStopped");
    assert_string_equal(cd_error_word(CD_E_CANCELLED), "cancelled");
    assert_null(cd_error_word(CD_E_BAD_TYPE));
    assert_null(cd_error_word(424242));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(error_ids_are_unique),
        cmocka_unit_test(error_first_one_wins),
        cmocka_unit_test(error_prefix_goes_before_and_is_cut_at_the_end),
        cmocka_unit_test(error_text_is_cut_between_characters),
        cmocka_unit_test(error_words_are_those_that_clients_branch_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
