/* SPDX-License-Identifier: BSD-3-Clause
 *
 * See running.h. A kernel is alive when it answers kernel_info on control, which kernels do while
 * they run a cell too. Never prints a key.
 */
#include "bridge/cli/running.h"

#include "bridge/jupyter_paths.h"
#include "kernel/wire/zmq_socket.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define ANSWER_MS 1000
#define AT_ONCE   16 /* what wire_poll takes */

struct probe {
    json_t *entry; /* borrowed from the list */
    struct wire_socket *socket;
    struct wire_signer *signer;
};

static void probe_done(struct probe *p)
{
    wire_socket_free(p->socket);
    wire_signer_free(p->signer);
    *p = (struct probe){0};
}

/* What is wrong with the file or the connection. */
static void mark_unknown(json_t *entry, const struct cd_error *err)
{
    (void)json_object_set_new(entry, "state", json_string("unknown"));
    (void)json_object_set_new(entry, "error", cd_json_textz(err->text));
}

/* Whether somebody listens: a port of the loopback says no at once, others are asked over ZeroMQ.
 */
static bool worth_asking(const struct wire_connection *c)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)c->port[WIRE_CONTROL])};

    if (c->transport != WIRE_TCP || strncmp(c->ip, "127.", 4) != 0 ||
        inet_pton(AF_INET, c->ip, &to.sin_addr) != 1) {
        return true;
    }
    cd_autofd int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return fd < 0 || connect(fd, (const struct sockaddr *)&to, sizeof to) == 0;
}

/* Leaves p without a socket where nobody can answer. */
static cd_result ask(struct probe *p, struct wire_context *zmq, struct cd_error *reterr)
{
    struct wire_connection c;
    const char *file = json_string_value(json_object_get(p->entry, "file"));

    if (wire_connection_read(file, &c, reterr)) {
        return CD_ERR;
    }
    (void)json_object_set_new(p->entry, "kernel_name", cd_json_textz(c.kernel_name));
    if (c.port[WIRE_CONTROL] == 0) {
        return cd_error_set(reterr, CD_E_MISSING, "'%s' names no control port", file);
    }
    if (!worth_asking(&c)) {
        return CD_OK;
    }
    p->signer = wire_signer_new(c.key, reterr);
    p->socket = p->signer ? wire_socket_new(zmq, WIRE_DEALER, reterr) : NULL;
    if (!p->socket || wire_socket_connect(p->socket, &c, WIRE_CONTROL, reterr)) {
        return CD_ERR;
    }
    struct wire_msg *m = wire_msg_new("kernel_info_request", NULL, json_object());
    return m ? wire_socket_send(p->socket, p->signer, m, reterr) : cd_oom(reterr);
}

/* true: it answered. */
static bool answered(struct probe *p)
{
    struct wire_msg *raw = NULL;
    const json_t *value;

    if (wire_socket_recv(p->socket, p->signer, &raw, NULL) != 1) {
        return false;
    }
    wire_automsg struct wire_msg *m = raw;
    if (strcmp(wire_msg_type(m), "kernel_info_reply") != 0) {
        return false;
    }
    (void)json_object_set_new(p->entry, "state", json_string("alive"));
    value = json_object_get(m->content, "implementation");
    (void)json_object_set_new(p->entry, "implementation", json_deep_copy(value));
    value = json_object_get(m->content, "implementation_version");
    (void)json_object_set_new(p->entry, "version", json_deep_copy(value));
    (void)json_object_set_new(p->entry, "celldap",
                              json_boolean(json_object_get(m->content, "celldap")));
    return true;
}

static int64_t now_ms(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Waits for those that have a socket. */
static void wait_for(struct probe *probes, size_t count)
{
    const int64_t end = now_ms() + ANSWER_MS;

    for (;;) {
        struct wire_socket *sockets[AT_ONCE];
        struct probe *of[AT_ONCE];
        size_t open = 0;
        const int64_t left = end - now_ms();
        for (size_t i = 0; i < count; i++) {
            if (probes[i].socket) {
                of[open] = &probes[i];
                sockets[open++] = probes[i].socket;
            }
        }
        if (open == 0 || left <= 0) {
            return;
        }
        const unsigned ready = wire_poll(sockets, open, NULL, 0, (int)left);
        for (size_t i = 0; i < open; i++) {
            if ((ready & (1u << i)) && answered(of[i])) {
                probe_done(of[i]);
            }
        }
    }
}

static void probe_group(json_t *list, size_t first, struct wire_context *zmq)
{
    struct probe probes[AT_ONCE] = {0};
    size_t count = 0;

    for (size_t i = first; i < json_array_size(list) && count < AT_ONCE; i++, count++) {
        struct cd_error err = CD_ERROR_INIT;
        probes[count].entry = json_array_get(list, i);
        if (ask(&probes[count], zmq, &err)) {
            mark_unknown(probes[count].entry, &err);
            probe_done(&probes[count]);
        }
    }
    wait_for(probes, count);
    for (size_t i = 0; i < count; i++) {
        probe_done(&probes[i]);
    }
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

static json_t *entry_of(const char *folder, const char *name)
{
    char file[PATH_MAX];
    const int id_len = (int)(strlen(name) - strlen("kernel-") - strlen(".json"));
    struct stat st;

    (void)snprintf(file, sizeof file, "%s/%s", folder, name);
    if (stat(file, &st) != 0 || !S_ISREG(st.st_mode)) {
        return NULL;
    }
    return json_pack("{s:o, s:o, s:s, s:o, s:s, s:I, s:b}", "id",
                     cd_json_text(name + strlen("kernel-"), (size_t)id_len), "file",
                     cd_json_textz(file), "state", "stale", "pid", pid_of(file), "kernel_name", "",
                     "since", (json_int_t)st.st_mtime, "celldap", 0);
}

static void insert_newest_first(json_t *list, json_t *entry_owned)
{
    const json_int_t since = json_integer_value(json_object_get(entry_owned, "since"));
    size_t i = 0;

    while (i < json_array_size(list) &&
           json_integer_value(json_object_get(json_array_get(list, i), "since")) >= since) {
        i++;
    }
    (void)json_array_insert_new(list, i, entry_owned);
}

static json_t *list_files(const char *folder)
{
    json_t *list = json_array();
    DIR *dir = opendir(folder);

    for (struct dirent *e; list && dir && (e = readdir(dir)) != NULL;) {
        const size_t len = strlen(e->d_name);
        if (strncmp(e->d_name, "kernel-", 7) == 0 && len > strlen("kernel-.json") &&
            strcmp(e->d_name + len - 5, ".json") == 0) {
            json_t *entry = entry_of(folder, e->d_name);
            if (entry) {
                insert_newest_first(list, entry);
            }
        }
    }
    if (dir) {
        closedir(dir);
    }
    return list;
}

cd_result bridge_running_kernels(json_t **ret, struct cd_error *reterr)
{
    cd_autofree char *folder = NULL;

    if (bridge_jupyter_runtime_folder(&folder, reterr)) {
        return CD_ERR;
    }
    json_auto_t *list = list_files(folder);
    if (!list) {
        return cd_oom(reterr);
    }
    struct wire_context *zmq = wire_context_new(reterr);
    if (!zmq) {
        return CD_ERR;
    }
    for (size_t i = 0; i < json_array_size(list); i += AT_ONCE) {
        probe_group(list, i, zmq);
    }
    wire_context_free(zmq);
    *ret = cd_take(list);
    return CD_OK;
}
