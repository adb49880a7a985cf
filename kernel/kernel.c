/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The kernel's queues, sockets and threads: made, started and ended in order. Main thread, but for
 * the senders at the end, which any thread calls.
 */
#include "kernel/kernel.h"

#include "dap/base/log.h"
#include "kernel/channels/channels.h"
#include "kernel/shells.h"

#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

static void free_msg(void *m)
{
    wire_msg_free(m);
}

static cd_result make_queues(struct kernel *k, struct cd_error *reterr)
{
    k->shell = cd_queue_new(0, free_msg);
    k->control = cd_queue_new(0, free_msg);
    k->stdin_ = cd_queue_new(0, free_msg);
    k->debug = cd_queue_new(0, kernel_debug_item_free);
    k->arm = cd_queue_new(0, kernel_python_job_free);
    k->assist = cd_queue_new(0, kernel_python_job_free);
    k->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    k->settled_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    k->nudge_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (!k->shell || !k->control || !k->stdin_ || !k->debug || !k->arm || !k->assist ||
        k->stop_fd < 0 || k->settled_fd < 0 || k->nudge_fd < 0) {
        return cd_error_errno(reterr, errno, "cannot make the kernel's queues");
    }
    k->output = kernel_output_new(reterr);
    return k->output ? kernel_shells_init(k, reterr) : CD_ERR;
}

static cd_result bind_socket(struct kernel *k, enum wire_channel channel, struct cd_error *reterr)
{
    static const enum wire_socket_type types[WIRE_CHANNEL_COUNT] = {
        [WIRE_SHELL] = WIRE_ROUTER,   [WIRE_IOPUB] = WIRE_XPUB, [WIRE_STDIN] = WIRE_ROUTER,
        [WIRE_CONTROL] = WIRE_ROUTER, [WIRE_HB] = WIRE_REP,     [WIRE_DEBUG] = WIRE_ROUTER,
    };
    struct wire_socket *s = wire_socket_new(k->context, types[channel], reterr);
    k->sockets[channel] = s;
    if (!s) {
        return CD_ERR;
    }
    if (channel != WIRE_DEBUG) {
        return wire_socket_bind(s, &k->connection, channel, reterr);
    }
    /* Nobody but us promised this port: where it is taken, any other does. */
    if (wire_socket_bind(s, &k->connection, channel, NULL)) {
        k->connection.port[channel] = 0;
        return wire_socket_bind(s, &k->connection, channel, reterr);
    }
    return CD_OK;
}

static cd_result bind_sockets(struct kernel *k, struct cd_error *reterr)
{
    k->context = wire_context_new(reterr);
    if (!k->context) {
        return CD_ERR;
    }
    for (size_t i = 0; i < WIRE_CHANNEL_COUNT; i++) {
        if (bind_socket(k, (enum wire_channel)i, reterr)) {
            return CD_ERR;
        }
    }
    return CD_OK;
}

static cd_result bind_debug(struct kernel *k, struct cd_error *reterr)
{
    k->context = wire_context_new(reterr);
    return k->context ? bind_socket(k, WIRE_DEBUG, reterr) : CD_ERR;
}

static cd_result init(struct kernel *k, cd_result (*bind)(struct kernel *, struct cd_error *),
                      struct cd_error *reterr)
{
    if (make_queues(k, reterr)) {
        return CD_ERR;
    }
    /* ZeroMQ starts its threads with the first socket: they must take no signal from main. */
    sigset_t all, before;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_BLOCK, &all, &before);
    const cd_result result = bind(k, reterr);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return result;
}

cd_result kernel_init(struct kernel *k, struct cd_error *reterr)
{
    return init(k, bind_sockets, reterr);
}

cd_result kernel_init_debug(struct kernel *k, struct cd_error *reterr)
{
    return init(k, bind_debug, reterr);
}

static const struct {
    const char *name;
    void (*loop)(struct kernel *k);
} loops[KERNEL_THREAD_COUNT] = {
    [KERNEL_IOPUB] = {"celldap-iopub", kernel_iopub_loop},
    [KERNEL_STDIN] = {"celldap-stdin", kernel_stdin_loop},
    [KERNEL_DEBUG] = {"celldap-debug", kernel_debug_loop},
    [KERNEL_ARM] = {"celldap-arm", kernel_arm_loop},
    [KERNEL_ASSIST] = {"celldap-assist", kernel_assist_loop},
    [KERNEL_CONTROL] = {"celldap-control", kernel_control_loop},
    [KERNEL_SHELL] = {"celldap-shell", kernel_shell_loop},
};

static void *thread_main(void *arg)
{
    struct kernel_thread *t = arg;
    const size_t which = (size_t)(t - t->kernel->threads);
    kernel_role_enter(loops[which].name);
    loops[which].loop(t->kernel);
    return NULL;
}

/* Under threads_mu. 0 or an errno. */
static int start(struct kernel *k, enum kernel_thread_id which)
{
    struct kernel_thread *t = &k->threads[which];
    if (t->running || t->ended) {
        return 0;
    }
    /* A new thread inherits the mask: no signal may reach it before kernel_role_enter. */
    sigset_t ours, before;
    (void)sigemptyset(&ours);
    (void)sigaddset(&ours, SIGINT);
    (void)sigaddset(&ours, KERNEL_PAUSE_SIGNAL);
    (void)pthread_sigmask(SIG_BLOCK, &ours, &before);
    t->kernel = k;
    const int failed = pthread_create(&t->id, NULL, thread_main, t);
    t->running = !failed;
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failed;
}

void kernel_thread_need(struct kernel *k, enum kernel_thread_id which)
{
    (void)pthread_mutex_lock(&k->threads_mu);
    const int failed = start(k, which);
    (void)pthread_mutex_unlock(&k->threads_mu);
    if (failed) {
        cd_log(CD_LOG_ERROR, "kernel", "cannot start a thread: %s", strerror(failed));
        kernel_ask_stop(k);
    }
}

cd_result kernel_threads_start(struct kernel *k, struct cd_error *reterr)
{
    static const enum kernel_thread_id first[] = {KERNEL_IOPUB, KERNEL_DEBUG, KERNEL_CONTROL,
                                                  KERNEL_SHELL};
    int failed = 0;
    (void)pthread_mutex_lock(&k->threads_mu);
    for (size_t i = 0; i < CD_ARRAY_LEN(first) && !failed; i++) {
        failed = start(k, first[i]);
    }
    (void)pthread_mutex_unlock(&k->threads_mu);
    return failed ? cd_error_errno(reterr, failed, "cannot start a thread") : CD_OK;
}

void kernel_thread_join(struct kernel *k, enum kernel_thread_id which)
{
    struct kernel_thread *t = &k->threads[which];
    (void)pthread_mutex_lock(&k->threads_mu);
    const bool running = t->running;
    t->running = false;
    t->ended = true;
    (void)pthread_mutex_unlock(&k->threads_mu);
    if (running) {
        (void)pthread_join(t->id, NULL);
    }
}

void kernel_python_threads_join(struct kernel *k)
{
    cd_queue_close(k->arm);
    cd_queue_close(k->assist);
    kernel_thread_join(k, KERNEL_ARM);
    kernel_thread_join(k, KERNEL_ASSIST);
}

void kernel_threads_join(struct kernel *k)
{
    cd_queue_close(k->shell);
    cd_queue_close(k->stdin_);
    cd_queue_close(k->debug);
    kernel_thread_join(k, KERNEL_SHELL);
    kernel_thread_join(k, KERNEL_STDIN);
    kernel_thread_join(k, KERNEL_DEBUG);
    kernel_output_close(k->output);
    kernel_thread_join(k, KERNEL_IOPUB);
    cd_queue_close(k->control); /* last: it watches that all this ends */
    kernel_thread_join(k, KERNEL_CONTROL);
    wire_context_shutdown(k->context);
}

void kernel_done(struct kernel *k)
{
    for (size_t i = 0; i < WIRE_CHANNEL_COUNT; i++) {
        wire_socket_free(k->sockets[i]);
    }
    wire_context_free(k->context);
    struct cd_queue *queues[] = {k->shell, k->control, k->stdin_, k->debug, k->arm, k->assist};
    for (size_t i = 0; i < CD_ARRAY_LEN(queues); i++) {
        cd_queue_free(queues[i]);
    }
    kernel_output_free(k->output);
    kernel_shells_done(k);
    if (k->stop_fd >= 0) {
        close(k->stop_fd);
    }
    if (k->nudge_fd >= 0) {
        close(k->nudge_fd);
    }
    if (k->settled_fd >= 0) {
        close(k->settled_fd);
    }
}

void kernel_leave_fork(const struct kernel *k)
{
    if (getpid() != k->pid) {
        _exit(0);
    }
}

void kernel_ask_stop(const struct kernel *k)
{
    const uint64_t one = 1;
    (void)!write(k->stop_fd, &one, sizeof one);
}

void kernel_send(struct kernel *k, enum wire_channel channel, struct wire_msg *m_owned)
{
    struct cd_queue *queue = channel == WIRE_SHELL     ? k->shell
                             : channel == WIRE_CONTROL ? k->control
                                                       : k->stdin_;
    if (!m_owned) {
        cd_log(CD_LOG_ERROR, "kernel", "out of memory: a reply is lost");
        return;
    }
    (void)cd_queue_push(queue, m_owned);
}

void kernel_reply(struct kernel *k, enum wire_channel channel, const struct wire_msg *request,
                  const char *msg_type, json_t *content_owned)
{
    kernel_send(k, channel, wire_msg_reply_new(msg_type, request, content_owned));
}

void kernel_reply_text(struct kernel *k, enum wire_channel channel, const struct wire_msg *request,
                       const char *msg_type, const char *content, size_t len)
{
    struct wire_msg *m = wire_msg_text_new(msg_type, request->header_text, content, len);
    for (size_t i = 0; m && i < request->ident_count; i++) {
        if (wire_msg_add_ident(m, request->idents[i].data, request->idents[i].len, NULL)) {
            wire_msg_free(cd_take(m));
        }
    }
    kernel_send(k, channel, m);
}
