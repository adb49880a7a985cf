/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What is loaded: the loadedSources request, and what came since the last look, for the `module`
 * and `loadedSource` events. New module code is seen by the code watcher, which only hints: the
 * debug thread then asks arm to look. Costs nothing while nobody is attached. All needs the GIL.
 */
#include "kernel/python/control.h"
#include "kernel/python/inspect.h"

#include <stdlib.h>
#include <string.h>

static PyObject *known_modules; /* strong: {name: address of the module} */
static PyObject *known_sources; /* strong: set of paths */
static PyObject *module_name;   /* strong, interned: "<module>" */
static bool hinted;

void pyx_loaded_hint(void)
{
    if (hinted || !pyx_control.attached || pyx_control.forked) {
        return;
    }
    struct engine_note *n = calloc(1, sizeof *n);
    if (n != NULL) {
        hinted = true;
        n->kind = ENGINE_MODULE;
        pyx_control.host->note(pyx_control.host->ctx, n);
    }
}

void pyx_loaded_code(PyCodeObject *code)
{
    if (!hinted && pyx_control.attached) {
        module_name = module_name ? module_name : PyUnicode_InternFromString("<module>");
        if (code->co_name == module_name) {
            pyx_loaded_hint();
        }
    }
}

/* The path of a module's Python source: new str, NULL without an exception. */
static PyObject *source_of(PyObject *module)
{
    PyObject *file = NULL;
    if (PyModule_Check(module) && pyx_dict_gets(PyModule_GetDict(module), "__file__", &file) == 1 &&
        PyUnicode_Check(file)) {
        pyx_auto PyObject *ending = PyUnicode_FromString(".py"); /* new */
        if (ending && PyUnicode_Tailmatch(file, ending, 0, PY_SSIZE_T_MAX, 1) == 1) {
            return file;
        }
    }
    PyErr_Clear();
    Py_XDECREF(file);
    return NULL;
}

cd_result pyx_loaded_sources(const json_t *args, json_t **ret, struct cd_error *reterr)
{
    (void)args;
    json_auto_t *list = json_array();
    pyx_auto PyObject *seen = PySet_New(NULL);    /* new */
    pyx_auto PyObject *cells = pyx_cell_texts();  /* new */
    PyObject *modules = PyImport_GetModuleDict(); /* borrowed */
    Py_ssize_t at = 0;
    PyObject *name, *value; /* borrowed: nothing here runs code */
    if (!seen) {
        return pyx_error_fetch(reterr, CD_E_OOM);
    }
    while (cells && PyDict_Next(cells, &at, &name, &value)) {
        if (json_array_append_new(list, pyx_source_json(name))) {
            return cd_oom(reterr);
        }
    }
    for (at = 0; PyDict_Check(modules) && PyDict_Next(modules, &at, &name, &value);) {
        pyx_auto PyObject *file = pyx_module_is_ours(name) ? NULL : source_of(value);
        if (!file || PySet_Contains(seen, file) != 0) {
            continue; /* one file may have many names: os.path, posixpath */
        }
        if (PySet_Add(seen, file) < 0 || json_array_append_new(list, pyx_source_json(file))) {
            return cd_oom(reterr);
        }
    }
    *ret = json_pack("{s:O}", "sources", list);
    return *ret ? CD_OK : cd_oom(reterr);
}

static void tell_source(json_t *events, PyObject *path)
{
    json_t *source = pyx_source_json(path);
    if (source && events) {
        json_array_append_new(events, json_pack("{s:s,s:s,s:o}", "event", "loadedSource", "reason",
                                                "new", "source", source));
    } else {
        json_decref(source);
    }
}

/* Adds to known; true: it was not there. */
static bool is_new_source(PyObject *path)
{
    const bool fresh = PySet_Contains(known_sources, path) == 0;
    return fresh && PySet_Add(known_sources, path) == 0;
}

static void tell_module(json_t *events, PyObject *name, PyObject *module, const char *reason)
{
    json_t *body = pyx_module_json(name, module);
    bool user = json_is_true(json_object_get(body, "isUserCode"));
    pyx_auto PyObject *file = source_of(module);
    if (body && events) {
        json_array_append_new(events, json_pack("{s:s,s:s,s:o}", "event", "module", "reason",
                                                reason, "module", body));
    } else {
        json_decref(body);
    }
    if (file && is_new_source(file) && user) {
        tell_source(events, file);
    }
}

static void look_at_modules(json_t *events)
{
    PyObject *modules = PyImport_GetModuleDict(); /* borrowed */
    Py_ssize_t at = 0;
    PyObject *name, *module; /* borrowed: nothing here runs code */
    while (PyDict_Check(modules) && PyDict_Next(modules, &at, &name, &module)) {
        if (pyx_module_is_ours(name) || module == Py_None) {
            continue;
        }
        pyx_auto PyObject *now = PyLong_FromVoidPtr(module); /* new */
        pyx_auto PyObject *before = NULL;
        const int known = pyx_dict_get(known_modules, name, &before);
        if (!now || known < 0 || (known && PyObject_RichCompareBool(now, before, Py_EQ) == 1)) {
            continue;
        }
        tell_module(events, name, module, known ? "changed" : "new");
        PyDict_SetItem(known_modules, name, now);
    }
    PyErr_Clear();
}

static void look_at_cells(json_t *events)
{
    pyx_auto PyObject *cells = pyx_cell_texts(); /* new */
    Py_ssize_t at = 0;
    PyObject *path, *text; /* borrowed */
    while (cells && PyDict_Next(cells, &at, &path, &text)) {
        if (is_new_source(path)) {
            tell_source(events, path);
        }
    }
    PyErr_Clear();
}

json_t *pyx_loaded_since(bool first)
{
    json_t *events = first ? NULL : json_array();
    hinted = false;
    if (first || !known_modules || !known_sources) {
        Py_XSETREF(known_modules, PyDict_New());
        Py_XSETREF(known_sources, PySet_New(NULL));
    }
    if (known_modules && known_sources) {
        look_at_modules(events);
        look_at_cells(events);
    }
    pyx_error_drop();
    return events;
}
