/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Growable bytes with a hard cap. data is always NUL-terminated (the NUL is not counted in len),
 * and is "" for an empty buffer. Not thread-aware.
 */
#ifndef CD_BUF_H
#define CD_BUF_H

#include "dap/base/error.h"

#include <stdarg.h>

struct cd_buf {
    char *data;
    size_t len;
    size_t cap;
    size_t
        max; /* bytes; an append over it fails with CD_E_LIMIT and leaves the content as it was */
};

void cd_buf_init(struct cd_buf *b, size_t max_bytes);
void cd_buf_done(struct cd_buf *b);
void cd_buf_clear(struct cd_buf *b); /* len = 0, memory kept */
cd_result cd_buf_append(struct cd_buf *b, const void *bytes, size_t len, struct cd_error *reterr)
    CD_MUST_CHECK;
cd_result cd_buf_appendf(struct cd_buf *b, struct cd_error *reterr, const char *format, ...)
    CD_PRINTF(3, 4) CD_MUST_CHECK;
cd_result cd_buf_reserve(struct cd_buf *b, size_t more, struct cd_error *reterr) CD_MUST_CHECK;
void cd_buf_consume(struct cd_buf *b, size_t len); /* drops len bytes from the front */
char *
cd_buf_steal(struct cd_buf *b); /* caller frees; the buffer is empty after; never NULL unless OOM */

#define cd_autobuf __attribute__((cleanup(cd_buf_done)))

#endif
