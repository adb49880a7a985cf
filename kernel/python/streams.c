/* SPDX-License-Identifier: BSD-3-Clause
 *
 * sys.stdout and sys.stderr of the user: text goes straight to the kernel's stream buffer, which
 * the iopub thread sends in batches. Any Python thread, with the GIL; nothing here may wait. A
 * forked child has no iopub thread: there the text goes to the process's own file descriptors.
 */
#include "kernel/python/interp.h"

#include <errno.h>
#include <stddef.h>
#include <structmember.h>
#include <unistd.h>

struct stream {
    PyObject_HEAD PyObject *dict;
    PyObject *weakrefs;
    PyObject *buffer; /* strong or NULL: made when it is asked for */
    int which;        /* enum interp_stream */
};

static void write_fd(int fd, const char *text, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, text, len);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return;
        }
        text += n;
        len -= (size_t)n;
    }
}

static void emit(const struct stream *s, const char *text, size_t len)
{
    if (len == 0) {
        return;
    }
    if (pyx_interp.host && !pyx_forked()) {
        pyx_printed++;
        pyx_interp.host->stream(pyx_interp.host->ctx, pyx_parent_now(), s->which, text, len);
    } else {
        write_fd(s->which == INTERP_STDOUT ? STDOUT_FILENO : STDERR_FILENO, text, len);
    }
}

static PyObject *stream_write(PyObject *self, PyObject *text)
{
    const struct stream *s = (const struct stream *)self;
    if (!PyUnicode_Check(text)) {
        PyErr_Format(PyExc_TypeError, "write() argument must be str, not %s",
                     Py_TYPE(text)->tp_name);
        return NULL;
    }
    if (PyUnicode_IS_COMPACT_ASCII(text)) {
        emit(s, (const char *)PyUnicode_1BYTE_DATA(text), (size_t)PyUnicode_GET_LENGTH(text));
    } else {
        pyx_auto PyObject *bytes = PyUnicode_AsEncodedString(text, "utf-8", "backslashreplace");
        if (!bytes) {
            return NULL;
        }
        emit(s, PyBytes_AS_STRING(bytes), (size_t)PyBytes_GET_SIZE(bytes));
    }
    return PyLong_FromSsize_t(PyUnicode_GET_LENGTH(text));
}

static PyObject *stream_writelines(PyObject *self, PyObject *lines)
{
    pyx_auto PyObject *it = PyObject_GetIter(lines);
    if (!it) {
        return NULL;
    }
    for (;;) {
        pyx_auto PyObject *line = PyIter_Next(it);
        if (!line) {
            break;
        }
        pyx_auto PyObject *n = stream_write(self, line);
        if (!n) {
            return NULL;
        }
    }
    return PyErr_Occurred() ? NULL : Py_NewRef(Py_None);
}

static PyObject *stream_none(PyObject *self, PyObject *args)
{
    (void)self;
    (void)args;
    Py_RETURN_NONE;
}

static PyObject *stream_reconfigure(PyObject *self, PyObject *args, PyObject *kwargs)
{
    (void)kwargs;
    return stream_none(self, args);
}

static PyObject *stream_true(PyObject *self, PyObject *args)
{
    (void)self;
    (void)args;
    Py_RETURN_TRUE;
}

static PyObject *stream_false(PyObject *self, PyObject *args)
{
    (void)self;
    (void)args;
    Py_RETURN_FALSE;
}

/* ipykernel's name: false in a child that was forked. */
static PyObject *stream_is_master(PyObject *self, PyObject *args)
{
    (void)self;
    (void)args;
    return PyBool_FromLong(!pyx_forked());
}

static PyObject *stream_fileno(PyObject *self, PyObject *args)
{
    (void)args;
    const struct stream *s = (const struct stream *)self;
    return PyLong_FromLong(s->which == INTERP_STDOUT ? STDOUT_FILENO : STDERR_FILENO);
}

static PyObject *stream_self(PyObject *self, PyObject *args)
{
    (void)args;
    return Py_NewRef(self);
}

static PyObject *unsupported(const char *what)
{
    pyx_auto PyObject *io = PyImport_ImportModule("io");
    pyx_auto PyObject *type = io ? PyObject_GetAttrString(io, "UnsupportedOperation") : NULL;
    if (type) {
        PyErr_SetString(type, what);
    }
    return NULL;
}

static PyObject *stream_not_readable(PyObject *self, PyObject *args)
{
    (void)self;
    (void)args;
    return unsupported("not readable");
}

static PyObject *stream_not_seekable(PyObject *self, PyObject *args)
{
    (void)self;
    (void)args;
    return unsupported("underlying stream is not seekable");
}

static PyMethodDef stream_methods[] = {{"write", stream_write, METH_O, NULL},
                                       {"writelines", stream_writelines, METH_O, NULL},
                                       {"flush", stream_none, METH_NOARGS, NULL},
                                       {"close", stream_none, METH_NOARGS, NULL},
                                       {"reconfigure",
                                        (PyCFunction)(void (*)(void))stream_reconfigure,
                                        METH_VARARGS | METH_KEYWORDS, NULL},
                                       {"isatty", stream_false, METH_NOARGS, NULL},
                                       {"readable", stream_false, METH_NOARGS, NULL},
                                       {"seekable", stream_false, METH_NOARGS, NULL},
                                       {"writable", stream_true, METH_NOARGS, NULL},
                                       {"fileno", stream_fileno, METH_NOARGS, NULL},
                                       {"_is_master_process", stream_is_master, METH_NOARGS, NULL},
                                       {"read", stream_not_readable, METH_VARARGS, NULL},
                                       {"readline", stream_not_readable, METH_VARARGS, NULL},
                                       {"readlines", stream_not_readable, METH_VARARGS, NULL},
                                       {"seek", stream_not_seekable, METH_VARARGS, NULL},
                                       {"tell", stream_not_seekable, METH_VARARGS, NULL},
                                       {"truncate", stream_not_seekable, METH_VARARGS, NULL},
                                       {"detach", stream_not_seekable, METH_VARARGS, NULL},
                                       {"__enter__", stream_self, METH_NOARGS, NULL},
                                       {"__exit__", stream_none, METH_VARARGS, NULL},
                                       {NULL, NULL, 0, NULL}};

static PyObject *get_text(PyObject *self, void *closure)
{
    (void)self;
    return closure ? PyUnicode_FromString(closure) : Py_NewRef(Py_None);
}

static PyObject *get_name(PyObject *self, void *closure)
{
    (void)closure;
    const struct stream *s = (const struct stream *)self;
    return PyUnicode_FromString(s->which == INTERP_STDOUT ? "<stdout>" : "<stderr>");
}

static PyObject *get_flag(PyObject *self, void *closure)
{
    (void)self;
    return PyBool_FromLong(closure != NULL);
}

static PyObject *get_buffer(PyObject *self, void *closure)
{
    (void)closure;
    struct stream *s = (struct stream *)self;
    if (!s->buffer) {
        pyx_auto PyObject *mod = PyImport_ImportModule("celldap.streams");
        s->buffer = mod ? PyObject_CallMethod(mod, "Buffer", "O", self) : NULL;
    }
    return Py_XNewRef(s->buffer);
}

static PyGetSetDef stream_getset[] = {{"encoding", get_text, NULL, NULL, "utf-8"},
                                      {"errors", get_text, NULL, NULL, "backslashreplace"},
                                      {"mode", get_text, NULL, NULL, "w"},
                                      {"newlines", get_text, NULL, NULL, NULL},
                                      {"name", get_name, NULL, NULL, NULL},
                                      {"closed", get_flag, NULL, NULL, NULL},
                                      {"line_buffering", get_flag, NULL, NULL, "1"},
                                      {"write_through", get_flag, NULL, NULL, "1"},
                                      {"buffer", get_buffer, NULL, NULL, NULL},
                                      {NULL, NULL, NULL, NULL, NULL}};

static PyMemberDef stream_members[] = {
    {"__dictoffset__", T_PYSSIZET, offsetof(struct stream, dict), READONLY, NULL},
    {"__weaklistoffset__", T_PYSSIZET, offsetof(struct stream, weakrefs), READONLY, NULL},
    {NULL, 0, 0, 0, NULL}};

static int stream_traverse(PyObject *self, visitproc visit, void *arg)
{
    const struct stream *s = (const struct stream *)self;
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(s->dict);
    Py_VISIT(s->buffer);
    return 0;
}

static int stream_gc_clear(PyObject *self)
{
    struct stream *s = (struct stream *)self;
    Py_CLEAR(s->dict);
    Py_CLEAR(s->buffer);
    return 0;
}

static void stream_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    PyObject_ClearWeakRefs(self);
    stream_gc_clear(self);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyObject *stream_repr(PyObject *self)
{
    const struct stream *s = (const struct stream *)self;
    return PyUnicode_FromFormat("<celldap.Stream name='<%s>' mode='w' encoding='utf-8'>",
                                s->which == INTERP_STDOUT ? "stdout" : "stderr");
}

static PyType_Slot stream_slots[] = {
    {Py_tp_methods, stream_methods}, {Py_tp_getset, stream_getset},
    {Py_tp_members, stream_members}, {Py_tp_traverse, stream_traverse},
    {Py_tp_clear, stream_gc_clear},  {Py_tp_dealloc, stream_dealloc},
    {Py_tp_repr, stream_repr},       {0, NULL}};

static PyType_Spec stream_spec = {
    .name = "_celldap.Stream",
    .basicsize = sizeof(struct stream),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = stream_slots,
};

static PyTypeObject *stream_type; /* strong, for the life of the process */

int pyx_streams_add_type(PyObject *module)
{
    if (!stream_type) {
        stream_type = (PyTypeObject *)PyType_FromSpec(&stream_spec);
    }
    return stream_type ? PyModule_AddObjectRef(module, "Stream", (PyObject *)stream_type) : -1;
}

static int install(const char *name, enum interp_stream which)
{
    struct stream *s = PyObject_GC_New(struct stream, stream_type);
    if (!s) {
        return -1;
    }
    s->dict = PyDict_New();
    s->weakrefs = NULL;
    s->buffer = NULL;
    s->which = (int)which;
    PyObject_GC_Track((PyObject *)s);
    pyx_auto PyObject *owned = (PyObject *)s;
    return PySys_SetObject(name, owned);
}

cd_result pyx_streams_start(struct cd_error *reterr)
{
    if (install("stdout", INTERP_STDOUT) < 0 || install("stderr", INTERP_STDERR) < 0) {
        return pyx_error_fetch(reterr, CD_E_PYTHON);
    }
    return CD_OK;
}
