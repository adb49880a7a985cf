/* SPDX-License-Identifier: BSD-3-Clause
 *
 * See connection_files.h. Never prints a key.
 */
#include "bridge/connection_files.h"

#include "bridge/runtime_files.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

bool bridge_connection_listens(const struct wire_connection *c)
{
    const int port = c->port[WIRE_CONTROL] ? c->port[WIRE_CONTROL] : c->port[WIRE_DEBUG];
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};

    if (c->transport != WIRE_TCP || strncmp(c->ip, "127.", 4) != 0 ||
        inet_pton(AF_INET, c->ip, &to.sin_addr) != 1) {
        return true;
    }
    cd_autofd int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return fd < 0 || connect(fd, (const struct sockaddr *)&to, sizeof to) == 0;
}

/* Whether one of the arguments of /proc/PID/cmdline is this file. */
static bool has_argument(const char *pid, const char *file)
{
    char path[64], text[16384];
    (void)snprintf(path, sizeof path, "/proc/%.20s/cmdline", pid);
    cd_autofd int fd = open(path, O_RDONLY | O_CLOEXEC);
    const ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof text - 1);

    if (n <= 0) {
        return false;
    }
    text[n] = '\0';
    for (const char *arg = text; arg < text + n; arg += strlen(arg) + 1) {
        const size_t len = strlen(arg), want = strlen(file);
        if (len >= want && strcmp(arg + len - want, file) == 0 &&
            (len == want || arg[len - want - 1] == '=')) {
            return true;
        }
    }
    return false;
}

/* Jupyter writes no pid: it is the process that was started with the file. */
static json_t *pid_of(const char *file)
{
    DIR *proc = opendir("/proc");
    long pid = 0;

    for (struct dirent *e; proc && pid == 0 && (e = readdir(proc)) != NULL;) {
        if (isdigit((unsigned char)e->d_name[0]) && has_argument(e->d_name, file)) {
            pid = strtol(e->d_name, NULL, 10);
        }
    }
    if (proc) {
        closedir(proc);
    }
    return pid > 0 ? json_integer(pid) : json_null();
}

static json_t *entry_of(const char *file, const char *name, json_int_t since)
{
    const int id_len = (int)(strlen(name) - strlen("kernel-") - strlen(".json"));

    return json_pack("{s:o, s:o, s:s, s:o, s:s, s:I, s:b}", "id",
                     cd_json_text(name + strlen("kernel-"), (size_t)id_len), "file",
                     cd_json_textz(file), "state", "stale", "pid", pid_of(file), "kernel_name", "",
                     "since", since, "celldap", 0);
}

cd_result bridge_connection_files(json_t **ret, struct cd_error *reterr)
{
    return bridge_runtime_files("kernel-", entry_of, ret, reterr);
}

static bool listens(const char *file)
{
    struct wire_connection c;

    return wire_connection_read(file, &c, NULL) == CD_OK && bridge_connection_listens(&c);
}

/* Of the entries whose id begins with wish ("" and latest: any that listens): how many there are,
 * and the newest's file. */
static size_t matching(const json_t *list, const char *wish, bool latest, const char **ret_file)
{
    size_t i, count = 0;
    json_t *entry;

    json_array_foreach(list, i, entry)
    {
        const char *id = json_string_value(json_object_get(entry, "id"));
        const char *file = json_string_value(json_object_get(entry, "file"));

        if (!id || !file || (latest ? !listens(file) : strncmp(id, wish, strlen(wish)) != 0)) {
            continue;
        }
        if (count++ == 0) {
            *ret_file = file;
        }
        if (latest || strcmp(id, wish) == 0) {
            *ret_file = file;
            return 1;
        }
    }
    return count;
}

cd_result bridge_connection_find(const char *wish, char **ret, struct cd_error *reterr)
{
    const bool latest = strcmp(wish, "latest") == 0;
    json_auto_t *list = NULL;
    const char *file = NULL;
    size_t count;

    if (strchr(wish, '/') || access(wish, F_OK) == 0) {
        *ret = realpath(wish, NULL);
        return *ret
                   ? CD_OK
                   : cd_error_set(reterr, CD_E_NOT_FOUND, "there is no connection file '%s'", wish);
    }
    if (bridge_connection_files(&list, reterr) != CD_OK) {
        return CD_ERR;
    }
    count = matching(list, wish, latest, &file);
    if (count == 0) {
        return cd_error_set(reterr, CD_E_NOT_FOUND,
                            latest ? "no kernel runs: 'celldap kernels' lists them"
                                   : "there is no kernel '%s': 'celldap kernels' lists them",
                            wish);
    }
    if (count > 1) {
        return cd_error_set(reterr, CD_E_BAD_VALUE, "'%s' is the beginning of %zu kernels' ids",
                            wish, count);
    }
    *ret = strdup(file);
    return *ret ? CD_OK : cd_oom(reterr);
}
