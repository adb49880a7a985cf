/* SPDX-License-Identifier: BSD-3-Clause
 *
 * SIGINT and the pause signal. Python runs signal handlers on main only, but the system may hand a
 * process-directed SIGINT to any thread whose mask is open (IPython's history thread, the user's
 * threads) while main sleeps in a system call: our sigaction sends it on to main, which wakes it.
 * The handler is async-signal-safe: pthread_kill and Python's own handler, nothing else.
 */
#include "kernel/python/interp.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>

static pthread_t main_thread;
static bool forked;                     /* written in the child before it has a second thread */
static void (*python_handler)(int sig); /* what Python installed for SIGINT */

/* errno is kept by Python's own handler; what comes after it makes one write. */
static void forward(int sig)
{
    if (!pthread_equal(pthread_self(), main_thread)) {
        pthread_kill(main_thread, sig);
        return;
    }
    python_handler(sig);
    if (!forked && pyx_interp.host) {
        pyx_interp.host->sigint_came(pyx_interp.host->ctx);
    }
}

static void nothing(int sig)
{
    (void)sig;
}

static void in_child(void)
{
    main_thread = pthread_self();
    forked = true;
}

bool pyx_forked(void)
{
    return forked;
}

void pyx_signals_wrap(void)
{
    struct sigaction now;
    if (!pthread_equal(pthread_self(), main_thread)) {
        return;
    }
    if (sigaction(SIGINT, NULL, &now) != 0 || now.sa_handler == forward ||
        now.sa_handler == SIG_DFL || now.sa_handler == SIG_IGN || (now.sa_flags & SA_SIGINFO)) {
        return;
    }
    python_handler = now.sa_handler;
    now.sa_handler = forward;
    sigaction(SIGINT, &now, NULL);
}

void pyx_signals_interrupt(void)
{
    pthread_kill(main_thread, SIGINT);
}

void pyx_signals_nudge(void)
{
    pthread_kill(main_thread, PYX_NUDGE_SIGNAL);
}

/* Signal handler at Python level: f(signum, frame) */
static PyObject *on_pause(PyObject *self, PyObject *const *args, Py_ssize_t count)
{
    (void)self;
    (void)args;
    (void)count;
    /* wait_once may have found it with all signals blocked: a stop must hear them. */
    sigset_t ours, before;
    sigemptyset(&ours);
    sigaddset(&ours, SIGINT);
    sigaddset(&ours, PYX_PAUSE_SIGNAL);
    pthread_sigmask(SIG_UNBLOCK, &ours, &before);
    int failed = pyx_on_pause_signal();
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failed < 0 ? NULL : Py_NewRef(Py_None);
}

/* One ppoll; signals are open only inside it, so that none slips in between check and wait. */
static int wait_once(int fd, int other)
{
    sigset_t all, old;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &old);
    int n = -1;
    int err = EINTR;
    if (PyErr_CheckSignals() == 0) {
        struct pollfd p[] = {{.fd = fd, .events = POLLIN}, {.fd = other, .events = POLLIN}};
        Py_BEGIN_ALLOW_THREADS n = ppoll(p, 2, NULL, &old);
        err = errno;
        Py_END_ALLOW_THREADS
    }
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    errno = err;
    return n;
}

int pyx_wait_readable(int fd)
{
    return pyx_wait_readable_either(fd, -1);
}

int pyx_wait_readable_either(int fd, int other)
{
    for (;;) {
        if (PyErr_CheckSignals() < 0) {
            return -1;
        }
        int n = wait_once(fd, other);
        if (n > 0 && !PyErr_Occurred()) {
            return 0;
        }
        if (PyErr_Occurred()) {
            return -1;
        }
        if (errno != EINTR) {
            PyErr_SetFromErrno(PyExc_OSError);
            return -1;
        }
    }
}

static int register_pause(void)
{
    static PyMethodDef def = {"on_pause", (PyCFunction)(void (*)(void))on_pause, METH_FASTCALL,
                              NULL};
    pyx_auto PyObject *signals = PyImport_ImportModule("_signal");
    pyx_auto PyObject *handler = signals ? PyCFunction_New(&def, NULL) : NULL;
    pyx_auto PyObject *old =
        handler ? PyObject_CallMethod(signals, "signal", "iO", PYX_PAUSE_SIGNAL, handler) : NULL;
    return old ? 0 : -1;
}

/* What a script starts in the background has SIGINT ignored, and Python leaves it so. */
static int hear_interrupts(void)
{
    struct sigaction now;
    if (sigaction(SIGINT, NULL, &now) != 0 || now.sa_handler != SIG_IGN) {
        return 0;
    }
    pyx_auto PyObject *signals = PyImport_ImportModule("_signal");
    pyx_auto PyObject *handler =
        signals ? PyObject_GetAttrString(signals, "default_int_handler") : NULL;
    pyx_auto PyObject *old =
        handler ? PyObject_CallMethod(signals, "signal", "iO", SIGINT, handler) : NULL;
    return old ? 0 : -1;
}

cd_result pyx_signals_start(struct cd_error *reterr)
{
    main_thread = pthread_self();
    pthread_atfork(NULL, NULL, in_child);
    if (register_pause() < 0 || hear_interrupts() < 0) {
        return pyx_error_fetch(reterr, CD_E_PYTHON);
    }
    pyx_signals_wrap();
    const struct sigaction nudge = {.sa_handler = nothing}; // no SA_RESTART
    (void)sigaction(PYX_NUDGE_SIGNAL, &nudge, NULL);
    sigset_t ours;
    sigemptyset(&ours);
    sigaddset(&ours, SIGINT);
    sigaddset(&ours, PYX_PAUSE_SIGNAL);
    sigaddset(&ours, PYX_NUDGE_SIGNAL);
    pthread_sigmask(SIG_UNBLOCK, &ours, NULL);
    return CD_OK;
}
