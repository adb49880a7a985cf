/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A strict JSON scanner that knows where it is: byte offset and line of every token. jansson gives
 * no positions, and a notebook's cells are named by the lines of its file (contracts.md §2a).
 * Pure: bytes in, tokens out; allocates nothing, never reads past len, depth is capped.
 */
#ifndef BRIDGE_NOTEBOOK_JSON_SCAN_H
#define BRIDGE_NOTEBOOK_JSON_SCAN_H

#include "dap/base/error.h"

#include <stdint.h>

#define BRIDGE_JSON_MAX_DEPTH 512u

enum bridge_json_token {
    BRIDGE_JSON_OBJECT_BEGIN,
    BRIDGE_JSON_OBJECT_END,
    BRIDGE_JSON_ARRAY_BEGIN,
    BRIDGE_JSON_ARRAY_END,
    BRIDGE_JSON_KEY, /* the colon after it is consumed */
    BRIDGE_JSON_STRING,
    BRIDGE_JSON_NUMBER,
    BRIDGE_JSON_LITERAL, /* true, false, null */
    BRIDGE_JSON_END      /* of the text; nothing but white space follows the value */
};

struct bridge_json_scan {
    const char *text;
    size_t len;
    size_t pos;
    unsigned line_1based;
    /* the token that bridge_json_next returned last */
    size_t begin; /* of a string: its opening quote */
    size_t end;   /* one past it; of a string: past its closing quote */
    unsigned begin_line;
    /* private */
    unsigned depth;
    bool want_value; /* a value must come next */
    bool first;      /* nothing was in this container yet */
    uint8_t is_array[BRIDGE_JSON_MAX_DEPTH / 8];
};

void bridge_json_scan_init(struct bridge_json_scan *s, const char *text, size_t len);
/* CD_E_BAD_JSON "line 12: …"; do not go on after an error. */
cd_result bridge_json_next(struct bridge_json_scan *s, enum bridge_json_token *ret,
                           struct cd_error *reterr) CD_MUST_CHECK;
/* After a token that begins a value: goes to that value's end; s->begin and s->end then span it. */
cd_result bridge_json_skip(struct bridge_json_scan *s, enum bridge_json_token token,
                           struct cd_error *reterr) CD_MUST_CHECK;
/* Whether the last KEY or STRING token is exactly this ASCII word, escapes decoded. */
bool bridge_json_is(const struct bridge_json_scan *s, const char *word);

#endif
