/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What an interpreter answered the last time, kept in the user's cache folder. libc only.
 */
#ifndef KERNEL_LOADER_ANSWER_CACHE_H
#define KERNEL_LOADER_ANSWER_CACHE_H

#include <stddef.h>

/* This very program's answer to the question, '\0'-terminated: 0; -1 where none is known. */
int answer_cache_read(const char *python, const char *question, char *answer, size_t bytes);
/* Keeps an answer. Never fails loudly: without it the next start only takes longer. */
void answer_cache_write(const char *python, const char *question, const char *answer);

#endif
