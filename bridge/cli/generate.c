/* SPDX-License-Identifier: BSD-3-Clause
 *
 * `celldap generate man|bash|zsh|fish`: the man page and the shells' completions, out of the table
 * of commands (commands.h). The build runs it; not for people.
 */
#include "bridge/cli/cli.h"
#include "bridge/cli/commands.h"

#include <stdio.h>
#include <string.h>

/* roff takes '-' for a hyphen, '\' for an escape, and a dot at a line's beginning for a command. */
static void roff(const char *text)
{
    if (*text == '.' || *text == '\'') {
        (void)fputs("\\&", stdout);
    }
    for (; *text; text++) {
        if (*text == '-') {
            (void)fputs("\\-", stdout);
        } else if (*text == '\\') {
            (void)fputs("\\e", stdout);
        } else if (*text == '\n') {
            (void)fputs("\n.PP\n", stdout);
        } else {
            (void)putchar(*text);
        }
    }
}

static void man_options(const struct bridge_command *c)
{
    for (const struct bridge_cli_option *o = c->options; o->name; o++) {
        (void)fputs(".TP\n\\fB\\-\\-", stdout);
        roff(o->name);
        (void)fputs("\\fR", stdout);
        if (o->value) {
            (void)fputs(o->value_may_stay ? "[=\\fI" : " \\fI", stdout);
            roff(o->value);
            (void)fputs(o->value_may_stay ? "\\fR]" : "\\fR", stdout);
        }
        (void)putchar('\n');
        roff(o->text);
        (void)putchar('\n');
    }
    (void)fputs(".TP\n\\fB\\-h\\fR, \\fB\\-\\-help\\fR\nprint the help\n", stdout);
}

static void man_command(const struct bridge_command *c)
{
    (void)printf(".SS celldap%s%s", c->name[0] ? " " : "", c->name);
    (void)printf(" [options]%s", c->arguments ? " " : "");
    roff(c->arguments ? c->arguments : "");
    (void)putchar('\n');
    roff(c->text);
    (void)putchar('\n');
    man_options(c);
    (void)fputs(".PP\nExit status: ", stdout);
    roff(c->status);
    (void)fputs(".\n", stdout);
}

static void print_man(void)
{
    (void)printf(".TH CELLDAP 1 \"\" \"celldap %s\" \"User Commands\"\n.SH NAME\ncelldap \\- ",
                 CELLDAP_VERSION);
    roff(bridge_commands[0].summary);
    (void)fputs("\n.SH SYNOPSIS\n", stdout);
    for (size_t i = 0; i < bridge_command_count; i++) {
        const struct bridge_command *c = &bridge_commands[i];
        (void)printf("\\fBcelldap%s%s\\fR [options]%s", c->name[0] ? " " : "", c->name,
                     c->arguments ? " " : "");
        roff(c->arguments ? c->arguments : "");
        (void)fputs("\n.br\n", stdout);
    }
    (void)fputs(".SH COMMANDS\n", stdout);
    for (size_t i = 0; i < bridge_command_count; i++) {
        man_command(&bridge_commands[i]);
    }
    (void)fputs(".SH EXAMPLES\n", stdout);
    for (size_t i = 0; i < bridge_command_count; i++) {
        for (const char *const *e = bridge_commands[i].examples; *e; e++) {
            (void)fputs(".PP\n.nf\n", stdout);
            roff(*e);
            (void)fputs("\n.fi\n", stdout);
        }
    }
    (void)fputs(".SH SEE ALSO\n\\fBjupyter\\fR(1), \\fBpython3\\fR(1)\n", stdout);
}

static void bash_options(const struct bridge_command *c)
{
    for (const struct bridge_cli_option *o = c->options; o->name; o++) {
        (void)printf("--%s ", o->name);
    }
    (void)fputs("--help", stdout);
}

static void bash_values(void)
{
    static const struct {
        enum bridge_cli_hint hint;
        const char *reply;
    } rows[] = {
        {BRIDGE_HINT_NONE, "COMPREPLY=()"},
        {BRIDGE_HINT_FILE, "COMPREPLY=($(compgen -f -- \"$word\"))"},
        {BRIDGE_HINT_FOLDER, "COMPREPLY=($(compgen -d -- \"$word\"))"},
        {BRIDGE_HINT_KERNEL, "COMPREPLY=($(compgen -W \"$(_celldap_kernels)\" -- \"$word\"))"},
        {BRIDGE_HINT_LEVEL, "COMPREPLY=($(compgen -W 'error warn info debug trace' -- \"$word\"))"},
    };

    (void)fputs("    case \"$command $before\" in\n", stdout);
    for (size_t i = 0; i < bridge_command_count; i++) {
        const struct bridge_command *c = &bridge_commands[i];
        for (const struct bridge_cli_option *o = c->options; o->name; o++) {
            if (o->value && !o->value_may_stay) {
                (void)printf("    '%s --%s') %s; return ;;\n", c->name, o->name,
                             rows[o->hint].reply);
            }
        }
    }
    (void)fputs("    esac\n", stdout);
}

static void print_bash(void)
{
    (void)fputs(
        "# bash completion for celldap; made by `celldap generate bash`\n"
        "_celldap_kernels() {\n"
        "    celldap kernels 2>/dev/null | sed -n '/^Installed/,/^Running/s/^  *\\([^ ]*\\) "
        ".*/\\1/p'\n"
        "}\n"
        "_celldap() {\n"
        "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} "
        "command=''\n"
        "    case \"${COMP_WORDS[1]}\" in\n    ",
        stdout);
    for (size_t i = 1; i < bridge_command_count; i++) {
        (void)printf("%s%s", i > 1 ? "|" : "", bridge_commands[i].name);
    }
    (void)fputs(") ((COMP_CWORD > 1)) && command=${COMP_WORDS[1]} ;;\n    esac\n", stdout);
    bash_values();
    (void)fputs("    case \"$command\" in\n", stdout);
    for (size_t i = 0; i < bridge_command_count; i++) {
        const struct bridge_command *c = &bridge_commands[i];
        (void)printf("    '%s') COMPREPLY=($(compgen ", c->name);
        (void)printf("%s-W '", c->hint == BRIDGE_HINT_FILE ? "-f " : "");
        bash_options(c);
        for (size_t k = 1; i == 0 && k < bridge_command_count; k++) {
            (void)printf(" %s", bridge_commands[k].name);
        }
        (void)fputs("' -- \"$word\")) ;;\n", stdout);
    }
    (void)fputs("    esac\n}\ncomplete -o filenames -F _celldap celldap\n", stdout);
}

/* In the single quotes of zsh and fish; zsh's specifications have brackets and colons too. */
static void quoted(const char *text, bool zsh)
{
    for (; *text; text++) {
        if (*text == '\'') {
            (void)fputs(zsh ? "'\\''" : "\\'", stdout);
        } else {
            if (zsh && strchr("[]:\\", *text)) {
                (void)putchar('\\');
            }
            (void)putchar(*text);
        }
    }
}

static const char *const zsh_actions[] = {[BRIDGE_HINT_NONE] = "",
                                          [BRIDGE_HINT_FILE] = "_files",
                                          [BRIDGE_HINT_FOLDER] = "_files -/",
                                          [BRIDGE_HINT_KERNEL] = "_celldap_kernels",
                                          [BRIDGE_HINT_LEVEL] = "(error warn info debug trace)"};

static void zsh_command(const struct bridge_command *c)
{
    for (const struct bridge_cli_option *o = c->options; o->name; o++) {
        (void)printf(" \\\n        '%s--%s%s[", strstr(o->text, "may be repeated") ? "*" : "",
                     o->name,
                     !o->value           ? ""
                     : o->value_may_stay ? "=-"
                                         : "=");
        quoted(o->text, true);
        (void)putchar(']');
        if (o->value) {
            (void)printf("%s:%s:%s", o->value_may_stay ? ":" : "", o->value, zsh_actions[o->hint]);
        }
        (void)putchar('\'');
    }
    (void)fputs(" \\\n        '(- *)'{-h,--help}'[print the help]'", stdout);
}

static void print_zsh(void)
{
    (void)fputs("#compdef celldap\n# made by `celldap generate zsh`\n"
                "_celldap_kernels() {\n"
                "    local -a names\n"
                "    names=(${(f)\"$(celldap kernels 2>/dev/null | sed -n "
                "'/^Installed/,/^Running/s/^  *\\([^ ]*\\) .*/\\1/p')\"})\n"
                "    _describe kernel names\n"
                "}\n"
                "_celldap() {\n"
                "    local -a commands\n    commands=(\n",
                stdout);
    for (size_t i = 1; i < bridge_command_count; i++) {
        (void)printf("        '%s:", bridge_commands[i].name);
        quoted(bridge_commands[i].summary, true);
        (void)fputs("'\n", stdout);
    }
    (void)fputs("    )\n    if ((CURRENT == 2)) && [[ $words[2] != -* ]]; then\n"
                "        _describe command commands\n        return\n    fi\n"
                "    case $words[2] in\n",
                stdout);
    for (size_t i = 1; i <= bridge_command_count; i++) {
        const struct bridge_command *c = &bridge_commands[i % bridge_command_count];
        (void)printf("    %s)\n        %s_arguments", c->name[0] ? c->name : "*",
                     c->name[0] ? "shift words; ((CURRENT--)); " : "");
        zsh_command(c);
        (void)printf("%s ;;\n", c->hint == BRIDGE_HINT_FILE ? " \\\n        '*:file:_files'" : "");
    }
    (void)fputs("    esac\n}\n_celldap \"$@\"\n", stdout);
}

static void fish_command(const struct bridge_command *c)
{
    for (const struct bridge_cli_option *o = c->options; o->name; o++) {
        (void)printf("complete -c celldap -n '%s%s' -l %s %s",
                     c->name[0] ? "__fish_seen_subcommand_from " : "__fish_use_subcommand", c->name,
                     o->name, o->value && !o->value_may_stay ? "-r " : "");
        if (o->value && o->hint == BRIDGE_HINT_LEVEL) {
            (void)fputs("-f -a 'error warn info debug trace' ", stdout);
        } else if (o->value && o->hint == BRIDGE_HINT_FOLDER) {
            (void)fputs("-f -a '(__fish_complete_directories)' ", stdout);
        } else if (o->value && o->hint == BRIDGE_HINT_KERNEL) {
            (void)fputs("-f -a '(__celldap_kernels)' ", stdout);
        } else if (o->value && o->hint == BRIDGE_HINT_FILE) {
            (void)fputs("-F ", stdout);
        } else {
            (void)fputs("-f ", stdout);
        }
        (void)fputs("-d '", stdout);
        quoted(o->text, false);
        (void)fputs("'\n", stdout);
    }
}

static void print_fish(void)
{
    (void)fputs(
        "# fish completion for celldap; made by `celldap generate fish`\n"
        "function __celldap_kernels\n"
        "    celldap kernels 2>/dev/null | sed -n '/^Installed/,/^Running/s/^  *\\([^ ]*\\) "
        ".*/\\1/p'\n"
        "end\n"
        "complete -c celldap -f -s h -l help -d 'print the help'\n",
        stdout);
    for (size_t i = 0; i < bridge_command_count; i++) {
        const struct bridge_command *c = &bridge_commands[i];
        if (c->name[0]) {
            (void)printf("complete -c celldap -n __fish_use_subcommand -f -a %s -d '", c->name);
            quoted(c->summary, false);
            (void)fputs("'\n", stdout);
            (void)printf("complete -c celldap -n '__fish_seen_subcommand_from %s' %s\n", c->name,
                         c->hint == BRIDGE_HINT_FILE ? "-F" : "-f");
        }
        fish_command(c);
    }
}

int bridge_generate_main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*print)(void);
    } rows[] = {{"bash", print_bash}, {"fish", print_fish}, {"man", print_man}, {"zsh", print_zsh}};

    for (size_t i = 0; argc == 2 && i < CD_ARRAY_LEN(rows); i++) {
        if (strcmp(argv[1], rows[i].name) == 0) {
            rows[i].print();
            return fflush(stdout) != 0;
        }
    }
    bridge_cli_say("generate: man, bash, zsh or fish");
    return 2;
}
