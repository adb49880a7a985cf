/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Texts of values and of Python's strings as JSON, and how a request wants them. Runs with the GIL;
 * never raises.
 */
#include "kernel/python/inspect.h"

#include <string.h>

json_t *pyx_value_json(PyObject *value, const struct pyx_format *format)
{
    cd_autobuf struct cd_buf out;
    cd_buf_init(&out, format->full ? PYX_FULL_BYTES : PYX_VALUE_BYTES);
    pyx_repr_into(&out, value, format);
    return cd_json_text(out.data, out.len);
}

json_t *pyx_str_json(PyObject *str)
{
    Py_ssize_t len = 0;
    if (PyUnicode_IS_COMPACT_ASCII(str)) {
        const char *ascii = PyUnicode_AsUTF8AndSize(str, &len);
        return cd_json_text(ascii, (size_t)len);
    }
    pyx_auto PyObject *bytes = pyx_str_bytes(str);
    return bytes ? cd_json_text(PyBytes_AS_STRING(bytes), (size_t)PyBytes_GET_SIZE(bytes))
                 : cd_json_textz("");
}

PyObject *pyx_short_repr(PyObject *value, size_t max_bytes)
{
    cd_autobuf struct cd_buf out;
    cd_buf_init(&out, max_bytes);
    pyx_repr_into(&out, value, &(struct pyx_format){0});
    return PyUnicode_DecodeUTF8(out.data, (Py_ssize_t)out.len, "replace");
}

const char *pyx_type_name(PyObject *value)
{
    const char *name = Py_TYPE(value)->tp_name;
    const char *dot = strrchr(name, '.');
    return dot ? dot + 1 : name;
}

cd_result pyx_format_read(const json_t *args, struct pyx_format *ret, struct cd_error *reterr)
{
    json_t *format = NULL;
    const char *context = "";
    if (cd_json_obj_opt(args, "arguments.format", &format, reterr) != CD_OK ||
        cd_json_bool_opt(format, "arguments.format.hex", &ret->hex, reterr) != CD_OK ||
        cd_json_bool_opt(format, "arguments.format.rawString", &ret->raw_string, reterr) != CD_OK ||
        cd_json_str_opt(args, "arguments.context", &context, reterr) != CD_OK) {
        return CD_ERR;
    }
    ret->full = strcmp(context, "clipboard") == 0 || strcmp(context, "repl") == 0;
    return CD_OK;
}
