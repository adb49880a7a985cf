/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Shells: threads that execute cells, each with its own queue, question and abort state. Main is
 * the first; JEP 91 subshells come and go. One more, never listed, serves what comes on the control
 * channel and would run code there.
 */
#ifndef KERNEL_SHELLS_H
#define KERNEL_SHELLS_H

#include "kernel/channels/channels.h"

/* Belongs to its thread, but for what says otherwise. */
struct kernel_shell {
    struct kernel *kernel;
    char id[40];          /* "" is main */
    bool hidden;          /* the control channel's */
    struct cd_queue *run; /* struct wire_msg: requests; any thread pushes */
    struct kernel_input *input;
    int comm_fd;               /* eventfd: comm messages were queued since it was read */
    bool aborting;             /* until the end mark of drain comes */
    atomic_bool drain;         /* set here, taken by the shell thread */
    atomic_bool busy;          /* runs a request */
    atomic_uint pending;       /* requests that were pushed and are not done */
    struct wire_msg *created;  /* create_subshell_request to answer, or NULL */
    struct wire_msg *deleted;  /* under shells_mu: delete_subshell_request to answer at the end */
    struct kernel_shell *next; /* under shells_mu */
};

/* Makes and frees main's. */
cd_result kernel_shells_init(struct kernel *k, struct cd_error *reterr) CD_MUST_CHECK;
void kernel_shells_done(struct kernel *k);
/* No shell takes requests any more; each thread ends when it is idle. Control thread. */
void kernel_shells_close(struct kernel *k);

/* A shell's thread: runs its queue until that is closed and empty. */
void kernel_shell_run(struct kernel_shell *s);
/* Runs the comm messages that are queued, others stay. The shell's thread, in a cell that awaits.
 */
void kernel_shell_run_comms(struct kernel_shell *s);

/* The shell whose thread calls; main's for any other thread. */
struct kernel_shell *kernel_shell_current(struct kernel *k);

/* Any thread. id NULL: main. false: there is no such shell, and m is still the caller's. */
bool kernel_shell_push(struct kernel *k, const char *id, struct wire_msg *m_owned);
bool kernel_shell_exists(struct kernel *k, const char *id);
/* Which shell a request is for: header.subshell_id, or where a comm request came from that this
 * message answers. ret has 40 bytes; "" is main. */
void kernel_shell_of(struct kernel *k, const struct wire_msg *m, char *ret);
/* KeyboardInterrupt for what main does, by a client that had sent nothing else which is still to be
 * done: then a cell that it sends afterwards is not hit. Control thread. */
void kernel_shell_interrupt(struct kernel *k);
/* A comm message that carries a request id was sent by the calling shell. */
void kernel_shell_comm_sent(struct kernel *k, const char *request_id);
/* Puts an end mark behind what is to be aborted. Shell thread. */
void kernel_shells_mark_abort_end(struct kernel *k);

/* A new subshell answers the request itself, once it can run; NULL: it is hidden. On failure the
 * request is still the caller's. */
cd_result kernel_shell_create(struct kernel *k, const char *id, struct wire_msg *request_owned);
/* false: no such subshell, the request is still the caller's. */
bool kernel_shell_delete(struct kernel *k, const char *id, struct wire_msg *request_owned);
bool kernel_shells_busy(struct kernel *k);   /* does any of them run a request? */
json_t *kernel_shell_list(struct kernel *k); /* new array of ids; NULL: out of memory */

#endif
