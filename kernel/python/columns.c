/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Columns: Python's are bytes of a line's UTF-8, DAP's are UTF-16 units. They differ only in lines
 * that are not ASCII: a file is read once to know that. Guarded by the GIL; runs no code of the
 * user's.
 */
#include "kernel/python/control.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_FILE  (4 * 1024 * 1024) /* larger ones are taken for ASCII */
#define MAX_FILES 512               /* known at once */

static PyObject *files; /* str path → (time and size, bytes or None for ASCII) */

static bool is_ascii(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if ((text[i] & 0x80) != 0) {
            return false;
        }
    }
    return true;
}

/* The file's bytes, None where they are all ASCII: new, NULL when it cannot be read. */
static PyObject *read_bytes(int fd, off_t size)
{
    if (size > MAX_FILE) {
        return Py_NewRef(Py_None);
    }
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)size); /* new */
    if (bytes == NULL || read(fd, PyBytes_AS_STRING(bytes), (size_t)size) != (ssize_t)size) {
        Py_XDECREF(bytes);
        return NULL;
    }
    if (is_ascii(PyBytes_AS_STRING(bytes), (size_t)size)) {
        Py_SETREF(bytes, Py_NewRef(Py_None));
    }
    return bytes;
}

/* New bytes of a file that is not ASCII, NULL for all others (no exception). */
static PyObject *file_text(PyObject *path)
{
    struct stat st;
    const char *name = PyUnicode_AsUTF8(path);
    if (name == NULL || name[0] != '/' || stat(name, &st) != 0 || !S_ISREG(st.st_mode) ||
        (files == NULL && (files = PyDict_New()) == NULL)) {
        return NULL;
    }
    pyx_auto PyObject *tag = PyLong_FromLongLong((long long)st.st_mtim.tv_sec * 1000000007 +
                                                 st.st_mtim.tv_nsec + (long long)st.st_size);
    pyx_auto PyObject *kept = NULL;
    if (tag != NULL && pyx_dict_get(files, path, &kept) == 1 &&
        PyObject_RichCompareBool(PyTuple_GET_ITEM(kept, 0), tag, Py_EQ) == 1) {
        PyObject *bytes = PyTuple_GET_ITEM(kept, 1); /* borrowed */
        return bytes == Py_None ? NULL : Py_NewRef(bytes);
    }
    cd_autofd int fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    pyx_auto PyObject *bytes = fd >= 0 ? read_bytes(fd, st.st_size) : NULL;
    pyx_auto PyObject *entry =
        tag != NULL && bytes != NULL ? PyTuple_Pack(2, tag, bytes) : NULL; /* new */
    if (PyDict_GET_SIZE(files) >= MAX_FILES) {
        PyDict_Clear(files);
    }
    if (entry == NULL || PyDict_SetItem(files, path, entry) != 0 || bytes == Py_None) {
        return NULL;
    }
    return Py_NewRef(bytes);
}

static int units_in(const char *p, const char *end, int line, int bytes)
{
    for (int i = 1; i < line && p < end; i++) {
        const char *next = memchr(p, '\n', (size_t)(end - p));
        p = next != NULL ? next + 1 : end;
    }
    int units = 0;
    for (int i = 0; i < bytes && p < end && *p != '\n'; i++, p++) {
        const unsigned char c = (unsigned char)*p;
        units += (c & 0xC0) == 0x80 ? 0 : c >= 0xF0 ? 2 : 1;
    }
    return units;
}

int pyx_utf16_units(PyObject *filename, int line, int bytes)
{
    if (bytes <= 0) {
        return 0;
    }
    PyObject *cell = pyx_cell_text(filename); /* borrowed */
    if (cell != NULL) {
        Py_ssize_t size = 0;
        const char *text =
            PyUnicode_IS_COMPACT_ASCII(cell) ? NULL : PyUnicode_AsUTF8AndSize(cell, &size);
        pyx_error_drop(); /* a lone surrogate */
        return text != NULL ? units_in(text, text + size, line, bytes) : bytes;
    }
    pyx_auto PyObject *text = file_text(filename);
    pyx_error_drop();
    return text != NULL ? units_in(PyBytes_AS_STRING(text),
                                   PyBytes_AS_STRING(text) + PyBytes_GET_SIZE(text), line, bytes)
                        : bytes;
}
