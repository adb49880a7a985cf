/* SPDX-License-Identifier: BSD-3-Clause
 *
 * UTF-8 checks, and json_t strings made from any bytes. Pure; a new value belongs to the caller.
 * No byte that is not UTF-8 may get past cd_json_text: editors close the session on one.
 */
#include "dap/base/utf8.h"

#include "dap/base/json.h"

#include <string.h>

static unsigned char at(const char *bytes, size_t i)
{
    return (unsigned char)bytes[i];
}

/* What the second byte may be after this lead byte; lead must be >= 0xC2. */
static size_t lead_info(unsigned char lead, unsigned char *min, unsigned char *max)
{
    *min = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    *max = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    return lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
}

/* How many of the bytes are the beginning of a character; *ret_whole: they are all of it. */
static size_t scan(const char *bytes, size_t len, bool *ret_whole)
{
    unsigned char lead = len ? at(bytes, 0) : 0xFF;
    unsigned char min, max;
    size_t want, have = 1;

    *ret_whole = false;
    if (lead < 0x80) {
        *ret_whole = true;
        return 1;
    }
    if (lead < 0xC2 || lead > 0xF4) {
        return 1;
    }
    want = lead_info(lead, &min, &max);
    while (have < want && have < len && at(bytes, have) >= min && at(bytes, have) <= max) {
        min = 0x80;
        max = 0xBF;
        have++;
    }
    *ret_whole = have == want;
    return have;
}

size_t cd_utf8_char(const char *bytes, size_t len)
{
    bool whole;
    size_t n = scan(bytes, len, &whole);

    return whole ? n : 0;
}

size_t cd_utf8_bad(const char *bytes, size_t len)
{
    bool whole;

    if (len >= 3 && at(bytes, 0) == 0xED && at(bytes, 1) >= 0xA0 && at(bytes, 1) <= 0xBF &&
        (at(bytes, 2) & 0xC0) == 0x80) {
        return 3;
    }
    return scan(bytes, len, &whole);
}

static size_t valid_prefix(const char *text, size_t len)
{
    size_t i = 0;

    while (i < len) {
        size_t n = at(text, i) < 0x80 ? 1 : cd_utf8_char(text + i, len - i);

        if (n == 0) {
            break;
        }
        i += n;
    }
    return i;
}

json_t *cd_json_text(const char *text, size_t len)
{
    size_t good = valid_prefix(text, len);
    struct cd_buf out cd_autobuf = {0};

    if (good == len) {
        return json_stringn_nocheck(text, len);
    }
    cd_buf_init(&out, SIZE_MAX / 4);
    for (;;) {
        if (cd_buf_append(&out, text, good, NULL) < 0) {
            return NULL;
        }
        text += good;
        len -= good;
        if (len == 0) {
            return json_stringn_nocheck(out.data, out.len);
        }
        if (cd_buf_append(&out, CD_UTF8_REPLACEMENT, CD_UTF8_REPLACEMENT_LEN, NULL) < 0) {
            return NULL;
        }
        good = cd_utf8_bad(text, len);
        text += good;
        len -= good;
        good = valid_prefix(text, len);
    }
}

json_t *cd_json_textz(const char *text)
{
    return cd_json_text(text, strlen(text));
}
