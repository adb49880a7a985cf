/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cd_json_load: JSON text → a new json_t that the caller owns. Pure.
 * Our own parser, because what reaches us is written by many hands: a lone surrogate (half of an
 * emoji that an editor cut) becomes U+FFFD, an integer over 64 bits (Python has them) a real, and
 * the user's locale changes nothing. It must never recurse deeper than MAX_DEPTH.
 */
#include "dap/base/json_scan.h"

#include <string.h>

#define MAX_DEPTH 2048

static json_t *parse_value(struct cd_json_parser *p);

void *cd_json__fail(struct cd_json_parser *p, const char *why)
{
    cd_error_set(p->reterr, CD_E_BAD_JSON, "bad JSON at byte %zu: %s", p->pos, why);
    return NULL;
}

void *cd_json__oom(struct cd_json_parser *p)
{
    cd_oom(p->reterr);
    return NULL;
}

static void skip_space(struct cd_json_parser *p)
{
    char c = cd_json__peek(p);

    while (c == ' ' || c == '\n' || c == '\r' || c == '\t') {
        p->pos++;
        c = cd_json__peek(p);
    }
}

static bool skip(struct cd_json_parser *p, char c)
{
    skip_space(p);
    if (cd_json__peek(p) != c) {
        return false;
    }
    p->pos++;
    return true;
}

static json_t *parse_array(struct cd_json_parser *p)
{
    json_auto_t *array = json_array();

    if (!array) {
        return cd_json__oom(p);
    }
    if (skip(p, ']')) {
        return cd_take(array);
    }
    do {
        json_t *v = parse_value(p);

        if (!v) {
            return NULL;
        }
        if (json_array_append_new(array, v) < 0) {
            return cd_json__oom(p);
        }
    } while (skip(p, ','));
    return skip(p, ']') ? cd_take(array) : cd_json__fail(p, "expected ',' or ']'");
}

static bool parse_member(struct cd_json_parser *p, json_t *obj)
{
    const char *key;
    size_t len;
    cd_autofree char *copy = NULL;
    json_t *v;

    if (!skip(p, '"')) {
        cd_json__fail(p, "expected a member's name");
        return false;
    }
    if (!cd_json__string(p, &key, &len)) {
        return false;
    }
    if (memchr(key, '\0', len)) {
        cd_json__fail(p, "a member's name holds a NUL");
        return false;
    }
    copy = strndup(key, len); /* the value's strings reuse scratch */
    if (!copy) {
        cd_json__oom(p);
        return false;
    }
    if (!skip(p, ':')) {
        cd_json__fail(p, "expected ':'");
        return false;
    }
    v = parse_value(p);
    if (!v) {
        return false;
    }
    if (json_object_set_new_nocheck(obj, copy, v) < 0) {
        cd_json__oom(p);
        return false;
    }
    return true;
}

static json_t *parse_object(struct cd_json_parser *p)
{
    json_auto_t *obj = json_object();

    if (!obj) {
        return cd_json__oom(p);
    }
    if (skip(p, '}')) {
        return cd_take(obj);
    }
    do {
        if (!parse_member(p, obj)) {
            return NULL;
        }
    } while (skip(p, ','));
    return skip(p, '}') ? cd_take(obj) : cd_json__fail(p, "expected ',' or '}'");
}

static json_t *parse_word(struct cd_json_parser *p, const char *word, json_t *v)
{
    size_t len = strlen(word);

    if (p->len - p->pos < len || memcmp(p->text + p->pos, word, len) != 0) {
        return cd_json__fail(p, "expected a value");
    }
    p->pos += len;
    return v;
}

static json_t *parse_value(struct cd_json_parser *p)
{
    const char *s;
    json_t *v = NULL;
    size_t len;

    if (p->depth == MAX_DEPTH) {
        return cd_json__fail(p, "nested too deep");
    }
    skip_space(p);
    p->depth++;
    switch (cd_json__peek(p)) {
    case '{':
        p->pos++;
        v = parse_object(p);
        break;
    case '[':
        p->pos++;
        v = parse_array(p);
        break;
    case '"':
        p->pos++;
        v = cd_json__string(p, &s, &len) ? json_stringn_nocheck(s, len) : NULL;
        break;
    case 't':
        v = parse_word(p, "true", json_true());
        break;
    case 'f':
        v = parse_word(p, "false", json_false());
        break;
    case 'n':
        v = parse_word(p, "null", json_null());
        break;
    default:
        v = cd_json__number(p);
    }
    p->depth--;
    return v ? v
             : cd_json__oom(p); /* the first error wins: out of memory only where there is none */
}

cd_result cd_json_load(const char *text, size_t len, json_t **ret, struct cd_error *reterr)
{
    struct cd_error err = CD_ERROR_INIT;
    struct cd_json_parser p = {.text = text, .len = len, .reterr = reterr ? reterr : &err};
    json_t *v;

    cd_buf_init(&p.scratch, SIZE_MAX / 4);
    v = parse_value(&p);
    cd_buf_done(&p.scratch);
    if (v) {
        skip_space(&p);
        if (p.pos < len) {
            cd_json__fail(&p, "something follows the value");
            json_decref(v);
            return CD_ERR;
        }
        *ret = v;
        return CD_OK;
    }
    return CD_ERR;
}
