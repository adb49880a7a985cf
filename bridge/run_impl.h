/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The inside of `celldap run`: run_options.c (command line), run.c (kernel and order of cells),
 * run_print.c (what is printed), run_input.c (input() on a terminal). One loop, one thread.
 */
#ifndef BRIDGE_RUN_IMPL_H
#define BRIDGE_RUN_IMPL_H

#include "bridge/kernel_client.h"
#include "bridge/kernel_process.h"
#include "bridge/notebook/notebook.h"
#include "bridge/notebook/outputs.h"

#include <uv.h>

struct bridge_run_options {
    const char *file;
    const char *python;
    const char *cells; /* NULL: all */
    const char *cwd;   /* NULL: the notebook's folder */
    const char *output;
    const char *log_file;
    unsigned timeout_s; /* of one cell; 0: none */
    bool allow_errors;
};

enum bridge_run_parse { BRIDGE_RUN_GO, BRIDGE_RUN_HELP, BRIDGE_RUN_USAGE };

/* Prints the help, or what is wrong. Strings are borrowed from argv. */
enum bridge_run_parse bridge_run_parse(int argc, char **argv, struct bridge_run_options *ret);
/* Marks in chosen[count of cells] which cells run. text: "0,3-5,ID", NULL: all code cells. */
cd_result bridge_run_choose(const struct bridge_notebook *nb, const char *text, bool *chosen,
                            struct cd_error *reterr) CD_MUST_CHECK;

struct bridge_run_file {
    struct bridge_notebook *nb;
    struct bridge_outputs *outputs;
    bool *chosen;        /* of each cell of the notebook */
    char (*msg_ids)[64]; /* of each cell's execution; "" */
    char *cwd;           /* the notebook's folder */
};
/* Also after a failure, f is bridge_run_file_done's. */
cd_result bridge_run_file_load(const struct bridge_run_options *options, struct bridge_run_file *f,
                               struct cd_error *reterr) CD_MUST_CHECK;
/* Outputs of the cells that ran; the others keep theirs. */
cd_result bridge_run_file_save(struct bridge_run_file *f, const char *path, struct cd_error *reterr)
    CD_MUST_CHECK;
/* Whether this cell is to be run, and how many are after that one. */
bool bridge_run_file_runs(const struct bridge_run_file *f, int index);
int bridge_run_file_left(const struct bridge_run_file *f, int after);
void bridge_run_file_done(struct bridge_run_file *f);

/* One iopub message: streams, texts of results and displays, tracebacks. */
void bridge_run_print(const char *msg_type, const json_t *content);
/* A line of celldap's own on stderr. */
void bridge_run_say(const char *format, ...) CD_PRINTF(1, 2);
/* The kernel ended on its own. cell: that ran, -1: none. */
void bridge_run_say_died(int64_t status, int signal, int cell, const char *last_words);

struct bridge_run_input; /* input() being answered from the terminal */
typedef void (*bridge_run_line_fn)(void *ctx, const char *line);
/* NULL when stdin is no terminal. */
struct bridge_run_input *bridge_run_input_new(uv_loop_t *loop, bridge_run_line_fn fn, void *ctx);
void bridge_run_input_ask(struct bridge_run_input *in, const char *prompt, bool password);
/* No answer is wanted any more: the terminal's echo is as it was. */
void bridge_run_input_stop(struct bridge_run_input *in);
void bridge_run_input_close(struct bridge_run_input *in); /* freed by the loop */

#endif
