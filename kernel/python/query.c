/* SPDX-License-Identifier: BSD-3-Clause
 *
 * complete, inspect, is_complete, history, comm_info: answered on the assist thread, while main
 * runs a cell, is stopped or waits for input. May run the user's code (properties, __dir__).
 */
#include "kernel/python/interp.h"

#include <string.h>

struct query {
    const char *kind;
    const char *content;
    size_t len;
    char *reply; /* owned */
};

static void run(void *arg)
{
    struct query *q = arg;
    pyx_give_way_begin();
    pyx_auto PyObject *bytes =
        pyx_python_call("query", "(sy#)", q->kind, q->content, (Py_ssize_t)q->len);
    pyx_give_way_end();
    if (bytes && PyBytes_Check(bytes)) {
        q->reply = strndup(PyBytes_AS_STRING(bytes), (size_t)PyBytes_GET_SIZE(bytes));
    } else {
        q->reply = pyx_error_reply(0);
    }
}

char *pyx_op_query(const char *kind, const char *content, size_t content_len)
{
    struct query q = {.kind = kind, .content = content, .len = content_len};
    pyx_op_call_locked(run, &q);
    return q.reply;
}
