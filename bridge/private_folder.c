/* SPDX-License-Identifier: BSD-3-Clause
 *
 * See private_folder.h. Only names that we gave ourselves are removed, never a tree.
 */
#include "bridge/private_folder.h"

#include "dap/base/buf.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static cd_result try_under(const char *parent, char **ret, struct cd_error *reterr)
{
    char path[1024];
    int n = snprintf(path, sizeof path, "%s/celldap-XXXXXX", parent);

    if (n < 0 || (size_t)n >= sizeof path) {
        return cd_error_set(reterr, CD_E_LIMIT, "the folder name '%.100s…' is too long", parent);
    }
    if (!mkdtemp(path)) {
        return cd_error_errno(reterr, errno, "cannot make a folder in '%s'", parent);
    }
    *ret = strdup(path);
    return *ret ? CD_OK : cd_oom(reterr);
}

cd_result bridge_private_folder_make(char **ret, struct cd_error *reterr)
{
    const char *parents[] = {getenv("XDG_RUNTIME_DIR"), getenv("TMPDIR"), "/tmp"};
    struct cd_error err = CD_ERROR_INIT;

    for (size_t i = 0; i < CD_ARRAY_LEN(parents); i++) {
        if (!parents[i] || parents[i][0] != '/') {
            continue;
        }
        cd_error_clear(&err);
        if (try_under(parents[i], ret, &err) == CD_OK) {
            return CD_OK;
        }
    }
    return cd_error_set(reterr, (enum cd_error_id)err.id, "%s", err.text);
}

static bool is_cell_file(const char *name)
{
    size_t n = strspn(name, "0123456789");

    return n > 0 && strcmp(name + n, ".py") == 0;
}

static bool ours_to_remove(const char *name)
{
    size_t n = strlen(name);

    /* wire_connection_write and the kernel write it by a temporary file beside it; what a terminal
     * runs has files beside it too (cli/terminal.c) */
    return strncmp(name, "connection", 10) == 0 || (n > 4 && strcmp(name + n - 4, ".tmp") == 0);
}

static void remove_folder(const char *folder, bool (*ours)(const char *name))
{
    DIR *dir = opendir(folder);
    const struct dirent *entry;

    if (!dir) {
        return;
    }
    while ((entry = readdir(dir)) != NULL) {
        if (ours(entry->d_name)) {
            (void)unlinkat(dirfd(dir), entry->d_name, 0);
        }
    }
    closedir(dir);
    (void)rmdir(folder);
}

void bridge_private_folder_remove(const char *folder)
{
    remove_folder(folder, ours_to_remove);
}

void bridge_cell_folder_remove(const char *prefix)
{
    remove_folder(prefix, is_cell_file);
}
