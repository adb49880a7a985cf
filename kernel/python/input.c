/* SPDX-License-Identifier: BSD-3-Clause
 *
 * input() and getpass(): asks the client of the running request and waits for its answer.
 * Usually main. The wait is pyx_wait_readable, so that a signal (interrupt, pause) reaches Python
 * at once.
 */
#include "kernel/python/interp.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

PyObject *pyx_py_input(PyObject *self, PyObject *args)
{
    (void)self;
    const char *prompt;
    int password;
    const struct interp_host *host = pyx_interp.host;
    if (!PyArg_ParseTuple(args, "sp", &prompt, &password)) {
        return NULL;
    }
    int fd = host && !pyx_forked() ? host->input_request(host->ctx, prompt, password) : -1;
    if (fd < 0) {
        Py_RETURN_NONE; // this client takes no input: the caller raises what its user expects
    }
    cd_autofree char *answer = NULL;
    while (!host->input_take(host->ctx, &answer)) {
        if (pyx_wait_readable(fd) < 0) {
            host->input_cancel(host->ctx);
            return NULL;
        }
    }
    return PyUnicode_DecodeUTF8(answer, (Py_ssize_t)strlen(answer), "replace");
}
