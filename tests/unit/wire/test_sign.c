/* SPDX-License-Identifier: BSD-3-Clause
 *
 * HMAC-SHA256 signatures: a known vector, reuse of the context, and everything that must not pass.
 */
#include "kernel/wire/sign.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static char hello[] = "{\"msg_id\": \"1\"}", empty[] = "{}", code[] = "{\"code\": \"1+1\"}";

static const struct wire_blob parts[4] = {
    {hello, sizeof hello - 1}, {empty, 2}, {empty, 2}, {code, sizeof code - 1}};

/* hmac.new(b"secret", b'{"msg_id": "1"}{}{}{"code": "1+1"}', "sha256").hexdigest() */
static const char expected[] = "2df7461f424ac1581b607a5d0621e37008c0d866e4f1958a59123377efb51474";

static struct wire_signer *signer(const char *key)
{
    struct cd_error err = CD_ERROR_INIT;
    struct wire_signer *s = wire_signer_new(key, &err);
    assert_non_null(s);
    return s;
}

static void sign_gives_the_same_hex_as_pythons_hmac_every_time(void **state)
{
    (void)state;
    struct wire_signer *s = signer("secret");
    char hex[WIRE_SIGNATURE_CHARS + 1];
    for (int i = 0; i < 3; i++) {
        assert_int_equal(wire_signer_sign(s, parts, hex, NULL), CD_OK);
        assert_string_equal(hex, expected);
        assert_true(wire_signer_check(s, parts, hex, strlen(hex)));
    }
    wire_signer_free(s);
}

static void check_refuses_short_long_and_wrong_signatures(void **state)
{
    (void)state;
    struct wire_signer *s = signer("secret");
    char bad[WIRE_SIGNATURE_CHARS + 2];
    memcpy(bad, expected, sizeof expected);
    bad[WIRE_SIGNATURE_CHARS] = '0';
    assert_false(wire_signer_check(s, parts, expected, 0));
    assert_false(wire_signer_check(s, parts, expected, WIRE_SIGNATURE_CHARS - 1));
    assert_false(wire_signer_check(s, parts, bad, WIRE_SIGNATURE_CHARS + 1));
    assert_true(wire_signer_check(s, parts, bad, WIRE_SIGNATURE_CHARS));
    for (size_t i = 0; i < WIRE_SIGNATURE_CHARS; i++) {
        memcpy(bad, expected, sizeof expected);
        bad[i] = bad[i] == 'a' ? 'b' : 'a';
        assert_false(wire_signer_check(s, parts, bad, WIRE_SIGNATURE_CHARS));
    }
    wire_signer_free(s);
}

static void check_refuses_a_message_signed_with_another_key(void **state)
{
    (void)state;
    struct wire_signer *s = signer("Secret");
    assert_false(wire_signer_check(s, parts, expected, WIRE_SIGNATURE_CHARS));
    wire_signer_free(s);
}

static void an_empty_key_signs_to_nothing_and_accepts_everything(void **state)
{
    (void)state;
    struct wire_signer *s = signer("");
    char hex[WIRE_SIGNATURE_CHARS + 1] = "x";
    assert_int_equal(wire_signer_sign(s, parts, hex, NULL), CD_OK);
    assert_string_equal(hex, "");
    assert_true(wire_signer_check(s, parts, "", 0));
    assert_true(wire_signer_check(s, parts, "whatever", 8));
    wire_signer_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sign_gives_the_same_hex_as_pythons_hmac_every_time),
        cmocka_unit_test(check_refuses_short_long_and_wrong_signatures),
        cmocka_unit_test(check_refuses_a_message_signed_with_another_key),
        cmocka_unit_test(an_empty_key_signs_to_nothing_and_accepts_everything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
