/* SPDX-License-Identifier: BSD-3-Clause
 *
 * struct cd_texts: lengths and bytes in one block. The mutex guards what the writer and the
 * closing reader share; after it is closed only the reader looks at the block.
 */
#include "dap/base/texts.h"

#include "dap/base/buf.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define TEXTS_BYTES (256u * 1024 * 1024)

struct cd_texts {
    atomic_int refs;
    pthread_mutex_t mu; /* rank 2 (leaf) */
    bool closed;
    struct cd_buf bytes; /* (size_t, text)… */
    size_t at;           /* the reader's */
};

struct cd_texts *cd_texts_new(void)
{
    struct cd_texts *t = calloc(1, sizeof *t);
    if (t) {
        atomic_init(&t->refs, 1);
        (void)pthread_mutex_init(&t->mu, NULL);
        cd_buf_init(&t->bytes, TEXTS_BYTES);
    }
    return t;
}

struct cd_texts *cd_texts_ref(struct cd_texts *t)
{
    atomic_fetch_add(&t->refs, 1);
    return t;
}

void cd_texts_unref(struct cd_texts *t)
{
    if (t && atomic_fetch_sub(&t->refs, 1) == 1) {
        cd_buf_done(&t->bytes);
        (void)pthread_mutex_destroy(&t->mu);
        free(t);
    }
}

bool cd_texts_add(struct cd_texts *t, const char *text, size_t len)
{
    (void)pthread_mutex_lock(&t->mu);
    const bool added = !t->closed && cd_buf_reserve(&t->bytes, sizeof len + len, NULL) == CD_OK &&
                       cd_buf_append(&t->bytes, &len, sizeof len, NULL) == CD_OK &&
                       cd_buf_append(&t->bytes, text, len, NULL) == CD_OK;
    (void)pthread_mutex_unlock(&t->mu);
    return added;
}

const char *cd_texts_next(struct cd_texts *t, size_t *ret_len)
{
    if (t->at == 0) {
        (void)pthread_mutex_lock(&t->mu);
        t->closed = true;
        (void)pthread_mutex_unlock(&t->mu);
    }
    if (t->at == t->bytes.len) {
        return NULL;
    }
    memcpy(ret_len, t->bytes.data + t->at, sizeof *ret_len);
    const char *text = t->bytes.data + t->at + sizeof *ret_len;
    t->at += sizeof *ret_len + *ret_len;
    return text;
}
