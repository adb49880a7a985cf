/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The Jupyter Servers of this user on this machine, which write down where they are
 * (jpserver-<pid>.json in Jupyter's runtime folder). Reads files only; asks no server.
 */
#ifndef BRIDGE_REMOTE_DISCOVER_H
#define BRIDGE_REMOTE_DISCOVER_H

#include "dap/base/json.h"

/* Array of {url, token, pid} of those whose process runs, newest first. *ret: new. Never print a
 * token. */
cd_result remote_discover(json_t **ret, struct cd_error *reterr) CD_MUST_CHECK;

#endif
