/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Where a watched variable is kept: dicts by one dict watcher of ours, objects by a weak reference
 * where they allow one. The watcher runs inside of a store: it must not stop, raise or run code of
 * the user's (facts: engine.md §12.4).
 */
#include "kernel/python/data.h"

#include <stdlib.h>

static int watcher = -1;

/* Value of the key in a dict that is just being changed: borrowed. */
static PyObject *value_in(PyObject *dict, PyObject *key)
{
    PyObject *value = PyDict_GetItemWithError(dict, key); /* plain key: no code of the user's */
    PyErr_Clear();
    return value;
}

static bool same_key(PyObject *a, PyObject *b)
{
    return a == b || (Py_TYPE(a) == Py_TYPE(b) && PyObject_RichCompareBool(a, b, Py_EQ) == 1);
}

static void tell(struct pyx_data *d, PyDict_WatchEvent event, PyObject *dict, PyObject *key,
                 PyObject *now)
{
    switch (event) {
    case PyDict_EVENT_ADDED:
    case PyDict_EVENT_MODIFIED:
    case PyDict_EVENT_DELETED:
        if (same_key(d->place.key, key)) {
            pyx_data_changed(d, value_in(dict, d->place.key), now);
        }
        break;
    case PyDict_EVENT_CLONED: /* key: the dict that it becomes a copy of */
        pyx_data_changed(d, NULL, value_in(key, d->place.key));
        break;
    case PyDict_EVENT_CLEARED:
        pyx_data_changed(d, value_in(dict, d->place.key), NULL);
        break;
    case PyDict_EVENT_DEALLOCATED:
        d->place.holder = NULL;
        pyx_data_gone(d, "what it was part of is not there any more");
        break;
    }
}

static int on_dict(PyDict_WatchEvent event, PyObject *dict, PyObject *key, PyObject *now)
{
    PyObject *saved = PyErr_GetRaisedException();
    for (size_t i = 0; i < pyx_data_count; i++) {
        struct pyx_data *d = pyx_data_list[i];
        if (!d->gone && d->place.kind == PYX_DATA_DICT && d->place.holder == dict) {
            tell(d, event, dict, key, now);
        }
    }
    PyErr_SetRaisedException(saved);
    return 0;
}

static bool watch_dict(struct pyx_data *d)
{
    if (watcher < 0) {
        watcher = PyDict_AddWatcher(on_dict);
    }
    if (watcher < 0 || PyDict_Watch(watcher, d->place.holder) != 0) {
        return false;
    }
    Py_DECREF(d->place.holder); /* the watcher tells of its end */
    return true;
}

bool pyx_data_watch(struct pyx_data *d, struct cd_error *reterr)
{
    if (d->place.kind == PYX_DATA_DICT) {
        if (!watch_dict(d)) {
            pyx_error_fetch(reterr, CD_E_PYTHON);
            return false;
        }
        return true;
    }
    const struct pyx_stop *stop = pyx_stop_current();
    d->last = pyx_data_get(&d->place);
    d->seen = d->place.kind == PYX_DATA_LOCAL
                  ? PyFrame_GetLineNumber((PyFrameObject *)d->place.holder)
              : stop != NULL ? PyFrame_GetLineNumber((PyFrameObject *)stop->frame)
                             : 0;
    if (d->place.kind == PYX_DATA_ATTR) {
        d->weak = PyWeakref_NewRef(d->place.holder, NULL); /* new; NULL: it allows none */
        pyx_error_drop();
        if (d->weak != NULL) {
            Py_DECREF(d->place.holder);
        }
    }
    return true;
}

/* Does another breakpoint watch the same dict? */
static bool is_shared(const struct pyx_data *d)
{
    for (size_t i = 0; i < pyx_data_count; i++) {
        const struct pyx_data *other = pyx_data_list[i];
        if (other != d && !other->gone && other->place.kind == PYX_DATA_DICT &&
            other->place.holder == d->place.holder) {
            return true;
        }
    }
    return false;
}

void pyx_data_unwatch(struct pyx_data *d)
{
    PyObject *saved = PyErr_GetRaisedException();
    pyx_data_forget(d);
    if (d->place.kind == PYX_DATA_DICT) {
        if (d->place.holder != NULL && !is_shared(d) &&
            PyDict_Unwatch(watcher, d->place.holder) != 0) {
            PyErr_Clear();
        }
        d->place.holder = NULL;
    } else if (d->weak != NULL) {
        d->place.holder = NULL;
    }
    Py_CLEAR(d->weak);
    Py_CLEAR(d->last);
    pyx_data_place_done(&d->place);
    PyErr_SetRaisedException(saved);
}
