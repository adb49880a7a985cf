/* SPDX-License-Identifier: BSD-3-Clause
 *
 * See folders.h. Main thread, at start and end.
 */
#include "kernel/folders.h"

#include "kernel/main.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

cd_result kernel_package_dir(char *out, size_t out_bytes, struct cd_error *reterr)
{
    Dl_info info;
    char path[PATH_MAX], module[PATH_MAX];
    if (!dladdr((const void *)(uintptr_t)celldap_kernel_main, &info) ||
        !realpath(info.dli_fname, module)) {
        return cd_error_set(reterr, CD_E_SYSTEM, "cannot tell where the kernel module is");
    }
    *strrchr(module, '/') = '\0';
    const int n = snprintf(path, sizeof path, "%s/../../share/celldap/python", module);
    if (n < 0 || (size_t)n >= sizeof path || (size_t)n >= out_bytes || !realpath(path, module) ||
        strlen(module) >= out_bytes) {
        return cd_error_set(reterr, CD_E_NOT_FOUND, "the kernel's Python package is not at '%s'",
                            path);
    }
    memcpy(out, module, strlen(module) + 1);
    return CD_OK;
}

cd_result kernel_cell_folder(char *out, size_t out_bytes, struct cd_error *reterr)
{
    const char *tmp = getenv("TMPDIR");
    const int n = snprintf(out, out_bytes, "%s/celldap-XXXXXX", tmp && *tmp == '/' ? tmp : "/tmp");
    if (n < 0 || (size_t)n + 2 > out_bytes) {
        out[0] = '\0';
        return cd_error_set(reterr, CD_E_LIMIT, "TMPDIR is too long");
    }
    if (!mkdtemp(out)) {
        const int err = errno;
        out[0] = '\0';
        return cd_error_errno(reterr, err, "cannot make a folder in '%s'", tmp ? tmp : "/tmp");
    }
    memcpy(out + n, "/", 2);
    return CD_OK;
}

void kernel_cell_folder_remove(const char *prefix)
{
    DIR *dir = *prefix ? opendir(prefix) : NULL;
    if (!dir) {
        return;
    }
    for (const struct dirent *e; (e = readdir(dir));) {
        (void)unlinkat(dirfd(dir), e->d_name, 0); /* "." and ".." refuse */
    }
    (void)closedir(dir);
    (void)rmdir(prefix);
}
