/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The session's own folder: mode 0700, under $XDG_RUNTIME_DIR or the temporary directory. It holds
 * the connection file and the figures of a session in a text editor.
 */
#ifndef BRIDGE_PRIVATE_FOLDER_H
#define BRIDGE_PRIVATE_FOLDER_H

#include "dap/base/error.h"

/* *ret: the new folder's absolute path, caller frees. */
cd_result bridge_private_folder_make(char **ret, struct cd_error *reterr) CD_MUST_CHECK;
/* Removes the files that bridge and kernel made there, and the folder when nothing is left in it:
 * figures that a user was told about stay. */
void bridge_private_folder_remove(const char *folder);
/* The folder of cells that a kernel of ours left when it was killed; prefix: its tmpFilePrefix. */
void bridge_cell_folder_remove(const char *prefix);

#endif
