/* SPDX-License-Identifier: BSD-3-Clause
 *
 * UTF-8 as the JSON code of this folder needs it. Pure.
 */
#ifndef CD_UTF8_H
#define CD_UTF8_H

#include <stddef.h>

#define CD_UTF8_REPLACEMENT     "\xEF\xBF\xBD" /* U+FFFD */
#define CD_UTF8_REPLACEMENT_LEN 3u

/* Length of the character that the bytes begin with, 0 when they begin with none: no overlong
 * forms, no surrogates, nothing above U+10FFFF (RFC 3629). */
size_t cd_utf8_char(const char *bytes, size_t len);
/* How many bytes to replace where cd_utf8_char says 0: a whole encoded surrogate (3), else the
 * longest beginning of a valid character, at least 1 (Unicode, "maximal subpart"). */
size_t cd_utf8_bad(const char *bytes, size_t len);

#endif
