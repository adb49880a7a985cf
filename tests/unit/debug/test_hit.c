/* SPDX-License-Identifier: BSD-3-Clause
 *
 * hitCondition: the grammar and what matches (facts: dap.md §2.6).
 */
#include "kernel/debug/hit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void hit_grammar_is_js_debugs(void **state)
{
    static const struct {
        const char *text;
        enum dbg_hit_op op;
        int64_t n;
    } GOOD[] = {
        {NULL, DBG_HIT_ALWAYS, 0},  {"", DBG_HIT_ALWAYS, 0},
        {" \t", DBG_HIT_ALWAYS, 0}, {"3", DBG_HIT_EQ, 3},
        {" 3 ", DBG_HIT_EQ, 3},     {"=3", DBG_HIT_EQ, 3},
        {"== 3", DBG_HIT_EQ, 3},    {"===3", DBG_HIT_EQ, 3},
        {">3", DBG_HIT_GT, 3},      {">= 3", DBG_HIT_GE, 3},
        {"<3", DBG_HIT_LT, 3},      {"<=3", DBG_HIT_LE, 3},
        {"% 2", DBG_HIT_MOD, 2},    {"0", DBG_HIT_EQ, 0},
        {"007", DBG_HIT_EQ, 7},     {"9223372036854775807", DBG_HIT_EQ, INT64_MAX},
    };
    (void)state;
    for (size_t i = 0; i < CD_ARRAY_LEN(GOOD); i++) {
        struct dbg_hit hit = {DBG_HIT_MOD, -1};
        struct cd_error err = CD_ERROR_INIT;
        assert_int_equal(dbg_hit_parse(GOOD[i].text, &hit, &err), CD_OK);
        assert_int_equal(hit.op, GOOD[i].op);
        assert_int_equal(hit.n, GOOD[i].n);
    }
}

static void hit_refuses_and_names_the_text(void **state)
{
    static const char *const BAD[] = {"x",     "> x",
                                      "3 x",   "-1",
                                      "== -3", "====3",
                                      "!=3",   "3.5",
                                      "% 0",   "%",
                                      ">",     "> = 3",
                                      "3 3",   "9223372036854775808",
                                      "i > 3", "99999999999999999999999999"};
    (void)state;
    for (size_t i = 0; i < CD_ARRAY_LEN(BAD); i++) {
        struct dbg_hit hit = {DBG_HIT_MOD, -1};
        struct cd_error err = CD_ERROR_INIT;
        assert_int_equal(dbg_hit_parse(BAD[i], &hit, &err), CD_ERR);
        assert_int_equal(err.id, CD_E_BAD_VALUE);
        assert_non_null(strstr(err.text, BAD[i]));
        assert_int_equal(hit.n, -1);
    }
}

static void hit_matches_by_count(void **state)
{
    static const struct {
        const char *text, *hits; /* of counts 1..6 */
    } ROWS[] = {
        {"", "111111"},     {"3", "001000"},   {"> 3", "000111"},
        {">= 3", "001111"}, {"< 3", "110000"}, {"<= 3", "111000"},
        {"% 2", "010101"},  {"0", "000000"},   {"% 1", "111111"},
    };
    (void)state;
    for (size_t i = 0; i < CD_ARRAY_LEN(ROWS); i++) {
        struct dbg_hit hit;
        struct cd_error err = CD_ERROR_INIT;
        assert_int_equal(dbg_hit_parse(ROWS[i].text, &hit, &err), CD_OK);
        for (int n = 1; n <= 6; n++) {
            assert_int_equal(dbg_hit_matches(&hit, n), ROWS[i].hits[n - 1] == '1');
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hit_grammar_is_js_debugs),
        cmocka_unit_test(hit_refuses_and_names_the_text),
        cmocka_unit_test(hit_matches_by_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
