/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cd_json_load: JSON text → a new json_t that the caller owns. Pure.
 */
#include "dap/base/json.h"

cd_result cd_json_load(const char *text, size_t len, json_t **ret, struct cd_error *reterr)
{
    json_error_t why;
    json_t *v = json_loadb(text, len, JSON_DECODE_ANY | JSON_ALLOW_NUL, &why);

    if (!v) {
        return cd_error_set(reterr, CD_E_BAD_JSON, "bad JSON at byte %d: %s", why.position,
                            why.text);
    }
    *ret = v;
    return CD_OK;
}
