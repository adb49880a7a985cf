/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cd_json_dump: json_t → compact JSON text, straight into the caller's buffer.
 * Members keep the order in which they were set. Any thread that owns the value.
 * Must never depend on the locale (user code calls setlocale) nor emit a byte that is not UTF-8.
 */
#include "dap/base/json.h"
#include "dap/base/number.h"
#include "dap/base/utf8.h"

#include <string.h>

#define MAX_DEPTH 2048 /* as deep as cd_json_load reads */

static cd_result dump(const json_t *v, int depth, struct cd_buf *out, struct cd_error *reterr);

/* What follows the backslash, 'u' for \u00XX, 0 where the byte stands for itself. */
static char escape_of(unsigned char c)
{
    switch (c) {
    case '"':
    case '\\':
        return (char)c;
    case '\b':
        return 'b';
    case '\f':
        return 'f';
    case '\n':
        return 'n';
    case '\r':
        return 'r';
    case '\t':
        return 't';
    default:
        return c < 0x20 ? 'u' : '\0';
    }
}

static cd_result dump_escape(unsigned char c, char letter, struct cd_buf *out,
                             struct cd_error *reterr)
{
    static const char hex[] = "0123456789abcdef";
    char text[6] = {'\\', letter, '0', '0', hex[c >> 4 & 15], hex[c & 15]};

    return cd_buf_append(out, text, letter == 'u' ? 6 : 2, reterr);
}

/* Bytes that need no care: they are copied in runs. */
static size_t plain_run(const char *text, size_t len)
{
    size_t i = 0;

    while (i < len) {
        unsigned char c = (unsigned char)text[i];
        size_t n = 1;

        if (c >= 0x80) {
            n = cd_utf8_char(text + i, len - i);
            if (n == 0) {
                break;
            }
        } else if (c < 0x20 || c == '"' || c == '\\') {
            break;
        }
        i += n;
    }
    return i;
}

static cd_result dump_string(const char *text, size_t len, struct cd_buf *out,
                             struct cd_error *reterr)
{
    if (cd_buf_append(out, "\"", 1, reterr) < 0) {
        return CD_ERR;
    }
    while (len > 0) {
        size_t n = plain_run(text, len);

        if (cd_buf_append(out, text, n, reterr) < 0) {
            return CD_ERR;
        }
        text += n;
        len -= n;
        if (len == 0) {
            break;
        }
        if ((unsigned char)*text >= 0x80) {
            n = cd_utf8_bad(text, len);
            if (cd_buf_append(out, CD_UTF8_REPLACEMENT, CD_UTF8_REPLACEMENT_LEN, reterr) < 0) {
                return CD_ERR;
            }
        } else {
            unsigned char c = (unsigned char)*text;

            n = 1;
            if (dump_escape(c, escape_of(c), out, reterr) < 0) {
                return CD_ERR;
            }
        }
        text += n;
        len -= n;
    }
    return cd_buf_append(out, "\"", 1, reterr);
}

static cd_result dump_integer(int64_t n, struct cd_buf *out, struct cd_error *reterr)
{
    char digits[24];
    char *end = digits + sizeof(digits), *p = end;
    uint64_t rest = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;

    do {
        *--p = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (n < 0) {
        *--p = '-';
    }
    return cd_buf_append(out, p, (size_t)(end - p), reterr);
}

static cd_result dump_real(double d, struct cd_buf *out, struct cd_error *reterr)
{
    char text[CD_NUMBER_CHARS];

    return cd_buf_append(out, text, cd_number_format(d, text), reterr);
}

static cd_result dump_array(const json_t *v, int depth, struct cd_buf *out, struct cd_error *reterr)
{
    size_t count = json_array_size(v);

    if (cd_buf_append(out, "[", 1, reterr) < 0) {
        return CD_ERR;
    }
    for (size_t i = 0; i < count; i++) {
        if ((i > 0 && cd_buf_append(out, ",", 1, reterr) < 0) ||
            dump(json_array_get(v, i), depth + 1, out, reterr) < 0) {
            return CD_ERR;
        }
    }
    return cd_buf_append(out, "]", 1, reterr);
}

static cd_result dump_object(const json_t *v, int depth, struct cd_buf *out,
                             struct cd_error *reterr)
{
    json_t *obj = (json_t *)v; /* jansson's iterators read only, but are not const */
    const char *before = "{";

    for (void *it = json_object_iter(obj); it; it = json_object_iter_next(obj, it)) {
        const char *key = json_object_iter_key(it);

        if (cd_buf_append(out, before, 1, reterr) < 0 ||
            dump_string(key, strlen(key), out, reterr) < 0 ||
            cd_buf_append(out, ":", 1, reterr) < 0 ||
            dump(json_object_iter_value(it), depth + 1, out, reterr) < 0) {
            return CD_ERR;
        }
        before = ",";
    }
    return cd_buf_append(out, *before == ',' ? "}" : "{}", *before == ',' ? 1 : 2, reterr);
}

static cd_result dump(const json_t *v, int depth, struct cd_buf *out, struct cd_error *reterr)
{
    if (depth > MAX_DEPTH) {
        return cd_error_set(reterr, CD_E_LIMIT, "JSON value is nested deeper than %d", MAX_DEPTH);
    }
    if (!v) {
        return cd_oom(reterr); /* a builder gave NULL */
    }
    switch (json_typeof(v)) {
    case JSON_OBJECT:
        return dump_object(v, depth, out, reterr);
    case JSON_ARRAY:
        return dump_array(v, depth, out, reterr);
    case JSON_STRING:
        return dump_string(json_string_value(v), json_string_length(v), out, reterr);
    case JSON_INTEGER:
        return dump_integer(json_integer_value(v), out, reterr);
    case JSON_REAL:
        return dump_real(json_real_value(v), out, reterr);
    case JSON_TRUE:
        return cd_buf_append(out, "true", 4, reterr);
    case JSON_FALSE:
        return cd_buf_append(out, "false", 5, reterr);
    default:
        return cd_buf_append(out, "null", 4, reterr);
    }
}

cd_result cd_json_dump(const json_t *v, struct cd_buf *out, struct cd_error *reterr)
{
    size_t before = out->len;

    if (dump(v, 1, out, reterr) < 0) {
        out->len = before;
        if (out->cap > 0) {
            out->data[before] = '\0';
        }
        return CD_ERR;
    }
    return CD_OK;
}
