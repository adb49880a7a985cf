/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Command lines read by the table (commands.h), and its --help. Main thread, before anything runs.
 */
#include "bridge/cli/cli.h"
#include "bridge/cli/commands.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#define WIDTH  80
#define COLUMN 23 /* where the texts of options begin */

const struct bridge_command *bridge_command_find(const char *name)
{
    for (size_t i = 0; i < bridge_command_count; i++) {
        if (strcmp(bridge_commands[i].name, name) == 0) {
            return &bridge_commands[i];
        }
    }
    return NULL;
}

/* Words of text, broken; at: the column that is written, indent: where lines begin. */
static void put_wrapped(const char *text, int at, int indent)
{
    while (*text) {
        const int n = (int)strcspn(text, " \n");

        if (at > indent && at + 1 + n > WIDTH) {
            (void)printf("\n%*s", indent, "");
            at = indent;
        }
        if (at > indent) {
            (void)putchar(' ');
            at++;
        }
        (void)printf("%.*s", n, text);
        at += n;
        text += n;
        if (*text == '\n') {
            (void)printf("\n%*s", indent, "");
            at = indent;
        }
        text += *text != '\0';
    }
    (void)putchar('\n');
}

static void put_option(const struct bridge_cli_option *o)
{
    const int n = o->value ? printf("  --%s%s%s%s", o->name, o->value_may_stay ? "[=" : " ",
                                    o->value, o->value_may_stay ? "]" : "")
                           : printf("  --%s", o->name);

    if (n + 2 > COLUMN) {
        (void)printf("\n%*s", COLUMN, "");
    } else {
        (void)printf("%*s", COLUMN - n, "");
    }
    put_wrapped(o->text, COLUMN, COLUMN);
}

/* The commands, under the help of celldap itself. */
static void put_commands(void)
{
    (void)puts("\nCommands (each has --help):");
    for (size_t i = 0; i < bridge_command_count; i++) {
        if (bridge_commands[i].name[0]) {
            (void)printf("  %-19s  ", bridge_commands[i].name);
            put_wrapped(bridge_commands[i].summary, COLUMN, COLUMN);
        }
    }
}

void bridge_command_help(const struct bridge_command *c)
{
    (void)printf("usage: celldap%s%s [options]%s%s\n", c->name[0] ? " " : "", c->name,
                 c->arguments ? " " : "", c->arguments ? c->arguments : "");
    if (!c->name[0]) {
        (void)puts("       celldap COMMAND [options]");
    }
    (void)putchar('\n');
    put_wrapped(c->text, 0, 0);
    if (c->options[0].name) {
        (void)putchar('\n');
    }
    for (const struct bridge_cli_option *o = c->options; o->name; o++) {
        put_option(o);
    }
    (void)printf("  %-19s  this\n", "-h, --help");
    if (!c->name[0]) {
        put_commands();
    }
    (void)puts("\nExamples:");
    for (const char *const *e = c->examples; *e; e++) {
        (void)printf("  %s\n", *e);
    }
    (void)printf("\nExit status:");
    put_wrapped(c->status, 12, 0);
}

/* A line about what is wrong. Returns the exit status. */
static int wrong(const struct bridge_command *c, const char *arg, const char *what)
{
    bridge_cli_say("%s%s'%s' %s; see celldap%s%s --help", c->name, c->name[0] ? ": " : "", arg,
                   what, c->name[0] ? " " : "", c->name);
    return 2;
}

static void fill(const struct bridge_command *c, struct option *out)
{
    int n = 0;

    for (const struct bridge_cli_option *o = c->options; o->name; o++, n++) {
        out[n] = (struct option){o->name,
                                 !o->value           ? no_argument
                                 : o->value_may_stay ? optional_argument
                                                     : required_argument,
                                 NULL, 256 + n};
    }
    out[n] = (struct option){"help", no_argument, NULL, 'h'};
    out[n + 1] = (struct option){0};
}

int bridge_cli_read(const char *command, int argc, char **argv, bridge_cli_take take, void *ctx,
                    int *ret_first)
{
    const struct bridge_command *c = bridge_command_find(command);
    struct option options[BRIDGE_MAX_OPTIONS + 2];

    fill(c, options);
    optind = 0; /* GNU: begin anew */
    opterr = 0;
    for (;;) {
        const int at = optind ? optind : 1;
        const int option = getopt_long(argc, argv, ":h", options, NULL);

        if (option < 0) {
            break;
        }
        if (option == 'h') {
            bridge_command_help(c);
            return fflush(stdout) != 0;
        }
        if (option == ':' || option == '?') {
            return wrong(c, argv[at], option == ':' ? "needs a value" : "is no option of it");
        }
        if (!take(ctx, c->options[option - 256].name, optarg)) {
            return 2;
        }
    }
    *ret_first = optind;
    if (optind < argc && !c->arguments) {
        return wrong(c, argv[optind], "is no option of it");
    }
    return -1;
}
