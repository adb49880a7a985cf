/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What an interpreter says about itself, and whether our kernel can run in it.
 */
#ifndef BRIDGE_CLI_PYTHON_FACTS_H
#define BRIDGE_CLI_PYTHON_FACTS_H

#include "dap/base/json.h"

/* The interpreter that a command is about: asked (NULL: not asked for), else the active
 * environment's, the build's default, or python3 on PATH. *ret: its absolute path, no link
 * resolved; owned by the caller. */
cd_result bridge_python_pick(const char *asked, char **ret, struct cd_error *reterr) CD_MUST_CHECK;
/* Runs it once. *ret: {path, minor, release, prefix, library ("" without a shared one),
 * free_threaded, packages: {name: version or null}}. */
cd_result bridge_python_facts(const char *python, json_t **ret, struct cd_error *reterr)
    CD_MUST_CHECK;
/* CD_ERR: why our kernel cannot run in the interpreter that these facts are about. */
cd_result bridge_python_fits(const json_t *facts, struct cd_error *reterr) CD_MUST_CHECK;

#endif
