/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The error value that every fallible function fills: fixed size, no allocation, first error wins.
 * It becomes DAP body.error {id, format, showUser}; longer texts (tracebacks) travel in the body.
 */
#ifndef CD_ERROR_H
#define CD_ERROR_H

#include "dap/base/attrs.h"

#include <stdarg.h>
#include <stdbool.h>

enum cd_error_id {
    CD_E_NONE = 0,
#define CD_ERROR(name, id, word) CD_E_##name = (id),
#include "dap/base/error_ids.def"
#undef CD_ERROR
};

struct cd_error {
    int id;         /* enum cd_error_id */
    bool show_user; /* DAP: Message.showUser */
    char source[40];
    char text[400]; /* lower case, names the value in single quotes, says what to do */
};

#define CD_ERROR_INIT {0}

/* Fills *reterr unless it already holds an error (first wins) or is NULL. Always returns CD_ERR. */
cd_result cd_error_set(struct cd_error *reterr, enum cd_error_id id, const char *format, ...)
    CD_PRINTF(3, 4);
cd_result cd_error_errno(struct cd_error *reterr, int err, const char *format, ...)
    CD_PRINTF(3, 4); /* appends ": <strerror>" */
cd_result cd_oom(struct cd_error *reterr);
/* Puts "context: " before the text that is there; cut at the end where it does not fit. */
void cd_error_prefix(struct cd_error *reterr, const char *format, ...) CD_PRINTF(2, 3);
void cd_error_clear(struct cd_error *err);
/* The word of error_ids.def, or NULL. */
const char *cd_error_word(int id);

#endif
