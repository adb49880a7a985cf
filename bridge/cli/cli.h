/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The subcommands that look at the machine: each takes argv from its own name on and returns the
 * exit status: 0, 1 when something is wrong, 2 for wrong usage. One thread; results go to standard
 * output, complaints to standard error.
 */
#ifndef BRIDGE_CLI_CLI_H
#define BRIDGE_CLI_CLI_H

#include "dap/base/json.h"

int bridge_install_main(int argc, char **argv);
int bridge_kernels_main(int argc, char **argv);
int bridge_doctor_main(int argc, char **argv);
/* Not for users: see under.c. */
int bridge_under_main(int argc, char **argv);
int bridge_options_main(int argc, char **argv);
/* generate man|bash|zsh|fish: for the build. */
int bridge_generate_main(int argc, char **argv);
/* terminal FOLDER PROGRAM ARGS…: what bridge/kernel_terminal.h has a terminal run. Not for people:
 * no help, no completion. */
int bridge_terminal_main(int argc, char **argv);

/* "celldap: " and the text and a line end, to standard error. */
void bridge_cli_say(const char *format, ...) CD_PRINTF(1, 2);
/* Before the first message: gives this process an identity in Jupyter's messages. */
cd_result bridge_cli_identity(struct cd_error *reterr) CD_MUST_CHECK;
/* Of a command whose only option is --json. -1: go on, *json is set; else the exit status. */
int bridge_cli_json_only(int argc, char **argv, bool *json);
/* value_owned as indented JSON on standard output. The exit status. */
int bridge_cli_print_json(json_t *value_owned);

#endif
