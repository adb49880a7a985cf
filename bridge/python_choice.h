/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Which Python a launch runs in (contracts.md §4): asked for > kernelspec asked for > the
 * notebook's kernelspec > the active or neighbouring virtual environment > the build's default.
 */
#ifndef BRIDGE_PYTHON_CHOICE_H
#define BRIDGE_PYTHON_CHOICE_H

#include "dap/base/json.h"

struct bridge_python_wish {
    const char *python;          /* launch option, or NULL */
    const char *kernel;          /* launch option, or NULL */
    const char *notebook_kernel; /* metadata.kernelspec.name; NULL or "": none */
    const char *folder;          /* where a .venv is looked for; NULL: nowhere */
};

/* *ret: the interpreter's path, owned by the caller; NULL: the kernel's own default. What was asked
 * for and is not there is an error; what was only found and does not fit is passed over. Reads
 * files only, starts nothing. */
cd_result bridge_python_choose(const struct bridge_python_wish *wish, char **ret,
                               struct cd_error *reterr) CD_MUST_CHECK;
/* New; a name without a slash is looked for on PATH; NULL: there is no such program. */
char *bridge_python_on_path(const char *name);
/* Whether a kernel module for Python 3.<minor> lies beside our own executable. */
bool bridge_python_have_module(int minor);

#endif
