/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What an interpreter says about itself. libc only.
 */
#ifndef KERNEL_LOADER_INTERPRETER_H
#define KERNEL_LOADER_INTERPRETER_H

#include <limits.h>
#include <stdbool.h>

struct interpreter {
    char path[PATH_MAX]; /* absolute; a venv's link is not resolved, it is what makes it a venv */
    char version[16];    /* "3.13" */
    char release[32];    /* "3.13.0" */
    char base_prefix[PATH_MAX];
    char libpython[PATH_MAX]; /* "" when it has no shared library */
    bool free_threaded;
};

/* python NULL: python3 on PATH. Runs it once. 0, or -1 after one line on stderr that says why. */
int interpreter_ask(const char *python, struct interpreter *ret);

#endif
