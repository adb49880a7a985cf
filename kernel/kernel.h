/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The kernel's parts and the way messages take between its threads. Every queue has one consumer;
 * whoever pushes gives the item away. docs/threads.md has the picture.
 */
#ifndef KERNEL_KERNEL_H
#define KERNEL_KERNEL_H

#include "dap/base/queue.h"
#include "kernel/debug/engine.h"
#include "kernel/interp_ops.h"
#include "kernel/options.h"
#include "kernel/roles.h"
#include "kernel/wire/zmq_socket.h"

#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/types.h>

#define KERNEL_PAUSE_SIGNAL (SIGRTMIN + 3) /* the same as PYX_PAUSE_SIGNAL */
#define KERNEL_STOP_MS      5000           /* from the wish to end to _exit */

enum kernel_thread_id {
    KERNEL_IOPUB,
    KERNEL_STDIN,
    KERNEL_DEBUG,
    KERNEL_ARM,
    KERNEL_ASSIST,
    KERNEL_CONTROL,
    KERNEL_SHELL,
    KERNEL_THREAD_COUNT
};

struct kernel_thread {
    struct kernel *kernel;
    pthread_t id;
    bool running; /* under threads_mu once threads run */
    bool ended;   /* so is this: it is not to be started any more */
};

struct kernel_output; /* channels/iopub.c */
struct kernel_input;  /* channels/stdin.c */
struct kernel_shell;  /* shells.c */

struct kernel {
    struct kernel_options options;
    const char *python; /* borrowed */
    char package_dir[4096];
    char cell_prefix[4096];
    char session[40];
    pid_t pid; /* differs from getpid() in a forked child */

    struct wire_context *context;
    struct wire_connection connection;               /* constant once the threads run */
    struct wire_socket *sockets[WIRE_CHANNEL_COUNT]; /* each is used by its channel's thread only */
    struct kernel_thread threads[KERNEL_THREAD_COUNT];
    pthread_mutex_t threads_mu; /* rank 1; a leaf */

    struct cd_queue *shell;   /* struct wire_msg: replies */
    struct cd_queue *control; /* struct wire_msg: replies */
    struct cd_queue *stdin_;  /* struct wire_msg: input_requests */
    struct cd_queue *debug;   /* struct kernel_debug_item */
    struct cd_queue *arm;     /* struct kernel_python_job */
    struct cd_queue *assist;  /* struct kernel_python_job */
    struct kernel_output *output;

    pthread_mutex_t shells_mu; /* rank 0; guards the four below */
    struct kernel_shell *main; /* first of the list; never removed */
    json_t *comm_routes;       /* request id of a comm message: id of the subshell that sent it */
    struct kernel_parent *control_parent; /* under shells_mu: last request on control */
    atomic_uint subshells_busy;           /* they may still use all this when the kernel ends */

    const struct interp_ops *interp;
    const struct engine_ops *engine;
    struct interp_host interp_host;
    struct engine_host engine_host;

    atomic_llong last_active; /* seconds since 1970: when a shell last began or ended a request */
    atomic_llong heard_ms;    /* kernel_now_ms(): when a client last said something */
    atomic_bool stopped;      /* a debugger has stopped the program; debug thread sets both */
    atomic_bool attended;     /* a client of the debug socket is there */
    atomic_bool cell_runs;    /* main runs a cell: output of plain threads belongs to it */

    pthread_mutex_t run_mu; /* rank 1; guards running: an interrupt of ours never hits the end */
    bool running;           /* main runs a request */
    atomic_bool idle_interrupt; /* the last interrupt_request came when main had nothing to do */
    bool ran_file; /* main's: a program was run; as under plain Python its children may go on */

    atomic_uint arm_jobs; /* pushed to arm and not done yet */
    int settled_fd;       /* eventfd: arm_jobs became 0 */

    json_t *inherited; /* of a child process: what its parent's debugger has set; owned */
    sem_t inherited_done;

    int nudge_fd;            /* eventfd: SIGINT came to main (signal handler) */
    int stop_fd;             /* eventfd: somebody wants the kernel to end (signal handler too) */
    atomic_bool stopping;    /* control set it: main takes no more requests */
    atomic_bool terminated;  /* SIGTERM came: who started us sees this end, not a shutdown's */
    atomic_bool exit_asked;  /* ask_exit: end after the running request */
    atomic_bool drain_shell; /* a shell failed a cell: see handlers/execute.c */
};

/* Binds the sockets, fills in the ports, makes the queues. */
cd_result kernel_init(struct kernel *k, struct cd_error *reterr) CD_MUST_CHECK;
/* The queues and the debug socket alone: child.c. */
cd_result kernel_init_debug(struct kernel *k, struct cd_error *reterr) CD_MUST_CHECK;
cd_result kernel_threads_start(struct kernel *k, struct cd_error *reterr) CD_MUST_CHECK;
/* stdin, arm and assist start when there may be something to do for them: an idle kernel is small.
 * Any thread; never blocks. */
void kernel_thread_need(struct kernel *k, enum kernel_thread_id which);
/* Returns when the thread has ended; it will not be started any more. */
void kernel_thread_join(struct kernel *k, enum kernel_thread_id which);
/* Joins arm and assist: Python must not be ended while they may want it. */
void kernel_python_threads_join(struct kernel *k);
/* Joins all others; what is queued for clients is sent before. */
void kernel_threads_join(struct kernel *k);
void kernel_done(struct kernel *k);

/* Main, after user code: the child of a fork in a cell ends here, it has none of our threads. */
void kernel_leave_fork(const struct kernel *k);

/* Asks the control thread to end the kernel. Any thread; async-signal-safe. */
void kernel_ask_stop(const struct kernel *k);

/* Queues m_owned for the thread of channel (shell, control, stdin). NULL is ignored. */
void kernel_send(struct kernel *k, enum wire_channel channel, struct wire_msg *m_owned);
/* A reply to where request came from. content_owned NULL: out of memory, logged. */
void kernel_reply(struct kernel *k, enum wire_channel channel, const struct wire_msg *request,
                  const char *msg_type, json_t *content_owned);
/* The same with serialised content. */
void kernel_reply_text(struct kernel *k, enum wire_channel channel, const struct wire_msg *request,
                       const char *msg_type, const char *content, size_t len);

#endif
