/* SPDX-License-Identifier: BSD-3-Clause
 *
 * See runtime_files.h.
 */
#include "bridge/runtime_files.h"

#include "bridge/jupyter_paths.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

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

static bool is_named(const char *name, const char *prefix)
{
    const size_t len = strlen(name), prefix_len = strlen(prefix);

    return strncmp(name, prefix, prefix_len) == 0 && len > prefix_len + strlen(".json") &&
           strcmp(name + len - strlen(".json"), ".json") == 0;
}

static void add(json_t *list, const char *folder, const char *name, bridge_runtime_entry entry_of)
{
    char path[PATH_MAX];
    struct stat st;
    json_t *entry;

    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    if (stat(path, &st) != 0 || !S_ISREG(st.st_mode)) {
        return;
    }
    entry = entry_of(path, name, (json_int_t)st.st_mtime);
    if (entry) {
        insert_newest_first(list, entry);
    }
}

cd_result bridge_runtime_files(const char *prefix, bridge_runtime_entry entry_of, json_t **ret,
                               struct cd_error *reterr)
{
    cd_autofree char *folder = NULL;
    json_t *list;
    DIR *dir;

    if (bridge_jupyter_runtime_folder(&folder, reterr) != CD_OK) {
        return CD_ERR;
    }
    list = json_array();
    if (!list) {
        return cd_oom(reterr);
    }
    dir = opendir(folder);
    for (struct dirent *e; dir && (e = readdir(dir)) != NULL;) {
        if (is_named(e->d_name, prefix)) {
            add(list, folder, e->d_name, entry_of);
        }
    }
    if (dir) {
        closedir(dir);
    }
    *ret = list;
    return CD_OK;
}
