/* SPDX-License-Identifier: BSD-3-Clause
 *
 * One JSON string or number out of a text, for cd_json_load. Pure.
 * No byte that is not UTF-8 may get through.
 */
#include "dap/base/json_scan.h"

#include "dap/base/number.h"
#include "dap/base/utf8.h"

#include <math.h>
#include <string.h>

#define MAX_NUMBER_CHARS 1024

/* ---- strings ---- */

/* Moves over bytes that stand for themselves; false: not UTF-8. */
static bool skip_plain(struct cd_json_parser *p)
{
    while (p->pos < p->len) {
        unsigned char c = (unsigned char)p->text[p->pos];
        size_t n = 1;

        if (c < 0x20 || c == '"' || c == '\\') {
            break;
        }
        if (c >= 0x80) {
            n = cd_utf8_char(p->text + p->pos, p->len - p->pos);
            if (n == 0) {
                return false;
            }
        }
        p->pos += n;
    }
    return true;
}

/* Four hex digits at pos; -1 when they are not there. */
static int32_t hex4(const struct cd_json_parser *p, size_t pos)
{
    int32_t n = 0;

    if (p->len - pos < 4) {
        return -1;
    }
    for (size_t i = pos; i < pos + 4; i++) {
        char c = p->text[i];
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;

        if (digit < 0) {
            return -1;
        }
        n = n << 4 | digit;
    }
    return n;
}

static cd_result append_char(struct cd_json_parser *p, int32_t c)
{
    char bytes[4];
    size_t n = 0;

    if (c < 0x80) {
        bytes[n++] = (char)c;
    } else if (c < 0x800) {
        bytes[n++] = (char)(0xC0 | c >> 6);
        bytes[n++] = (char)(0x80 | (c & 0x3F));
    } else if (c < 0x10000) {
        bytes[n++] = (char)(0xE0 | c >> 12);
        bytes[n++] = (char)(0x80 | (c >> 6 & 0x3F));
        bytes[n++] = (char)(0x80 | (c & 0x3F));
    } else {
        bytes[n++] = (char)(0xF0 | c >> 18);
        bytes[n++] = (char)(0x80 | (c >> 12 & 0x3F));
        bytes[n++] = (char)(0x80 | (c >> 6 & 0x3F));
        bytes[n++] = (char)(0x80 | (c & 0x3F));
    }
    return cd_buf_append(&p->scratch, bytes, n, p->reterr);
}

/* After "\u"; pos is at the first digit. */
static bool unescape_unicode(struct cd_json_parser *p)
{
    int32_t c = hex4(p, p->pos);

    if (c < 0) {
        cd_json__fail(p, "\\u needs four hex digits");
        return false;
    }
    p->pos += 4;
    if (c >= 0xD800 && c <= 0xDBFF && p->len - p->pos >= 6 && p->text[p->pos] == '\\' &&
        p->text[p->pos + 1] == 'u') {
        int32_t low = hex4(p, p->pos + 2);

        if (low >= 0xDC00 && low <= 0xDFFF) {
            p->pos += 6;
            c = 0x10000 + ((c - 0xD800) << 10 | (low - 0xDC00));
        }
    }
    if (c >= 0xD800 && c <= 0xDFFF) {
        c = 0xFFFD;
    }
    return append_char(p, c) == CD_OK;
}

/* pos is at the backslash. */
static bool unescape(struct cd_json_parser *p)
{
    static const char letters[] = "\"\\/bfnrt";
    static const char values[] = "\"\\/\b\f\n\r\t";
    const char *found;
    char c;

    p->pos++;
    c = cd_json__peek(p);
    if (c == 'u') {
        p->pos++;
        return unescape_unicode(p);
    }
    found = c ? strchr(letters, c) : NULL;
    if (!found) {
        cd_json__fail(p, "unknown escape in a string");
        return false;
    }
    p->pos++;
    return cd_buf_append(&p->scratch, values + (found - letters), 1, p->reterr) == CD_OK;
}

bool cd_json__string(struct cd_json_parser *p, const char **ret, size_t *ret_len)
{
    size_t start = p->pos;

    cd_buf_clear(&p->scratch);
    for (;;) {
        bool good = skip_plain(p);
        char c = cd_json__peek(p);

        if (!good) {
            cd_json__fail(p, "a string is not UTF-8");
            return false;
        }
        if (c == '"' && p->scratch.len == 0) {
            *ret = p->text + start;
            *ret_len = p->pos++ - start;
            return true;
        }
        if (c != '"' && c != '\\') {
            cd_json__fail(p, p->pos < p->len ? "control character in a string"
                                             : "a string has no end");
            return false;
        }
        if (cd_buf_append(&p->scratch, p->text + start, p->pos - start, p->reterr) < 0) {
            return false;
        }
        if (c == '"') {
            p->pos++;
            *ret = p->scratch.data;
            *ret_len = p->scratch.len;
            return true;
        }
        if (!unescape(p)) {
            return false;
        }
        start = p->pos;
    }
}

/* ---- numbers ---- */

static size_t skip_digits(struct cd_json_parser *p)
{
    size_t start = p->pos;

    while (cd_json__peek(p) >= '0' && cd_json__peek(p) <= '9') {
        p->pos++;
    }
    return p->pos - start;
}

/* The number's end is at pos afterwards; *ret_real: it has a fraction or an exponent. */
static bool scan_number(struct cd_json_parser *p, bool *ret_real)
{
    bool zero;

    *ret_real = false;
    if (cd_json__peek(p) == '-') {
        p->pos++;
    }
    zero = cd_json__peek(p) == '0';
    if (zero) {
        p->pos++;
    } else if (skip_digits(p) == 0) {
        return false;
    }
    if (cd_json__peek(p) == '.') {
        p->pos++;
        *ret_real = true;
        if (skip_digits(p) == 0) {
            return false;
        }
    }
    if (cd_json__peek(p) == 'e' || cd_json__peek(p) == 'E') {
        p->pos++;
        *ret_real = true;
        if (cd_json__peek(p) == '+' || cd_json__peek(p) == '-') {
            p->pos++;
        }
        if (skip_digits(p) == 0) {
            return false;
        }
    }
    return true;
}

/* False where it does not fit. */
static bool to_integer(const char *text, size_t len, int64_t *ret)
{
    bool minus = text[0] == '-';
    uint64_t limit = minus ? (uint64_t)INT64_MAX + 1 : (uint64_t)INT64_MAX;
    uint64_t n = 0;

    for (size_t i = minus ? 1 : 0; i < len; i++) {
        unsigned digit = (unsigned)(text[i] - '0');

        if (n > (limit - digit) / 10) {
            return false;
        }
        n = n * 10 + digit;
    }
    *ret = minus ? (int64_t)(0 - n) : (int64_t)n;
    return true;
}

json_t *cd_json__number(struct cd_json_parser *p)
{
    char copy[MAX_NUMBER_CHARS + 1];
    size_t start = p->pos, len;
    bool real;
    int64_t n;
    double d;

    if (!scan_number(p, &real)) {
        return cd_json__fail(p, "expected a value");
    }
    len = p->pos - start;
    if (!real && to_integer(p->text + start, len, &n)) {
        return json_integer(n);
    }
    if (len > MAX_NUMBER_CHARS) {
        return cd_json__fail(p, "a number is too long");
    }
    memcpy(copy, p->text + start, len);
    copy[len] = '\0';
    d = cd_number_parse(copy);
    return isfinite(d) ? json_real(d) : cd_json__fail(p, "a number is too big");
}
