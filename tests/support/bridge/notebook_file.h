/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Notebook files for unit tests: a text becomes a file in a folder of its own.
 */
#ifndef TESTS_SUPPORT_NOTEBOOK_FILE_H
#define TESTS_SUPPORT_NOTEBOOK_FILE_H

#include "bridge/notebook/notebook.h"

/* Path of a new file with this text, in a new folder; freed with its folder by file_remove. */
char *file_make(const char *text, size_t len);
void file_remove(char *path_owned);
/* The file's bytes, NUL-terminated; the caller frees. */
char *file_text(const char *path);
/* Loads the text as a notebook, which must go well. */
struct bridge_notebook *notebook_of(const char *text);

#endif
