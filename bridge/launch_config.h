/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The arguments of a launch or an attach, checked. Names and defaults are debugpy's where both have
 * them.
 */
#ifndef BRIDGE_LAUNCH_CONFIG_H
#define BRIDGE_LAUNCH_CONFIG_H

#include "bridge/notebook/path_map.h"
#include "bridge/options.h"

enum bridge_launch_kind {
    BRIDGE_LAUNCH_NOTEBOOK, /* a .ipynb, or a percent script as one */
    BRIDGE_LAUNCH_FILE,
    BRIDGE_LAUNCH_MODULE,
    BRIDGE_LAUNCH_CODE,
    BRIDGE_ATTACH /* to a kernel that is not ours */
};

enum bridge_console { BRIDGE_CONSOLE_INTERNAL, BRIDGE_CONSOLE_TERMINAL, BRIDGE_CONSOLE_EXTERNAL };

struct bridge_launch {
    enum bridge_launch_kind kind;
    char
        *program; /* absolute; NULL: module or code; ATTACH: a notebook whose cells it runs, or NULL
                   */
    char *module;
    char *code;            /* lines joined */
    char *type;            /* as the editor names this adapter; NULL: not told */
    char *connection_file; /* ATTACH: where the kernel is */
    bool remote;           /* ATTACH: by a server, and what follows */
    char *server, *server_token, *server_password, *cacert; /* NULL: not given */
    char *kernel_id, *server_notebook, *kernel_name;        /* one of them */
    char *cwd;            /* absolute; the file's folder where not given */
    char *python;         /* NULL: chosen (bridge/python_choice.h) */
    char *kernel;         /* name of a kernelspec, or NULL */
    json_t *args;         /* array of strings */
    json_t *env;          /* object of strings and nulls, or NULL */
    json_t *cells;        /* array of indexes and ids, or NULL: all */
    json_t *presentation; /* variablePresentation; or NULL */
    json_t *rules;        /* array, the kernel reads it; or NULL */
    json_t *python_args;  /* array of strings */
    json_t *exit_codes;   /* breakOnSystemExit, with 0 and null of breakOnSystemExitZero; or NULL */
    struct bridge_path_map *paths; /* NULL: none */
    enum bridge_console console;
    char *console_title;
    bool stop_on_entry, no_debug, just_my_code;
    bool exit_when_done, continue_on_error, keep_kernel;
    bool sub_process;  /* child processes are debugged too */
    bool kill_at_once; /* onTerminate */
    bool show_output;  /* redirectOutput */
    bool log_to_file;
    bool show_return_value, step_resumes_all;
    char notes[400]; /* options that are not supported, named for the client; "" */
};

void bridge_launch_free(struct bridge_launch *l);
/* Finds the connection file: a path, a kernel's id, or "latest". */
cd_result bridge_attach_parse(const json_t *arguments, struct bridge_launch **ret,
                              struct cd_error *reterr) CD_MUST_CHECK;
/* What both have: program (absolute), cwd, justMyCode and the other switches. The arguments were
 * checked (bridge_options_check). */
cd_result bridge_launch_read_shared(const json_t *args, struct bridge_launch *l,
                                    struct cd_error *reterr) CD_MUST_CHECK;
/* launch_values.c: of a launch, code; then, with cwd known, the rest that takes more than a look.
 */
cd_result bridge_launch_read_code(const json_t *args, struct bridge_launch *l,
                                  struct cd_error *reterr) CD_MUST_CHECK;
cd_result bridge_launch_read_values(const json_t *args, struct bridge_launch *l,
                                    struct cd_error *reterr) CD_MUST_CHECK;
cd_result bridge_launch_parse(const json_t *arguments, struct bridge_launch **ret,
                              struct cd_error *reterr) CD_MUST_CHECK;

#endif
