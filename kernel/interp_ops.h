/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What channels and handlers may ask of Python (implemented in kernel/python), and what Python code
 * may ask of the kernel (struct interp_host). Texts are UTF-8 JSON unless said otherwise.
 * No function here is called with the GIL held, except host functions, which never block.
 */
#ifndef KERNEL_INTERP_OPS_H
#define KERNEL_INTERP_OPS_H

#include "dap/base/buf.h"

#include <stdint.h>

struct kernel_parent; /* the request that some output belongs to; kernel/channels */

enum interp_stream { INTERP_STDOUT, INTERP_STDERR };

struct interp_bytes {
    const void *data;
    size_t len;
};

/* Implemented by the kernel. Any thread, with or without the GIL; none of them blocks, but
 * last_words for a moment. */
struct interp_host {
    void *ctx;
    /* Text of the user's streams; batched, never lost. parent: the request that it belongs to,
     * NULL: the one that main runs now, or ran last. */
    void (*stream)(void *ctx, struct kernel_parent *parent, enum interp_stream which,
                   const char *text, size_t len);
    /* One iopub message (display_data, execute_result, error, clear_output, comm_*, …) with the
     * given parent (as for stream). metadata may be NULL ({}). */
    void (*publish)(void *ctx, struct kernel_parent *parent, const char *msg_type,
                    const char *content, size_t content_len, const char *metadata,
                    size_t metadata_len, const struct interp_bytes *buffers, size_t buffer_count);
    /* The header of that request: JSON text that the caller frees; NULL when memory is out. */
    char *(*parent)(void *ctx, struct kernel_parent *parent);
    /* The header of the last request on control, the same way. */
    char *(*control_parent)(void *ctx);
    /* A parent from a header's JSON text: new reference, NULL when memory is out. */
    struct kernel_parent *(*parent_new)(void *ctx, const char *text, size_t len);
    void (*parent_unref)(void *ctx, struct kernel_parent *parent);
    /* SIGINT came to main. In a signal handler. */
    void (*sigint_came)(void *ctx);
    /* Was the last interrupt asked for when main had nothing to do? Once. */
    bool (*idle_interrupt)(void *ctx);
    /* Does main run a cell? */
    bool (*cell_runs)(void *ctx);
    /* Is the caller's shell main, or no shell at all? */
    bool (*on_main_shell)(void *ctx);
    /* Makes it what output belongs to that names no parent. */
    void (*parent_default)(void *ctx, struct kernel_parent *parent);
    /* The calling shell sent a comm message with this request id: its answer is for that shell. */
    void (*comm_sent)(void *ctx, const char *request_id);
    /* The calling shell's cell awaits: returns an fd that is readable when comm messages wait;
     * run_comms, with the GIL, runs them. */
    int (*comm_fd)(void *ctx);
    void (*run_comms)(void *ctx);
    char *(*subshells)(void *ctx,
                       char *ret_own); /* JSON list, freed by the caller; own id, 40 bytes */
    /* Sends input_request to the client whose execute_request runs. Returns an fd that becomes
     * readable with the answer, -1 when that client does not allow stdin. */
    int (*input_request)(void *ctx, const char *prompt, bool password);
    /* 1: *ret is the answer (caller frees); 0: none yet. */
    int (*input_take)(void *ctx, char **ret);
    /* Forgets an outstanding input_request (interrupted). */
    void (*input_cancel)(void *ctx);
    /* os._exit(): text that no message holds yet goes to the kernel's own stdout and stderr. */
    void (*last_words)(void *ctx);
    /* ask_exit: the kernel ends after the running request was answered. */
    void (*ask_exit)(void *ctx, bool keep_kernel);
};

struct interp_config {
    const char *python;      /* path of the interpreter (a venv's) that the user chose */
    const char *package_dir; /* folder that holds our Python package `celldap` */
    const char *cell_prefix; /* hash file prefix, ends with '/'; the folder exists, mode 0700 */
    const char *session;     /* session uuid, for history and comms */
    const char *connection_file;
    const char *profile_dir; /* IPython's, or NULL: the default one */
    bool child;              /* Python runs already and is the user's: only the debugger starts */
    bool fork;               /* and it is a fork of a process that we were in */
    bool plain;              /* no IPython even where it is there: a file is going to be run */
    bool terminal, tee;      /* as in options.h */
    const char *const *python_args; /* options of the interpreter; python_arg_count entries */
    int python_arg_count;
    const struct interp_host *host;
};

struct interp_execute {
    const char *code;
    size_t code_len;
    bool silent, store_history, allow_stdin, stop_on_error;
    const char *user_expressions; /* JSON object text, or NULL */
    const char *cell_id;          /* metadata.cellId, or NULL */
};

struct interp_result {
    char *reply; /* owned: content of execute_reply, JSON text */
    bool failed; /* status is not "ok" */
    int execution_count;
};

/* A program run as __main__ (launch of a .py): answers with the exit code it would have had. */
struct interp_run_file {
    const char *program;     /* absolute path, or NULL */
    const char *module;      /* python -m name, or NULL */
    const char *code;        /* python -c text, or NULL */
    const char *const *argv; /* without the program; argc entries */
    size_t argc;
};

struct interp_ops {
    /* main, once. On return the GIL is released. */
    cd_result (*start)(const struct interp_config *config, struct cd_error *reterr);
    /* main, before the first request is run. Imports what start left out (IPython, asyncio: 20 MB
     * and 0.1 s that a kernel nobody uses yet need not have). Does nothing the second time; other
     * threads' Python jobs make idle() do it. Never fails: without IPython the plain mode is used.
     */
    void (*warm_up)(void);
    /* A subshell's thread, first and last: it becomes a thread of Python's, by that name. */
    void (*thread_begin)(const char *name);
    void (*thread_end)(void);
    /* A shell's thread, before execute, run_file and comm: what the output that follows belongs to,
     * and that of tasks that are made meanwhile. */
    void (*set_parent)(struct kernel_parent *parent_owned);
    /* main, subshells. Returns when fd is readable; meanwhile the user's asyncio loop turns and
     * signals are handled (a KeyboardInterrupt while idle is swallowed). */
    void (*idle)(int fd);
    /* main, subshells. Next execution_count, known before the code runs (execute_input carries it).
     */
    int (*execution_count)(void);
    /* main, subshells. Never fails: errors are in the reply. */
    void (*execute)(const struct interp_execute *req, struct interp_result *ret);
    /* main. ret->reply is {"status":"ok","celldap":{"exitCode":N}} */
    void (*run_file)(const struct interp_run_file *req, struct interp_result *ret);
    /* main, subshells. comm_open, comm_msg, comm_close. */
    void (*comm)(const char *msg_type, const char *content, size_t content_len,
                 const char *metadata, size_t metadata_len, const struct interp_bytes *buffers,
                 size_t buffer_count);
    /* assist. content: the request's content; *ret_reply: the reply's content, owned, never NULL
     * but when out of memory. kind: "complete", "inspect", "is_complete", "history", "comm_info".
     */
    char *(*query)(const char *kind, const char *content, size_t content_len);
    /* arm, assist: fn(arg) with the GIL. The thread becomes known to the engine as ours:
     * never traced, never parked, never listed. */
    void (*call_locked)(void (*fn)(void *arg), void *arg);
    /* Any thread, no GIL: KeyboardInterrupt in whatever main does (also in a stopped frame). */
    void (*interrupt)(void);
    /* Any thread, no GIL: main's system call, if it is in one, returns with EINTR, so that Python
     * looks for signals. One that comes just before a call does not end it. */
    void (*nudge)(void);
    /* Text of kernel_info_reply's language_info, implementation, banner: JSON members as one
     * object text, static after start. Any thread. */
    const char *(*info)(void);
    /* main. Ends the user's things in order: atexit, non-daemon threads (a short time), history. */
    void (*finish)(void);
};

const struct interp_ops *pyx_interp_ops(void);

#endif
