/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Jupyter's kernel.json files, found as jupyter_core finds them (facts: jupyter.md §8).
 */
#ifndef BRIDGE_KERNELSPEC_H
#define BRIDGE_KERNELSPEC_H

#include "dap/base/json.h"

/* The interpreter that a kernelspec's argv starts: what follows --python, or argv[0]. *ret: owned
 * by the caller. CD_E_NOT_FOUND where no such kernel is installed; another language is refused by
 * name. */
cd_result bridge_kernelspec_python(const char *name, char **ret, struct cd_error *reterr)
    CD_MUST_CHECK;
/* The --python of the kernelspec beside our own executable; NULL when there is none. */
char *bridge_default_python(void);

#endif
