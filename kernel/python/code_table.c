/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Every code object that lives, found by a code watcher from the first moment on, so that a
 * breakpoint reaches code that was made long ago without a walk over the heap (code objects are not
 * tracked by gc; facts: engine.md §2). Keyed by pointer: code objects compare by value.
 * Guarded by the GIL; the watcher runs inside compile and unmarshal and must not raise.
 */
#include "kernel/python/control.h"
#include "kernel/python/inspect.h"

#include <stdlib.h>
#include <string.h>

static struct pyx_ptrmap codes; /* PyCodeObject * → struct pyx_code * or NULL */
static int watcher = -1;

static void entry_free(struct pyx_code *e)
{
    if (e != NULL) {
        Py_XDECREF(e->cell_id);
        free(e->bps);
        free(e);
    }
}

static int on_code(PyCodeEvent event, PyCodeObject *code)
{
    if (event == PY_CODE_EVENT_CREATE) {
        if (!pyx_ptrmap_put(&codes, code, NULL)) {
            return 0; /* out of memory: this one can hold no breakpoint until it is compiled anew */
        }
        pyx_loaded_code(code);
        if (pyx_breakpoints_any()) {
            PyObject *saved = PyErr_GetRaisedException();
            pyx_breakpoints_bind(code);
            PyErr_SetRaisedException(saved);
        }
        return 0;
    }
    void *e = NULL;
    if (pyx_ptrmap_get(&codes, code, &e)) {
        pyx_ptrmap_remove(&codes, code);
        entry_free(e);
    }
    return 0;
}

cd_result pyx_code_table_start(struct cd_error *reterr)
{
    watcher = PyCode_AddWatcher(on_code);
    return watcher >= 0 ? CD_OK : pyx_error_fetch(reterr, CD_E_PYTHON);
}

void pyx_code_table_stop(void)
{
    if (watcher >= 0 && PyCode_ClearWatcher(watcher) != 0) {
        pyx_error_drop();
    }
    watcher = -1;
    for (size_t i = 0; i < codes.cap; i++) {
        entry_free(codes.slots[i].value);
    }
    pyx_ptrmap_done(&codes);
}

struct pyx_code *pyx_code_find(PyCodeObject *code)
{
    void *e = NULL;
    return pyx_ptrmap_get(&codes, code, &e) ? e : NULL;
}

struct pyx_code *pyx_code_entry(PyCodeObject *code)
{
    struct pyx_code *e = pyx_code_find(code);
    if (e == NULL) {
        e = calloc(1, sizeof *e);
        if (e == NULL) {
            return NULL;
        }
        e->code = code;
        if (!pyx_ptrmap_put(&codes, code, e)) {
            free(e);
            return NULL;
        }
    }
    return e;
}

void pyx_code_each(void (*fn)(PyCodeObject *code, void *arg), void *arg)
{
    for (size_t i = 0; i < codes.cap; i++) {
        if ((uintptr_t)codes.slots[i].key > 1) {
            fn(codes.slots[i].key, arg);
        }
    }
}

bool pyx_code_is_root(PyCodeObject *code)
{
    const struct pyx_code *e = pyx_code_find(code);
    return e != NULL && e->root;
}

PyObject *pyx_py_is_root(PyObject *self, PyObject *code)
{
    (void)self;
    return PyBool_FromLong(PyCode_Check(code) && pyx_code_is_root((PyCodeObject *)code));
}

/* Tags a code object and what is nested in it. */
static void tag(PyCodeObject *code, PyObject *cell_id, int depth)
{
    struct pyx_code *e = pyx_code_entry(code);
    if (e == NULL || depth > 100) {
        return;
    }
    e->known_kind = true;
    e->kind = PYX_CODE_USER;
    Py_XSETREF(e->cell_id, Py_XNewRef(cell_id));
    pyx_breakpoints_bind(code);
    PyObject *consts = code->co_consts; /* borrowed */
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(consts); i++) {
        if (PyCode_Check(PyTuple_GET_ITEM(consts, i))) {
            tag((PyCodeObject *)PyTuple_GET_ITEM(consts, i), cell_id, depth + 1);
        }
    }
}

void pyx_code_compiled(PyCodeObject *code, const char *cell_id)
{
    PyObject *saved = PyErr_GetRaisedException();
    pyx_auto PyObject *id = cell_id != NULL ? PyUnicode_FromString(cell_id) : NULL;
    pyx_error_drop();
    tag(code, id, 0);
    struct pyx_code *e = pyx_code_find(code);
    if (e != NULL) {
        e->root = true;
        pyx_step_root_compiled(e);
    }
    PyErr_SetRaisedException(saved);
}

static enum pyx_code_kind kind_of(PyCodeObject *code)
{
    const char *name = PyUnicode_AsUTF8(code->co_filename);
    if (name == NULL) {
        pyx_error_drop();
        return PYX_CODE_LIBRARY;
    }
    if (strcmp(name, PYX_EVAL_FILE) == 0 || strstr(name, "/celldap/python/celldap/") != NULL ||
        strstr(name, "/kernel/python/celldap/") != NULL) {
        return PYX_CODE_OURS;
    }
    if (name[0] == '<' || strstr(name, "/site-packages/") != NULL ||
        strstr(name, "/dist-packages/") != NULL) {
        return PYX_CODE_LIBRARY;
    }
    const char *lib = strstr(name, "/lib/python3.");
    return lib != NULL || strstr(name, "/lib64/python3.") != NULL ? PYX_CODE_LIBRARY
                                                                  : PYX_CODE_USER;
}

enum pyx_code_kind pyx_code_kind(PyCodeObject *code)
{
    struct pyx_code *e = pyx_code_find(code);
    if (e == NULL) {
        return kind_of(code);
    }
    if (!e->known_kind) {
        e->kind = kind_of(code);
        e->known_kind = true;
    }
    return e->kind;
}
