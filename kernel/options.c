/* SPDX-License-Identifier: BSD-3-Clause
 *
 * See options.h. Main thread, before anything else runs. Must stay free of our other libraries: the
 * loader links only libc.
 */
#include "kernel/options.h"

#include <stdio.h>
#include <string.h>

const char kernel_usage[] =
    "usage: celldap-kernel -f FILE [--python PATH] [--plain] [--profile-dir DIR]\n"
    "                      [--python-arg ARG]... [--terminal | --tee]\n"
    "                      [--log FILE] [--log-level LEVEL] [--alone SECONDS]\n"
    "\n"
    "A Jupyter kernel for Python that is debugged through the Debug Adapter Protocol.\n"
    "\n"
    "  -f FILE            Jupyter connection file; ports that are 0 are chosen and written back\n"
    "  --python PATH      interpreter, also a venv's bin/python (default: python3 on PATH)\n"
    "  --python-arg ARG   an option of the interpreter, e.g. -X or -O; may be repeated\n"
    "  --plain            without IPython, even where it is installed\n"
    "  --terminal         a program that is run has this terminal's input and output\n"
    "  --tee              so does it, and front ends get its output too\n"
    "  --profile-dir DIR  IPython profile to use (default: profile_default)\n"
    "  --log FILE         append the log to FILE (default: stderr)\n"
    "  --log-level LEVEL  error, warn, info, debug or trace (default: warn)\n"
    "  --alone SECONDS    end when no client was heard of for so long and no cell runs\n"
    "  --version          print the version\n"
    "  --help             print this\n";

struct option_row {
    const char *name;
    const char **value; /* where its value goes, or */
    bool *flag;
    int *count; /* of values: NULL: the last one counts */
};

static int parse_one(const struct option_row *row, const char *inline_value, char ***next)
{
    if (row->flag) {
        if (inline_value) {
            (void)fprintf(stderr, "celldap-kernel: option '%s' takes no value\n", row->name);
            return -1;
        }
        *row->flag = true;
        return 0;
    }
    if (row->count && *row->count == KERNEL_MAX_PYTHON_ARGS) {
        (void)fprintf(stderr, "celldap-kernel: more than %d times '%s'\n", KERNEL_MAX_PYTHON_ARGS,
                      row->name);
        return -1;
    }
    const char **value = row->value + (row->count ? (*row->count)++ : 0);
    *value = inline_value ? inline_value : **next;
    if (!*value || !**value) {
        (void)fprintf(stderr, "celldap-kernel: option '%s' needs a value\n", row->name);
        return -1;
    }
    if (!inline_value) {
        (*next)++;
    }
    return 0;
}

int kernel_options_parse(int argc, char **argv, struct kernel_options *ret)
{
    *ret = (struct kernel_options){0};
    const struct option_row rows[] = {
        {"-f", &ret->connection_file, NULL, NULL},
        {"--python", &ret->python, NULL, NULL},
        {"--python-arg", ret->python_args, NULL, &ret->python_arg_count},
        {"--log", &ret->log_file, NULL, NULL},
        {"--profile-dir", &ret->profile_dir, NULL, NULL},
        {"--log-level", &ret->log_level, NULL, NULL},
        {"--alone", &ret->alone, NULL, NULL},
        {"--plain", NULL, &ret->plain, NULL},
        {"--terminal", NULL, &ret->terminal, NULL},
        {"--tee", NULL, &ret->tee, NULL},
        {"--help", NULL, &ret->help, NULL},
        {"-h", NULL, &ret->help, NULL},
        {"--version", NULL, &ret->version, NULL},
    };
    for (char **next = argv + (argc > 0); *next;) {
        const char *arg = *next++;
        const char *equals = strncmp(arg, "--", 2) == 0 ? strchr(arg, '=') : NULL;
        const size_t len = equals ? (size_t)(equals - arg) : strlen(arg);
        const struct option_row *found = NULL;
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
            if (strlen(rows[i].name) == len && strncmp(rows[i].name, arg, len) == 0) {
                found = &rows[i];
            }
        }
        if (!found) {
            (void)fprintf(stderr, "celldap-kernel: unknown option '%s'; see --help\n", arg);
            return -1;
        }
        if (parse_one(found, equals ? equals + 1 : NULL, &next)) {
            return -1;
        }
    }
    if (!ret->connection_file && !ret->help && !ret->version) {
        (void)fprintf(stderr, "celldap-kernel: -f FILE is missing; see --help\n");
        return -1;
    }
    return 0;
}
