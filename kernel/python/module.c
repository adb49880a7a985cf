/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The builtin module _celldap: what the Python package celldap needs of the kernel. Also what an
 * interpreter without a shared libpython imports: _celldap.main(argv) is then the whole kernel.
 */
#include "kernel/main.h"
#include "kernel/python/control.h"
#include "kernel/python/interp.h"

#include <stdlib.h>

static PyObject *py_last_words(PyObject *self, PyObject *ignored)
{
    (void)self;
    (void)ignored;
    const struct interp_host *host = pyx_interp.host;
    if (host && !pyx_forked()) {
        host->last_words(host->ctx);
    }
    Py_RETURN_NONE;
}

static PyObject *py_ask_exit(PyObject *self, PyObject *keep)
{
    (void)self;
    const struct interp_host *host = pyx_interp.host;
    int keep_kernel = PyObject_IsTrue(keep);
    if (keep_kernel < 0) {
        return NULL;
    }
    if (host && !pyx_forked()) {
        host->ask_exit(host->ctx, keep_kernel);
    }
    Py_RETURN_NONE;
}

static PyObject *py_cell_error(PyObject *self, PyObject *exc)
{
    (void)self;
    if (!PyExceptionInstance_Check(exc)) {
        PyErr_Format(PyExc_TypeError, "expected an exception, got '%s'", Py_TYPE(exc)->tp_name);
        return NULL;
    }
    pyx_on_cell_error(exc, true);
    Py_RETURN_NONE;
}

static PyObject *py_task_error(PyObject *self, PyObject *exc)
{
    (void)self;
    if (PyExceptionInstance_Check(exc)) {
        pyx_on_cell_error(exc, false);
    }
    Py_RETURN_NONE;
}

static PyObject *py_is_user(PyObject *self, PyObject *code)
{
    (void)self;
    return PyBool_FromLong(PyCode_Check(code) &&
                           pyx_code_kind((PyCodeObject *)code) == PYX_CODE_USER);
}

static PyObject *py_main(PyObject *self, PyObject *args)
{
    (void)self;
    pyx_auto PyObject *seq = PySequence_Tuple(args);
    Py_ssize_t count = seq ? PyTuple_GET_SIZE(seq) : 0;
    cd_autofree char **argv = calloc((size_t)count + 1, sizeof(*argv));
    if (!seq || !argv) {
        return seq ? PyErr_NoMemory() : NULL;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        /* borrowed: lives as long as its str, which the tuple holds */
        argv[i] = (char *)(uintptr_t)PyUnicode_AsUTF8(PyTuple_GET_ITEM(seq, i));
        if (!argv[i]) {
            return NULL;
        }
    }
    PyThreadState *main_state = PyThreadState_Get();
    int status = celldap_kernel_main((int)count, argv, NULL);
    if (!PyGILState_Check()) { // the interpreter's start let the GIL go
        PyEval_RestoreThread(main_state);
    }
    return PyLong_FromLong(status);
}

static PyObject *py_is_debugged(PyObject *self, PyObject *unused)
{
    (void)self;
    (void)unused;
    return PyBool_FromLong(pyx_control.attached);
}

static PyMethodDef methods[] = {
    {"main", py_main, METH_O, "main(argv) -> exit status; runs the kernel on this thread"},
    {"input", pyx_py_input, METH_VARARGS, "input(prompt, password) -> str, None: not allowed"},
    {"publish", pyx_py_publish, METH_VARARGS, "publish(msg_type, content, metadata, buffers)"},
    {"parent", pyx_py_parent, METH_NOARGS, "parent() -> JSON header that output belongs to"},
    {"control_parent", pyx_py_control_parent, METH_NOARGS, "control_parent() -> last header"},
    {"set_parent", pyx_py_set_parent, METH_VARARGS, "set_parent(header, everywhere) -> token"},
    {"reset_parent", pyx_py_reset_parent, METH_O, "reset_parent(token)"},
    {"watch_threads", pyx_py_watch_threads, METH_O, "watch_threads(code) that each thread runs"},
    {"thread_starter", pyx_py_thread_starter, METH_O, "thread_starter(original) of threading"},
    {"comm_sent", pyx_py_comm_sent, METH_O, "comm_sent(request_id): its answer comes here"},
    {"comm_fd", pyx_py_comm_fd, METH_NOARGS, "comm_fd() -> readable when comm messages wait"},
    {"run_comms", pyx_py_run_comms, METH_NOARGS, "run_comms() that are queued for this shell"},
    {"subshells", pyx_py_subshells, METH_NOARGS, "subshells() -> (own id, JSON list of ids)"},
    {"last_words", py_last_words, METH_NOARGS, "last_words(), before the process ends at once"},
    {"ask_exit", py_ask_exit, METH_O, "ask_exit(keep_kernel)"},
    {"cell_path", pyx_py_cell_path, METH_O, "cell_path(text) -> hash file of a cell"},
    {"cell_keep", pyx_py_cell_keep, METH_VARARGS, "cell_keep(path, text, cell_id, count)"},
    {"cell_text", pyx_py_cell_text, METH_O, "cell_text(path) -> str or None"},
    {"cell_title", pyx_py_cell_title, METH_O, "cell_title(path) -> 'Cell In[3]' or None"},
    {"code_compiled", pyx_py_code_compiled, METH_O, "code_compiled(code), before it runs"},
    {"is_root", pyx_py_is_root, METH_O, "is_root(code): the module code of a cell or script"},
    {"cell_error", py_cell_error, METH_O, "cell_error(exception) that ends the running cell"},
    {"task_error", py_task_error, METH_O, "task_error(exception) that nobody retrieved"},
    {"is_user", py_is_user, METH_O, "is_user(code): not a library's, not ours"},
    {"remember_verdict", pyx_py_remember_verdict, METH_VARARGS,
     "remember_verdict(code, offset, type, caught), until the run ends"},
    {"stack_item", pyx_py_stack_item, METH_VARARGS, "stack_item(frame, position) -> object"},
    {"child_start", pyx_py_child_start, METH_VARARGS, "child_start(parent, program) -> debugged?"},
    {"child_stop", pyx_py_child_stop, METH_NOARGS, "child_stop() when the process ends"},
    {"is_debugged", py_is_debugged, METH_NOARGS, "is_debugged(): a debugger client is attached"},
    {NULL, NULL, 0, NULL}};

static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, .m_name = "_celldap", .m_size = -1,
                                        .m_methods = methods};

__attribute__((visibility("default"))) PyObject *PyInit__celldap(void)
{
    pyx_auto PyObject *module = PyModule_Create(&definition);
    if (!module || pyx_streams_add_type(module) < 0 ||
        PyModule_AddStringConstant(module, "version", CELLDAP_VERSION) < 0 ||
        PyModule_AddStringConstant(module, "profile_dir",
                                   pyx_interp.profile_dir ? pyx_interp.profile_dir : "") < 0) {
        return NULL;
    }
    return Py_NewRef(module);
}
