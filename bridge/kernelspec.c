/* SPDX-License-Identifier: BSD-3-Clause
 *
 * See kernelspec.h. Files of others: everything is checked.
 */
#include "bridge/kernelspec.h"

#include "bridge/jupyter_paths.h"
#include "bridge/notebook/file_bytes.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_SPEC_BYTES (256u * 1024)

cd_result bridge_kernelspec_load(const char *path, json_t **ret, struct cd_error *reterr)
{
    cd_autobuf struct cd_buf text;

    cd_buf_init(&text, MAX_SPEC_BYTES);
    if (bridge_file_read(path, &text, NULL, reterr) != CD_OK) {
        return CD_ERR;
    }
    if (cd_json_load(text.data, text.len, ret, reterr) != CD_OK) {
        cd_error_prefix(reterr, "'%s'", path);
        return CD_ERR;
    }
    return CD_OK;
}

const char *bridge_kernelspec_interpreter(const json_t *spec)
{
    const json_t *argv = json_object_get(spec, "argv");
    const char *first = json_string_value(json_array_get(argv, 0));
    size_t i;
    json_t *item;

    json_array_foreach(argv, i, item)
    {
        const char *text = json_string_value(item);

        if (text && strcmp(text, "--python") == 0) {
            return json_string_value(json_array_get(argv, i + 1));
        }
    }
    return first;
}

/* Jupyter runs a bare `python` of a spec in <prefix>/share/jupyter by that prefix's own. Owned by
 * the caller; NULL: out of memory. */
static char *by_prefix(const char *jupyter_folder, const char *python)
{
    char path[PATH_MAX];
    int n = snprintf(path, sizeof path, "%s/../../bin/%s", jupyter_folder, python);
    bool found =
        !strchr(python, '/') && n > 0 && (size_t)n < sizeof path && access(path, X_OK) == 0;

    return strdup(found ? path : python);
}

/* *ret_folder: where it was found, owned by the caller. */
static cd_result find(const char *name, json_t **ret, char **ret_folder, struct cd_error *reterr)
{
    struct bridge_strings dirs = {0};
    cd_result r = bridge_jupyter_folders(&dirs, reterr);

    for (size_t i = 0; r == CD_OK && i < dirs.count; i++) {
        char path[PATH_MAX];

        (void)snprintf(path, sizeof path, "%s/kernels/%s/kernel.json", dirs.v[i], name);
        if (access(path, R_OK) == 0) {
            r = bridge_kernelspec_load(path, ret, reterr);
            *ret_folder = strdup(dirs.v[i]);
            bridge_strings_done(&dirs);
            return *ret_folder ? r : cd_oom(reterr);
        }
    }
    bridge_strings_done(&dirs);
    return cd_error_set(reterr, CD_E_NOT_FOUND, "no kernel '%s' is installed", name);
}

/* One for Python. */
static cd_result find_python(const char *name, json_t **ret, char **ret_folder,
                             struct cd_error *reterr)
{
    const char *language;

    if (!bridge_kernel_name_good(name)) {
        return cd_error_set(reterr, CD_E_BAD_VALUE, "'%.60s' is no name of a kernel", name);
    }
    if (find(name, ret, ret_folder, reterr) != CD_OK) {
        return CD_ERR;
    }
    language = json_string_value(json_object_get(*ret, "language"));
    if (language && strcmp(language, "python") != 0) {
        return cd_error_set(reterr, CD_E_UNSUPPORTED,
                            "kernel '%s' is for the language '%.60s', celldap debugs Python", name,
                            language);
    }
    return CD_OK;
}

static bool is_ours(const char *program)
{
    const char *slash = strrchr(program, '/');

    return strcmp(slash ? slash + 1 : program, "celldap-kernel") == 0;
}

/* New: the words of argv, each with the spec's own folder put in. NULL: it has none that is text.
 */
static json_t *filled_argv(const json_t *spec, const char *program, const char *own_folder)
{
    static const char mark[] = "{resource_dir}";
    json_t *argv = json_array(), *item;
    size_t i;

    json_array_foreach(json_object_get(spec, "argv"), i, item)
    {
        const char *text = i == 0 ? program : json_string_value(item);
        const char *at = text ? strstr(text, mark) : NULL;

        json_array_append_new(argv, !text ? NULL
                                    : at  ? json_sprintf("%.*s%s%s", (int)(at - text), text,
                                                         own_folder, at + sizeof mark - 1)
                                          : json_string(text));
    }
    if (json_array_size(argv) != json_array_size(json_object_get(spec, "argv"))) {
        json_decref(argv);
        return NULL;
    }
    return argv;
}

cd_result bridge_kernelspec_foreign(const char *name, json_t **ret, struct cd_error *reterr)
{
    json_auto_t *spec = NULL;
    cd_autofree char *folder = NULL;
    char own[PATH_MAX];
    json_t *argv;

    if (find_python(name, &spec, &folder, reterr) != CD_OK) {
        return CD_ERR;
    }
    const char *first = json_string_value(json_array_get(json_object_get(spec, "argv"), 0));
    if (!first) {
        return cd_error_set(reterr, CD_E_BAD_VALUE, "kernel '%s' names no program", name);
    }
    if (is_ours(first)) {
        *ret = NULL;
        return CD_OK;
    }
    if (!json_is_true(json_object_get(json_object_get(spec, "metadata"), "debugger"))) {
        return cd_error_set(reterr, CD_E_UNSUPPORTED,
                            "kernel '%s' has no debugger (its kernel.json has no "
                            "metadata.debugger)",
                            name);
    }
    (void)snprintf(own, sizeof own, "%s/kernels/%s", folder, name);
    cd_autofree char *program = by_prefix(folder, first);
    argv = program ? filled_argv(spec, program, own) : NULL;
    if (!argv) {
        return cd_error_set(reterr, CD_E_BAD_VALUE, "kernel '%s': its argv is not all text", name);
    }
    *ret = json_pack("{s:o, s:O*}", "argv", argv, "env", json_object_get(spec, "env"));
    return *ret ? CD_OK : cd_oom(reterr);
}

cd_result bridge_kernelspec_python(const char *name, char **ret, struct cd_error *reterr)
{
    json_auto_t *spec = NULL;
    cd_autofree char *folder = NULL;
    const char *python;

    if (find_python(name, &spec, &folder, reterr) != CD_OK) {
        return CD_ERR;
    }
    python = bridge_kernelspec_interpreter(spec);
    if (!python) {
        return cd_error_set(reterr, CD_E_BAD_VALUE, "kernel '%s' names no program", name);
    }
    *ret = by_prefix(folder, python);
    return *ret ? CD_OK : cd_oom(reterr);
}

char *bridge_default_python(void)
{
    char folder[PATH_MAX], path[PATH_MAX + 64];
    json_auto_t *spec = NULL;
    const char *python;

    if (bridge_own_folder(folder, sizeof folder, NULL) != CD_OK) {
        return NULL;
    }
    (void)snprintf(path, sizeof path, "%s/../share/jupyter/kernels/celldap/kernel.json", folder);
    if (bridge_kernelspec_load(path, &spec, NULL) != CD_OK) {
        return NULL;
    }
    python = bridge_kernelspec_interpreter(spec);
    return python && python[0] == '/' && access(python, X_OK) == 0 ? strdup(python) : NULL;
}
