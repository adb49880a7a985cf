/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The command line of `celldap run`. Only this file writes usage texts. Main thread, before the
 * loop.
 */
#include "bridge/run_impl.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "usage: celldap run [options] FILE.ipynb\n"
    "\n"
    "Runs the code cells of a notebook in order and prints their outputs. The first cell that "
    "fails\n"
    "ends the run. Exit status: 0, 1 when a cell, the kernel or the file fails, 2 for wrong "
    "usage.\n"
    "\n"
    "  --python PATH     interpreter (>= 3.12) to run in, e.g. .venv/bin/python\n"
    "  --cells LIST      only these cells: indexes (from 0, markdown counted), ranges, ids: 0,3-5\n"
    "  --allow-errors    go on after a cell that fails\n"
    "  --timeout SECONDS interrupt a cell that runs longer\n"
    "  --cwd FOLDER      working directory (default: the notebook's folder)\n"
    "  --output FILE     save the notebook with its outputs there, also when a cell fails\n"
    "  --log FILE        log of the kernel\n";

enum { OPT_PYTHON = 256, OPT_CELLS, OPT_ERRORS, OPT_TIMEOUT, OPT_CWD, OPT_OUTPUT, OPT_LOG };

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

static bool take_option(int option, struct bridge_run_options *ret)
{
    switch (option) {
    case OPT_PYTHON:
        ret->python = optarg;
        return true;
    case OPT_CELLS:
        ret->cells = optarg;
        return true;
    case OPT_ERRORS:
        ret->allow_errors = true;
        return true;
    case OPT_CWD:
        ret->cwd = optarg;
        return true;
    case OPT_OUTPUT:
        ret->output = optarg;
        return true;
    case OPT_LOG:
        ret->log_file = optarg;
        return true;
    default:
        return option == OPT_TIMEOUT && parse_seconds(optarg, &ret->timeout_s);
    }
}

enum bridge_run_parse bridge_run_parse(int argc, char **argv, struct bridge_run_options *ret)
{
    static const struct option options[] = {
        {"python", required_argument, NULL, OPT_PYTHON},
        {"cells", required_argument, NULL, OPT_CELLS},
        {"allow-errors", no_argument, NULL, OPT_ERRORS},
        {"timeout", required_argument, NULL, OPT_TIMEOUT},
        {"cwd", required_argument, NULL, OPT_CWD},
        {"output", required_argument, NULL, OPT_OUTPUT},
        {"log", required_argument, NULL, OPT_LOG},
        {"help", no_argument, NULL, 'h'},
        {0},
    };
    memset(ret, 0, sizeof(*ret));
    optind = 1;
    opterr = 0;
    for (;;) {
        int at = optind;
        int option = getopt_long(argc, argv, ":h", options, NULL);
        if (option < 0) {
            break;
        }
        if (option == 'h') {
            (void)fputs(help, stdout);
            return BRIDGE_RUN_HELP;
        }
        if (!take_option(option, ret)) {
            bridge_run_say("run: '%s' %s", argv[at],
                           option == ':'           ? "needs a value"
                           : option == OPT_TIMEOUT ? "needs a number of seconds"
                                                   : "is no option of it");
            return BRIDGE_RUN_USAGE;
        }
    }
    if (argc - optind != 1) {
        bridge_run_say("run: %s; see celldap run --help",
                       argc - optind ? "one notebook at a time" : "name a notebook (.ipynb)");
        return BRIDGE_RUN_USAGE;
    }
    ret->file = argv[optind];
    return BRIDGE_RUN_GO;
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

cd_result bridge_run_choose(const struct bridge_notebook *nb, const char *text, bool *chosen,
                            struct cd_error *reterr)
{
    for (int i = 0; i < bridge_notebook_count(nb); i++) {
        chosen[i] = !text && bridge_notebook_cell(nb, i)->type == BRIDGE_CELL_CODE;
    }
    if (!text) {
        return CD_OK;
    }
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
