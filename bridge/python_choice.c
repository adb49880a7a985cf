/* SPDX-License-Identifier: BSD-3-Clause
 *
 * See python_choice.h. An interpreter that was only found (not asked for) is used when its minor
 * version can be read off its name or its virtual environment and we have a module for it.
 */
#include "bridge/python_choice.h"

#include "bridge/kernel_spawn.h"
#include "bridge/kernelspec.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Python's minor by pyvenv.cfg beside a virtual environment's bin/; 0: unknown. */
static int venv_minor(const char *python)
{
    char line[512], path[PATH_MAX];
    const char *slash = strrchr(python, '/');
    int minor = 0;
    FILE *f;

    if (!slash) {
        return 0;
    }
    (void)snprintf(path, sizeof path, "%.*s/../pyvenv.cfg", (int)(slash - python), python);
    f = fopen(path, "re");
    if (!f) {
        return 0;
    }
    while (minor == 0 && fgets(line, sizeof line, f)) {
        const char *at = strstr(line, "= 3.");

        if (strncmp(line, "version", 7) == 0 && at) {
            minor = (int)strtol(at + 4, NULL, 10);
        }
    }
    fclose(f);
    return minor;
}

/* By the name of the file that the path leads to: python3.13. */
static int name_minor(const char *python)
{
    char real[PATH_MAX];
    const char *name;

    if (!realpath(python, real)) {
        return 0;
    }
    name = strrchr(real, '/') + 1;
    return strncmp(name, "python3.", 8) == 0 ? (int)strtol(name + 8, NULL, 10) : 0;
}

bool bridge_python_have_module(int minor)
{
    char folder[PATH_MAX], path[PATH_MAX + 64];

    if (bridge_own_folder(folder, sizeof folder, NULL) != CD_OK) {
        return false;
    }
    (void)snprintf(path, sizeof path, "%s/../lib/celldap/kernel-3.%d.so", folder, minor);
    return access(path, R_OK) == 0;
}

static bool fits(const char *python)
{
    int minor = venv_minor(python);

    if (access(python, X_OK) != 0) {
        return false;
    }
    if (minor == 0) {
        minor = name_minor(python);
    }
    return minor >= 12 && bridge_python_have_module(minor);
}

char *bridge_python_on_path(const char *name)
{
    const char *path = getenv("PATH");

    if (strchr(name, '/')) {
        return access(name, X_OK) == 0 ? strdup(name) : NULL;
    }
    while (path && *path) {
        size_t n = strcspn(path, ":");
        char full[PATH_MAX];

        (void)snprintf(full, sizeof full, "%.*s/%s", (int)n, path, name);
        if (n > 0 && access(full, X_OK) == 0) {
            return strdup(full);
        }
        path += n + (path[n] == ':');
    }
    return NULL;
}

static cd_result by_kernel(const char *name, char **ret, struct cd_error *reterr)
{
    cd_autofree char *program = NULL;

    if (bridge_kernelspec_python(name, &program, reterr) != CD_OK) {
        return CD_ERR;
    }
    *ret = bridge_python_on_path(program);
    if (!*ret) {
        return cd_error_set(reterr, CD_E_NOT_FOUND, "kernel '%s' runs '%s', which is not there",
                            name, program);
    }
    return CD_OK;
}

/* The environment of folder, or of one of the folders above it. */
static char *by_environment(const char *folder)
{
    const char *active = getenv("VIRTUAL_ENV");
    char dir[PATH_MAX], path[PATH_MAX + 32];

    if (active) {
        (void)snprintf(path, sizeof path, "%.4000s/bin/python", active);
        if (fits(path)) {
            return strdup(path);
        }
    }
    if (!folder) {
        return NULL;
    }
    (void)snprintf(dir, sizeof dir, "%s", folder);
    for (char *slash = dir; slash;) {
        (void)snprintf(path, sizeof path, "%s/.venv/bin/python", dir);
        if (fits(path)) {
            return strdup(path);
        }
        slash = strrchr(dir, '/');
        if (slash) {
            *slash = '\0';
        }
    }
    return NULL;
}

cd_result bridge_python_choose(const struct bridge_python_wish *wish, char **ret,
                               struct cd_error *reterr)
{
    char *python = NULL;

    if (wish->python) {
        python = bridge_python_on_path(wish->python);
        if (!python) {
            return cd_error_set(reterr, CD_E_NOT_FOUND,
                                "arguments.python: there is no program '%s'", wish->python);
        }
    } else if (wish->kernel) {
        if (by_kernel(wish->kernel, &python, reterr) != CD_OK) {
            cd_error_prefix(reterr, "arguments.kernel");
            return CD_ERR;
        }
    } else {
        if (wish->notebook_kernel && wish->notebook_kernel[0] &&
            by_kernel(wish->notebook_kernel, &python, NULL) == CD_OK && !fits(python)) {
            free(python);
            python = NULL;
        }
        if (!python) {
            python = by_environment(wish->folder);
        }
        if (!python) {
            python = bridge_default_python();
        }
    }
    *ret = python;
    return CD_OK;
}
