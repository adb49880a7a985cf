/* SPDX-License-Identifier: BSD-3-Clause
 *
 * DAP Sources of code objects, and their text: cells by their hash file, files from the disk,
 * anything else (zipped and frozen modules, "<string>") by a sourceReference. Runs with the GIL,
 * runs no code of the user's.
 */
#include "kernel/python/control.h"
#include "kernel/python/inspect.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* No editor can open a member of a zip file by its path. */
static bool is_zipped(const char *path)
{
    static const char *const endings[] = {".zip/", ".egg/", ".pyz/", ".whl/"};
    for (size_t i = 0; i < CD_ARRAY_LEN(endings); i++) {
        const char *at = strstr(path, endings[i]);
        struct stat st;
        if (at && stat(path, &st) != 0) {
            return true;
        }
    }
    return false;
}

/* A relative name is a file's where it is one from here: its absolute name in out. */
static bool from_here(const char *path, char out[PATH_MAX])
{
    size_t len = 0;
    if (path[0] == '\0' || path[0] == '/' || path[0] == '<' || !getcwd(out, PATH_MAX)) {
        return false;
    }
    len = strlen(out);
    return snprintf(out + len, PATH_MAX - len, "/%s", path) < (int)(PATH_MAX - len) &&
           access(out, F_OK) == 0;
}

json_t *pyx_source_json(PyObject *filename)
{
    pyx_auto PyObject *bytes = PyUnicode_Check(filename) ? pyx_str_bytes(filename) : NULL;
    const char *path = bytes ? PyBytes_AS_STRING(bytes) : "";
    char absolute[PATH_MAX];
    if (from_here(path, absolute)) {
        path = absolute;
    }
    json_t *path_json = cd_json_textz(path);
    pyx_auto PyObject *title = pyx_cell_title(filename);
    PyErr_Clear();
    if (title) {
        return json_pack("{s:o,s:o}", "name", pyx_str_json(title), "path", path_json);
    }
    const char *slash = strrchr(path, '/');
    if (path[0] == '/' && !is_zipped(path)) {
        return json_pack("{s:o,s:o}", "name", cd_json_textz(slash + 1), "path", path_json);
    }
    int ref = dbg_refs_number(pyx_refs(), 0, PYX_STEP_SOURCE, path, strlen(path));
    if (path[0] == '/') {
        return json_pack("{s:o,s:o,s:i}", "name", cd_json_textz(slash + 1), "path", path_json,
                         "sourceReference", ref);
    }
    return json_pack("{s:o,s:i}", "name", path_json, "sourceReference", ref);
}

/* linecache.cache[name][2] joined: new / NULL, no exception */
static PyObject *from_linecache(PyObject *name)
{
    pyx_auto PyObject *module_name = PyUnicode_FromString("linecache");               /* new */
    pyx_auto PyObject *module = module_name ? PyImport_GetModule(module_name) : NULL; /* new */
    pyx_auto PyObject *cache = NULL;
    pyx_auto PyObject *entry = NULL;
    PyObject *text = NULL;
    if (module && PyModule_Check(module) &&
        pyx_dict_gets(PyModule_GetDict(module), "cache", &cache) == 1 && PyDict_Check(cache) &&
        pyx_dict_get(cache, name, &entry) == 1 && PyTuple_Check(entry) &&
        PyTuple_GET_SIZE(entry) == 4 && PyList_Check(PyTuple_GET_ITEM(entry, 2))) {
        pyx_auto PyObject *empty = PyUnicode_FromString("");                     /* new */
        text = empty ? PyUnicode_Join(empty, PyTuple_GET_ITEM(entry, 2)) : NULL; /* new */
    }
    PyErr_Clear();
    return text;
}

/* "<frozen importlib._bootstrap>" is a file of the standard library: new bytes / NULL. */
static PyObject *frozen(const char *name)
{
    static const char *const endings[] = {".py", "/__init__.py"};
    PyObject *dir = PySys_GetObject("_stdlib_dir"); /* borrowed */
    const char *utf8 = dir && PyUnicode_Check(dir) ? PyUnicode_AsUTF8(dir) : NULL;
    size_t len = strlen(name);
    PyErr_Clear();
    if (!utf8 || strncmp(name, "<frozen ", 8) != 0 || len < 10 || strchr(name, '/')) {
        return NULL;
    }
    for (size_t i = 0; i < CD_ARRAY_LEN(endings); i++) {
        struct cd_error err = CD_ERROR_INIT;
        pyx_auto PyObject *cell = NULL;
        cd_autobuf struct cd_buf path;
        cd_buf_init(&path, 8192);
        if (cd_buf_appendf(&path, NULL, "%s/%.*s", utf8, (int)(len - 9), name + 8) != CD_OK) {
            return NULL;
        }
        for (char *c = path.data + strlen(utf8); *c; c++) {
            *c = *c == '.' ? '/' : *c;
        }
        if (cd_buf_appendf(&path, NULL, "%s", endings[i]) == CD_OK) {
            PyObject *bytes = pyx_lines_source(path.data, &cell, &err);
            if (bytes) {
                return bytes;
            }
        }
    }
    return NULL;
}

/* New: the text of a name (a cell, a file, a zip's member, a frozen module, what linecache holds),
 * NULL with reterr filled. */
static PyObject *text_of(const char *name, struct cd_error *reterr)
{
    pyx_auto PyObject *str =
        PyUnicode_DecodeUTF8(name, (Py_ssize_t)strlen(name), "surrogateescape"); /* new */
    if (!str) {
        PyErr_Clear();
        cd_oom(reterr);
        return NULL;
    }
    PyObject *cell = pyx_cell_text(str); /* borrowed */
    if (cell) {
        return Py_NewRef(cell);
    }
    pyx_auto PyObject *written = NULL;
    pyx_auto PyObject *bytes =
        name[0] == '/' ? pyx_lines_source(name, &written, reterr) : frozen(name); /* new */
    if (bytes && PyBytes_Check(bytes)) {
        PyObject *text = PyUnicode_DecodeUTF8(PyBytes_AS_STRING(bytes), PyBytes_GET_SIZE(bytes),
                                              "replace"); /* new */
        PyErr_Clear();
        return text;
    }
    PyObject *cached = from_linecache(str);
    if (!cached) {
        cd_error_set(reterr, CD_E_NOT_FOUND, "no text is known for the source '%s'", name);
    }
    return cached;
}

PyObject *pyx_source_text(PyObject *name)
{
    struct cd_error err = CD_ERROR_INIT;
    pyx_auto PyObject *bytes = pyx_str_bytes(name);
    return bytes ? text_of(PyBytes_AS_STRING(bytes), &err) : NULL;
}

cd_result pyx_source(const json_t *args, json_t **ret, struct cd_error *reterr)
{
    json_t *source = NULL;
    const char *path = NULL;
    int64_t ref = 0, inner = 0;
    if (cd_json_obj_opt(args, "arguments.source", &source, reterr) != CD_OK ||
        cd_json_str_opt(source, "arguments.source.path", &path, reterr) != CD_OK ||
        cd_json_int_opt(source, "arguments.source.sourceReference", 0, INT32_MAX, &inner, reterr) !=
            CD_OK ||
        cd_json_int_opt(args, "arguments.sourceReference", 0, INT32_MAX, &ref, reterr) != CD_OK) {
        return CD_ERR;
    }
    ref = ref ? ref : inner;
    if (ref) {
        struct dbg_ref step;
        if (!dbg_refs_get(pyx_refs(), (int)ref, &step) || step.kind != PYX_STEP_SOURCE) {
            return cd_error_set(reterr, CD_E_NOT_FOUND,
                                "no source '%lld' at arguments.sourceReference", (long long)ref);
        }
        path = step.key;
    }
    if (!path) {
        return cd_error_set(reterr, CD_E_MISSING, "missing arguments.source.path (string)");
    }
    cd_autofree char *name = strdup(path); /* a new path may move the table of paths */
    pyx_auto PyObject *text = name ? text_of(name, reterr) : NULL;
    if (!text) {
        return name ? CD_ERR : cd_oom(reterr);
    }
    *ret = json_pack("{s:o,s:s}", "content", pyx_str_json(text), "mimeType", "text/x-python");
    return *ret ? CD_OK : cd_oom(reterr);
}
