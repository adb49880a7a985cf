/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Thread roles of the kernel and the lock order: the code side of docs/threads.md, which a lint
 * test compares with this file. The string is the name that `ps -L` shows.
 *
 * Lock order: the list of shells (rank 0), the iopub buffer's and an input's mutex (rank 1), then a
 * cd_queue's (rank 2, a leaf), then the log's (rank 9). The GIL is taken with no lock held, and
 * nothing is waited for while it is held: each of these is held for a few instructions only.
 */
#ifndef KERNEL_ROLES_H
#define KERNEL_ROLES_H

#include "dap/base/attrs.h"

#define KERNEL_ROLES(X)                                                                            \
    X(main, "celldap-main")   /* executes cells; the only thread that runs user code unasked */    \
    X(shell, "celldap-shell") /* shell ROUTER */                                                   \
    X(control, "celldap-control") /* control ROUTER, heartbeat REP */                              \
    X(debug, "celldap-debug")     /* debug ROUTER, dbg_session */                                  \
    X(iopub, "celldap-iopub")     /* XPUB */                                                       \
    X(stdin, "celldap-stdin")     /* stdin ROUTER */                                               \
    X(arm, "celldap-arm")         /* Python jobs of the debugger: short, no user code */           \
    X(assist, "celldap-assist")   /* complete, inspect, history: may run the user's code */        \
    X(subshell, "celldap-sub")    /* JEP 91: executes cells beside main, a thread each */

#define KERNEL_ROLE_DECLARE(name, text) extern struct cd_role on_##name;
KERNEL_ROLES(KERNEL_ROLE_DECLARE)
#undef KERNEL_ROLE_DECLARE

/* At the start of a thread loop: names the thread and blocks SIGINT and the pause signal
 * (all but main). */
void kernel_role_enter(const char *thread_name);

#endif
