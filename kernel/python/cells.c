/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The cells that were executed or dumped: hash file path -> (text, cell id, execution count).
 * Any thread with the GIL. Runs no user code, but for pyx_cell_compile, which runs IPython's text
 * transforms.
 */
#include "dap/base/limits.h"
#include "dap/cell_path.h"
#include "kernel/python/interp.h"

#include <string.h>

enum { CELL_TEXT, CELL_ID, CELL_COUNT };

static PyObject *cells; /* dict: str -> (str, bytes or None, int) */

cd_result pyx_cells_start(struct cd_error *reterr)
{
    cells = PyDict_New();
    return cells ? CD_OK : pyx_error_fetch(reterr, CD_E_PYTHON);
}

/* Borrowed member of a cell's entry, NULL (no exception) where the path is no cell. */
static PyObject *cell_member(PyObject *path, int member)
{
    if (!cells || !PyUnicode_Check(path)) {
        return NULL;
    }
    PyObject *entry = PyDict_GetItemWithError(cells, path); /* borrowed */
    if (!entry) {
        PyErr_Clear();
        return NULL;
    }
    return PyTuple_GET_ITEM(entry, member);
}

PyObject *pyx_cell_text(PyObject *path)
{
    return cell_member(path, CELL_TEXT);
}

const char *pyx_cell_id(PyObject *path)
{
    PyObject *id = cell_member(path, CELL_ID);
    return id && PyBytes_Check(id) ? PyBytes_AS_STRING(id) : NULL;
}

cd_result pyx_cell_keep(PyObject *path, PyObject *text, const char *cell_id, int execution_count,
                        struct cd_error *reterr)
{
    const char *id = cell_id ? cell_id : pyx_cell_id(path);
    PyObject *count = cell_member(path, CELL_COUNT);
    pyx_auto PyObject *id_bytes = id ? PyBytes_FromString(id) : Py_NewRef(Py_None);
    pyx_auto PyObject *new_count =
        execution_count > 0 || !count ? PyLong_FromLong(execution_count) : Py_NewRef(count);
    if (id_bytes && new_count) {
        pyx_auto PyObject *entry = PyTuple_Pack(3, text, id_bytes, new_count);
        if (entry && !count) {
            pyx_loaded_hint();
        }
        if (entry && PyDict_SetItem(cells, path, entry) == 0) {
            return CD_OK;
        }
    }
    return pyx_error_fetch(reterr, CD_E_PYTHON);
}

PyObject *pyx_cell_title(PyObject *path)
{
    PyObject *count = cell_member(path, CELL_COUNT);
    if (!count) {
        return NULL;
    }
    long n = PyLong_AsLong(count);
    return n > 0 ? PyUnicode_FromFormat("Cell In[%ld]", n) : PyUnicode_FromString("Cell In[ ]");
}

PyObject *pyx_cell_texts(void)
{
    PyObject *texts = PyDict_New();
    Py_ssize_t at = 0;
    PyObject *path, *entry; /* borrowed */
    while (texts && cells && PyDict_Next(cells, &at, &path, &entry)) {
        if (PyDict_SetItem(texts, path, PyTuple_GET_ITEM(entry, CELL_TEXT)) < 0) {
            Py_CLEAR(texts);
        }
    }
    PyErr_Clear();
    return texts;
}

PyObject *pyx_cell_compile(PyObject *text, PyObject *path)
{
    return pyx_python_call("compile_cell", "(OO)", text, path);
}

PyObject *pyx_cell_path_of(const char *code, size_t len)
{
    struct cd_error err = CD_ERROR_INIT;
    cd_autobuf struct cd_buf out;
    cd_buf_init(&out, CD_MAX_HEADER_BYTES + strlen(pyx_interp.cell_prefix));
    if (dap_cell_path(pyx_interp.cell_prefix, code, len, &out, &err) != CD_OK) {
        PyErr_SetString(PyExc_RuntimeError, err.text);
        return NULL;
    }
    return PyUnicode_DecodeFSDefaultAndSize(out.data, (Py_ssize_t)out.len);
}

/* ---- for the Python package ---- */

PyObject *pyx_py_cell_path(PyObject *self, PyObject *text)
{
    (void)self;
    if (!pyx_interp.cell_prefix) {
        PyErr_SetString(PyExc_RuntimeError, "no kernel runs in this process");
        return NULL;
    }
    pyx_auto PyObject *bytes = PyUnicode_AsEncodedString(text, "utf-8", "surrogatepass");
    return bytes ? pyx_cell_path_of(PyBytes_AS_STRING(bytes), (size_t)PyBytes_GET_SIZE(bytes))
                 : NULL;
}

PyObject *pyx_py_cell_keep(PyObject *self, PyObject *args)
{
    (void)self;
    PyObject *path, *text;
    const char *cell_id;
    int count;
    struct cd_error err = CD_ERROR_INIT;
    if (!PyArg_ParseTuple(args, "UUzi", &path, &text, &cell_id, &count)) {
        return NULL;
    }
    if (!cells || pyx_cell_keep(path, text, cell_id, count, &err) != CD_OK) {
        PyErr_SetString(PyExc_RuntimeError, cells ? err.text : "no kernel runs in this process");
        return NULL;
    }
    Py_RETURN_NONE;
}

PyObject *pyx_py_cell_text(PyObject *self, PyObject *path)
{
    (void)self;
    PyObject *text = pyx_cell_text(path);
    return Py_NewRef(text ? text : Py_None);
}

PyObject *pyx_py_cell_title(PyObject *self, PyObject *path)
{
    (void)self;
    PyObject *title = pyx_cell_title(path);
    return title || PyErr_Occurred() ? title : Py_NewRef(Py_None);
}

PyObject *pyx_py_code_compiled(PyObject *self, PyObject *code)
{
    (void)self;
    if (!PyCode_Check(code)) {
        PyErr_Format(PyExc_TypeError, "expected a code object, got '%s'", Py_TYPE(code)->tp_name);
        return NULL;
    }
    pyx_code_compiled((PyCodeObject *)code, pyx_cell_id(((PyCodeObject *)code)->co_filename));
    Py_RETURN_NONE;
}
