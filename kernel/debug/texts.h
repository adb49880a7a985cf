/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What a logpoint says, on its way from the user's thread to the debug thread: a list that stays
 * open until the debug thread takes it, so that a loop which logs faster than anyone can send pays
 * for a text and not for a message. Shared by the two, each with a reference.
 */
#ifndef DBG_TEXTS_H
#define DBG_TEXTS_H

#include "dap/base/error.h"

struct dbg_texts;

void dbg_texts_unref(struct dbg_texts *t);
struct dbg_texts *dbg_texts_new(void) CD_NEW(dbg_texts_unref);
struct dbg_texts *dbg_texts_ref(struct dbg_texts *t);
/* false: it was taken, or memory is out: the text goes into a new one. Copies. Any one thread. */
bool dbg_texts_add(struct dbg_texts *t, const char *text, size_t len);
/* The next text, borrowed until the last unref; NULL: that was all. The first call closes the list.
 * One thread. */
const char *dbg_texts_next(struct dbg_texts *t, size_t *ret_len);

#endif
