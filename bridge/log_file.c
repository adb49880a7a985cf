/* SPDX-License-Identifier: BSD-3-Clause
 *
 * See log_file.h. Bridge loop only.
 */
#include "bridge/log_file.h"

#include "dap/base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* One per process, as the log is; "" before it is asked for. */
static char log_path[PATH_MAX];

/* Makes the folders that are missing on the way to path's last component. */
static void make_folders(char *path)
{
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        (void)mkdir(path, 0700);
        *slash = '/';
    }
}

static cd_result choose(char *out, size_t out_bytes, struct cd_error *reterr)
{
    const char *state = getenv("XDG_STATE_HOME");
    const char *home = getenv("HOME");
    const time_t now = time(NULL);
    char when[32] = "";
    struct tm tm;

    if ((!state || state[0] != '/') && (!home || home[0] != '/')) {
        return cd_error_set(reterr, CD_E_SYSTEM,
                            "logToFile: neither XDG_STATE_HOME nor HOME says "
                            "where logs are");
    }
    if (localtime_r(&now, &tm)) {
        (void)strftime(when, sizeof when, "%Y%m%d-%H%M%S", &tm);
    }
    const bool own = state && state[0] == '/';
    const int n = snprintf(out, out_bytes, "%s%s/celldap/%s-%ld.log", own ? state : home,
                           own ? "" : "/.local/state", when, (long)getpid());
    return n > 0 && (size_t)n < out_bytes
               ? CD_OK
               : cd_error_set(reterr, CD_E_LIMIT, "logToFile: the folder's name is too long");
}

cd_result bridge_log_to_file(const char **ret_path, struct cd_error *reterr)
{
    char path[PATH_MAX];

    if (!log_path[0]) {
        if (choose(path, sizeof path, reterr) != CD_OK) {
            return CD_ERR;
        }
        make_folders(path);
        const int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        if (fd < 0) {
            return cd_error_errno(reterr, errno, "logToFile: cannot write '%s'", path);
        }
        cd_log_init(fd, CD_LOG_DEBUG);
        (void)snprintf(log_path, sizeof log_path, "%s", path);
    }
    *ret_path = log_path;
    return CD_OK;
}
