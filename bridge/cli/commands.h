/* SPDX-License-Identifier: BSD-3-Clause
 *
 * celldap's commands and their options, once: what is read from a command line, and what --help,
 * the man page and the completions of the shells say, all come from this table.
 */
#ifndef BRIDGE_CLI_COMMANDS_H
#define BRIDGE_CLI_COMMANDS_H

#include <stdbool.h>
#include <stddef.h>

#define BRIDGE_MAX_OPTIONS 20

/* What a shell completes an option's value, or an argument, with. */
enum bridge_cli_hint {
    BRIDGE_HINT_NONE,
    BRIDGE_HINT_FILE,
    BRIDGE_HINT_FOLDER,
    BRIDGE_HINT_KERNEL, /* names of kernels */
    BRIDGE_HINT_LEVEL   /* of the log */
};

struct bridge_cli_option {
    const char *name;    /* without its dashes */
    const char *value;   /* how --help calls it; NULL: it takes none */
    bool value_may_stay; /* [=VALUE] */
    enum bridge_cli_hint hint;
    const char *text;
};

struct bridge_command {
    const char *name;          /* "": celldap without a command */
    const char *arguments;     /* how --help calls them; NULL: none */
    enum bridge_cli_hint hint; /* of the arguments */
    const char *summary;       /* one line */
    const char *text;          /* paragraphs, '\n' between them; NULL: none */
    const char *status;        /* what the exit status says */
    struct bridge_cli_option options[BRIDGE_MAX_OPTIONS]; /* ends with a name of NULL */
    const char *examples[6];                              /* ends with NULL */
};

extern const struct bridge_command bridge_commands[];
extern const size_t bridge_command_count;

/* NULL: there is none of that name. */
const struct bridge_command *bridge_command_find(const char *name);
void bridge_command_help(const struct bridge_command *c);

/* An option was read: value NULL where it has none. false: it makes no sense, and that was said. */
typedef bool (*bridge_cli_take)(void *ctx, const char *name, const char *value);
/* argv[0] is the command's name. Options may stand anywhere; what is none stays in argv from
 * *ret_first on. -1: go on; else the exit status: help was asked for, or something is wrong and was
 * told. */
int bridge_cli_read(const char *command, int argc, char **argv, bridge_cli_take take, void *ctx,
                    int *ret_first);

#endif
