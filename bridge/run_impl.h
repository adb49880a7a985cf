/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The inside of `celldap run`: run_options.c (command line), run.c (kernel and order of cells),
 * run_print.c (what is printed), run_input.c (input() on a terminal), run_debug.c (a look at the
 * cell that failed). One loop, one thread.
 */
#ifndef BRIDGE_RUN_IMPL_H
#define BRIDGE_RUN_IMPL_H

#include "bridge/kernel_client.h"
#include "bridge/kernel_process.h"
#include "bridge/notebook/notebook.h"
#include "bridge/notebook/outputs.h"

#include <uv.h>

#define BRIDGE_RUN_MAX_CELLS 100

struct bridge_run_options {
    const char *file;
    const char *python;
    const char *kernel;                     /* a kernelspec, or NULL */
    const char *cells;                      /* NULL: none */
    const char *cell[BRIDGE_RUN_MAX_CELLS]; /* each one; with neither, all */
    int cell_count;
    const char *cwd;    /* NULL: the notebook's folder */
    const char *output; /* where to save; NULL: the notebook itself where save is set */
    const char *log_file;
    unsigned timeout_s; /* of one cell; 0: none */
    bool allow_errors, save, debug_on_error;
};

/* Prints the help, or what is wrong; -1: go on, else the exit status. Strings are borrowed from
 * argv. */
int bridge_run_parse(int argc, char **argv, struct bridge_run_options *ret);
/* Marks in chosen[count of cells] which cells run. */
cd_result bridge_run_choose(const struct bridge_notebook *nb,
                            const struct bridge_run_options *options, bool *chosen,
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

/* run_debug.c: the frames of the cell that failed last, in a kernel that runs nothing now: printed,
 * or with a prompt where in is not NULL. over is called once, when that is done. */
struct bridge_run_debug;
struct bridge_run_input;
typedef void (*bridge_run_over_fn)(void *ctx);
struct bridge_run_debug *bridge_run_debug_start(struct bridge_client *client,
                                                struct bridge_run_input *in,
                                                bridge_run_over_fn over, void *ctx);
/* What was typed at its prompt. */
void bridge_run_debug_line(struct bridge_run_debug *d, const char *line);
void bridge_run_debug_free(struct bridge_run_debug *d);

struct bridge_run_input; /* input() being answered from the terminal */
typedef void (*bridge_run_line_fn)(void *ctx, const char *line);
/* NULL when stdin is no terminal. */
struct bridge_run_input *bridge_run_input_new(uv_loop_t *loop, bridge_run_line_fn fn, void *ctx);
void bridge_run_input_ask(struct bridge_run_input *in, const char *prompt, bool password);
/* No answer is wanted any more: the terminal's echo is as it was. */
void bridge_run_input_stop(struct bridge_run_input *in);
void bridge_run_input_close(struct bridge_run_input *in); /* freed by the loop */

struct bridge_run {
    uv_loop_t loop;
    uv_timer_t timer;      /* idle of a cell, or the end of the kernel */
    uv_timer_t cell_timer; /* --timeout */
    uv_signal_t sigint, sigterm;
    struct bridge_run_options options;
    struct bridge_run_file file;
    char *folder;
    struct bridge_process *process;
    struct bridge_client *client;
    struct bridge_run_input *input;
    int cell; /* that runs now; -1: none yet */
    bool running, replied, idle, failed_cell, timed_out;
    bool foreign;                   /* the kernel is not celldap's */
    struct bridge_run_debug *debug; /* NULL: nothing is looked at */
    char failure[400];              /* "ZeroDivisionError: division by zero" of the running cell */
    bool finishing, exited, closed;
    int status;
};
/* run.c */
void bridge_run_on_ports(void *ctx, const struct wire_connection *connection);
void bridge_run_on_line(void *ctx, const char *line);
void bridge_run_interrupt(struct bridge_run *r); /* the cell that runs */
/* The end of the run, for whatever reason: asks the kernel to end, or closes at once. */
void bridge_run_finish(struct bridge_run *r, int status);
void bridge_run_close(struct bridge_run *r);

#endif
