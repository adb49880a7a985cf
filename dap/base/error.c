/* SPDX-License-Identifier: BSD-3-Clause
 *
 * struct cd_error: filling, prefixing, words. Any thread (an error belongs to its caller).
 * Must never allocate: an error is also what reports that memory ran out. Texts that are too long
 * are cut where a UTF-8 character ends.
 */
#include "dap/base/error.h"

#include <stdio.h>
#include <string.h>

/* Drops an incomplete UTF-8 character from the end of a text that was cut. */
static void trim_cut(char *text, size_t len)
{
    size_t start = len;

    while (start > 0 && ((unsigned char)text[start - 1] & 0xC0) == 0x80) {
        start--;
    }
    if (start > 0 && (unsigned char)text[start - 1] >= 0xC0) {
        unsigned char lead = (unsigned char)text[start - 1];
        size_t want = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;

        if (len - (start - 1) < want) {
            text[start - 1] = '\0';
        }
    }
}

static CD_PRINTF(3, 0) void format_into(char *out, size_t out_bytes, const char *format,
                                        va_list args)
{
    int len = vsnprintf(out, out_bytes, format, args);

    if (len < 0) {
        out[0] = '\0';
    } else if ((size_t)len >= out_bytes) {
        trim_cut(out, out_bytes - 1);
    }
}

cd_result cd_error_set(struct cd_error *reterr, enum cd_error_id id, const char *format, ...)
{
    va_list args;

    if (!reterr || reterr->id != CD_E_NONE) {
        return CD_ERR;
    }
    reterr->id = (int)id;
    va_start(args, format);
    format_into(reterr->text, sizeof(reterr->text), format, args);
    va_end(args);
    return CD_ERR;
}

cd_result cd_error_errno(struct cd_error *reterr, int err, const char *format, ...)
{
    char text[sizeof(reterr->text)];
    char reason[128];
    va_list args;

    if (!reterr || reterr->id != CD_E_NONE) {
        return CD_ERR;
    }
    va_start(args, format);
    format_into(text, sizeof(text), format, args);
    va_end(args);
    return cd_error_set(reterr, CD_E_SYSTEM, "%s: %s", text,
                        strerror_r(err, reason, sizeof(reason)));
}

cd_result cd_oom(struct cd_error *reterr)
{
    return cd_error_set(reterr, CD_E_OOM, "out of memory");
}

void cd_error_prefix(struct cd_error *reterr, const char *format, ...)
{
    char old[sizeof(reterr->text)];
    char context[sizeof(reterr->text)];
    va_list args;
    int len;

    if (!reterr) {
        return;
    }
    va_start(args, format);
    format_into(context, sizeof(context), format, args);
    va_end(args);
    memcpy(old, reterr->text, sizeof(old));
    len = snprintf(reterr->text, sizeof(reterr->text), "%s: %s", context, old);
    if (len >= 0 && (size_t)len >= sizeof(reterr->text)) {
        trim_cut(reterr->text, sizeof(reterr->text) - 1);
    }
}

void cd_error_clear(struct cd_error *err)
{
    memset(err, 0, sizeof(*err));
}

const char *cd_error_word(int id)
{
    switch (id) {
#define CD_ERROR(name, number, word)                                                               \
    case (number):                                                                                 \
        return (word);
#include "dap/base/error_ids.def"
#undef CD_ERROR
    default:
        return NULL;
    }
}
