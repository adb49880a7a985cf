/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Typed getters that name the field they fail on, and the project's own dump and load.
 *
 * `path` is the full dotted name as the client knows it ("arguments.source.path"); the key looked
 * up in obj is what follows the last dot. A wrong type gives CD_E_BAD_TYPE
 * "expected integer at arguments.line"; a missing required one CD_E_MISSING
 * "missing arguments.line (integer)". JSON null counts as missing.
 * _opt getters succeed and leave *ret untouched when the key is missing.
 * obj may be NULL (then every key is missing). Returned strings and values are borrowed from obj.
 */
#ifndef CD_JSON_H
#define CD_JSON_H

#include "dap/base/buf.h"

#include <stdint.h>

#include <jansson.h>

cd_result cd_json_int(const json_t *obj, const char *path, int64_t min, int64_t max, int64_t *ret,
                      struct cd_error *reterr) CD_MUST_CHECK;
cd_result cd_json_int_opt(const json_t *obj, const char *path, int64_t min, int64_t max,
                          int64_t *ret, struct cd_error *reterr) CD_MUST_CHECK;
/* Strings with an embedded NUL are refused (CD_E_BAD_VALUE). */
cd_result cd_json_str(const json_t *obj, const char *path, const char **ret,
                      struct cd_error *reterr) CD_MUST_CHECK;
cd_result cd_json_str_opt(const json_t *obj, const char *path, const char **ret,
                          struct cd_error *reterr) CD_MUST_CHECK;
cd_result cd_json_bool_opt(const json_t *obj, const char *path, bool *ret, struct cd_error *reterr)
    CD_MUST_CHECK;
cd_result cd_json_obj(const json_t *obj, const char *path, json_t **ret, struct cd_error *reterr)
    CD_MUST_CHECK;
cd_result cd_json_obj_opt(const json_t *obj, const char *path, json_t **ret,
                          struct cd_error *reterr) CD_MUST_CHECK;
cd_result cd_json_arr(const json_t *obj, const char *path, json_t **ret, struct cd_error *reterr)
    CD_MUST_CHECK;
cd_result cd_json_arr_opt(const json_t *obj, const char *path, json_t **ret,
                          struct cd_error *reterr) CD_MUST_CHECK;

/* Appends compact JSON. Lone surrogates and invalid UTF-8 never reach the wire: strings made by
 * cd_json_text are already repaired. Reals do not depend on the locale. */
cd_result cd_json_dump(const json_t *v, struct cd_buf *out, struct cd_error *reterr) CD_MUST_CHECK;
/* New value; rejects trailing bytes, duplicates keep the last, depth and size are capped by jansson
 * and the caller. Accepts a real where JSON has one even if LC_NUMERIC is odd. */
cd_result cd_json_load(const char *text, size_t len, json_t **ret, struct cd_error *reterr)
    CD_MUST_CHECK;
/* New string from any bytes: invalid UTF-8 and encoded lone surrogates become U+FFFD. NULL on OOM.
 */
json_t *cd_json_text(const char *text, size_t len);
json_t *cd_json_textz(const char *text);

#endif
