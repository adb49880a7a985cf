/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Thread names and signal masks. Called first on each thread of ours.
 */
#include "kernel/roles.h"

#include "kernel/kernel.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>

#define KERNEL_ROLE_DEFINE(name, text) struct cd_role on_##name;
KERNEL_ROLES(KERNEL_ROLE_DEFINE)
#undef KERNEL_ROLE_DEFINE

void kernel_role_enter(const char *thread_name)
{
    (void)prctl(PR_SET_NAME, thread_name);
    if (strcmp(thread_name, "celldap-main") == 0) {
        return;
    }
    sigset_t blocked;
    (void)sigemptyset(&blocked);
    (void)sigaddset(&blocked, SIGINT);
    (void)sigaddset(&blocked, KERNEL_PAUSE_SIGNAL);
    (void)pthread_sigmask(SIG_BLOCK, &blocked, NULL);
}
