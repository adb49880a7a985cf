/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A fork of a debugged process. No thread of ours lives on in it, so it is deaf, and costs nothing
 * (a fork is mostly followed by exec). The first breakpoint that it hits wakes it: it becomes a
 * child process with a debugger of its own (kernel/child.h) on the thread that forked. On that
 * thread, with the GIL.
 */
#include "kernel/child.h"
#include "kernel/python/control.h"
#include "kernel/python/interp.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static pid_t tried; /* in which process */

/* What belonged to threads that are not here. */
static void forget(void)
{
    pyx_stops_after_fork();
    pyx_park_after_fork();
    pyx_threads_after_fork();
    pyx_step_clear();
    pyx_pause_cancel();
    pyx_control_after_fork();
}

void pyx_fork_prepare(void)
{
    forget();
    pyx_thread_takes_requests();
}

static bool has_breakpoint(PyCodeObject *code, int line)
{
    const struct pyx_code *entry = pyx_code_find(code);
    for (size_t i = 0; entry != NULL && i < entry->bp_count; i++) {
        if (entry->bps[i].line == line) {
            return true;
        }
    }
    return false;
}

bool pyx_fork_wakes(PyCodeObject *code, int line)
{
    char name[40];
    struct cd_error err = CD_ERROR_INIT;
    bool debugged = false;
    if (!pyx_control.forked || !pyx_control.attached || tried == getpid() ||
        !has_breakpoint(code, line)) {
        return false;
    }
    tried = getpid();
    (void)snprintf(name, sizeof name, "fork of %ld", (long)getppid());
    cd_autofree char *parent = strdup(pyx_interp.connection_file);
    const struct kernel_child_config config = {.parent = parent, .program = name, .fork = true};
    cd_result result = CD_ERR;
    if (parent != NULL) {
        Py_BEGIN_ALLOW_THREADS result = kernel_child_start(&config, &debugged, &err);
        Py_END_ALLOW_THREADS
    }
    return result == CD_OK && debugged;
}
