/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cmocka and what its header wants before it; text comparison of a dumped value.
 */
#ifndef UNIT_H
#define UNIT_H

#include "dap/base/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Takes v_owned; the dump is compared byte for byte. */
static inline void assert_dump(json_t *v_owned, const char *want)
{
    struct cd_error err = CD_ERROR_INIT;
    struct cd_buf out;

    cd_buf_init(&out, 1u << 20);
    assert_non_null(v_owned);
    if (cd_json_dump(v_owned, &out, &err) < 0) {
        fail_msg("dump: %s", err.text);
    }
    assert_string_equal(out.data, want);
    cd_buf_done(&out);
    json_decref(v_owned);
}

/* New value from text that is known to be good. */
static inline json_t *load(const char *text)
{
    struct cd_error err = CD_ERROR_INIT;
    json_t *v = NULL;

    if (cd_json_load(text, strlen(text), &v, &err) < 0) {
        fail_msg("'%s': %s", text, err.text);
    }
    return v;
}

#endif
