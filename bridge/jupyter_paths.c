/* SPDX-License-Identifier: BSD-3-Clause
 *
 * See jupyter_paths.h. What jupyter_core asks sys.prefix for is here the active environment.
 */
#include "bridge/jupyter_paths.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_PATH_TEXT 4096

/* The value of a variable that is set and not empty, else NULL. */
static const char *env(const char *name)
{
    const char *value = getenv(name);
    return value && value[0] ? value : NULL;
}

static cd_result add_once(struct bridge_strings *out, const char *path, struct cd_error *reterr)
{
    for (size_t i = 0; i < out->count; i++) {
        if (strcmp(out->v[i], path) == 0) {
            return CD_OK;
        }
    }
    return bridge_strings_add(out, reterr, "%s", path);
}

static cd_result join(char **ret, struct cd_error *reterr, const char *folder, const char *rest)
{
    *ret = NULL;
    return asprintf(ret, "%s%s", folder, rest) < 0 ? cd_oom(reterr) : CD_OK;
}

cd_result bridge_jupyter_data_folder(char **ret, struct cd_error *reterr)
{
    const char *data = env("JUPYTER_DATA_DIR"), *xdg = env("XDG_DATA_HOME"), *home = env("HOME");

    if (data) {
        return join(ret, reterr, data, "");
    }
    if (xdg) {
        return join(ret, reterr, xdg, "/jupyter");
    }
    if (!home) {
        return cd_error_set(reterr, CD_E_NOT_FOUND,
                            "HOME is not set: set it, or JUPYTER_DATA_DIR to Jupyter's folder");
    }
    return join(ret, reterr, home, "/.local/share/jupyter");
}

cd_result bridge_jupyter_runtime_folder(char **ret, struct cd_error *reterr)
{
    const char *runtime = env("JUPYTER_RUNTIME_DIR");
    cd_autofree char *data = NULL;

    if (runtime) {
        return join(ret, reterr, runtime, "");
    }
    return bridge_jupyter_data_folder(&data, reterr) ? CD_ERR : join(ret, reterr, data, "/runtime");
}

/* The prefix of the active environment, or NULL. */
static const char *environment(void)
{
    const char *venv = env("VIRTUAL_ENV");
    return venv ? venv : env("CONDA_PREFIX");
}

static bool environment_first(const char *prefix)
{
    static const char *const no[] = {"0", "no", "n", "false", "off"};
    const char *asked = getenv("JUPYTER_PREFER_ENV_PATH"), *conda = env("CONDA_DEFAULT_ENV");
    struct stat st;

    if (asked) {
        for (size_t i = 0; i < CD_ARRAY_LEN(no); i++) {
            if (strcasecmp(asked, no[i]) == 0) {
                return false;
            }
        }
        return true;
    }
    if (!env("VIRTUAL_ENV") && (!conda || strcmp(conda, "base") == 0)) {
        return false;
    }
    return stat(prefix, &st) == 0 && st.st_uid == geteuid();
}

static cd_result add_user(struct bridge_strings *out, struct cd_error *reterr)
{
    const char *base = env("PYTHONUSERBASE"), *home = env("HOME");
    cd_autofree char *data = NULL, *site = NULL;

    if (bridge_jupyter_data_folder(&data, NULL) == CD_OK && add_once(out, data, reterr)) {
        return CD_ERR;
    }
    if (!base && !home) {
        return CD_OK;
    }
    return join(&site, reterr, base ? base : home,
                base ? "/share/jupyter" : "/.local/share/jupyter") ||
                   add_once(out, site, reterr)
               ? CD_ERR
               : CD_OK;
}

static cd_result add_environment(struct bridge_strings *out, const char *prefix,
                                 struct cd_error *reterr)
{
    cd_autofree char *path = NULL;

    if (!prefix) {
        return CD_OK;
    }
    return join(&path, reterr, prefix, "/share/jupyter") || add_once(out, path, reterr) ? CD_ERR
                                                                                        : CD_OK;
}

/* $JUPYTER_PATH is a list of folders. */
static cd_result add_asked(struct bridge_strings *out, struct cd_error *reterr)
{
    char dir[MAX_PATH_TEXT];

    for (const char *path = env("JUPYTER_PATH"); path && *path;) {
        const size_t n = strcspn(path, ":");
        (void)snprintf(dir, sizeof dir, "%.*s", (int)n, path);
        for (size_t end = strlen(dir); end > 1 && dir[end - 1] == '/'; end--) {
            dir[end - 1] = '\0';
        }
        if (n > 0 && n < sizeof dir && add_once(out, dir, reterr)) {
            return CD_ERR;
        }
        path += n + (path[n] == ':');
    }
    return CD_OK;
}

cd_result bridge_jupyter_folders(struct bridge_strings *ret, struct cd_error *reterr)
{
    const char *prefix = environment();
    const bool first = prefix && environment_first(prefix);

    if (add_asked(ret, reterr) || (first && add_environment(ret, prefix, reterr)) ||
        add_user(ret, reterr) || add_environment(ret, prefix, reterr) ||
        add_once(ret, "/usr/local/share/jupyter", reterr) ||
        add_once(ret, "/usr/share/jupyter", reterr)) {
        return CD_ERR;
    }
    return CD_OK;
}

bool bridge_kernel_name_good(const char *name)
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    return name[0] && name[0] != '.' && name[strspn(name, allowed)] == '\0';
}
