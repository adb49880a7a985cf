/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Jupyter's folders, as jupyter_core finds them (facts: jupyter.md §8), and kernels' names. Reads
 * the environment only; nothing has to exist.
 */
#ifndef BRIDGE_JUPYTER_PATHS_H
#define BRIDGE_JUPYTER_PATHS_H

#include "bridge/kernel_spawn.h"

/* Every folder that may hold kernels/, in the order in which they count; none twice. */
cd_result bridge_jupyter_folders(struct bridge_strings *ret, struct cd_error *reterr) CD_MUST_CHECK;
/* Where --user installs, and where connection files are. *ret: owned by the caller. */
cd_result bridge_jupyter_data_folder(char **ret, struct cd_error *reterr) CD_MUST_CHECK;
cd_result bridge_jupyter_runtime_folder(char **ret, struct cd_error *reterr) CD_MUST_CHECK;
/* ^[a-z0-9._-]+$, letters in any case, with no dot at its beginning: no way out of a folder. */
bool bridge_kernel_name_good(const char *name);

#endif
