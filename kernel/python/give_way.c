/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A question (complete, inspect) that comes while main runs Python: two threads that both want the
 * GIL take turns of a switch interval each, and Jedi's 20 ms become 80. So main waits for the
 * answer, once and for a moment only. The assist thread asks; main, at a safe place of its
 * bytecode, waits without the GIL. Must never keep main when a signal comes.
 */
#include "kernel/python/interp.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <time.h>

#define WAY_MS 40 /* what a running cell may lose by a question */

static atomic_uint question; /* 0: none is being answered */
static int answered_fd = -1; /* eventfd */

cd_result pyx_give_way_start(struct cd_error *reterr)
{
    answered_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return answered_fd >= 0 ? CD_OK : cd_error_errno(reterr, errno, "cannot make an eventfd");
}

/* Main, a pending call. */
static int give_way(void *number)
{
    const struct timespec limit = {.tv_nsec = WAY_MS * 1000000L};
    sigset_t all, old;
    if (atomic_load(&question) != (unsigned)(uintptr_t)number || pyx_forked()) {
        return 0; /* too late: it was answered */
    }
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &old);
    const int failed = PyErr_CheckSignals();
    if (failed == 0) {
        struct pollfd p = {.fd = answered_fd, .events = POLLIN};
        Py_BEGIN_ALLOW_THREADS ppoll(&p, 1, &limit, &old);
        Py_END_ALLOW_THREADS
    }
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    return failed;
}

void pyx_give_way_begin(void)
{
    static unsigned last;
    eventfd_t drained;
    if (answered_fd < 0) {
        return; /* not a kernel's main */
    }
    (void)eventfd_read(answered_fd, &drained);
    last = last + 1 ? last + 1 : 1;
    atomic_store(&question, last);
    (void)Py_AddPendingCall(give_way, (void *)(uintptr_t)last); /* full: main does not wait */
}

void pyx_give_way_end(void)
{
    atomic_store(&question, 0);
    (void)eventfd_write(answered_fd, 1);
}
