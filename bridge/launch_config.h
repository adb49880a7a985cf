/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The arguments of a launch or an attach, checked. Names and defaults are debugpy's where both have
 * them.
 */
#ifndef BRIDGE_LAUNCH_CONFIG_H
#define BRIDGE_LAUNCH_CONFIG_H

#include "dap/base/json.h"

enum bridge_launch_kind {
    BRIDGE_LAUNCH_NOTEBOOK,
    BRIDGE_LAUNCH_FILE,
    BRIDGE_LAUNCH_MODULE,
    BRIDGE_ATTACH /* to a kernel that is not ours */
};

struct bridge_launch {
    enum bridge_launch_kind kind;
    char
        *program; /* absolute; NULL for a module; ATTACH: a notebook whose cells it runs, or NULL */
    char *module;
    char *type;            /* as the editor names this adapter; NULL: not told */
    char *connection_file; /* ATTACH: where the kernel is */
    char *cwd;             /* absolute; the file's folder where not given */
    char *python;          /* NULL: chosen (bridge/python_choice.h) */
    char *kernel;          /* name of a kernelspec, or NULL */
    json_t *args;          /* array of strings */
    json_t *env;           /* object of strings and nulls, or NULL */
    json_t *cells;         /* array of indexes and ids, or NULL: all */
    json_t *presentation;  /* variablePresentation; or NULL */
    json_t *rules;         /* array, the kernel reads it; or NULL */
    bool stop_on_entry, no_debug, just_my_code;
    bool exit_when_done, continue_on_error, keep_kernel;
    bool sub_process; /* child processes are debugged too */
    char notes[400];  /* options that are not supported, named for the client; "" */
};

void bridge_launch_free(struct bridge_launch *l);
/* Finds the connection file: a path, a kernel's id, or "latest". */
cd_result bridge_attach_parse(const json_t *arguments, struct bridge_launch **ret,
                              struct cd_error *reterr) CD_MUST_CHECK;
/* What both have: program (absolute), cwd, justMyCode and the other switches. */
cd_result bridge_launch_read_shared(const json_t *args, struct bridge_launch *l,
                                    struct cd_error *reterr) CD_MUST_CHECK;
cd_result bridge_launch_parse(const json_t *arguments, struct bridge_launch **ret,
                              struct cd_error *reterr) CD_MUST_CHECK;

#endif
