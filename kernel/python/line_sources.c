/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The source of a path and what it compiles to: cells by their text, files from the disk, members
 * of zip files as zipimport reads them. Compiled for its lines and positions, never run. Cached by
 * the cell's text or the file's time and size. Guarded by the GIL; runs on the arm thread.
 */
#include "dap/base/limits.h"
#include "kernel/python/control.h"
#include "kernel/python/interp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static PyObject *cache; /* str path → (tag, code): tag is the cell text or (time, size) */

/* The bytes of a file as a Python bytes object, new; NULL with reterr filled. */
static PyObject *read_file(const char *path, off_t size, struct cd_error *reterr)
{
    if (size > (off_t)CD_MAX_BODY_BYTES) {
        cd_error_set(reterr, CD_E_LIMIT, "the file '%s' is too large to look for lines", path);
        return NULL;
    }
    FILE *f = fopen(path, "rbe");
    PyObject *bytes = f != NULL ? PyBytes_FromStringAndSize(NULL, (Py_ssize_t)size) : NULL;
    if (bytes == NULL || fread(PyBytes_AS_STRING(bytes), 1, (size_t)size, f) != (size_t)size) {
        pyx_error_drop();
        Py_CLEAR(bytes);
        cd_error_set(reterr, CD_E_NOT_FOUND, "cannot read '%s'", path);
    }
    if (f != NULL) {
        fclose(f);
    }
    return bytes;
}

static PyObject *compile_file(const char *path, PyObject *bytes)
{
    pyx_auto PyObject *builtins = PyImport_ImportModule("builtins"); /* new */
    return builtins == NULL
               ? NULL
               : PyObject_CallMethod(builtins, "compile", "Ossiii", bytes, path, "exec", 0, 1, 0);
}

/* Puts code_owned into the cache and hands it on; NULL (an exception is set): reterr is filled. */
static PyObject *keep(PyObject *path_o, PyObject *tag, PyObject *code_owned,
                      struct cd_error *reterr)
{
    pyx_auto PyObject *pair =
        code_owned != NULL ? PyTuple_Pack(2, tag, code_owned) : NULL; /* new */
    if (pair == NULL || PyDict_SetItem(cache, path_o, pair) != 0) {
        Py_CLEAR(code_owned);
        pyx_error_fetch(reterr, CD_E_BAD_VALUE);
    }
    return code_owned;
}

/* What zipimport would run of a path whose beginning is a zip file: new bytes; NULL: it is none. */
static PyObject *read_zipped(const char *path, struct stat *ret)
{
    cd_autofree char *archive = strdup(path);
    char *cut = archive;
    while (archive != NULL && (cut = strrchr(archive, '/')) != NULL && cut != archive) {
        *cut = '\0';
        if (stat(archive, ret) != 0) {
            continue;
        }
        pyx_auto PyObject *m =
            S_ISREG(ret->st_mode) ? PyImport_ImportModule("zipimport") : NULL; /* new */
        pyx_auto PyObject *zip =
            m != NULL ? PyObject_CallMethod(m, "zipimporter", "s", archive) : NULL; /* new */
        PyObject *bytes = zip != NULL ? PyObject_CallMethod(zip, "get_data", "s", path) : NULL;
        pyx_error_drop();
        if (bytes != NULL && !PyBytes_CheckExact(bytes)) {
            Py_CLEAR(bytes);
        }
        return bytes;
    }
    return NULL;
}

/* What a path's file or zip member holds: new bytes; NULL with reterr filled. */
static PyObject *file_bytes(const char *path, struct stat *ret, struct cd_error *reterr)
{
    if (stat(path, ret) == 0 && S_ISREG(ret->st_mode)) {
        return read_file(path, ret->st_size, reterr);
    }
    PyObject *bytes = read_zipped(path, ret);
    if (bytes == NULL) {
        cd_error_set(reterr, CD_E_NOT_FOUND, "there is no file '%s' where the kernel runs", path);
    }
    return bytes;
}

static bool is_kept(PyObject *path_o, const struct stat *st, PyObject **ret_tag, PyObject **ret)
{
    pyx_auto PyObject *kept = NULL;
    *ret_tag = Py_BuildValue("(LLL)", (long long)st->st_mtim.tv_sec, (long long)st->st_mtim.tv_nsec,
                             (long long)st->st_size); /* new */
    if (*ret_tag != NULL && pyx_dict_get(cache, path_o, &kept) == 1 &&
        PyObject_RichCompareBool(PyTuple_GET_ITEM(kept, 0), *ret_tag, Py_EQ) == 1) {
        *ret = Py_NewRef(PyTuple_GET_ITEM(kept, 1));
        return true;
    }
    return false;
}

/* New code object for what is no cell. */
static PyObject *file_root(const char *path, PyObject *path_o, struct cd_error *reterr)
{
    struct stat st;
    pyx_auto PyObject *tag = NULL;
    PyObject *code = NULL;
    if (stat(path, &st) == 0 && S_ISREG(st.st_mode) && is_kept(path_o, &st, &tag, &code)) {
        return code;
    }
    Py_CLEAR(tag);
    pyx_auto PyObject *bytes = file_bytes(path, &st, reterr);
    if (bytes == NULL || is_kept(path_o, &st, &tag, &code)) {
        return code;
    }
    return keep(path_o, tag, compile_file(path, bytes), reterr);
}

static PyObject *cell_root(PyObject *path_o, PyObject *text, struct cd_error *reterr)
{
    pyx_auto PyObject *kept = NULL;
    if (pyx_dict_get(cache, path_o, &kept) == 1 && PyTuple_GET_ITEM(kept, 0) == text) {
        return Py_NewRef(PyTuple_GET_ITEM(kept, 1));
    }
    return keep(path_o, text, pyx_cell_compile(text, path_o), reterr);
}

PyObject *pyx_lines_root(const char *path, struct cd_error *reterr)
{
    if (cache == NULL && (cache = PyDict_New()) == NULL) {
        pyx_error_fetch(reterr, CD_E_OOM);
        return NULL;
    }
    pyx_auto PyObject *path_o = PyUnicode_DecodeFSDefault(path); /* new */
    if (path_o == NULL) {
        pyx_error_fetch(reterr, CD_E_BAD_VALUE);
        return NULL;
    }
    PyObject *text = pyx_cell_text(path_o); /* borrowed */
    if (text != NULL) {
        pyx_auto PyObject *hold = Py_NewRef(text);
        return cell_root(path_o, hold, reterr);
    }
    pyx_error_drop();
    return file_root(path, path_o, reterr);
}

PyObject *pyx_lines_source(const char *path, PyObject **ret_written, struct cd_error *reterr)
{
    struct stat st;
    pyx_auto PyObject *path_o = PyUnicode_DecodeFSDefault(path);    /* new */
    PyObject *text = path_o != NULL ? pyx_cell_text(path_o) : NULL; /* borrowed */
    pyx_error_drop();
    if (text == NULL) {
        return file_bytes(path, &st, reterr);
    }
    *ret_written = Py_NewRef(text);
    PyObject *source = pyx_python_call("cell_source", "(O)", *ret_written);
    if (source == NULL) {
        pyx_error_fetch(reterr, CD_E_BAD_VALUE);
    }
    return source;
}
