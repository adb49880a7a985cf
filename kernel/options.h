/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Command line of celldap-kernel. Both the loader and the module read it: libc only.
 */
#ifndef KERNEL_OPTIONS_H
#define KERNEL_OPTIONS_H

#include <stdbool.h>

#define KERNEL_MAX_PYTHON_ARGS 32

struct kernel_options {
    const char *connection_file;
    const char *python; /* NULL: python3 on PATH */
    const char *profile_dir;
    const char *log_file;
    const char *log_level;
    const char *alone; /* seconds; NULL: it waits for clients as long as it lives */
    const char *python_args[KERNEL_MAX_PYTHON_ARGS]; /* of the interpreter: -X, dev, … */
    int python_arg_count;
    bool plain;
    bool terminal; /* a program's input and output are the process's own */
    bool tee;      /* terminal, and its output goes to the front ends too */
    bool help;
    bool version;
};

extern const char kernel_usage[];

/* Values are borrowed from argv. 0, or -1 after one line about what is wrong on stderr. */
int kernel_options_parse(int argc, char **argv, struct kernel_options *ret);

#endif
