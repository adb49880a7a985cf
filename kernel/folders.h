/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Where the kernel's Python package is, and the private folder that names cells.
 */
#ifndef KERNEL_FOLDERS_H
#define KERNEL_FOLDERS_H

#include "dap/base/error.h"

/* share/celldap/python of the tree that this module was loaded from (build or installed). */
cd_result kernel_package_dir(char *out, size_t out_bytes, struct cd_error *reterr) CD_MUST_CHECK;
/* New folder, mode 0700, in $TMPDIR or /tmp; its path with a '/' at the end. */
cd_result kernel_cell_folder(char *out, size_t out_bytes, struct cd_error *reterr) CD_MUST_CHECK;
/* Removes it with the files in it. prefix "": nothing. */
void kernel_cell_folder_remove(const char *prefix);
/* Removes those that killed kernels of this user left beside it. */
void kernel_cell_folders_sweep(void);

#endif
