/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What programs leave in Jupyter's runtime folder: PREFIX*.json, newest first.
 */
#ifndef BRIDGE_RUNTIME_FILES_H
#define BRIDGE_RUNTIME_FILES_H

#include "dap/base/json.h"

/* name: without its folder; since: the file's last change in seconds since 1970. Returns the
 * entry, new, with that "since", or NULL: the file is passed over. */
typedef json_t *(*bridge_runtime_entry)(const char *path, const char *name, json_int_t since);

/* Array of entries of the regular files; empty when there is no such folder. *ret: new. */
cd_result bridge_runtime_files(const char *prefix, bridge_runtime_entry entry_of, json_t **ret,
                               struct cd_error *reterr) CD_MUST_CHECK;

#endif
