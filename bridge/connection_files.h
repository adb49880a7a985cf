/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The connection files of running kernels, in Jupyter's runtime folder, and which one somebody
 * means. Reads files only; asks no kernel.
 */
#ifndef BRIDGE_CONNECTION_FILES_H
#define BRIDGE_CONNECTION_FILES_H

#include "dap/base/json.h"
#include "kernel/wire/connection.h"

/* Array of {id, file, state: "stale", pid or null, kernel_name: "", since (seconds since 1970),
 * celldap: false}, newest first: what the folder alone tells. *ret: new. */
cd_result bridge_connection_files(json_t **ret, struct cd_error *reterr) CD_MUST_CHECK;
/* Whether somebody listens: a port of the loopback says no at once, of others it is not known. */
bool bridge_connection_listens(const struct wire_connection *c);
/* wish: a path, a kernel's id (as Jupyter's servers name it, or its beginning where that is one
 * kernel's alone), or "latest": the newest that listens. *ret: absolute path, the caller's. */
cd_result bridge_connection_find(const char *wish, char **ret, struct cd_error *reterr)
    CD_MUST_CHECK;

#endif
