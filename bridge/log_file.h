/* SPDX-License-Identifier: BSD-3-Clause
 *
 * logToFile: the log of a process that was started without --log.
 */
#ifndef BRIDGE_LOG_FILE_H
#define BRIDGE_LOG_FILE_H

#include "dap/base/error.h"

/* This process logs from now on into a new file of $XDG_STATE_HOME/celldap
 * (~/.local/state/celldap), which only its user can read; asked again, into the same. *ret_path:
 * borrowed, for good. */
cd_result bridge_log_to_file(const char **ret_path, struct cd_error *reterr) CD_MUST_CHECK;

#endif
