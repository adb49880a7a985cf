/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What a logpoint says, on its way from the user's thread to the debug thread: a list that stays
 * open until the debug thread takes it, so that a loop which logs faster than anyone can send pays
 * for a text and not for a message. Shared by the two, each with a reference.
 */
#ifndef CD_TEXTS_H
#define CD_TEXTS_H

#include "dap/base/error.h"

struct cd_texts;

void cd_texts_unref(struct cd_texts *t);
struct cd_texts *cd_texts_new(void) CD_NEW(cd_texts_unref);
struct cd_texts *cd_texts_ref(struct cd_texts *t);
/* false: it was taken, or memory is out: the text goes into a new one. Copies. Any one thread. */
bool cd_texts_add(struct cd_texts *t, const char *text, size_t len);
/* The next text, borrowed until the last unref; NULL: that was all. The first call closes the list.
 * One thread. */
const char *cd_texts_next(struct cd_texts *t, size_t *ret_len);

#endif
