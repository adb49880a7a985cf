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
/* How a kernel that is not celldap's is started: {argv, env}, its program found and {resource_dir}
 * put in; {connection_file} is left. *ret: new; NULL where it is celldap's. Refused by name are
 * other languages and kernels without a debugger (metadata.debugger). */
cd_result bridge_kernelspec_foreign(const char *name, json_t **ret, struct cd_error *reterr)
    CD_MUST_CHECK;
/* One kernel.json; its size is capped. *ret: new. */
cd_result bridge_kernelspec_load(const char *path, json_t **ret, struct cd_error *reterr)
    CD_MUST_CHECK;
/* What its argv starts, borrowed from it; NULL: it has none. */
const char *bridge_kernelspec_interpreter(const json_t *spec);
/* Every installed kernel, the first of a name only, sorted by name: array of {name, path (its
 * folder), spec (its kernel.json) or error (why that cannot be read)}. NULL: out of memory. */
json_t *bridge_kernelspec_list(void);
/* The --python of the kernelspec beside our own executable; NULL when there is none. */
char *bridge_default_python(void);

#endif
