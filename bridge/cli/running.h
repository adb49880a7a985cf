/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Running kernels, by the connection files in Jupyter's runtime folder.
 */
#ifndef BRIDGE_CLI_RUNNING_H
#define BRIDGE_CLI_RUNNING_H

#include "dap/base/json.h"

/* Array of {id, file, state ("alive", "stale", "unknown"), pid or null, kernel_name, since (seconds
 * since 1970), implementation?, version?, celldap (bool), execution_state?, last_activity? (ours
 * tell these two), error?}, newest first. Asks each of them
 * on control and waits at most a second for all together. *ret: new. */
cd_result bridge_running_kernels(json_t **ret, struct cd_error *reterr) CD_MUST_CHECK;

#endif
