/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What the command line of `celldap run` asks for (its options: bridge/cli/commands.c). Main
 * thread, before the loop.
 */
#include "bridge/cli/commands.h"
#include "bridge/run_impl.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool parse_seconds(const char *text, unsigned *ret)
{
    char *end;
    errno = 0;
    long n = strtol(text, &end, 10);
    if (errno || *end || end == text || n < 1 || n > 1000000) {
        return false;
    }
    *ret = (unsigned)n;
    return true;
}

static bool add_cell(struct bridge_run_options *o, const char *value)
{
    if (o->cell_count == BRIDGE_RUN_MAX_CELLS) {
        bridge_run_say("run: --cell may be given %d times; --cells takes ranges",
                       BRIDGE_RUN_MAX_CELLS);
        return false;
    }
    o->cell[o->cell_count++] = value;
    return true;
}

static bool take(void *ctx, const char *name, const char *value)
{
    struct bridge_run_options *o = ctx;
    const struct {
        const char *name;
        const char **value;
    } rows[] = {{"kernel", &o->kernel}, {"python", &o->python}, {"cells", &o->cells},
                {"cwd", &o->cwd},       {"output", &o->output}, {"log", &o->log_file}};

    for (size_t i = 0; i < CD_ARRAY_LEN(rows); i++) {
        if (strcmp(rows[i].name, name) == 0) {
            *rows[i].value = value;
            return true;
        }
    }
    if (strcmp(name, "cell") == 0) {
        return add_cell(o, value);
    }
    if (strcmp(name, "timeout") == 0 && !parse_seconds(value, &o->timeout_s)) {
        bridge_run_say("run: '%s' needs a number of seconds", "--timeout");
        return false;
    }
    if (strcmp(name, "save") == 0) {
        o->save = true;
        o->output = value ? value : o->output;
    }
    o->allow_errors = o->allow_errors || strcmp(name, "allow-errors") == 0;
    o->debug_on_error = o->debug_on_error || strcmp(name, "debug-on-error") == 0;
    return true;
}

int bridge_run_parse(int argc, char **argv, struct bridge_run_options *ret)
{
    int first;

    memset(ret, 0, sizeof(*ret));
    const int status = bridge_cli_read(argv[0], argc, argv, take, ret, &first);
    if (status >= 0) {
        return status;
    }
    if (argc - first != 1) {
        bridge_run_say("run: %s; see celldap run --help",
                       argc == first ? "name a notebook (.ipynb) or a percent script"
                       : ret->save   ? "one notebook at a time (--save=FILE saves to another)"
                                     : "one notebook at a time");
        return 2;
    }
    ret->file = argv[first];
    return -1;
}

static int index_of_id(const struct bridge_notebook *nb, const char *id)
{
    for (int i = 0; i < bridge_notebook_count(nb); i++) {
        if (strcmp(bridge_notebook_cell(nb, i)->id, id) == 0) {
            return i;
        }
    }
    return -1;
}

/* "3" and "3-5" are indexes, everything else an id. */
static bool parse_range(const char *word, int *first, int *last)
{
    char *end;
    errno = 0;
    long a = strtol(word, &end, 10);
    long b = a;
    if (!isdigit((unsigned char)*word)) {
        return false;
    }
    if (*end == '-' && isdigit((unsigned char)end[1])) {
        b = strtol(end + 1, &end, 10);
    }
    if (*end || errno || a > INT_MAX || b > INT_MAX) {
        return false;
    }
    *first = (int)a;
    *last = (int)b;
    return true;
}

static cd_result choose_word(const struct bridge_notebook *nb, const char *word, bool *chosen,
                             struct cd_error *reterr)
{
    int first = index_of_id(nb, word);
    int last = first;
    if (first < 0 && !parse_range(word, &first, &last)) {
        return cd_error_set(reterr, CD_E_NOT_FOUND, "no cell has the id '%.100s'", word);
    }
    if (first > last || last >= bridge_notebook_count(nb)) {
        return cd_error_set(reterr, CD_E_NOT_FOUND, "no cells '%.100s': the notebook has %d cells",
                            word, bridge_notebook_count(nb));
    }
    if (first == last && bridge_notebook_cell(nb, first)->type != BRIDGE_CELL_CODE) {
        return cd_error_set(reterr, CD_E_NOT_FOUND, "cell '%.100s' is no code cell", word);
    }
    for (int i = first; i <= last; i++) {
        chosen[i] = bridge_notebook_cell(nb, i)->type == BRIDGE_CELL_CODE;
    }
    return CD_OK;
}

static cd_result choose_list(const struct bridge_notebook *nb, const char *text, bool *chosen,
                             struct cd_error *reterr)
{
    cd_autofree char *words = strdup(text);
    char *rest = words;
    char *word;
    if (!words) {
        return cd_oom(reterr);
    }
    while ((word = strsep(&rest, ",")) != NULL) {
        if (choose_word(nb, word, chosen, reterr)) {
            return CD_ERR;
        }
    }
    return CD_OK;
}

cd_result bridge_run_choose(const struct bridge_notebook *nb,
                            const struct bridge_run_options *options, bool *chosen,
                            struct cd_error *reterr)
{
    bool all = !options->cells && options->cell_count == 0;
    for (int i = 0; i < bridge_notebook_count(nb); i++) {
        chosen[i] = all && bridge_notebook_cell(nb, i)->type == BRIDGE_CELL_CODE;
    }
    for (int i = 0; i < options->cell_count; i++) {
        if (choose_word(nb, options->cell[i], chosen, reterr)) {
            return CD_ERR;
        }
    }
    return options->cells ? choose_list(nb, options->cells, chosen, reterr) : CD_OK;
}
