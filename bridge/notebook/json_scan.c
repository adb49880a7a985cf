/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The JSON scanner (RFC 8259 grammar; any Unicode escape is let through, its meaning is jansson's
 * business). Any thread; allocates nothing. It must never read past s->len.
 */
#include "bridge/notebook/json_scan.h"

#include <string.h>

void bridge_json_scan_init(struct bridge_json_scan *s, const char *text, size_t len)
{
    memset(s, 0, sizeof(*s));
    s->text = text;
    s->len = len;
    s->line_1based = 1;
    s->want_value = true;
    s->first = true;
}

static cd_result fail(const struct bridge_json_scan *s, const char *what, struct cd_error *reterr)
{
    if (s->pos >= s->len) {
        return cd_error_set(reterr, CD_E_BAD_JSON, "line %u: the file ends where %s is expected",
                            s->line_1based, what);
    }
    unsigned char c = (unsigned char)s->text[s->pos];
    if (c < 0x20 || c > 0x7e) {
        return cd_error_set(reterr, CD_E_BAD_JSON, "line %u: expected %s, found byte 0x%02x",
                            s->line_1based, what, c);
    }
    return cd_error_set(reterr, CD_E_BAD_JSON, "line %u: expected %s, found '%c'", s->line_1based,
                        what, c);
}

static void skip_space(struct bridge_json_scan *s)
{
    while (s->pos < s->len) {
        char c = s->text[s->pos];
        if (c == '\n') {
            s->line_1based++;
        } else if (c != ' ' && c != '\t' && c != '\r') {
            return;
        }
        s->pos++;
    }
}

static int peek(const struct bridge_json_scan *s)
{
    return s->pos < s->len ? (unsigned char)s->text[s->pos] : -1;
}

static int hex_digit(int c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* At the backslash; goes past the escape. */
static cd_result skip_escape(struct bridge_json_scan *s, struct cd_error *reterr)
{
    s->pos++;
    int c = peek(s);
    if (c == 'u') {
        s->pos++;
        for (int i = 0; i < 4; i++, s->pos++) {
            if (hex_digit(peek(s)) < 0) {
                return fail(s, "a hexadecimal digit of \\u", reterr);
            }
        }
        return CD_OK;
    }
    if (c < 0 || !strchr("\"\\/bfnrt", c) || c == 0) {
        return fail(s, "one of \"\\/bfnrtu after a backslash", reterr);
    }
    s->pos++;
    return CD_OK;
}

static cd_result skip_string(struct bridge_json_scan *s, struct cd_error *reterr)
{
    s->pos++;
    for (;;) {
        int c = peek(s);
        if (c == '"') {
            s->pos++;
            return CD_OK;
        }
        if (c < 0x20) {
            return fail(s, "the closing quote of a string", reterr);
        }
        if (c != '\\') {
            s->pos++;
        } else if (skip_escape(s, reterr)) {
            return CD_ERR;
        }
    }
}

static size_t skip_digits(struct bridge_json_scan *s)
{
    size_t from = s->pos;
    while (peek(s) >= '0' && peek(s) <= '9') {
        s->pos++;
    }
    return s->pos - from;
}

static cd_result skip_number(struct bridge_json_scan *s, struct cd_error *reterr)
{
    if (peek(s) == '-') {
        s->pos++;
    }
    if (peek(s) == '0') {
        s->pos++;
    } else if (skip_digits(s) == 0) {
        return fail(s, "a digit", reterr);
    }
    if (peek(s) == '.') {
        s->pos++;
        if (skip_digits(s) == 0) {
            return fail(s, "a digit after the point", reterr);
        }
    }
    if (peek(s) == 'e' || peek(s) == 'E') {
        s->pos++;
        if (peek(s) == '+' || peek(s) == '-') {
            s->pos++;
        }
        if (skip_digits(s) == 0) {
            return fail(s, "a digit of the exponent", reterr);
        }
    }
    return CD_OK;
}

/* NaN, Infinity and -Infinity are no JSON, but Python's json writes them, into outputs too. */
static bool skip_word(struct bridge_json_scan *s)
{
    static const char *const words[] = {"true", "false", "null", "NaN", "Infinity", "-Infinity"};
    for (size_t i = 0; i < CD_ARRAY_LEN(words); i++) {
        size_t n = strlen(words[i]);
        if (s->len - s->pos >= n && memcmp(s->text + s->pos, words[i], n) == 0) {
            s->pos += n;
            return true;
        }
    }
    return false;
}

static bool in_array(const struct bridge_json_scan *s)
{
    unsigned top = s->depth - 1;
    return (s->is_array[top / 8] >> (top % 8)) & 1;
}

static cd_result enter(struct bridge_json_scan *s, bool array, struct cd_error *reterr)
{
    if (s->depth >= BRIDGE_JSON_MAX_DEPTH) {
        return cd_error_set(reterr, CD_E_LIMIT, "line %u: nested deeper than %u", s->line_1based,
                            BRIDGE_JSON_MAX_DEPTH);
    }
    uint8_t bit = (uint8_t)(1u << (s->depth % 8));
    uint8_t *byte = &s->is_array[s->depth / 8];
    *byte = (uint8_t)(array ? *byte | bit : *byte & ~bit);
    s->depth++;
    s->pos++;
    s->first = true;
    s->want_value = array;
    return CD_OK;
}

static cd_result scan_value(struct bridge_json_scan *s, enum bridge_json_token *ret,
                            struct cd_error *reterr)
{
    int c = peek(s);
    s->want_value = false;
    if (c == '{' || c == '[') {
        *ret = c == '{' ? BRIDGE_JSON_OBJECT_BEGIN : BRIDGE_JSON_ARRAY_BEGIN;
        return enter(s, c == '[', reterr);
    }
    s->first = false;
    if (c == '"') {
        *ret = BRIDGE_JSON_STRING;
        return skip_string(s, reterr);
    }
    if (skip_word(s)) {
        *ret = BRIDGE_JSON_LITERAL;
        return CD_OK;
    }
    if (c == '-' || (c >= '0' && c <= '9')) {
        *ret = BRIDGE_JSON_NUMBER;
        return skip_number(s, reterr);
    }
    return fail(s, "a value", reterr);
}

static cd_result scan_key(struct bridge_json_scan *s, enum bridge_json_token *ret,
                          struct cd_error *reterr)
{
    if (peek(s) != '"') {
        return fail(s, s->first ? "a key or '}'" : "a key", reterr);
    }
    if (skip_string(s, reterr)) {
        return CD_ERR;
    }
    s->end = s->pos;
    skip_space(s);
    if (peek(s) != ':') {
        return fail(s, "':'", reterr);
    }
    s->pos++;
    s->want_value = true;
    s->first = false;
    *ret = BRIDGE_JSON_KEY;
    return CD_OK;
}

static void leave(struct bridge_json_scan *s, enum bridge_json_token *ret)
{
    *ret = in_array(s) ? BRIDGE_JSON_ARRAY_END : BRIDGE_JSON_OBJECT_END;
    s->depth--;
    s->pos++;
    s->first = false;
    s->want_value = false;
}

static cd_result scan_token(struct bridge_json_scan *s, enum bridge_json_token *ret,
                            struct cd_error *reterr)
{
    if (s->depth == 0 && !s->want_value) {
        *ret = BRIDGE_JSON_END;
        return s->pos == s->len ? CD_OK : fail(s, "the end of the file", reterr);
    }
    if (s->depth == 0) {
        return scan_value(s, ret, reterr);
    }
    bool array = in_array(s);
    bool after_key = !array && s->want_value;
    if (after_key) {
        return scan_value(s, ret, reterr);
    }
    if (peek(s) == (array ? ']' : '}')) {
        leave(s, ret);
        return CD_OK;
    }
    if (!s->first) {
        if (peek(s) != ',') {
            return fail(s, array ? "',' or ']'" : "',' or '}'", reterr);
        }
        s->pos++;
        skip_space(s);
        s->begin = s->pos;
        s->begin_line = s->line_1based;
    }
    return array ? scan_value(s, ret, reterr) : scan_key(s, ret, reterr);
}

cd_result bridge_json_next(struct bridge_json_scan *s, enum bridge_json_token *ret,
                           struct cd_error *reterr)
{
    skip_space(s);
    s->begin = s->pos;
    s->begin_line = s->line_1based;
    if (scan_token(s, ret, reterr)) {
        return CD_ERR;
    }
    if (*ret != BRIDGE_JSON_KEY) {
        s->end = s->pos;
    }
    return CD_OK;
}

cd_result bridge_json_skip(struct bridge_json_scan *s, enum bridge_json_token token,
                           struct cd_error *reterr)
{
    if (token != BRIDGE_JSON_OBJECT_BEGIN && token != BRIDGE_JSON_ARRAY_BEGIN) {
        return CD_OK;
    }
    size_t begin = s->begin;
    unsigned line = s->begin_line;
    unsigned outside = s->depth - 1;
    while (s->depth > outside) {
        if (bridge_json_next(s, &token, reterr)) {
            return CD_ERR;
        }
    }
    s->begin = begin;
    s->begin_line = line;
    return CD_OK;
}

bool bridge_json_is(const struct bridge_json_scan *s, const char *word)
{
    size_t at = s->begin + 1;
    size_t stop = s->end - 1;
    for (; *word; word++) {
        if (at >= stop) {
            return false;
        }
        int c = (unsigned char)s->text[at++];
        if (c == '\\' && s->text[at] == 'u') {
            c = 0;
            for (int i = 1; i <= 4; i++) {
                c = c * 16 + hex_digit((unsigned char)s->text[at + (size_t)i]);
            }
            at += 5;
        }
        if (c != (unsigned char)*word) {
            return false;
        }
    }
    return at == stop;
}
