/* SPDX-License-Identifier: BSD-3-Clause
 *
 * See discover.h. A file that cannot be read or makes no sense is passed over: it is another
 * program's.
 */
#include "bridge/remote/discover.h"

#include "bridge/runtime_files.h"
#include "dap/base/limits.h"
#include "dap/base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <unistd.h>

/* NULL: no such file, or not all of it could be read. */
static json_t *read_json(const char *path)
{
    char text[CD_MAX_CONNECTION_FILE_BYTES];
    cd_autofd int fd = open(path, O_RDONLY | O_CLOEXEC);
    const ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text);
    json_t *value = NULL;

    return n > 0 && (size_t)n < sizeof text && cd_json_load(text, (size_t)n, &value, NULL) == CD_OK
               ? value
               : NULL;
}

static bool runs(json_int_t pid)
{
    return pid > 0 && pid <= INT_MAX && (kill((pid_t)pid, 0) == 0 || errno == EPERM);
}

/* NULL: none that runs. */
static json_t *entry_of(const char *path, const char *name, json_int_t since)
{
    json_auto_t *file = read_json(path);
    const char *url = NULL, *token = "";
    const json_int_t pid = json_integer_value(json_object_get(file, "pid"));

    (void)name;
    if (cd_json_str(file, "url", &url, NULL) != CD_OK ||
        cd_json_str_opt(file, "token", &token, NULL) != CD_OK || !runs(pid)) {
        cd_log(CD_LOG_DEBUG, "remote", "'%s' is passed over", path);
        return NULL;
    }
    return json_pack("{s:s, s:s, s:I, s:I}", "url", url, "token", token, "pid", pid, "since",
                     since);
}

cd_result remote_discover(json_t **ret, struct cd_error *reterr)
{
    return bridge_runtime_files("jpserver-", entry_of, ret, reterr);
}
