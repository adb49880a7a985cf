/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Warm-up, idling and the end of the interpreter on main, and the way of our other threads (arm,
 * assist) to the GIL. Waits happen without the GIL: main's are polls, so that signals wake them.
 */
#include "dap/base/log.h"
#include "kernel/python/interp.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/eventfd.h>
#include <unistd.h>

static pthread_mutex_t warm_mutex = PTHREAD_MUTEX_INITIALIZER; /* leaf; guards warm, warm_fd */
static pthread_cond_t warm_cond = PTHREAD_COND_INITIALIZER;
static bool warm;
static int warm_fd = -1; /* eventfd: somebody waits for the warm-up, which main does */

cd_result pyx_warm_start(struct cd_error *reterr)
{
    warm_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return warm_fd >= 0 ? CD_OK : cd_error_errno(reterr, errno, "cannot make an eventfd");
}

void pyx_warm_skip(void)
{
    pthread_mutex_lock(&warm_mutex);
    warm = true;
    pthread_mutex_unlock(&warm_mutex);
}

void pyx_warm_wait(void)
{
    pthread_mutex_lock(&warm_mutex);
    if (!warm) {
        const uint64_t one = 1;
        (void)!write(warm_fd, &one, sizeof one);
    }
    while (!warm) {
        pthread_cond_wait(&warm_cond, &warm_mutex);
    }
    pthread_mutex_unlock(&warm_mutex);
}

PyObject *pyx_python_call(const char *name, const char *format, ...)
{
    if (!pyx_interp.python) {
        PyErr_Format(PyExc_RuntimeError, "the package 'celldap' could not be imported from '%s'",
                     pyx_interp.package_dir);
        return NULL;
    }
    va_list ap;
    va_start(ap, format);
    pyx_auto PyObject *args = Py_VaBuildValue(format, ap);
    va_end(ap);
    pyx_auto PyObject *fn = args ? PyObject_GetAttrString(pyx_interp.python, name) : NULL;
    return fn ? PyObject_CallObject(fn, args) : NULL;
}

static void log_python_error(const char *what)
{
    struct cd_error err = CD_ERROR_INIT;
    pyx_error_fetch(&err, CD_E_PYTHON);
    cd_log(CD_LOG_ERROR, "python", "%s: %s", what, err.text);
}

void pyx_op_warm_up(void)
{
    if (warm) { // main alone sets it
        return;
    }
    // No interrupt half-way through the imports; threads that IPython starts here (its history's)
    // keep SIGINT blocked, so that they never take one that is meant for main.
    sigset_t block, old;
    sigemptyset(&block);
    sigaddset(&block, SIGINT);
    pthread_sigmask(SIG_BLOCK, &block, &old);
    PyGILState_STATE gil = pyx_gil_enter();
    pyx_interp.python = PyImport_ImportModule("celldap.kernel");
    pyx_auto PyObject *done =
        pyx_interp.python
            ? pyx_python_call("warm_up", "(Oss)", pyx_interp.plain ? Py_True : Py_False,
                              pyx_interp.connection_file, pyx_interp.session)
            : NULL;
    if (!done) {
        log_python_error("the interpreter's helpers did not start");
    }
    Py_CLEAR(done);
    pyx_gil_leave(gil);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    pthread_mutex_lock(&warm_mutex);
    warm = true;
    pthread_cond_broadcast(&warm_cond);
    pthread_mutex_unlock(&warm_mutex);
}

static bool readable(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    return poll(&p, 1, 0) > 0;
}

/* An exception that reaches the idle kernel belongs to no cell: a KeyboardInterrupt came too late,
 * anything else (a callback of the user's loop that exits) is told on stderr. */
static void idle_error(void)
{
    if (PyErr_ExceptionMatches(PyExc_KeyboardInterrupt)) {
        PyErr_Clear();
    } else {
        PyErr_WriteUnraisable(NULL);
    }
}

/* Before the first request that needs the helpers: they are not loaded yet, nor is there a loop of
 * the user's. */
static void idle_cold(int fd)
{
    while (!warm && !readable(fd)) {
        PyGILState_STATE gil = pyx_gil_enter();
        pyx_signals_wrap();
        if (pyx_wait_readable_either(fd, warm_fd) < 0) {
            idle_error();
        }
        pyx_gil_leave(gil);
        if (readable(warm_fd)) {
            pyx_op_warm_up();
        }
    }
}

void pyx_op_idle(int fd)
{
    if (!warm) {
        idle_cold(fd);
        return;
    }
    PyGILState_STATE gil = pyx_gil_enter();
    pyx_signals_wrap();
    do {
        pyx_auto PyObject *turned = pyx_python_call("idle", "(i)", fd);
        if (turned && turned == Py_False && !readable(fd)) { // no loop of the user's
            pyx_wait_readable(fd);
        }
        if (PyErr_Occurred()) {
            idle_error();
        }
    } while (!readable(fd));
    pyx_gil_leave(gil);
}

void pyx_op_call_locked(void (*fn)(void *arg), void *arg)
{
    static _Thread_local bool known;
    pyx_warm_wait();
    PyGILState_STATE gil = pyx_gil_enter();
    if (!known) {
        // One thread state for the life of the thread: entered once more than it is left.
        known = true;
        pyx_gil_enter();
        pyx_thread_mark_ours();
    }
    fn(arg);
    PyErr_Clear();
    pyx_gil_leave(gil);
}

void pyx_op_thread_begin(const char *name)
{
    pyx_warm_wait();
    PyGILState_STATE gil = pyx_gil_enter();
    pyx_gil_enter(); // one thread state until thread_end: entered once more than it is left
    pyx_thread_takes_requests();
    pyx_auto PyObject *done = pyx_python_call("thread_begin", "(s)", name);
    if (!done) {
        log_python_error("a subshell's thread did not start");
    }
    Py_CLEAR(done);
    pyx_gil_leave(gil);
}

void pyx_op_thread_end(void)
{
    PyGILState_STATE gil = pyx_gil_enter();
    pyx_auto PyObject *done = pyx_python_call("thread_end", "()");
    if (!done) {
        log_python_error("a subshell's thread did not end well");
    }
    Py_CLEAR(done);
    pyx_gil_leave(PyGILState_LOCKED); // what thread_begin kept is left last, and ends the state
    pyx_gil_leave(gil);
}

void pyx_op_finish(void)
{
    PyGILState_STATE gil = pyx_gil_enter();
    // Without its helpers nothing of the user's ever ran.
    pyx_auto PyObject *done =
        pyx_interp.python ? pyx_python_call("finish", "()") : Py_NewRef(Py_None);
    if (!done) {
        log_python_error("the end of the user's program failed");
    }
    Py_CLEAR(done);
    pyx_monitor_stop();
    // Py_FinalizeEx is not called: the user's daemon threads, and threads in C code that take the
    // GIL, would run into a dead interpreter, a classic crash at exit. All that users see at the
    // end of a program (joined threads, atexit, flushed history) is done above; the process _exits.
    pyx_gil_leave(gil);
}
