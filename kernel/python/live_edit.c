/* SPDX-License-Identifier: BSD-3-Clause
 *
 * celldap/runCell: a cell that runs inside a stop, on the stopped thread, so that the next call
 * uses the functions as they are now. The stopped frames stay as they are; breakpoints in it stop,
 * one stop inside the other; its outputs have the parent that the request names. With the GIL.
 */
#include "kernel/python/control.h"
#include "kernel/python/interp.h"

#include <string.h>

struct cell_inside {
    PyObject *text, *path; /* borrowed */
    const char *cell_id;   /* or NULL */
    const char *header;    /* JSON text of the outputs' parent, "": the stopped cell's */
};

static PyObject *run(void *arg)
{
    const struct cell_inside *c = arg;
    return pyx_python_call("run_inside", "(OOzy)", c->text, c->path, c->cell_id, c->header);
}

/* The content of the execute_reply that the cell would have had: new, NULL with reterr. */
static json_t *reply_of(PyObject *bytes, struct cd_error *reterr)
{
    json_t *reply = NULL;
    if (bytes == NULL) {
        pyx_error_fetch(reterr, CD_E_EVALUATE); /* an interrupt before it began */
    } else if (cd_json_load(PyBytes_AsString(bytes), (size_t)PyBytes_Size(bytes), &reply, reterr) !=
               CD_OK) {
        return NULL;
    }
    return reply;
}

cd_result pyx_run_cell(const json_t *args, json_t **ret, struct cd_error *reterr)
{
    const char *code = NULL, *cell_id = NULL;
    json_t *header = NULL;
    if (cd_json_str(args, "arguments.code", &code, reterr) != CD_OK ||
        cd_json_str_opt(args, "arguments.cellId", &cell_id, reterr) != CD_OK ||
        cd_json_obj_opt(args, "arguments.header", &header, reterr) != CD_OK) {
        return CD_ERR;
    }
    const size_t len = json_string_length(json_object_get(args, "code"));
    cd_autofree char *parent = header != NULL ? json_dumps(header, JSON_COMPACT) : NULL;
    pyx_auto PyObject *text = PyUnicode_DecodeUTF8(code, (Py_ssize_t)len, "replace"); /* new */
    pyx_auto PyObject *path = pyx_cell_path_of(code, len);                            /* new */
    if (text == NULL || path == NULL) {
        return pyx_error_fetch(reterr, CD_E_BAD_VALUE);
    }
    if (pyx_cell_keep(path, text, cell_id, 0, reterr) != CD_OK) {
        return CD_ERR;
    }
    struct cell_inside c = {text, path, cell_id, parent != NULL ? parent : ""};
    pyx_auto PyObject *bytes = pyx_call_traced(run, &c); /* new */
    *ret = reply_of(bytes, reterr);
    return *ret != NULL ? CD_OK : CD_ERR;
}
