/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Which request output belongs to: a context variable, so that a task keeps the parent of the cell
 * that made it. A plain thread begins without one: ADR 0007 says what its output belongs to.
 * Any Python thread, with the GIL.
 */
#include "kernel/python/inspect.h"
#include "kernel/python/interp.h"

#include <stdlib.h>
#include <string.h>

#define CAPSULE "celldap.parent"
#define STARTER "_celldap_parent" /* a Thread's attribute: the value of its started_by */

/* Strong: ContextVars; a value is a capsule or None. A subshell's capsule has a context: itself. */
static PyObject *var;        /* what output belongs to */
static PyObject *started_by; /* of a plain thread: what its starter's output belonged to */

int pyx_parent_start(void)
{
    var = PyContextVar_New("celldap_parent", NULL);
    started_by = PyContextVar_New("celldap_started_by", NULL);
    return var && started_by ? 0 : -1;
}

/* new, or NULL: not set, or None */
static PyObject *get(PyObject *variable)
{
    PyObject *value = NULL;
    if (!variable || PyContextVar_Get(variable, NULL, &value) < 0) {
        PyErr_Clear();
    }
    if (value == Py_None) {
        Py_CLEAR(value);
    }
    return value;
}

/* new, or NULL. What a Thread was marked with is looked up once, then the context has it. */
static PyObject *starter(void)
{
    PyObject *value = NULL;
    if (!started_by || PyContextVar_Get(started_by, NULL, &value) < 0 || value) {
        PyErr_Clear();
        return value == Py_None ? (Py_DECREF(value), NULL) : value;
    }
    pyx_auto PyObject *thread = pyx_thread_object(PyThread_get_thread_ident());
    pyx_auto PyObject *dict = thread ? pyx_own_dict(thread) : NULL;
    if (!dict || pyx_dict_gets(dict, STARTER, &value) != 1) {
        value = NULL;
    }
    pyx_auto PyObject *token = PyContextVar_Set(started_by, value ? value : Py_None);
    PyErr_Clear();
    return value;
}

/* new, or NULL: what main runs now, or ran last */
static PyObject *capsule_now(void)
{
    PyObject *mine = get(var);
    if (mine) {
        return mine;
    }
    PyObject *theirs = starter();
    const struct interp_host *host = pyx_interp.host;
    if (theirs && !PyCapsule_GetContext(theirs) && host && host->cell_runs(host->ctx)) {
        Py_CLEAR(theirs);
    }
    return theirs;
}

struct kernel_parent *pyx_parent_now(void)
{
    pyx_auto PyObject *capsule = capsule_now();
    /* the context holds it, and we hold the GIL */
    return capsule ? PyCapsule_GetPointer(capsule, CAPSULE) : NULL;
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
    const struct interp_host *host = pyx_interp.host;
    if (!capsule) {
        host->parent_unref(host->ctx, parent_owned);
        return NULL;
    }
    if (capsule != Py_None && !host->on_main_shell(host->ctx)) {
        (void)PyCapsule_SetContext(capsule, capsule);
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

/* What threading begins a thread with; self is the original. In C, so that it is in nobody's stack.
 * The new Thread is marked with what output of its starter belongs to. */
static PyObject *start_thread(PyObject *self, PyObject *args, PyObject *kwargs)
{
    PyObject *bootstrap = PyTuple_GET_SIZE(args) > 0 ? PyTuple_GET_ITEM(args, 0) : NULL;
    if (bootstrap && PyMethod_Check(bootstrap) && !pyx_forked()) {
        pyx_auto PyObject *mine = get(var);
        pyx_auto PyObject *mark = mine ? Py_NewRef(mine) : starter();
        if (mark && PyObject_SetAttrString(PyMethod_GET_SELF(bootstrap), STARTER, mark) < 0) {
            PyErr_Clear();
        }
    }
    return PyObject_Call(self, args, kwargs);
}

/* thread_starter(original) -> what is to stand in its place in threading */
PyObject *pyx_py_thread_starter(PyObject *self, PyObject *original)
{
    (void)self;
    static PyMethodDef method = {"start_thread", (PyCFunction)(void (*)(void))start_thread,
                                 METH_VARARGS | METH_KEYWORDS, NULL};
    return PyCFunction_New(&method, original);
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
