/* SPDX-License-Identifier: BSD-3-Clause
 *
 * `celldap under PID PROGRAM …`, for the bridge itself: becomes PROGRAM, which the system then ends
 * when the bridge PID does, however that came. For kernels that do not watch their parent.
 */
#include "bridge/cli/cli.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

int bridge_under_main(int argc, char **argv)
{
    const long parent = argc > 2 ? strtol(argv[1], NULL, 10) : 0;

    if (parent <= 0) {
        bridge_cli_say("under: a process id and a program are wanted");
        return 2;
    }
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != (pid_t)parent) {
        return 1; /* it is gone already */
    }
    execvp(argv[2], argv + 2);
    bridge_cli_say("cannot run '%s': %s", argv[2], strerror(errno));
    return 127;
}
