/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The list of Python threads. Names come from threading's own table, read as a dict: no code of the
 * user's runs, nothing is imported. Runs with the GIL.
 */
#include "kernel/python/inspect.h"

/* threading._active: {ident: Thread}; new / NULL */
static PyObject *active_threads(void)
{
    pyx_auto PyObject *name = PyUnicode_FromString("threading");        /* new */
    pyx_auto PyObject *module = name ? PyImport_GetModule(name) : NULL; /* new */
    PyObject *active = NULL;
    if (module && PyModule_Check(module) &&
        pyx_dict_gets(PyModule_GetDict(module), "_active", &active) == 1 && !PyDict_Check(active)) {
        Py_CLEAR(active);
    }
    PyErr_Clear();
    return active;
}

PyObject *pyx_thread_object(unsigned long ident)
{
    pyx_auto PyObject *active = active_threads();
    pyx_auto PyObject *key = active ? PyLong_FromUnsignedLong(ident) : NULL; /* new */
    PyObject *thread = NULL;
    if (!key || pyx_dict_get(active, key, &thread) != 1) {
        thread = NULL;
    }
    PyErr_Clear();
    return thread;
}

/* new json */
static json_t *name_of(PyThreadState *tstate, int number)
{
    if (number == 1) {
        return json_string("MainThread");
    }
    pyx_auto PyObject *thread = pyx_thread_object(tstate->thread_id);
    pyx_auto PyObject *name = NULL;
    if (thread) {
        pyx_auto PyObject *dict = pyx_own_dict(thread);
        if (dict && pyx_dict_gets(dict, "_name", &name) == 1 && PyUnicode_Check(name)) {
            PyErr_Clear();
            return pyx_str_json(name);
        }
    }
    PyErr_Clear();
    char text[32];
    snprintf(text, sizeof(text), "Thread-%d", number);
    return json_string(text);
}

json_t *pyx_threads(struct cd_error *reterr)
{
    json_auto_t *list = json_array();
    PyInterpreterState *interp = PyInterpreterState_Get();
    /* Thread states are chained newest first; main, the oldest, is to be listed first. */
    for (PyThreadState *t = PyInterpreterState_ThreadHead(interp); t; t = PyThreadState_Next(t)) {
        int number = pyx_thread_number(t);
        if (number == 0) {
            continue;
        }
        json_t *one = json_pack("{s:i,s:o}", "id", number, "name", name_of(t, number));
        if (!one || json_array_insert_new(list, 0, one)) {
            cd_oom(reterr);
            return NULL;
        }
    }
    json_t *body = json_pack("{s:O}", "threads", list);
    if (!body) {
        cd_oom(reterr);
    }
    return body;
}
