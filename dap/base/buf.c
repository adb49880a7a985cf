/* SPDX-License-Identifier: BSD-3-Clause
 *
 * struct cd_buf: growable bytes with a hard cap. Not thread-aware.
 * An append that fails must never leave half of its bytes behind.
 */
#include "dap/base/buf.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What data points to while nothing is allocated; never written to. */
static char empty[1];

void cd_buf_init(struct cd_buf *b, size_t max_bytes)
{
    *b = (struct cd_buf){.data = empty, .max = max_bytes};
}

void cd_buf_done(struct cd_buf *b)
{
    if (b->cap > 0) {
        free(b->data);
    }
    b->data = empty;
    b->len = 0;
    b->cap = 0;
}

void cd_buf_clear(struct cd_buf *b)
{
    b->len = 0;
    if (b->cap > 0) {
        b->data[0] = '\0';
    } else {
        b->data = empty;
    }
}

cd_result cd_buf_reserve(struct cd_buf *b, size_t more, struct cd_error *reterr)
{
    size_t need, cap;
    char *data;

    if (b->len > b->max || more > b->max - b->len) {
        return cd_error_set(reterr, CD_E_LIMIT, "%zu more bytes go over the limit of %zu", more,
                            b->max);
    }
    need = b->len + more;
    if (need < b->cap) {
        return CD_OK;
    }
    if (need > SIZE_MAX / 2) {
        return cd_oom(reterr);
    }
    cap = b->cap ? b->cap : 64;
    while (cap <= need) {
        cap *= 2;
    }
    data = realloc(b->cap ? b->data : NULL, cap);
    if (!data) {
        return cd_oom(reterr);
    }
    data[b->len] = '\0';
    b->data = data;
    b->cap = cap;
    return CD_OK;
}

cd_result cd_buf_append(struct cd_buf *b, const void *bytes, size_t len, struct cd_error *reterr)
{
    if (len == 0) {
        return CD_OK;
    }
    if (cd_buf_reserve(b, len, reterr) < 0) {
        return CD_ERR;
    }
    memcpy(b->data + b->len, bytes, len);
    b->len += len;
    b->data[b->len] = '\0';
    return CD_OK;
}

cd_result cd_buf_appendf(struct cd_buf *b, struct cd_error *reterr, const char *format, ...)
{
    va_list args;
    int len;

    va_start(args, format);
    len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (len < 0) {
        return cd_error_set(reterr, CD_E_INTERNAL, "text cannot be formatted");
    }
    if (cd_buf_reserve(b, (size_t)len, reterr) < 0) {
        return CD_ERR;
    }
    va_start(args, format);
    vsnprintf(b->data + b->len, (size_t)len + 1, format, args);
    va_end(args);
    b->len += (size_t)len;
    return CD_OK;
}

void cd_buf_consume(struct cd_buf *b, size_t len)
{
    if (len >= b->len) {
        cd_buf_clear(b);
        return;
    }
    memmove(b->data, b->data + len, b->len - len + 1);
    b->len -= len;
}

char *cd_buf_steal(struct cd_buf *b)
{
    char *data;

    if (b->cap == 0) {
        return strdup("");
    }
    data = b->data;
    b->data = empty;
    b->len = 0;
    b->cap = 0;
    return data;
}
