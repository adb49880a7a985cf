/* SPDX-License-Identifier: BSD-3-Clause
 *
 * JSON line <-> (cell, line), contracts.md §2 (a), and the scanner under it. Pure, one thread; each
 * text below is a whole notebook file.
 */
#include "bridge/notebook/json_scan.h"
#include "support/bridge/notebook_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char layout[] =
    "{\n"                                                                              /* 1 */
    " \"metadata\": {\"source\": [\"no\\n\"]},\n"                                      /* 2 */
    " \"nbformat\": 4, \"nbformat_minor\": 5,\n"                                       /* 3 */
    " \"cells\": [\n"                                                                  /* 4 */
    "  {\"cell_type\": \"markdown\", \"id\": \"m\", \"metadata\": {},\n"               /* 5 */
    "   \"attachments\": {\"source\": [\n"                                             /* 6 */
    "    \"not code\\n\"\n"                                                            /* 7 */
    "   ]},\n"                                                                         /* 8 */
    "   \"source\": [\n"                                                               /* 9 */
    "    \"# title\"\n"                                                                /* 10 */
    "   ]},\n"                                                                         /* 11 */
    "  {\"cell_type\": \"code\", \"id\": \"a\",\n"                                     /* 12 */
    "   \"metadata\": {\"source\": [\n"                                                /* 13 */
    "    \"x\\n\",\n"                                                                  /* 14 */
    "    \"y\"]},\n"                                                                   /* 15 */
    "   \"outputs\": [{\"source\": [\n"                                                /* 16 */
    "    \"z\"]}],\n"                                                                  /* 17 */
    "   \"execution_count\": null,\n"                                                  /* 18 */
    "   \"sou\\u0072ce\": [\n"                                                         /* 19 */
    "    \"s = 'a \\\\n \\\"source\\\": [ b'\\n\",\n"                                  /* 20 */
    "    \"\\n\",\n"                                                                   /* 21 */
    "\n"                                                                               /* 22 */
    "    \"\\u00e9 = '\xe2\x98\x83\\ud83d\\ude00'\\r\\n\",\n"                          /* 23 */
    "    \"form\\f\",\n"                                                               /* 24 */
    "    \"feed\\u000a\",\n"                                                           /* 25 */
    "    \"last\"\n"                                                                   /* 26 */
    "   ]},\n"                                                                         /* 27 */
    "  {\"cell_type\": \"code\", \"metadata\": {}, \"source\": [], \"outputs\": [],\n" /* 28 */
    "   \"execution_count\": null},\n"                                                 /* 29 */
    "  {\"cell_type\": \"code\", \"metadata\": {}, \"source\": \"one\\ntwo\",\n"       /* 30 */
    "   \"outputs\": [], \"execution_count\": null},\n"                                /* 31 */
    "  {\"cell_type\": \"code\", \"metadata\": {}, \"source\": [\"p\\n\", \"q\"],\n"   /* 32 */
    "   \"outputs\": [], \"execution_count\": null},\n"                                /* 33 */
    "  {\"cell_type\": \"code\", \"metadata\": {}, \"source\": [\n"                    /* 34 */
    "    \"r\\ns\\n\",\n"                                                              /* 35 */
    "    \"t\"],\n"                                                                    /* 36 */
    "   \"outputs\": [], \"execution_count\": null}\n"                                 /* 37 */
    " ]\n"                                                                             /* 38 */
    "}\n";

static void every_line_of_a_source_maps_both_ways(void **state)
{
    static const struct {
        int json, index, line;
    } rows[] = {{20, 1, 1}, {21, 1, 2}, {23, 1, 3}, {24, 1, 4}, {25, 1, 4}, {26, 1, 5}};
    struct bridge_notebook *nb = notebook_of(layout);
    (void)state;
    for (size_t i = 0; i < CD_ARRAY_LEN(rows); i++) {
        int index = -1;
        int line = -1;
        struct cd_error err = CD_ERROR_INIT;
        assert_true(bridge_notebook_from_json_line(nb, rows[i].json, &index, &line, &err));
        assert_int_equal(index, rows[i].index);
        assert_int_equal(line, rows[i].line);
        int first =
            rows[i].json == 25 ? 24 : rows[i].json; /* the line begins at its first string */
        assert_int_equal(bridge_notebook_to_json_line(nb, index, line), first);
    }
    assert_int_equal(bridge_notebook_to_json_line(nb, 1, 6), 0);
    assert_int_equal(bridge_notebook_to_json_line(nb, 1, 0), 0);
    assert_int_equal(bridge_notebook_to_json_line(nb, 2, 1), 0);
    assert_int_equal(bridge_notebook_to_json_line(nb, 99, 1), 0);
    bridge_notebook_free(nb);
}

static void columns_pass_quotes_escapes_and_wide_characters(void **state)
{
    static const struct {
        int json, line, json_column, column;
    } rows[] = {{23, 3, 6, 1}, {23, 3, 12, 2}, {23, 3, 16, 6}, {23, 3, 17, 7}, {23, 3, 29, 9},
                {20, 1, 6, 1}, {20, 1, 13, 8}, {20, 1, 15, 9}, {26, 5, 6, 1},  {26, 5, 9, 4}};
    struct bridge_notebook *nb = notebook_of(layout);
    (void)state;
    for (size_t i = 0; i < CD_ARRAY_LEN(rows); i++) {
        assert_int_equal(bridge_notebook_to_json_column(nb, 1, rows[i].line, rows[i].column),
                         rows[i].json_column);
        assert_int_equal(bridge_notebook_from_json_column(nb, rows[i].json, rows[i].json_column),
                         rows[i].column);
    }
    assert_int_equal(bridge_notebook_from_json_column(nb, 26, 1), 1); /* before the quote */
    assert_int_equal(bridge_notebook_from_json_column(nb, 26, 9999), 5);
    assert_int_equal(bridge_notebook_to_json_column(nb, 1, 5, 9999), 10);
    assert_int_equal(bridge_notebook_to_json_column(nb, 1, 99, 1), 0);
    assert_int_equal(bridge_notebook_to_json_column(nb, 1, 5, 0), 0);
    assert_int_equal(bridge_notebook_from_json_column(nb, 22, 3), 0);
    bridge_notebook_free(nb);
}

static void a_line_outside_code_says_where_it_is(void **state)
{
    static const struct {
        int json;
        const char *text;
    } rows[] = {
        {0, "in no cell"},
        {-5, "in no cell"},
        {2, "in no cell"},
        {7, "cell 0, which has no code"},
        {10, "cell 0, which has no code"},
        {14, "not in the source of a code cell"},
        {17, "not in the source of a code cell"},
        {19, "not in the source of a code cell"},
        {22, "not in the source of a code cell"},
        {28, "not in the source of a code cell"},
        {30, "the source of cell 3 is one JSON string"},
        {32, "the source of cell 4 has several strings on one line"},
        {35, "the source of cell 5 has several source lines in one string"},
        {36, "nb.ipynb#cell=5"},
        {38, "in no cell"},
        {1000000, "in no cell"},
    };
    struct bridge_notebook *nb = notebook_of(layout);
    (void)state;
    for (size_t i = 0; i < CD_ARRAY_LEN(rows); i++) {
        int index = -1;
        int line = -1;
        struct cd_error err = CD_ERROR_INIT;
        assert_false(bridge_notebook_from_json_line(nb, rows[i].json, &index, &line, &err));
        if (!strstr(err.text, rows[i].text)) {
            fail_msg("line %d: '%s' does not say '%s'", rows[i].json, err.text, rows[i].text);
        }
    }
    bridge_notebook_free(nb);
}

static void line_breaks_are_counted_as_python_does(void **state)
{
    static const struct {
        const char *source;
        int line_of_last; /* 0: no mapping */
    } rows[] = {
        {"\"a\\n\",\n\"b\"", 2},     {"\"a\\r\\n\",\n\"b\"", 2},  {"\"a\\r\",\n\"b\"", 2},
        {"\"a\\u2028\",\n\"b\"", 1}, {"\"a\\u000A\",\n\"b\"", 2}, {"\"a\\\\n\",\n\"b\"", 1},
        {"\"a\\\\\\n\",\n\"b\"", 2}, {"\"a\\r\\nb\",\n\"b\"", 0}, {"\"a\\n\\n\",\n\"b\"", 0},
        {"\"a\\n\\r\",\n\"b\"", 0},  {"\"a\\r\",\n\"\\nb\"", 0},  {"\"\",\n\"b\"", 1},
    };
    (void)state;
    for (size_t i = 0; i < CD_ARRAY_LEN(rows); i++) {
        char text[400];
        (void)snprintf(
            text, sizeof(text),
            "{\"nbformat\": 4, \"cells\": [{\"cell_type\": \"code\",\n\"source\": [\n%s]}]}",
            rows[i].source);
        struct bridge_notebook *nb = notebook_of(text);
        int index = -1;
        int line = 0;
        bool found = bridge_notebook_from_json_line(nb, 4, &index, &line, NULL);
        assert_int_equal(found ? line : 0, rows[i].line_of_last);
        bridge_notebook_free(nb);
    }
}

static void a_file_with_crlf_has_the_same_lines(void **state)
{
    static const char text[] = "{\"nbformat\": 4,\r\n \"cells\": [{\"cell_type\": \"code\",\r\n"
                               "  \"source\": [\r\n   \"a\\n\",\r\n   \"b\"\r\n  ]}]}\r\n";
    struct bridge_notebook *nb = notebook_of(text);
    (void)state;
    assert_int_equal(bridge_notebook_to_json_line(nb, 0, 1), 4);
    assert_int_equal(bridge_notebook_to_json_line(nb, 0, 2), 5);
    bridge_notebook_free(nb);
}

/* Walks the whole text: true when it is JSON. */
static bool scans(const char *text, size_t len)
{
    struct bridge_json_scan s;
    enum bridge_json_token token = BRIDGE_JSON_NUMBER;
    bridge_json_scan_init(&s, text, len);
    while (token != BRIDGE_JSON_END) {
        if (bridge_json_next(&s, &token, NULL)) {
            return false;
        }
    }
    return true;
}

static void the_scanner_takes_json_and_nothing_else(void **state)
{
    static const char *const good[] = {
        "0",   "-0.5e+3",     "\"\\u12aF\"",  "[]",  "{}", " [1, {\"a\": []}] ",
        "NaN", "[-Infinity]", "{\"\": null}", "true"};
    static const char *const bad[] = {"",
                                      " ",
                                      "01",
                                      "-",
                                      "1.",
                                      "1e",
                                      "+1",
                                      "\"",
                                      "\"\\x\"",
                                      "\"\\u12g4\"",
                                      "[",
                                      "[1,]",
                                      "[1 2]",
                                      "[,]",
                                      "{\"a\"}",
                                      "{\"a\":}",
                                      "{\"a\":1,}",
                                      "{a:1}",
                                      "{1:1}",
                                      "]",
                                      "}",
                                      "[}",
                                      "{]",
                                      "1 2",
                                      "tru",
                                      "\"a\nb\"",
                                      "{\"a\" 1}",
                                      "[1]]",
                                      "{\"a\":1 \"b\":2}"};
    (void)state;
    for (size_t i = 0; i < CD_ARRAY_LEN(good); i++) {
        if (!scans(good[i], strlen(good[i]))) {
            fail_msg("refused: %s", good[i]);
        }
    }
    for (size_t i = 0; i < CD_ARRAY_LEN(bad); i++) {
        if (scans(bad[i], strlen(bad[i]))) {
            fail_msg("taken: %s", bad[i]);
        }
    }
}

static void nesting_is_capped(void **state)
{
    char text[2 * BRIDGE_JSON_MAX_DEPTH + 2];
    (void)state;
    memset(text, '[', BRIDGE_JSON_MAX_DEPTH + 1);
    memset(text + BRIDGE_JSON_MAX_DEPTH + 1, ']', BRIDGE_JSON_MAX_DEPTH + 1);
    assert_true(scans(text + 1, 2 * BRIDGE_JSON_MAX_DEPTH));
    assert_false(scans(text, 2 * BRIDGE_JSON_MAX_DEPTH + 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_line_of_a_source_maps_both_ways),
        cmocka_unit_test(columns_pass_quotes_escapes_and_wide_characters),
        cmocka_unit_test(a_line_outside_code_says_where_it_is),
        cmocka_unit_test(line_breaks_are_counted_as_python_does),
        cmocka_unit_test(a_file_with_crlf_has_the_same_lines),
        cmocka_unit_test(the_scanner_takes_json_and_nothing_else),
        cmocka_unit_test(nesting_is_capped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
