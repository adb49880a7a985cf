/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The debugger of a child process of a kernel: the same engine and session with nothing of a kernel
 * around them but the debug thread and its socket. Runs inside a Python that is not ours.
 */
#ifndef KERNEL_CHILD_H
#define KERNEL_CHILD_H

#include "dap/base/error.h"

struct kernel_child_config {
    const char *parent;  /* connection file of the kernel that this process descends from: its
                          * clients are asked to open sessions, for children of children too */
    const char *program; /* what runs here, for people */
    bool fork;           /* of a process that had a debugger: its Python was started with it */
};

/* Main thread, without the GIL, once in a process. Asks the parent what is to be debugged and waits
 * at most CHILD_ANSWER_MS for it. *ret_debugged false: nobody debugs there, and nothing was changed
 * here. True: the parent's breakpoints are in place. */
cd_result kernel_child_start(const struct kernel_child_config *config, bool *ret_debugged,
                             struct cd_error *reterr) CD_MUST_CHECK;
/* The process ends: clients are told, the folder goes. Main thread, without the GIL. */
void kernel_child_stop(void);

#endif
