/* SPDX-License-Identifier: BSD-3-Clause
 *
 * See folders.h. Main thread, at start and end; the control thread when it ends the process.
 * A kernel holds a lock on its folder as long as it lives: one that nobody has locked was left
 * behind by a kernel that was killed.
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
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME "celldap-cells-"
enum { TRIES = 8, SWEEP_MAX = 500 };

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

static const char *parent_folder(void)
{
    const char *tmp = getenv("TMPDIR");
    return tmp && *tmp == '/' ? tmp : "/tmp";
}

/* Until the process ends. False: another kernel's sweep took the folder for a dead one's. */
static bool held(const char *folder)
{
    const int fd = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd >= 0 && (flock(fd, LOCK_SH | LOCK_NB) == 0 || errno != EWOULDBLOCK) &&
        access(folder, F_OK) == 0) {
        return true; /* a file system without locks has no sweep either */
    }
    if (fd >= 0) {
        close(fd);
    }
    return false;
}

cd_result kernel_cell_folder(char *out, size_t out_bytes, struct cd_error *reterr)
{
    const char *parent = parent_folder();
    for (int i = 0; i < TRIES; i++) {
        const int n = snprintf(out, out_bytes, "%s/" NAME "XXXXXX", parent);
        if (n < 0 || (size_t)n + 2 > out_bytes) {
            out[0] = '\0';
            return cd_error_set(reterr, CD_E_LIMIT, "TMPDIR is too long");
        }
        if (!mkdtemp(out)) {
            const int err = errno;
            out[0] = '\0';
            return cd_error_errno(reterr, err, "cannot make a folder in '%s'", parent);
        }
        if (held(out)) {
            memcpy(out + n, "/", 2);
            return CD_OK;
        }
    }
    out[0] = '\0';
    return cd_error_set(reterr, CD_E_SYSTEM, "new folders in '%s' do not stay", parent);
}

static void remove_files(DIR *dir)
{
    for (const struct dirent *e; (e = readdir(dir));) {
        (void)unlinkat(dirfd(dir), e->d_name, 0); /* "." and ".." refuse */
    }
}

void kernel_cell_folder_remove(const char *prefix)
{
    DIR *dir = *prefix ? opendir(prefix) : NULL;
    if (!dir) {
        return;
    }
    remove_files(dir);
    (void)closedir(dir);
    (void)rmdir(prefix);
}

static bool is_ours(int fd)
{
    struct stat st;
    return fstat(fd, &st) == 0 && st.st_uid == geteuid() && flock(fd, LOCK_EX | LOCK_NB) == 0;
}

/* True: it was left behind, and is gone. */
static bool remove_dead(int parent, const char *name)
{
    const int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *dir = fd >= 0 && is_ours(fd) ? fdopendir(fd) : NULL;
    if (!dir) {
        if (fd >= 0) {
            close(fd);
        }
        return false;
    }
    remove_files(dir);
    const bool gone = unlinkat(parent, name, AT_REMOVEDIR) == 0;
    (void)closedir(dir); /* the lock goes last */
    return gone;
}

void kernel_cell_folders_sweep(void)
{
    DIR *parent = opendir(parent_folder());
    int gone = 0;
    if (!parent) {
        return;
    }
    for (const struct dirent *e; gone < SWEEP_MAX && (e = readdir(parent));) {
        if (strncmp(e->d_name, NAME, strlen(NAME)) == 0 && strlen(e->d_name) == strlen(NAME) + 6) {
            gone += remove_dead(dirfd(parent), e->d_name);
        }
    }
    (void)closedir(parent);
}
