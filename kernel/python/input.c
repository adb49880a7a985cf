/* SPDX-License-Identifier: BSD-3-Clause
 *
 * input() and getpass(): asks the client of the running request and waits for its answer.
 * Usually main. The wait is a poll without the GIL, never a condition variable, so that a signal
 * (interrupt, pause) reaches Python at once.
 */
#include "kernel/python/interp.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

/* 0: readable; -1: a Python exception is set. */
static int wait_readable(int fd)
{
    for (;;) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        int n, err;
        Py_BEGIN_ALLOW_THREADS
        n = poll(&p, 1, -1);
        err = errno;
        Py_END_ALLOW_THREADS
        if (n > 0) {
            return 0;
        }
        if (err != EINTR) {
            errno = err;
            PyErr_SetFromErrno(PyExc_OSError);
            return -1;
        }
        if (PyErr_CheckSignals() < 0) {
            return -1;
        }
    }
}

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
        if (wait_readable(fd) < 0) {
            host->input_cancel(host->ctx);
            return NULL;
        }
    }
    return PyUnicode_DecodeUTF8(answer, (Py_ssize_t)strlen(answer), "replace");
}
