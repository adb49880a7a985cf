/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Typed getters over json_t that name the field they fail on. Not thread-aware: a value has one
 * owner thread. Must never change the value they read.
 */
#include "dap/base/json.h"

#include <math.h>
#include <string.h>

/* The member that the last part of path names; NULL when it is missing or null. */
static json_t *member(const json_t *obj, const char *path)
{
    const char *dot = strrchr(path, '.');
    json_t *v = json_object_get(obj, dot ? dot + 1 : path);

    return json_is_null(v) ? NULL : v;
}

static cd_result missing(const char *path, const char *type, struct cd_error *reterr)
{
    return cd_error_set(reterr, CD_E_MISSING, "missing %s (%s)", path, type);
}

static cd_result wrong_type(const char *path, const char *type, struct cd_error *reterr)
{
    return cd_error_set(reterr, CD_E_BAD_TYPE, "expected %s at %s", type, path);
}

/* Some clients have no integers and write 3.0; exact up to 2^53. */
static bool integer_of(const json_t *v, int64_t *ret)
{
    if (json_is_integer(v)) {
        *ret = json_integer_value(v);
        return true;
    }
    if (json_is_real(v)) {
        double d = json_real_value(v);

        if (fabs(d) <= 9007199254740992.0 && d == floor(d)) {
            *ret = (int64_t)d;
            return true;
        }
    }
    return false;
}

cd_result cd_json_int_opt(const json_t *obj, const char *path, int64_t min, int64_t max,
                          int64_t *ret, struct cd_error *reterr)
{
    json_t *v = member(obj, path);
    int64_t n;

    if (!v) {
        return CD_OK;
    }
    if (!integer_of(v, &n)) {
        return wrong_type(path, "integer", reterr);
    }
    if (n < min || n > max) {
        return cd_error_set(reterr, CD_E_BAD_TYPE, "expected integer from %lld to %lld at %s",
                            (long long)min, (long long)max, path);
    }
    *ret = n;
    return CD_OK;
}

cd_result cd_json_int(const json_t *obj, const char *path, int64_t min, int64_t max, int64_t *ret,
                      struct cd_error *reterr)
{
    if (!member(obj, path)) {
        return missing(path, "integer", reterr);
    }
    return cd_json_int_opt(obj, path, min, max, ret, reterr);
}

cd_result cd_json_str_opt(const json_t *obj, const char *path, const char **ret,
                          struct cd_error *reterr)
{
    json_t *v = member(obj, path);

    if (!v) {
        return CD_OK;
    }
    if (!json_is_string(v)) {
        return wrong_type(path, "string", reterr);
    }
    if (strlen(json_string_value(v)) != json_string_length(v)) {
        return cd_error_set(reterr, CD_E_BAD_VALUE, "expected string without NUL at %s", path);
    }
    *ret = json_string_value(v);
    return CD_OK;
}

cd_result cd_json_str(const json_t *obj, const char *path, const char **ret,
                      struct cd_error *reterr)
{
    if (!member(obj, path)) {
        return missing(path, "string", reterr);
    }
    return cd_json_str_opt(obj, path, ret, reterr);
}

cd_result cd_json_bool_opt(const json_t *obj, const char *path, bool *ret, struct cd_error *reterr)
{
    json_t *v = member(obj, path);

    if (!v) {
        return CD_OK;
    }
    if (!json_is_boolean(v)) {
        return wrong_type(path, "boolean", reterr);
    }
    *ret = json_is_true(v);
    return CD_OK;
}

cd_result cd_json_obj_opt(const json_t *obj, const char *path, json_t **ret,
                          struct cd_error *reterr)
{
    json_t *v = member(obj, path);

    if (!v) {
        return CD_OK;
    }
    if (!json_is_object(v)) {
        return wrong_type(path, "object", reterr);
    }
    *ret = v;
    return CD_OK;
}

cd_result cd_json_obj(const json_t *obj, const char *path, json_t **ret, struct cd_error *reterr)
{
    if (!member(obj, path)) {
        return missing(path, "object", reterr);
    }
    return cd_json_obj_opt(obj, path, ret, reterr);
}

cd_result cd_json_arr_opt(const json_t *obj, const char *path, json_t **ret,
                          struct cd_error *reterr)
{
    json_t *v = member(obj, path);

    if (!v) {
        return CD_OK;
    }
    if (!json_is_array(v)) {
        return wrong_type(path, "array", reterr);
    }
    *ret = v;
    return CD_OK;
}

cd_result cd_json_arr(const json_t *obj, const char *path, json_t **ret, struct cd_error *reterr)
{
    if (!member(obj, path)) {
        return missing(path, "array", reterr);
    }
    return cd_json_arr_opt(obj, path, ret, reterr);
}
