/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What the interpreter part (interp.c execute.c streams.c …) shares among its own files only.
 * Everything needs the GIL unless it says otherwise.
 */
#ifndef PYX_INTERP_H
#define PYX_INTERP_H

#include "kernel/python/engine.h"

struct pyx_interp {
    const struct interp_host *host; /* NULL: imported by a plain python, no kernel runs */
    char *cell_prefix;              /* owned */
    char *package_dir;              /* owned */
    char *connection_file;          /* owned */
    char *session;                  /* owned */
    char *profile_dir;              /* owned; "": the default one */
    char *info;                     /* owned JSON text, static after start */
    bool plain;
    int terminal; /* 1: a program's input and output are the process's own; 2: and told to front
                     ends */
    PyObject *user_ns; /* strong: __main__.__dict__ */
    PyObject *python;  /* strong: the module celldap.kernel, once warm */
};
extern struct pyx_interp pyx_interp;

/* The module of the Python helpers: their C primitives. */
__attribute__((visibility("default"))) PyObject *PyInit__celldap(void);
/* sys.stdout and sys.stderr become ours. */
cd_result pyx_streams_start(struct cd_error *reterr);
/* Adds the Stream type to the module. */
int pyx_streams_add_type(PyObject *module);
/* Handlers of SIGINT and the pause signal. Main thread. */
cd_result pyx_signals_start(struct cd_error *reterr);
/* Puts our SIGINT forwarder back where Python installed its own handler again. No GIL needed. */
void pyx_signals_wrap(void);
/* pthread_kill(main, SIGINT). Any thread, no GIL. */
void pyx_signals_interrupt(void);
void pyx_signals_nudge(void);
/* Waits without the GIL until fd is readable; Python's signal handlers run meanwhile (on main). 0,
 * or -1 with a Python exception. */
int pyx_wait_readable(int fd);
int pyx_wait_readable_either(int fd, int other);
/* True in a forked child, where no thread of the kernel lives on. */
bool pyx_forked(void);
cd_result pyx_give_way_start(struct cd_error *reterr);
/* Around a question's answer, on the assist thread with the GIL: main waits for it, for a moment.
 */
void pyx_give_way_begin(void);
void pyx_give_way_end(void);
/* Starts the table of cells. */
cd_result pyx_cells_start(struct cd_error *reterr);
/* Borrowed cell id of a path, NULL where unknown. */
const char *pyx_cell_id(PyObject *path);
/* Path of a cell's text: new str or NULL with an exception. */
PyObject *pyx_cell_path_of(const char *code, size_t len);

/* Makes the context variable; -1 with an exception. */
int pyx_parent_start(void);
/* Borrowed: what output of the calling code belongs to; NULL: what main runs now. */
struct kernel_parent *pyx_parent_now(void);

/* Functions of the module, each in the file of its topic. */
PyObject *pyx_py_input(PyObject *self, PyObject *args);
PyObject *pyx_py_publish(PyObject *self, PyObject *args);
PyObject *pyx_py_parent(PyObject *self, PyObject *args);
PyObject *pyx_py_control_parent(PyObject *self, PyObject *args);
PyObject *pyx_py_set_parent(PyObject *self, PyObject *args);
PyObject *pyx_py_reset_parent(PyObject *self, PyObject *token);
PyObject *pyx_py_thread_starter(PyObject *self, PyObject *original);
PyObject *pyx_py_comm_sent(PyObject *self, PyObject *id);
PyObject *pyx_py_comm_fd(PyObject *self, PyObject *args);
PyObject *pyx_py_run_comms(PyObject *self, PyObject *args);
PyObject *pyx_py_subshells(PyObject *self, PyObject *args);
PyObject *pyx_py_cell_path(PyObject *self, PyObject *text);
PyObject *pyx_py_cell_keep(PyObject *self, PyObject *args);
PyObject *pyx_py_cell_text(PyObject *self, PyObject *path);
PyObject *pyx_py_cell_title(PyObject *self, PyObject *path);
PyObject *pyx_py_code_compiled(PyObject *self, PyObject *code);
PyObject *pyx_py_stack_item(PyObject *self, PyObject *args);
PyObject *pyx_py_remember_verdict(PyObject *self, PyObject *args);
PyObject *pyx_py_child_start(PyObject *self, PyObject *args);
PyObject *pyx_py_child_stop(PyObject *self, PyObject *unused);
PyObject *pyx_py_watch_threads(PyObject *self, PyObject *code);

/* Slots of interp_ops, by file. */
cd_result pyx_op_start(const struct interp_config *config, struct cd_error *reterr);
void pyx_op_warm_up(void);
void pyx_op_idle(int fd);
void pyx_op_finish(void);
void pyx_op_thread_begin(const char *name);
void pyx_op_thread_end(void);
void pyx_op_set_parent(struct kernel_parent *parent_owned);
int pyx_op_execution_count(void);
void pyx_op_execute(const struct interp_execute *req, struct interp_result *ret);
void pyx_op_run_file(const struct interp_run_file *req, struct interp_result *ret);
void pyx_op_comm(const char *msg_type, const char *content, size_t content_len,
                 const char *metadata, size_t metadata_len, const struct interp_bytes *buffers,
                 size_t buffer_count);
char *pyx_op_query(const char *kind, const char *content, size_t content_len);
void pyx_op_call_locked(void (*fn)(void *arg), void *arg);

/* Calls a function of celldap.kernel: new reference or NULL with an exception. */
PyObject *pyx_python_call(const char *name, const char *format, ...);
/* JSON text of an error reply from the current exception, which it clears. Owned, NULL on OOM. */
char *pyx_error_reply(int execution_count);
cd_result pyx_warm_start(struct cd_error *reterr);
/* fork.c: of a fork's Python, which has all else from its parent. */
void pyx_fork_prepare(void);
/* There is nothing to warm up in a process that is not a kernel. */
void pyx_warm_skip(void);
/* Makes main warm up, where it has not yet, and waits until it has. Any thread but main, no GIL. */
void pyx_warm_wait(void);

#endif
