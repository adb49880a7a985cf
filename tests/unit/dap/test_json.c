/* SPDX-License-Identifier: BSD-3-Clause
 *
 * JSON: getters that name their field, a dump that is right whatever the locale, a load that takes
 * what other programs write.
 */
#include "unit/dap/unit.h"

#include <locale.h>
#include <math.h>

#define OBJ                                                                                        \
    "{\"i\":5,\"r\":2.5,\"whole\":7.0,\"s\":\"text\",\"nul\":\"a\\u0000b\",\"b\":true,"            \
    "\"o\":{},\"a\":[],\"null\":null}"

static void getters_find_the_last_part_of_the_path(void **state)
{
    json_t *obj = load(OBJ), *v = NULL;
    const char *s = NULL;
    int64_t n = 0;
    bool b = false;

    (void)state;
    assert_int_equal(cd_json_int(obj, "arguments.x.i", 5, 5, &n, NULL), CD_OK);
    assert_int_equal(n, 5);
    assert_int_equal(cd_json_int(obj, "whole", 0, 10, &n, NULL), CD_OK);
    assert_int_equal(n, 7);
    assert_int_equal(cd_json_str(obj, "arguments.s", &s, NULL), CD_OK);
    assert_string_equal(s, "text");
    assert_int_equal(cd_json_bool_opt(obj, "b", &b, NULL), CD_OK);
    assert_true(b);
    assert_int_equal(cd_json_obj(obj, "o", &v, NULL), CD_OK);
    assert_ptr_equal(v, json_object_get(obj, "o"));
    assert_int_equal(cd_json_arr(obj, "a", &v, NULL), CD_OK);
    assert_ptr_equal(v, json_object_get(obj, "a"));
    json_decref(obj);
}

static void check_error(cd_result r, struct cd_error *err, int id, const char *text)
{
    assert_int_equal(r, CD_ERR);
    assert_int_equal(err->id, id);
    assert_string_equal(err->text, text);
    cd_error_clear(err);
}

static void getters_name_what_is_wrong(void **state)
{
    struct cd_error err = CD_ERROR_INIT;
    json_t *obj = load(OBJ), *v = NULL;
    const char *s = NULL;
    int64_t n = 0;
    bool b = false;

    (void)state;
    check_error(cd_json_int(obj, "arguments.s", 0, 9, &n, &err), &err, CD_E_BAD_TYPE,
                "expected integer at arguments.s");
    check_error(cd_json_int(obj, "r", 0, 9, &n, &err), &err, CD_E_BAD_TYPE,
                "expected integer at r");
    check_error(cd_json_int(obj, "i", 6, 9, &n, &err), &err, CD_E_BAD_TYPE,
                "expected integer from 6 to 9 at i");
    check_error(cd_json_int(obj, "i", 0, 4, &n, &err), &err, CD_E_BAD_TYPE,
                "expected integer from 0 to 4 at i");
    check_error(cd_json_int(obj, "a.line", 0, 4, &n, &err), &err, CD_E_MISSING,
                "missing a.line (integer)");
    check_error(cd_json_int(NULL, "a.line", 0, 4, &n, &err), &err, CD_E_MISSING,
                "missing a.line (integer)");
    check_error(cd_json_str(obj, "a.null", &s, &err), &err, CD_E_MISSING,
                "missing a.null (string)");
    check_error(cd_json_str(obj, "i", &s, &err), &err, CD_E_BAD_TYPE, "expected string at i");
    check_error(cd_json_str(obj, "nul", &s, &err), &err, CD_E_BAD_VALUE,
                "expected string without NUL at nul");
    check_error(cd_json_bool_opt(obj, "i", &b, &err), &err, CD_E_BAD_TYPE, "expected boolean at i");
    check_error(cd_json_obj(obj, "a", &v, &err), &err, CD_E_BAD_TYPE, "expected object at a");
    check_error(cd_json_obj(obj, "x", &v, &err), &err, CD_E_MISSING, "missing x (object)");
    check_error(cd_json_arr(obj, "o", &v, &err), &err, CD_E_BAD_TYPE, "expected array at o");
    check_error(cd_json_arr(obj, "x", &v, &err), &err, CD_E_MISSING, "missing x (array)");
    json_decref(obj);
}

static void optional_getters_leave_the_default(void **state)
{
    json_t *obj = load(OBJ), *v = obj;
    const char *s = "default";
    int64_t n = 42;
    bool b = true;

    (void)state;
    assert_int_equal(cd_json_int_opt(obj, "x.null", 0, 9, &n, NULL), CD_OK);
    assert_int_equal(cd_json_str_opt(NULL, "x.y", &s, NULL), CD_OK);
    assert_int_equal(cd_json_bool_opt(obj, "x.y", &b, NULL), CD_OK);
    assert_int_equal(cd_json_obj_opt(obj, "x.y", &v, NULL), CD_OK);
    assert_int_equal(cd_json_arr_opt(obj, "x.y", &v, NULL), CD_OK);
    assert_int_equal(n, 42);
    assert_string_equal(s, "default");
    assert_true(b);
    assert_ptr_equal(v, obj);
    json_decref(obj);
}

/* Texts that come out as they went in. */
static const char *const same[] = {
    "{}",
    "[]",
    "null",
    "true",
    "false",
    "0",
    "-1",
    "9223372036854775807",
    "-9223372036854775808",
    "\"\"",
    "[[],{}]",
    "{\"b\":1,\"a\":[1,2,{\"c\":null}]}",
    "0.1",
    "-0.0",
    "2.5",
    "1e+300",
    "4.94065645841247e-324",
    "1.7976931348623157e+308",
    "0.30000000000000004",
    "123456789.125",
    "\"\\\"\\\\\\b\\f\\n\\r\\t\\u0000\\u001f\x7F/\"",
    "\"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\"",
    "{\"\xC3\xA9\\n\":1}",
};

static void dump_gives_back_what_was_loaded(void **state)
{
    (void)state;
    for (size_t i = 0; i < CD_ARRAY_LEN(same); i++) {
        assert_dump(load(same[i]), same[i]);
    }
}

static void dump_and_load_do_not_depend_on_the_locale(void **state)
{
    static const char *const names[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "ps_AF", "fa_IR", "C"};

    (void)state;
    for (size_t i = 0; i < CD_ARRAY_LEN(names); i++) {
        if (setlocale(LC_ALL, names[i])) {
            assert_dump(load("[0.5,1234567.25]"), "[0.5,1234567.25]");
        }
    }
    setlocale(LC_ALL, "C");
}

static void dump_never_gives_a_byte_that_is_not_utf8(void **state)
{
    (void)state;
    assert_dump(json_stringn_nocheck("a\xFFz", 3), "\"a\xEF\xBF\xBDz\"");
    assert_dump(json_stringn_nocheck("\xC3", 1), "\"\xEF\xBF\xBD\"");
}

static const struct {
    const char *in;
    const char *out;
} repairs[] = {
    {"", ""},
    {"plain", "plain"},
    {"\xC3\xA9", "\xC3\xA9"},
    {"\xFF", "?"},
    {"\x80\x80", "??"},
    {"\xC0\xAF", "??"},      /* overlong */
    {"\xE0\x80\xAF", "???"}, /* overlong */
    {"\xED\xA0\x80", "?"},   /* lone surrogate as Python's surrogatepass writes it */
    {"\xED\xB3\xBF!", "?!"},
    {"\xF4\x90\x80\x80", "????"}, /* above U+10FFFF */
    {"\xE2\x82", "?"},            /* cut */
    {"\xE2\x82z", "?z"},
    {"\xF0\x9F\x98\x80\xF0\x9F", "\xF0\x9F\x98\x80?"},
};

static void text_is_repaired(void **state)
{
    (void)state;
    for (size_t i = 0; i < CD_ARRAY_LEN(repairs); i++) {
        json_t *v = cd_json_textz(repairs[i].in);
        struct cd_buf want;

        cd_buf_init(&want, 1000);
        for (const char *p = repairs[i].out; *p; p++) {
            assert_int_equal(*p == '?' ? cd_buf_append(&want, "\xEF\xBF\xBD", 3, NULL)
                                       : cd_buf_append(&want, p, 1, NULL),
                             CD_OK);
        }
        assert_non_null(v);
        assert_string_equal(json_string_value(v), want.data);
        assert_int_equal(json_string_length(v), want.len);
        cd_buf_done(&want);
        json_decref(v);
    }
    assert_dump(cd_json_text("a\0b", 3), "\"a\\u0000b\"");
}

static const struct {
    const char *in;
    const char *out;
} taken[] = {
    {"\"\\ud83d\\ude00\"", "\"\xF0\x9F\x98\x80\""},
    {"\"\\u00e9\\u20AC\\/\"", "\"\xC3\xA9\xE2\x82\xAC/\""},
    /* lone surrogates, both halves, also before another escape */
    {"\"a\\ud83d\"", "\"a\xEF\xBF\xBD\""},
    {"\"\\ude00b\"", "\"\xEF\xBF\xBD"
                     "b\""},
    {"\"\\ud83d\\u0041\"", "\"\xEF\xBF\xBD"
                           "A\""},
    {"\"\\ud83d\\n\"", "\"\xEF\xBF\xBD\\n\""},
    /* integers over 64 bits become reals */
    {"9223372036854775808", "9.223372036854776e+18"},
    {"-9223372036854775809", "-9.223372036854776e+18"},
    {"1000000000000000000000000000000", "1e+30"},
    {"-0", "0"},
    {"1E2", "100.0"},
    {"{\"k\\u0041\":{\"b\\n\":\"c\\n\"}}", "{\"kA\":{\"b\\n\":\"c\\n\"}}"},
};

static void load_takes_what_others_write(void **state)
{
    (void)state;
    for (size_t i = 0; i < CD_ARRAY_LEN(taken); i++) {
        assert_dump(load(taken[i].in), taken[i].out);
    }
}

static const char *const bad[] = {
    "",        " ",        "{",
    "}",       "[1,]",     "{\"a\":1,}",
    "{\"a\"}", "{a:1}",    "01",
    "1.",      ".5",       "+1",
    "-",       "1e",       "nul",
    "truex",   "\"",       "\"\\x\"",
    "\"\n\"",  "\"\xFF\"", "\"\\u12g4\"",
    "[1] 2",   "[1]]",     "1 1",
    "NaN",     "Infinity", "1e999",
    "'a'",     "[1 2]",    "{\"a\" 1}",
    "{1:2}",   "--1",      "{\"a\\u0000b\":1}",
    "[",       "[1",       "{\"a\":1",
    "\"abc",   "\"\\",     "\"\\u12",
    "tru",     "-1e400",
};

static void load_refuses_what_is_not_json(void **state)
{
    (void)state;
    for (size_t i = 0; i < CD_ARRAY_LEN(bad); i++) {
        struct cd_error err = CD_ERROR_INIT;
        json_t *v = NULL;

        if (cd_json_load(bad[i], strlen(bad[i]), &v, &err) == CD_OK) {
            fail_msg("'%s' was taken", bad[i]);
        }
        assert_null(v);
        assert_int_equal(err.id, CD_E_BAD_JSON);
        assert_non_null(strstr(err.text, "bad JSON at byte "));
    }
}

static void load_keeps_the_last_of_two_members(void **state)
{
    (void)state;
    assert_dump(load(" {\"a\":1, \"a\" : 2}\r\n\t "), "{\"a\":2}");
}

static cd_result load_nested(size_t depth, struct cd_error *reterr)
{
    char *text = malloc(2 * depth);
    json_t *v = NULL;
    cd_result r;

    assert_non_null(text);
    memset(text, '[', depth);
    memset(text + depth, ']', depth);
    r = cd_json_load(text, 2 * depth, &v, reterr);
    if (r == CD_OK) {
        struct cd_buf out;

        cd_buf_init(&out, 1u << 20);
        assert_int_equal(cd_json_dump(v, &out, NULL), CD_OK);
        assert_memory_equal(out.data, text, 2 * depth);
        cd_buf_done(&out);
    }
    json_decref(v);
    free(text);
    return r;
}

static void load_and_dump_cap_the_depth(void **state)
{
    struct cd_error err = CD_ERROR_INIT;

    (void)state;
    assert_int_equal(load_nested(2048, &err), CD_OK);
    assert_int_equal(load_nested(2049, &err), CD_ERR);
    assert_int_equal(err.id, CD_E_BAD_JSON);
}

static void dump_over_the_cap_leaves_the_buffer_as_it_was(void **state)
{
    struct cd_error err = CD_ERROR_INIT;
    json_t *v = load("[1,2,3,\"abcdefgh\"]");
    struct cd_buf out;

    (void)state;
    cd_buf_init(&out, 10);
    assert_int_equal(cd_buf_append(&out, "ab", 2, NULL), CD_OK);
    assert_int_equal(cd_json_dump(v, &out, &err), CD_ERR);
    assert_int_equal(err.id, CD_E_LIMIT);
    assert_string_equal(out.data, "ab");
    assert_int_equal(cd_json_dump(NULL, &out, NULL), CD_ERR);
    cd_buf_done(&out);
    json_decref(v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(getters_find_the_last_part_of_the_path),
        cmocka_unit_test(getters_name_what_is_wrong),
        cmocka_unit_test(optional_getters_leave_the_default),
        cmocka_unit_test(dump_gives_back_what_was_loaded),
        cmocka_unit_test(dump_and_load_do_not_depend_on_the_locale),
        cmocka_unit_test(dump_never_gives_a_byte_that_is_not_utf8),
        cmocka_unit_test(text_is_repaired),
        cmocka_unit_test(load_takes_what_others_write),
        cmocka_unit_test(load_refuses_what_is_not_json),
        cmocka_unit_test(load_keeps_the_last_of_two_members),
        cmocka_unit_test(load_and_dump_cap_the_depth),
        cmocka_unit_test(dump_over_the_cap_leaves_the_buffer_as_it_was),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
