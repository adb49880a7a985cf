/* SPDX-License-Identifier: BSD-3-Clause
 *
 * One iopub message from Python code: display data, results, errors, comms, with binary buffers.
 * Any Python thread, with the GIL; the host copies what it is given and does not wait.
 */
#include "dap/base/limits.h"
#include "kernel/python/interp.h"

#include <stdlib.h>

/* Fills views and bytes from a sequence of buffer objects; *ret_count is how many views to release.
 */
static int take_buffers(PyObject *seq, Py_buffer **ret_views, struct interp_bytes **ret_bytes,
                        size_t *ret_count)
{
    Py_ssize_t n = PyTuple_GET_SIZE(seq);
    if (n > (Py_ssize_t)CD_MAX_WIRE_PARTS) {
        PyErr_Format(PyExc_ValueError, "%zd buffers in one message; at most %u fit", n,
                     CD_MAX_WIRE_PARTS);
        return -1;
    }
    *ret_views = calloc((size_t)n + 1, sizeof(**ret_views));
    *ret_bytes = calloc((size_t)n + 1, sizeof(**ret_bytes));
    if (!*ret_views || !*ret_bytes) {
        PyErr_NoMemory();
        return -1;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        Py_buffer *view = &(*ret_views)[i];
        if (PyObject_GetBuffer(PyTuple_GET_ITEM(seq, i), view, PyBUF_SIMPLE) < 0) {
            return -1;
        }
        (*ret_bytes)[i] = (struct interp_bytes){view->buf, (size_t)view->len};
        *ret_count = (size_t)i + 1;
    }
    return 0;
}

/* publish(msg_type: str, content: bytes, metadata: bytes | None, buffers: tuple) */
PyObject *pyx_py_publish(PyObject *self, PyObject *args)
{
    (void)self;
    const char *msg_type, *content, *metadata;
    Py_ssize_t content_len, metadata_len;
    PyObject *seq;
    if (!PyArg_ParseTuple(args, "sy#z#O!", &msg_type, &content, &content_len, &metadata,
                          &metadata_len, &PyTuple_Type, &seq)) {
        return NULL;
    }
    const struct interp_host *host = pyx_interp.host;
    if (!host || pyx_forked()) {
        Py_RETURN_NONE; // a child that was forked has no client to show something to
    }
    Py_buffer *views = NULL;
    struct interp_bytes *bytes = NULL;
    size_t count = 0;
    int ok = take_buffers(seq, &views, &bytes, &count);
    if (ok == 0) {
        pyx_printed++;
        host->publish(host->ctx, pyx_parent_now(), msg_type, content, (size_t)content_len, metadata,
                      metadata ? (size_t)metadata_len : 0, bytes, count);
    }
    for (size_t i = 0; i < count; i++) {
        PyBuffer_Release(&views[i]);
    }
    free(views);
    free(bytes);
    return ok == 0 ? Py_NewRef(Py_None) : NULL;
}
