/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Which kernels are installed (kernelspec.h), found as jupyter_client finds them: names are
 * compared without case, the first folder that has a name wins. A broken kernel.json is listed with
 * its error.
 */
#include "bridge/jupyter_paths.h"
#include "bridge/kernelspec.h"

#include <ctype.h>
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_KERNELS 1000

static json_t *entry_of(const char *name, const char *folder, const char *file)
{
    struct cd_error err = CD_ERROR_INIT;
    json_auto_t *spec = NULL;

    if (bridge_kernelspec_load(file, &spec, &err) == CD_OK && !json_is_object(spec)) {
        (void)cd_error_set(&err, CD_E_BAD_TYPE, "'%s' holds no object", file);
    }
    if (err.id) {
        return json_pack("{s:o, s:o, s:o}", "name", cd_json_textz(name), "path",
                         cd_json_textz(folder), "error", cd_json_textz(err.text));
    }
    return json_pack("{s:o, s:o, s:O}", "name", cd_json_textz(name), "path", cd_json_textz(folder),
                     "spec", spec);
}

/* found: name -> entry. */
static void look_at(const char *kernels, const char *entry_name, json_t *found)
{
    char name[256], folder[PATH_MAX], file[PATH_MAX + 16];
    size_t n = strlen(entry_name);

    if (n >= sizeof name || !bridge_kernel_name_good(entry_name) ||
        json_object_size(found) >= MAX_KERNELS) {
        return;
    }
    for (size_t i = 0; i <= n; i++) {
        name[i] = (char)tolower((unsigned char)entry_name[i]);
    }
    (void)snprintf(folder, sizeof folder, "%s/%s", kernels, entry_name);
    (void)snprintf(file, sizeof file, "%s/kernel.json", folder);
    if (access(file, F_OK) == 0 && !json_object_get(found, name)) {
        (void)json_object_set_new(found, name, entry_of(name, folder, file));
    }
}

static void look_in(const char *kernels, json_t *found)
{
    DIR *dir = opendir(kernels);

    for (struct dirent *e; dir && (e = readdir(dir)) != NULL;) {
        look_at(kernels, e->d_name, found);
    }
    if (dir) {
        closedir(dir);
    }
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* object -> array of its values, by the order of the keys. */
static json_t *sorted(json_t *found)
{
    const char *names[MAX_KERNELS], *name;
    json_t *list = json_array(), *entry;
    size_t count = 0;

    json_object_foreach(found, name, entry)
    {
        names[count++] = name;
    }
    qsort(names, count, sizeof names[0], by_text);
    for (size_t i = 0; list && i < count; i++) {
        (void)json_array_append(list, json_object_get(found, names[i]));
    }
    return list;
}

json_t *bridge_kernelspec_list(void)
{
    json_auto_t *found = json_object();
    struct bridge_strings dirs = {0};
    char path[PATH_MAX];
    const char *home = getenv("HOME"), *ipython = getenv("IPYTHONDIR");

    if (!found || bridge_jupyter_folders(&dirs, NULL) != CD_OK) {
        bridge_strings_done(&dirs);
        return NULL;
    }
    for (size_t i = 0; i < dirs.count; i++) {
        (void)snprintf(path, sizeof path, "%s/kernels", dirs.v[i]);
        look_in(path, found);
    }
    bridge_strings_done(&dirs);
    if (ipython || home) { /* jupyter_client looks there last */
        (void)snprintf(path, sizeof path, "%s%s/kernels", ipython ? ipython : home,
                       ipython ? "" : "/.ipython");
        look_in(path, found);
    }
    return sorted(found);
}
