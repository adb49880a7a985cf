/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The functions behind the cleanup attributes, and the capability that stands for the GIL.
 * Any thread. A cleanup must leave errno as it was: the function it ends may be about to report it.
 */
#include "dap/base/attrs.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

struct cd_role cd_gil;

void cd_autofree_(void *pp)
{
    free(*(void **)pp);
}

void cd_autofd_(int *fd)
{
    if (*fd >= 0) {
        int saved = errno;

        close(*fd);
        errno = saved;
    }
}
