/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The thread loops, one file each, and what other threads may ask of them.
 */
#ifndef KERNEL_CHANNELS_H
#define KERNEL_CHANNELS_H

#include "kernel/kernel.h"

/* CLOCK_MONOTONIC, for deadlines. */
int64_t kernel_now_ms(void);

struct kernel_parent;

/* Each is a whole thread: returns when its queue is closed and empty. */
void kernel_shell_loop(struct kernel *k);
void kernel_control_loop(struct kernel *k);
void kernel_iopub_loop(struct kernel *k);
void kernel_stdin_loop(struct kernel *k);
void kernel_debug_loop(struct kernel *k);
void kernel_arm_loop(struct kernel *k);
void kernel_assist_loop(struct kernel *k);

/* ---- router.c: what shell, control and stdin have in common ---- */

/* One receiver: gets m_owned. */
typedef void (*kernel_receive_fn)(struct kernel *k, enum wire_channel channel,
                                  struct wire_msg *m_owned);
/* Receives all that is there; bad messages are dropped, counted and logged once. */
void kernel_receive_all(struct kernel *k, enum wire_channel channel, struct wire_signer *signer,
                        kernel_receive_fn receive);
/* Sends all that is queued. */
void kernel_send_all(struct kernel *k, enum wire_channel channel, struct wire_signer *signer,
                     struct cd_queue *queue);
/* A signer of the calling thread; logs and returns NULL when openssl fails. */
struct wire_signer *kernel_signer(const struct kernel *k);
bool kernel_drained(struct cd_queue *q);

/* ---- iopub.c: any thread ---- */

struct kernel_output *kernel_output_new(struct cd_error *reterr);
void kernel_output_free(struct kernel_output *o);
void kernel_output_close(struct kernel_output *o);
/* File descriptors 1 and 2 lead here from now on; before the threads start. */
cd_result kernel_output_capture(struct kernel *k, struct cd_error *reterr) CD_MUST_CHECK;
void kernel_output_restore(struct kernel *k); /* and back again */
/* The process is about to end at once: what waits here is written where 1 and 2 led before. */
void kernel_output_last_words(struct kernel *k);
/* Publishes m_owned after all stream text so far. NULL is ignored. */
void kernel_publish(struct kernel *k, struct wire_msg *m_owned);
/* What the calling thread publishes from now on wakes the iopub thread at once, when it is let go:
 * a few messages make one wake-up, and what is urgent goes out first. Never while code of the
 * user's runs. */
void kernel_output_hold(void);
void kernel_output_let_go(struct kernel *k);
/* status message; parent may be NULL */
void kernel_publish_status(struct kernel *k, const struct wire_msg *parent, const char *state);
/* What runs now: parent of all output that names none. */
void kernel_output_parent(struct kernel *k, struct kernel_parent *parent);
struct kernel_parent *kernel_output_parent_ref(struct kernel *k); /* new reference, may be NULL */
char *kernel_output_parent_copy(struct kernel *k); /* its header, new text; NULL: no memory */
/* Flushes stream text; how many iopub messages there were so far. */
uint64_t kernel_output_mark(struct kernel *k);
/* parent NULL: of what runs now. */
void kernel_output_stream(struct kernel *k, struct kernel_parent *parent, enum interp_stream which,
                          const char *text, size_t len);

/* ---- parents.c: any thread ---- */

struct kernel_parent *kernel_parent_new(const char *text, size_t len);
struct kernel_parent *kernel_parent_of(const struct wire_msg *request); /* NULL: out of memory */
struct kernel_parent *kernel_parent_ref(struct kernel_parent *p);
void kernel_parent_unref(struct kernel_parent *p);
const char *kernel_parent_text(const struct kernel_parent *p); /* "{}" for NULL */

/* ---- stdin.c: any thread ---- */

struct kernel_input *kernel_input_new(struct cd_error *reterr);
void kernel_input_free(struct kernel_input *in);
/* The shell's thread, around each request. NULL: nobody can be asked. The functions below mean the
 * calling shell's question. */
void kernel_input_client(struct kernel *k, const struct wire_msg *request);
int kernel_input_request(struct kernel *k, const char *prompt, bool password);
int kernel_input_take(struct kernel *k, char **ret);
void kernel_input_cancel(struct kernel *k);

/* ---- debug.c: any thread ---- */

struct kernel_debug_item {
    struct wire_msg *request; /* owned; a debug_request of the control channel, or */
    struct engine_note *note; /* owned, or both NULL: the kernel ends */
};
void kernel_debug_item_free(void *item);
void kernel_debug_note(struct kernel *k, struct engine_note *note_owned);
void kernel_debug_request(struct kernel *k, struct wire_msg *m_owned);
void kernel_debug_stop(struct kernel *k);

/* ---- awake.c: debug thread ---- */

struct kernel_awake {
    unsigned asleep; /* so many waits are not awake: others wanted the core */
};
/* Looks for a moment whether the socket or the fd can be read. false: neither, sleep now. */
bool kernel_awake_poll(struct kernel_awake *a, struct wire_socket *const *socket, int fd);

/* ---- python_threads.c: any thread ---- */

struct kernel_python_job {
    struct wire_msg *query; /* owned; a request of the shell channel, or */
    struct dbg_job *job;    /* owned */
};
void kernel_python_job_free(void *job);
void kernel_python_query(struct kernel *k, struct wire_msg *m_owned);
/* Main, before it runs code, without the GIL: returns when the debugger's tables are as the last
 * reply promised. A breakpoint set before a cell was sent would else lose the race to it. */
void kernel_python_settle(struct kernel *k);
void kernel_python_dbg_job(struct kernel *k, struct cd_queue *queue, struct dbg_job *job_owned);

#endif
