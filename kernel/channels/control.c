/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Control thread: owns the control ROUTER, the heartbeat REP, and the end of the kernel. Somebody
 * wants it (shutdown request, SIGTERM, the parent is gone, ask_exit): the debugger lets go, main
 * gets an interrupt and leaves its loop; if it is not done in 5 s, the process ends here. Must
 * never run Python.
 */
#include "dap/base/log.h"
#include "kernel/channels/channels.h"
#include "kernel/children.h"
#include "kernel/folders.h"
#include "kernel/handlers/handlers.h"
#include "kernel/shells.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define EXIT_HARD 1

/* An fd that becomes readable when the process that started us ends; -1: not to be watched.
 * JPY_PARENT_PID: Jupyter's launchers set it. *ret_gone: it has ended already. */
static int parent_fd(bool *ret_gone)
{
    const char *keep = getenv("CELLDAP_KEEP_KERNEL");
    const char *text = getenv("JPY_PARENT_PID");
    const long pid = text ? strtol(text, NULL, 10) : 0;
    if (pid <= 0 || (keep && strcmp(keep, "1") == 0)) {
        return -1;
    }
    const int fd = (int)syscall(SYS_pidfd_open, (pid_t)pid, 0u);
    /* In a container of our own (pid 1, or a parent outside of it) the number means nothing. */
    *ret_gone = fd < 0 && errno == ESRCH && getpid() != 1 && getppid() != 0;
    if (fd < 0 && !*ret_gone) {
        cd_log(CD_LOG_WARN, "control", "the parent process %ld is not watched: %s", pid,
               strerror(errno));
    }
    return fd;
}

/* The user's code does not end: files of ours are removed, everything else the system does. */
static void end_hard(const struct kernel *k)
{
    cd_log(CD_LOG_ERROR, "control", "the running code did not end within %d ms: killed",
           KERNEL_STOP_MS);
    for (size_t i = 0; k->connection.transport == WIRE_IPC && i < WIRE_CHANNEL_COUNT; i++) {
        char path[sizeof k->connection.ip + 16];
        (void)snprintf(path, sizeof path, "%s-%d", k->connection.ip, k->connection.port[i]);
        (void)unlink(path);
    }
    kernel_cell_folder_remove(k->cell_prefix);
    kernel_children_end(0);
    _exit(EXIT_HARD);
}

static void begin_stop(struct kernel *k)
{
    kernel_debug_stop(k);
    atomic_store(&k->stopping, true);
    kernel_shells_close(k);
    (void)pthread_mutex_lock(&k->run_mu);
    if (k->running) {
        k->interp->interrupt();
        kernel_children_interrupt();
    }
    (void)pthread_mutex_unlock(&k->run_mu);
}

/* A SIGINT that comes between Python's last look for signals and a system call is not seen before
 * that call returns: for a moment the call, whichever it is, is made to return now and then. */
struct nudges {
    int step;
    int64_t at; /* 0: none */
};

static void nudge(struct kernel *k, struct nudges *n, bool sigint_came)
{
    static const int after_ms[] = {3, 30, 300, 3000};
    uint64_t drained;
    if (sigint_came && read(k->nudge_fd, &drained, sizeof drained) > 0) {
        *n = (struct nudges){.at = kernel_now_ms() + after_ms[0]};
    } else if (n->at && kernel_now_ms() >= n->at) {
        k->interp->nudge();
        n->step++;
        n->at = n->step < (int)CD_ARRAY_LEN(after_ms) ? kernel_now_ms() + after_ms[n->step] : 0;
    }
}

/* For the poll: until the first of some moments, 0 where there is none. */
static int until_ms(const int64_t *moments, size_t count)
{
    int64_t first = 0;
    for (size_t i = 0; i < count; i++) {
        if (moments[i] && (!first || moments[i] < first)) {
            first = moments[i];
        }
    }
    const int64_t left = first - kernel_now_ms();
    return first == 0 ? -1 : left > INT32_MAX ? INT32_MAX : left > 0 ? (int)left : 0;
}

/* When the kernel has been alone for long enough (--alone), 0: never. What runs freely is not
 * alone; a stop that nobody came back to is. */
static int64_t alone_at(struct kernel *k)
{
    const long seconds = k->options.alone ? strtol(k->options.alone, NULL, 10) : 0;
    if (seconds <= 0) {
        return 0;
    }
    if (atomic_load(&k->attended) || (atomic_load(&k->cell_runs) && !atomic_load(&k->stopped))) {
        atomic_store(&k->heard_ms, kernel_now_ms());
    }
    return atomic_load(&k->heard_ms) + (int64_t)seconds * 1000;
}

void kernel_control_loop(struct kernel *k)
{
    struct wire_signer *signer = kernel_signer(k);
    bool gone = false;
    cd_autofd int parent = parent_fd(&gone);
    /* The last ones fall away once they were seen: both stay readable. */
    struct wire_socket *const sockets[] = {k->sockets[WIRE_CONTROL], k->sockets[WIRE_HB]};
    const int fds[] = {cd_queue_fd(k->control), k->nudge_fd, k->stop_fd, parent};
    struct nudges nudges = {0};
    int64_t deadline = 0;
    atomic_store(&k->heard_ms, kernel_now_ms());
    if (gone) {
        kernel_ask_stop(k);
    }
    while (signer && !kernel_drained(k->control)) {
        const size_t fd_count = deadline ? 2 : parent >= 0 ? 4 : 3;
        const int64_t moments[] = {deadline, nudges.at, deadline ? 0 : alone_at(k)};
        const unsigned ready = wire_poll(sockets, CD_ARRAY_LEN(sockets), fds, fd_count,
                                         until_ms(moments, CD_ARRAY_LEN(moments)));
        nudge(k, &nudges, ready & 8u);
        wire_echo_all(k->sockets[WIRE_HB]);
        kernel_receive_all(k, WIRE_CONTROL, signer, kernel_dispatch);
        kernel_send_all(k, WIRE_CONTROL, signer, k->control);
        if (!deadline && (ready & ~15u)) {
            cd_log(CD_LOG_INFO, "control", "%s",
                   ready & 32u ? "the parent process is gone" : "ending");
            deadline = kernel_now_ms() + KERNEL_STOP_MS;
            begin_stop(k);
        }
        const int64_t alone = deadline ? 0 : alone_at(k);
        if (alone && kernel_now_ms() >= alone) {
            cd_log(CD_LOG_INFO, "control", "nobody was heard of for %s s", k->options.alone);
            kernel_ask_stop(k);
            atomic_store(&k->heard_ms, kernel_now_ms());
        }
        if (deadline && kernel_now_ms() >= deadline) {
            end_hard(k);
        }
    }
    wire_signer_free(signer);
}
