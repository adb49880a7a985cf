/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The GIL's doors, Python exceptions as cd_error, dict look-ups with strong references.
 * Any thread; every function but pyx_gil_enter needs the GIL. Nothing here may block.
 */
#include "kernel/python/ref.h"

PyGILState_STATE pyx_gil_enter(void)
{
    return PyGILState_Ensure();
}

void pyx_gil_leave(PyGILState_STATE state)
{
    PyGILState_Release(state);
}

void pyx_error_drop(void)
{
    PyErr_Clear();
}

cd_result pyx_error_fetch(struct cd_error *reterr, enum cd_error_id id)
{
    pyx_auto PyObject *exc = PyErr_GetRaisedException();
    if (!exc) {
        return cd_error_set(reterr, id, "python failed and set no exception");
    }
    const char *name = Py_TYPE(exc)->tp_name;
    pyx_auto PyObject *text = PyObject_Str(exc);
    pyx_auto PyObject *bytes =
        text ? PyUnicode_AsEncodedString(text, "utf-8", "backslashreplace") : NULL;
    PyErr_Clear();
    if (!bytes) {
        return cd_error_set(reterr, id, "%s: <its str() failed>", name);
    }
    const char *shown = PyBytes_AS_STRING(bytes);
    return cd_error_set(reterr, id, shown[0] != '\0' ? "%s: %s" : "%s%s", name, shown);
}

int pyx_dict_get(PyObject *dict, PyObject *key, PyObject **ret)
{
    PyObject *found = PyDict_GetItemWithError(dict, key); /* borrowed */
    if (!found) {
        return PyErr_Occurred() ? -1 : 0;
    }
    *ret = Py_NewRef(found);
    return 1;
}

int pyx_dict_gets(PyObject *dict, const char *key, PyObject **ret)
{
    pyx_auto PyObject *name = PyUnicode_FromString(key);
    return name ? pyx_dict_get(dict, name, ret) : -1;
}
