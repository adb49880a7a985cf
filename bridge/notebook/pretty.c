/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Indented JSON (pretty.h); scalars are cd_json_dump's, so reals do not depend on the locale. Pure.
 */
#include "bridge/notebook/pretty.h"

#define MAX_DEPTH 512u

static cd_result new_line(unsigned unit, unsigned depth, struct cd_buf *out,
                          struct cd_error *reterr)
{
    return cd_buf_appendf(out, reterr, "\n%*s", (int)(unit * depth), "");
}

static cd_result between(size_t n, unsigned unit, unsigned depth, struct cd_buf *out,
                         struct cd_error *reterr)
{
    if (n > 0 && cd_buf_append(out, ",", 1, reterr)) {
        return CD_ERR;
    }
    return new_line(unit, depth + 1, out, reterr);
}

static cd_result dump_object(const json_t *v, unsigned unit, unsigned depth, struct cd_buf *out,
                             struct cd_error *reterr)
{
    size_t n = 0;
    const char *key;
    json_t *member;
    json_object_foreach((json_t *)(uintptr_t)v, key, member)
    {
        json_auto_t *name = cd_json_textz(key);
        if (!name) {
            return cd_oom(reterr);
        }
        if (between(n++, unit, depth, out, reterr) || cd_json_dump(name, out, reterr) ||
            cd_buf_append(out, ": ", 2, reterr) ||
            bridge_pretty_dump(member, unit, depth + 1, out, reterr)) {
            return CD_ERR;
        }
    }
    return new_line(unit, depth, out, reterr);
}

static cd_result dump_array(const json_t *v, unsigned unit, unsigned depth, struct cd_buf *out,
                            struct cd_error *reterr)
{
    size_t n;
    json_t *element;
    json_array_foreach(v, n, element)
    {
        if (between(n, unit, depth, out, reterr) ||
            bridge_pretty_dump(element, unit, depth + 1, out, reterr)) {
            return CD_ERR;
        }
    }
    return new_line(unit, depth, out, reterr);
}

cd_result bridge_pretty_dump(const json_t *v, unsigned unit, unsigned depth, struct cd_buf *out,
                             struct cd_error *reterr)
{
    bool empty = json_is_object(v) ? json_object_size(v) == 0 : json_array_size(v) == 0;
    if (unit == 0 || empty || !(json_is_object(v) || json_is_array(v))) {
        return cd_json_dump(v, out, reterr);
    }
    if (depth > MAX_DEPTH) {
        return cd_error_set(reterr, CD_E_LIMIT, "an output is nested deeper than %u", MAX_DEPTH);
    }
    bool object = json_is_object(v);
    if (cd_buf_append(out, object ? "{" : "[", 1, reterr) ||
        (object ? dump_object : dump_array)(v, unit, depth, out, reterr)) {
        return CD_ERR;
    }
    return cd_buf_append(out, object ? "}" : "]", 1, reterr);
}
