/* SPDX-License-Identifier: BSD-3-Clause
 *
 * See discover.h. A file that cannot be read or makes no sense is passed over: it is another
 * program's.
 */
#include "bridge/remote/discover.h"

#include "bridge/jupyter_paths.h"
#include "dap/base/limits.h"
#include "dap/base/log.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* NULL: no such file, or not all of it could be read. */
static json_t *read_json(const char *path)
{
    char text[CD_MAX_CONNECTION_FILE_BYTES];
    cd_autofd int fd = open(path, O_RDONLY | O_CLOEXEC);
    const ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text);
    json_t *value = NULL;

    return n > 0 && (size_t)n < sizeof text && cd_json_load(text, (size_t)n, &value, NULL) == CD_OK
               ? value
               : NULL;
}

static bool runs(json_int_t pid)
{
    return pid > 0 && pid <= INT_MAX && (kill((pid_t)pid, 0) == 0 || errno == EPERM);
}

/* NULL: none that runs. */
static json_t *entry_of(const char *folder, const char *name)
{
    char path[PATH_MAX];
    struct stat st;
    json_auto_t *file = NULL;
    const char *url = NULL, *token = "";

    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    if (stat(path, &st) != 0 || !S_ISREG(st.st_mode)) {
        return NULL;
    }
    file = read_json(path);
    const json_int_t pid = json_integer_value(json_object_get(file, "pid"));
    if (cd_json_str(file, "url", &url, NULL) != CD_OK ||
        cd_json_str_opt(file, "token", &token, NULL) != CD_OK || !runs(pid)) {
        cd_log(CD_LOG_DEBUG, "remote", "'%s' is passed over", path);
        return NULL;
    }
    return json_pack("{s:s, s:s, s:I, s:I}", "url", url, "token", token, "pid", pid, "since",
                     (json_int_t)st.st_mtime);
}

static void insert_newest_first(json_t *list, json_t *entry_owned)
{
    const json_int_t since = json_integer_value(json_object_get(entry_owned, "since"));
    size_t i = 0;

    while (i < json_array_size(list) &&
           json_integer_value(json_object_get(json_array_get(list, i), "since")) >= since) {
        i++;
    }
    (void)json_array_insert_new(list, i, entry_owned);
}

cd_result remote_discover(json_t **ret, struct cd_error *reterr)
{
    cd_autofree char *folder = NULL;
    json_t *list = json_array();
    DIR *dir;

    if (!list || bridge_jupyter_runtime_folder(&folder, reterr) != CD_OK) {
        json_decref(list);
        return list ? CD_ERR : cd_oom(reterr);
    }
    dir = opendir(folder);
    for (struct dirent *e; dir && (e = readdir(dir)) != NULL;) {
        const size_t len = strlen(e->d_name);

        if (strncmp(e->d_name, "jpserver-", 9) == 0 && len > 14 &&
            strcmp(e->d_name + len - 5, ".json") == 0) {
            json_t *entry = entry_of(folder, e->d_name);

            if (entry) {
                insert_newest_first(list, entry);
            }
        }
    }
    if (dir) {
        closedir(dir);
    }
    *ret = list;
    return CD_OK;
}
