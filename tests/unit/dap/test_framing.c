/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Framing: any chunking gives the same bodies; limits, bad headers and ends of input are named.
 */
#include "dap/base/limits.h"
#include "dap/framing.h"
#include "unit/dap/unit.h"

#define CL "Content-Length: "

/* Feeds text in two pieces; the bodies joined by '|', then "!id" of the error, or "$" at a clean
 * end, "%" at an end inside a message. */
static char *run(enum dap_framing_mode mode, const char *text, size_t len, size_t split)
{
    struct dap_framing *f = dap_framing_new(mode);
    struct cd_error err = CD_ERROR_INIT;
    const size_t from[] = {0, split}, to[] = {split, len};
    const char *body;
    struct cd_buf out;
    size_t n;
    int r = 0;

    assert_non_null(f);
    cd_buf_init(&out, 1u << 20);
    for (int part = 0; part < 2 && r >= 0; part++) {
        assert_int_equal(dap_framing_feed(f, text + from[part], to[part] - from[part], &err),
                         CD_OK);
        while ((r = dap_framing_next(f, &body, &n, &err)) == 1) {
            assert_int_equal(cd_buf_append(&out, body, n, NULL), CD_OK);
            assert_int_equal(cd_buf_append(&out, "|", 1, NULL), CD_OK);
        }
    }
    if (r < 0) {
        struct cd_error again = CD_ERROR_INIT;

        assert_int_equal(dap_framing_next(f, &body, &n, &again), -1);
        assert_int_equal(again.id, err.id);
        assert_int_equal(dap_framing_feed(f, CL "2\r\n\r\n{}", 21, NULL), CD_ERR);
        assert_int_equal(dap_framing_eof(f, NULL), CD_ERR);
        assert_int_equal(cd_buf_appendf(&out, NULL, "!%d", err.id), CD_OK);
    } else {
        assert_int_equal(cd_buf_append(&out, dap_framing_eof(f, NULL) < 0 ? "%" : "$", 1, NULL),
                         CD_OK);
    }
    dap_framing_free(f);
    return cd_buf_steal(&out);
}

static void check(enum dap_framing_mode mode, const char *text, const char *want)
{
    size_t len = strlen(text);

    for (size_t split = 0; split <= len; split++) {
        char *got = run(mode, text, len, split);

        if (strcmp(got, want) != 0) {
            fail_msg("split at %zu of '%s': '%s' instead of '%s'", split, text, got, want);
        }
        free(got);
    }
}

struct example {
    const char *text;
    const char *want;
};

static const struct example stdio[] = {
    {"", "$"},
    {CL "2\r\n\r\n{}", "{}|$"},
    {CL "2\r\n\r\n{}" CL "3\r\n\r\n[1]Content-Length:4\r\n\r\ntrue", "{}|[1]|true|$"},
    {"content-LENGTH: 2\r\n\r\n{}", "{}|$"},
    {"Content-Length:\t 2 \t\r\n\r\n{}", "{}|$"},
    {"Content-Type: application/json\r\n" CL "2\r\n\r\n{}", "{}|$"},
    {"X-Other: a:b c\r\n" CL "2\r\nY:\r\n\r\n{}", "{}|$"},
    {"\r\n\r\n" CL "2\r\n\r\n{}\r\n\n" CL "1\r\n\r\n5\r\n", "{}|5|$"},
    {CL "2\n\n{}", "{}|$"},
    {CL "0\r\n\r\n" CL "0000002\r\n\r\n{}", "{}|$"},
    {CL "9\r\n\r\n{\"a\":\"\xC3\xA9\"}", "{\"a\":\"\xC3\xA9\"|!1014"}, /* bytes, not characters */
    /* cut off */
    {CL, "%"},
    {CL "2\r\n", "%"},
    {CL "2\r\n\r\n", "%"},
    {CL "2\r\n\r\n{", "%"},
    {CL "2\r\n\r\n{}C", "{}|%"},
    {"X: 1\r\n", "%"},
    /* broken */
    {"{\"seq\":1}", "!1014"},
    {CL "2\r\n\r\n{}{}", "{}|!1014"},
    {CL "2\r\n\r\n{}garbage here\r\n", "{}|!1014"},
    {"no colon", "!1014"},
    {": 2\r\n\r\n{}", "!1014"},
    {"X: 1\r\n\r\n{}", "!1014"}, /* no length */
    {CL "\r\n\r\n", "!1014"},
    {CL "-2\r\n\r\n{}", "!1014"},
    {CL "+2\r\n\r\n{}", "!1014"},
    {CL "2x\r\n\r\n{}", "!1014"},
    {CL "0x2\r\n\r\n{}", "!1014"},
    {CL "1 2\r\n\r\n{}", "!1014"},
    {CL "2.0\r\n\r\n{}", "!1014"},
    {CL "2\r\n" CL "2\r\n\r\n{}", "!1014"},
    {CL "99999999999\r\n\r\n", "!1003"},
    {CL "18446744073709551618\r\n\r\n{}", "!1003"}, /* 2^64 + 2 */
};

static const struct example strict[] = {
    {CL "2\r\n\r\n{}", "{}|$"},
    {"content-length: 2\r\nContent-Type: x\r\n\r\n{}", "{}|$"},
    {"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", "!1014"},
    {"Host: 127.0.0.1\r\n", "!1014"},
    {CL "2\r\nHost: x\r\n\r\n{}", "!1014"},
    {CL "2\n\n{}", "!1014"},
    {"\r\n" CL "2\r\n\r\n{}", "!1014"},
};

static void framing_gives_the_same_for_every_split_on_stdio(void **state)
{
    (void)state;
    for (size_t i = 0; i < CD_ARRAY_LEN(stdio); i++) {
        check(DAP_FRAMING_STDIO, stdio[i].text, stdio[i].want);
    }
}

static void framing_is_strict_on_other_doors(void **state)
{
    (void)state;
    for (size_t i = 0; i < CD_ARRAY_LEN(strict); i++) {
        check(DAP_FRAMING_STRICT, strict[i].text, strict[i].want);
    }
}

static void framing_says_at_once_that_this_is_another_protocol(void **state)
{
    struct dap_framing *f = dap_framing_new(DAP_FRAMING_STRICT);
    struct cd_error err = CD_ERROR_INIT;
    const char *body;
    size_t n;

    (void)state;
    assert_int_equal(dap_framing_feed(f, "GET /", 5, &err), CD_OK);
    assert_int_equal(dap_framing_next(f, &body, &n, &err), -1);
    assert_string_equal(err.text, "expected a header like 'Content-Length: 2', got 'GET /'");
    dap_framing_free(f);
}

/* Header block of exactly bytes bytes, blank line included. */
static char *header_of(size_t bytes)
{
    static const char end[] = CL "2\r\n\r\n";
    char *text = malloc(bytes + 3);

    assert_non_null(text);
    memset(text, 'x', bytes);
    memcpy(text, "X: ", 3);
    memcpy(text + bytes - strlen(end) - 2, "\r\n", 2);
    memcpy(text + bytes - strlen(end), end, strlen(end));
    memcpy(text + bytes, "{}", 3);
    return text;
}

static void framing_header_cap_is_exact(void **state)
{
    (void)state;
    for (size_t over = 0; over < 2; over++) {
        char *text = header_of(CD_MAX_HEADER_BYTES + over);
        size_t len = strlen(text);

        for (size_t split = len - 40; split <= len; split++) {
            char *got = run(DAP_FRAMING_STDIO, text, len, split);

            assert_string_equal(got, over ? "!1003" : "{}|$");
            free(got);
        }
        free(text);
    }
}

static void framing_body_cap_is_exact(void **state)
{
    struct cd_error err = CD_ERROR_INIT;
    const size_t chunk = 1u << 20;
    struct dap_framing *f = dap_framing_new(DAP_FRAMING_STDIO);
    char *bytes = calloc(1, chunk);
    char header[64];
    const char *body;
    size_t n;

    (void)state;
    assert_non_null(bytes);
    snprintf(header, sizeof(header), CL "%u\r\n\r\n", CD_MAX_BODY_BYTES);
    assert_int_equal(dap_framing_feed(f, header, strlen(header), &err), CD_OK);
    for (size_t left = CD_MAX_BODY_BYTES; left > 0; left -= chunk) {
        assert_int_equal(dap_framing_next(f, &body, &n, &err), 0);
        assert_int_equal(dap_framing_feed(f, bytes, chunk, &err), CD_OK);
    }
    assert_int_equal(dap_framing_next(f, &body, &n, &err), 1);
    assert_int_equal(n, CD_MAX_BODY_BYTES);
    snprintf(header, sizeof(header), CL "%u\r\n\r\n", CD_MAX_BODY_BYTES + 1);
    assert_int_equal(dap_framing_feed(f, header, strlen(header), &err), CD_OK);
    assert_int_equal(dap_framing_next(f, &body, &n, &err), -1);
    assert_int_equal(err.id, CD_E_LIMIT);
    free(bytes);
    dap_framing_free(f);
}

static void framing_reads_what_it_writes(void **state)
{
    struct cd_buf out;
    char *got;

    (void)state;
    cd_buf_init(&out, 1000);
    assert_int_equal(dap_framing_write(&out, "{\"a\":1}", 7, NULL), CD_OK);
    assert_int_equal(dap_framing_write(&out, "[]", 2, NULL), CD_OK);
    assert_string_equal(out.data, CL "7\r\n\r\n{\"a\":1}" CL "2\r\n\r\n[]");
    got = run(DAP_FRAMING_STRICT, out.data, out.len, 0);
    assert_string_equal(got, "{\"a\":1}|[]|$");
    free(got);
    cd_buf_done(&out);
}

static void framing_write_over_the_cap_leaves_nothing(void **state)
{
    struct cd_error err = CD_ERROR_INIT;
    struct cd_buf out;

    (void)state;
    cd_buf_init(&out, 10);
    assert_int_equal(dap_framing_write(&out, "{}", 2, &err), CD_ERR);
    assert_int_equal(err.id, CD_E_LIMIT);
    assert_int_equal(out.len, 0);
    cd_buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(framing_gives_the_same_for_every_split_on_stdio),
        cmocka_unit_test(framing_is_strict_on_other_doors),
        cmocka_unit_test(framing_says_at_once_that_this_is_another_protocol),
        cmocka_unit_test(framing_header_cap_is_exact),
        cmocka_unit_test(framing_body_cap_is_exact),
        cmocka_unit_test(framing_reads_what_it_writes),
        cmocka_unit_test(framing_write_over_the_cap_leaves_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
