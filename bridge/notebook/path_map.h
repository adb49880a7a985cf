/* SPDX-License-Identifier: BSD-3-Clause
 *
 * debugpy's pathMappings: folders as the editor has them, and as the kernel has them. The first
 * mapping whose folder the path is in counts; the rest of the path gets the separators of the other
 * side. Pure.
 */
#ifndef BRIDGE_NOTEBOOK_PATH_MAP_H
#define BRIDGE_NOTEBOOK_PATH_MAP_H

#include "dap/base/json.h"

struct bridge_path_map;

void bridge_path_map_free(struct bridge_path_map *m);
/* mappings: arguments.pathMappings, NULL: none (then *ret is NULL). cwd: what a remoteRoot of "."
 * is; NULL: that is an error. */
cd_result bridge_path_map_new(const json_t *mappings, const char *cwd, struct bridge_path_map **ret,
                              struct cd_error *reterr) CD_MUST_CHECK;
/* New: pathMappings again, complete. NULL: none. */
json_t *bridge_path_map_json(const struct bridge_path_map *m);
/* New; NULL: the path is in no folder that is mapped (or out of memory). m may be NULL. */
char *bridge_path_to_remote(const struct bridge_path_map *m, const char *local);
char *bridge_path_to_local(const struct bridge_path_map *m, const char *remote);

#endif
