/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The modules request: sys.modules, read as dicts, so that nothing lazy is imported and no code of
 * the user's runs. Runs with the GIL.
 */
#include "kernel/python/inspect.h"

#include <string.h>

static PyObject *str_of(PyObject *dict, const char *key) /* new / NULL */
{
    PyObject *value = NULL;
    if (pyx_dict_gets(dict, key, &value) != 1 || !PyUnicode_Check(value)) {
        Py_CLEAR(value);
    }
    PyErr_Clear();
    return value;
}

bool pyx_module_is_ours(PyObject *name)
{
    const char *text = PyUnicode_Check(name) ? PyUnicode_AsUTF8(name) : NULL; /* borrowed */
    PyErr_Clear();
    return !text || strcmp(text, "_celldap") == 0 || strcmp(text, "celldap") == 0 ||
           strncmp(text, "celldap.", 8) == 0;
}

json_t *pyx_module_json(PyObject *name, PyObject *module)
{
    json_t *out = json_pack("{s:o,s:o}", "id", pyx_str_json(name), "name", pyx_str_json(name));
    pyx_auto PyObject *dict = PyModule_Check(module) ? pyx_own_dict(module) : NULL;
    if (!out || !dict) {
        return out;
    }
    pyx_auto PyObject *file = str_of(dict, "__file__");
    pyx_auto PyObject *version = str_of(dict, "__version__");
    bool user = PyUnicode_CompareWithASCIIString(name, "__main__") == 0;
    if (file) {
        pyx_auto PyObject *bytes = pyx_str_bytes(file);
        const char *path = bytes ? PyBytes_AS_STRING(bytes) : "";
        user = user || (!strstr(path, "/site-packages/") && !strstr(path, "/dist-packages/") &&
                        !strstr(path, "/lib/python3"));
        json_object_set_new(out, "path", pyx_str_json(file));
    }
    if (version) {
        json_object_set_new(out, "version", pyx_str_json(version));
    }
    json_object_set_new(out, "isUserCode", json_boolean(user));
    return out;
}

cd_result pyx_modules(const json_t *args, json_t **ret, struct cd_error *reterr)
{
    int64_t start = 0, count = 0;
    if (cd_json_int_opt(args, "arguments.startModule", 0, INT32_MAX, &start, reterr) != CD_OK ||
        cd_json_int_opt(args, "arguments.moduleCount", 0, INT32_MAX, &count, reterr) != CD_OK) {
        return CD_ERR;
    }
    PyObject *modules = PyImport_GetModuleDict(); /* borrowed */
    json_auto_t *list = json_array();
    if (!list || !modules || !PyDict_Check(modules)) {
        return cd_error_set(reterr, CD_E_PYTHON, "sys.modules is no dict");
    }
    Py_ssize_t at = 0;
    PyObject *name, *module; /* borrowed: nothing here runs code */
    json_int_t total = 0;
    while (PyDict_Next(modules, &at, &name, &module)) {
        if (pyx_module_is_ours(name)) {
            continue;
        }
        int64_t i = total++;
        if (i < start || (count && i >= start + count)) {
            continue;
        }
        if (json_array_append_new(list, pyx_module_json(name, module))) {
            return cd_oom(reterr);
        }
    }
    *ret = json_pack("{s:O,s:I}", "modules", list, "totalModules", total);
    return *ret ? CD_OK : cd_oom(reterr);
}
