/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Inside of cd_json_load: the state of a parse, and the parts of it that read one string or number.
 */
#ifndef CD_JSON_SCAN_H
#define CD_JSON_SCAN_H

#include "dap/base/json.h"

struct cd_json_parser {
    const char *text;
    size_t len;
    size_t pos;
    int depth;
    struct cd_buf scratch; /* the string that is being unescaped */
    struct cd_error *reterr;
};

/* Both fill the error and return NULL. */
void *cd_json__fail(struct cd_json_parser *p, const char *why);
void *cd_json__oom(struct cd_json_parser *p);

/* The next byte, '\0' at the end (a NUL is nowhere legal). */
static inline char cd_json__peek(const struct cd_json_parser *p)
{
    return p->pos < p->len ? p->text[p->pos] : '\0';
}

/* pos is behind the opening quote, and behind the closing one after. The bytes are borrowed from
 * the text or from scratch: until the next string. */
bool cd_json__string(struct cd_json_parser *p, const char **ret, size_t *ret_len);
json_t *cd_json__number(struct cd_json_parser *p);

#endif
