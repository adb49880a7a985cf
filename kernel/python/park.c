/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Other Python threads wait while one is stopped: a second tool's global LINE, JUMP and PY_START
 * take them in, and `go` (an eventfd that is readable when nothing is stopped) lets them go. A
 * thread that is blocked in C is held when it returns. When an evaluation takes long, it may need a
 * lock that a parked thread holds: then the others run on until the evaluation is done (design.md,
 * decision 5). The park tool is off when nothing is stopped, and when there is no other thread.
 */
#include "kernel/python/control.h"

#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

static int go = -1;

/* Waits are cut to this, to look whether an evaluation hangs. */
#define PYX_PARK_LOOK_MS 100

void pyx_park_begin(void)
{
    if (go < 0) {
        go = eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK);
    }
    eventfd_t drained;
    if (go < 0 || (eventfd_read(go, &drained) != 0 && errno != EAGAIN)) {
        return;
    }
    if (pyx_thread_others()) {
        pyx_monitor_park(true);
    }
}

void pyx_park_end(void)
{
    pyx_monitor_park(false);
    if (go >= 0) {
        eventfd_write(go, 1);
    }
}

int pyx_park_here(enum pyx_stop_place place, bool strict)
{
    while (pyx_stop_current() != NULL && !pyx_stop_is_mine() &&
           (strict || (!pyx_job_is_slow() && !pyx_run_began_in_stop(pyx_stop_current()->number)))) {
        struct pollfd fd = {.fd = go, .events = POLLIN};
        Py_BEGIN_ALLOW_THREADS poll(&fd, 1, PYX_PARK_LOOK_MS);
        Py_END_ALLOW_THREADS if (PyErr_CheckSignals() != 0)
        {
            return pyx_raise_from(place, PyEval_GetFrame());
        }
    }
    return 0;
}
