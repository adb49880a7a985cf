/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Does a code object belong to a file, to a function name? Files are compared by their resolved
 * path where the base name agrees; functions by qualified name, with or without the module before
 * it. Guarded by the GIL; runs inside the code watcher: quick, and it never raises.
 */
#include "kernel/python/control.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A link may have another base name than its file: one look at the disk for each run of code
 * objects of one file. */
static bool is_link(const char *name)
{
    static char last[PATH_MAX];
    static bool linked;
    char to[1];
    if (strcmp(last, name) != 0) {
        linked = strlen(name) < sizeof(last) && readlink(name, to, sizeof(to)) >= 0;
        snprintf(last, sizeof(last), "%s", name);
    }
    return linked;
}

bool pyx_code_in_file(const char *path, const char *real_path, const char *name)
{
    char real[PATH_MAX];
    if (strcmp(path, name) == 0 || strcmp(real_path, name) == 0) {
        return true;
    }
    const char *a = strrchr(real_path, '/');
    const char *b = strrchr(name, '/');
    if (a == NULL || (strcmp(a + 1, b != NULL ? b + 1 : name) != 0 && !is_link(name))) {
        return false;
    }
    return realpath(name, real) != NULL && strcmp(real, real_path) == 0;
}

bool pyx_code_has_name(PyCodeObject *code, const char *want)
{
    const char *qualname = PyUnicode_AsUTF8(code->co_qualname);
    const char *file = PyUnicode_AsUTF8(code->co_filename);
    if (qualname == NULL || file == NULL) {
        pyx_error_drop();
        return false;
    }
    if (strcmp(qualname, want) == 0) {
        return true;
    }
    const size_t q = strlen(qualname);
    const size_t n = strlen(want);
    if (n <= q + 1 || strcmp(want + n - q, qualname) != 0 || want[n - q - 1] != '.') {
        return false;
    }
    /* module.function: the module's last name is the file's */
    const char *base = strrchr(file, '/');
    base = base != NULL ? base + 1 : file;
    const char *module = want + n - q - 1;
    while (module > want && module[-1] != '.') {
        module--;
    }
    const size_t m = (size_t)(want + n - q - 1 - module);
    return strncmp(base, module, m) == 0 && strcmp(base + m, ".py") == 0;
}
