/* SPDX-License-Identifier: BSD-3-Clause
 *
 * DAP Sources of code objects, and their text: cells by their hash file, files from the disk,
 * anything else (frozen modules, "<string>") by a sourceReference. Runs with the GIL, runs no code
 * of the user's; reads at most MAX_SOURCE bytes.
 */
#include "kernel/python/inspect.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_SOURCE (16u * 1024 * 1024)

json_t *pyx_source_json(PyObject *filename)
{
    pyx_auto PyObject *bytes = PyUnicode_Check(filename) ? pyx_str_bytes(filename) : NULL;
    const char *path = bytes ? PyBytes_AS_STRING(bytes) : "";
    json_t *path_json = cd_json_textz(path);
    pyx_auto PyObject *title = pyx_cell_title(filename);
    PyErr_Clear();
    if (title) {
        return json_pack("{s:o,s:o}", "name", pyx_str_json(title), "path", path_json);
    }
    if (path[0] == '/') {
        const char *slash = strrchr(path, '/');
        return json_pack("{s:o,s:o}", "name", cd_json_textz(slash + 1), "path", path_json);
    }
    int ref = dbg_refs_number(pyx_refs(), 0, PYX_STEP_SOURCE, path, strlen(path));
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

static cd_result read_file(const char *path, json_t **ret, struct cd_error *reterr)
{
    cd_autofd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        return cd_error_set(reterr, CD_E_NOT_FOUND, "no file '%s' at arguments.source.path", path);
    }
    if (st.st_size > (off_t)MAX_SOURCE) {
        return cd_error_set(reterr, CD_E_LIMIT, "file '%s' is larger than %u bytes", path,
                            MAX_SOURCE);
    }
    cd_autofree char *text = malloc((size_t)st.st_size + 1);
    if (!text) {
        return cd_oom(reterr);
    }
    size_t len = 0;
    while (len < (size_t)st.st_size) {
        ssize_t n = read(fd, text + len, (size_t)st.st_size - len);
        if (n <= 0) {
            break;
        }
        len += (size_t)n;
    }
    *ret = cd_json_text(text, len);
    return *ret ? CD_OK : cd_oom(reterr);
}

/* The text of a name: a cell, what linecache holds, a file. */
static cd_result text_of(const char *name, json_t **ret, struct cd_error *reterr)
{
    pyx_auto PyObject *str =
        PyUnicode_DecodeUTF8(name, (Py_ssize_t)strlen(name), "surrogateescape"); /* new */
    if (!str) {
        PyErr_Clear();
        return cd_oom(reterr);
    }
    PyObject *cell = pyx_cell_text(str); /* borrowed */
    if (cell) {
        *ret = pyx_str_json(cell);
        return *ret ? CD_OK : cd_oom(reterr);
    }
    if (name[0] == '/') {
        struct cd_error err = CD_ERROR_INIT;
        if (read_file(name, ret, &err) == CD_OK) {
            return CD_OK;
        }
    }
    pyx_auto PyObject *cached = from_linecache(str);
    if (cached) {
        *ret = pyx_str_json(cached);
        return *ret ? CD_OK : cd_oom(reterr);
    }
    return cd_error_set(reterr, CD_E_NOT_FOUND, "no text is known for the source '%s'", name);
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
    json_t *content = NULL;
    if (text_of(path, &content, reterr) != CD_OK) {
        return CD_ERR;
    }
    *ret = json_pack("{s:o,s:s}", "content", content, "mimeType", "text/x-python");
    return *ret ? CD_OK : cd_oom(reterr);
}
