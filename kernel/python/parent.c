/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Which request output belongs to: a context variable, so that a task keeps the parent of the cell
 * that made it. A thread begins without one: what it prints belongs to what main runs now.
 * Any Python thread, with the GIL.
 */
#include "kernel/python/interp.h"

#include <stdlib.h>
#include <string.h>

#define CAPSULE "celldap.parent"

static PyObject *var; /* strong: the ContextVar; its value is a capsule or None */

int pyx_parent_start(void)
{
    var = PyContextVar_New("celldap_parent", NULL);
    return var ? 0 : -1;
}

struct kernel_parent *pyx_parent_now(void)
{
    PyObject *value = NULL;
    if (!var || PyContextVar_Get(var, NULL, &value) < 0) {
        PyErr_Clear();
        return NULL;
    }
    struct kernel_parent *p =
        value && value != Py_None ? PyCapsule_GetPointer(value, CAPSULE) : NULL;
    Py_XDECREF(value); /* the context holds it, and we hold the GIL */
    return p;
}

static void capsule_free(PyObject *capsule)
{
    pyx_interp.host->parent_unref(pyx_interp.host->ctx, PyCapsule_GetPointer(capsule, CAPSULE));
}

/* New token of the ContextVar, or NULL with an exception. */
static PyObject *set(struct kernel_parent *parent_owned)
{
    pyx_auto PyObject *capsule =
        parent_owned ? PyCapsule_New(parent_owned, CAPSULE, capsule_free) : Py_NewRef(Py_None);
    if (!capsule) {
        pyx_interp.host->parent_unref(pyx_interp.host->ctx, parent_owned);
        return NULL;
    }
    return PyContextVar_Set(var, capsule);
}

void pyx_op_set_parent(struct kernel_parent *parent_owned)
{
    PyGILState_STATE gil = pyx_gil_enter();
    pyx_auto PyObject *token = set(parent_owned);
    PyErr_Clear();
    Py_CLEAR(token);
    pyx_gil_leave(gil);
}

/* parent() -> JSON text of the header that output belongs to here, or None */
PyObject *pyx_py_parent(PyObject *self, PyObject *args)
{
    (void)self;
    (void)args;
    const struct interp_host *host = pyx_interp.host;
    cd_autofree char *text =
        host && !pyx_forked() ? host->parent(host->ctx, pyx_parent_now()) : NULL;
    return text ? PyUnicode_DecodeUTF8(text, (Py_ssize_t)strlen(text), "replace")
                : Py_NewRef(Py_None);
}

/* control_parent() -> JSON text of the header of the last request on the control channel, or None
 */
PyObject *pyx_py_control_parent(PyObject *self, PyObject *args)
{
    (void)self;
    (void)args;
    const struct interp_host *host = pyx_interp.host;
    cd_autofree char *text = host && !pyx_forked() ? host->control_parent(host->ctx) : NULL;
    return text ? PyUnicode_DecodeUTF8(text, (Py_ssize_t)strlen(text), "replace")
                : Py_NewRef(Py_None);
}

/* set_parent(header: JSON bytes, everywhere: bool) -> token */
PyObject *pyx_py_set_parent(PyObject *self, PyObject *args)
{
    (void)self;
    const char *text;
    Py_ssize_t len;
    int everywhere;
    const struct interp_host *host = pyx_interp.host;
    if (!PyArg_ParseTuple(args, "y#p", &text, &len, &everywhere)) {
        return NULL;
    }
    if (!host || pyx_forked()) {
        Py_RETURN_NONE;
    }
    struct kernel_parent *parent = host->parent_new(host->ctx, text, (size_t)len);
    if (!parent) {
        return PyErr_NoMemory();
    }
    if (everywhere) {
        host->parent_default(host->ctx, parent);
    }
    return set(parent);
}

/* reset_parent(token) */
PyObject *pyx_py_reset_parent(PyObject *self, PyObject *token)
{
    (void)self;
    if (token != Py_None && PyContextVar_Reset(var, token) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

/* ---- the calling shell ---- */

/* comm_sent(request_id) */
PyObject *pyx_py_comm_sent(PyObject *self, PyObject *id)
{
    (void)self;
    const struct interp_host *host = pyx_interp.host;
    const char *text = PyUnicode_AsUTF8(id);
    if (!text) {
        return NULL;
    }
    if (host && !pyx_forked()) {
        host->comm_sent(host->ctx, text);
    }
    Py_RETURN_NONE;
}

/* comm_fd() -> fd that is readable when comm messages wait for this shell, -1: no kernel */
PyObject *pyx_py_comm_fd(PyObject *self, PyObject *args)
{
    (void)self;
    (void)args;
    const struct interp_host *host = pyx_interp.host;
    return PyLong_FromLong(host && !pyx_forked() ? host->comm_fd(host->ctx) : -1);
}

/* run_comms() */
PyObject *pyx_py_run_comms(PyObject *self, PyObject *args)
{
    (void)self;
    (void)args;
    const struct interp_host *host = pyx_interp.host;
    if (host && !pyx_forked()) {
        host->run_comms(host->ctx);
    }
    Py_RETURN_NONE;
}

/* subshells() -> (own id, "" is main; JSON list of all) */
PyObject *pyx_py_subshells(PyObject *self, PyObject *args)
{
    (void)self;
    (void)args;
    const struct interp_host *host = pyx_interp.host;
    char own[40] = "";
    cd_autofree char *list = host && !pyx_forked() ? host->subshells(host->ctx, own) : NULL;
    return Py_BuildValue("(ss)", own, list ? list : "[]");
}
