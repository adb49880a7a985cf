/* SPDX-License-Identifier: BSD-3-Clause
 *
 * See kernel_spawn.h. Never logs a key or the values of the environment.
 */
#include "bridge/kernel_spawn.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

extern char **environ;

void bridge_strings_done(struct bridge_strings *s)
{
    for (size_t i = 0; i < s->count; i++) {
        free(s->v[i]);
    }
    free(s->v);
    *s = (struct bridge_strings){0};
}

cd_result bridge_strings_add(struct bridge_strings *s, struct cd_error *reterr, const char *format,
                             ...)
{
    char **v = realloc(s->v, (s->count + 2) * sizeof *v);
    char *text = NULL;
    va_list ap;
    int n;

    if (!v) {
        return cd_oom(reterr);
    }
    s->v = v;
    s->v[s->count] = NULL;
    va_start(ap, format);
    n = vasprintf(&text, format, ap);
    va_end(ap);
    if (n < 0) {
        return cd_oom(reterr);
    }
    s->v[s->count++] = text;
    s->v[s->count] = NULL;
    return CD_OK;
}

cd_result bridge_own_folder(char *out, size_t out_bytes, struct cd_error *reterr)
{
    ssize_t n = readlink("/proc/self/exe", out, out_bytes - 1);
    char *slash;

    if (n < 0) {
        return cd_error_errno(reterr, errno, "cannot read /proc/self/exe");
    }
    out[n] = '\0';
    slash = strrchr(out, '/');
    if (!slash) {
        return cd_error_set(reterr, CD_E_SYSTEM, "odd executable name '%s'", out);
    }
    *slash = '\0';
    return CD_OK;
}

/* All are held until the last one is known, so that they differ. debug_port is celldap's own. */
static cd_result choose_ports(struct wire_connection *c, struct cd_error *reterr)
{
    int fds[WIRE_CHANNEL_COUNT];
    cd_result r = CD_OK;

    for (int i = 0; i < WIRE_CHANNEL_COUNT; i++) {
        struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        socklen_t len = sizeof at;

        fds[i] = i == WIRE_DEBUG ? -1 : socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (i != WIRE_DEBUG &&
            (fds[i] < 0 || bind(fds[i], (const struct sockaddr *)&at, sizeof at) != 0 ||
             getsockname(fds[i], (struct sockaddr *)&at, &len) != 0)) {
            r = cd_error_errno(reterr, errno, "no free port on the loopback");
        }
        c->port[i] = i == WIRE_DEBUG ? 0 : ntohs(at.sin_port);
    }
    for (int i = 0; i < WIRE_CHANNEL_COUNT; i++) {
        if (fds[i] >= 0) {
            close(fds[i]);
        }
    }
    return r;
}

cd_result bridge_connection_new(const char *path, bool with_ports, struct cd_error *reterr)
{
    struct wire_connection c = {.transport = WIRE_TCP};
    unsigned char bytes[32];

    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes) {
        return cd_error_errno(reterr, errno, "cannot make a random key");
    }
    for (size_t i = 0; i < sizeof bytes; i++) {
        (void)snprintf(c.key + 2 * i, 3, "%02x", bytes[i]);
    }
    (void)snprintf(c.ip, sizeof c.ip, "127.0.0.1");
    (void)snprintf(c.kernel_name, sizeof c.kernel_name, "celldap");
    if (with_ports && choose_ports(&c, reterr) != CD_OK) {
        return CD_ERR;
    }
    return wire_connection_write(path, &c, reterr);
}

static cd_result add_python_args(const json_t *args, struct bridge_strings *ret,
                                 struct cd_error *reterr)
{
    size_t i;
    json_t *item;

    json_array_foreach(args, i, item)
    {
        if (bridge_strings_add(ret, reterr, "--python-arg=%s", json_string_value(item)) != CD_OK) {
            return CD_ERR;
        }
    }
    return CD_OK;
}

/* A kernelspec's argv, with the connection file put in. */
/* Not all kernels end when whoever started them is killed: under `celldap under` they do. */
static cd_result add_guard(struct bridge_strings *ret, struct cd_error *reterr)
{
    char folder[4096];

    return bridge_own_folder(folder, sizeof folder, reterr) == CD_OK &&
                   bridge_strings_add(ret, reterr, "%s/celldap", folder) == CD_OK &&
                   bridge_strings_add(ret, reterr, "under") == CD_OK &&
                   bridge_strings_add(ret, reterr, "%ld", (long)getpid()) == CD_OK
               ? CD_OK
               : CD_ERR;
}

static cd_result foreign_arguments(const struct bridge_process_config *config,
                                   const char *connection, struct bridge_strings *ret,
                                   struct cd_error *reterr)
{
    static const char mark[] = "{connection_file}";
    const json_t *argv = json_object_get(config->foreign, "argv");
    size_t i;
    json_t *item;

    if (!config->outlive && add_guard(ret, reterr) != CD_OK) {
        return CD_ERR;
    }
    json_array_foreach(argv, i, item)
    {
        const char *text = json_string_value(item);
        const char *at = strstr(text, mark);
        const cd_result r = at ? bridge_strings_add(ret, reterr, "%.*s%s%s", (int)(at - text), text,
                                                    connection, at + sizeof mark - 1)
                               : bridge_strings_add(ret, reterr, "%s", text);

        if (r != CD_OK) {
            return CD_ERR;
        }
    }
    return CD_OK;
}

cd_result bridge_kernel_arguments(const struct bridge_process_config *config,
                                  const char *connection, struct bridge_strings *ret,
                                  struct cd_error *reterr)
{
    char folder[4096];

    if (config->foreign) {
        return foreign_arguments(config, connection, ret, reterr);
    }

    if (bridge_own_folder(folder, sizeof folder, reterr) != CD_OK ||
        bridge_strings_add(ret, reterr, "%s/celldap-kernel", folder) != CD_OK) {
        return CD_ERR;
    }
    if (access(ret->v[0], X_OK) != 0) {
        return cd_error_errno(reterr, errno, "cannot run '%s'", ret->v[0]);
    }
    if (bridge_strings_add(ret, reterr, "-f") != CD_OK ||
        bridge_strings_add(ret, reterr, "%s", connection) != CD_OK) {
        return CD_ERR;
    }
    if (config->python && (bridge_strings_add(ret, reterr, "--python") != CD_OK ||
                           bridge_strings_add(ret, reterr, "%s", config->python) != CD_OK)) {
        return CD_ERR;
    }
    if (config->alone_s > 0 && (bridge_strings_add(ret, reterr, "--alone") != CD_OK ||
                                bridge_strings_add(ret, reterr, "%d", config->alone_s) != CD_OK)) {
        return CD_ERR;
    }
    if (config->plain && bridge_strings_add(ret, reterr, "--plain") != CD_OK) {
        return CD_ERR;
    }
    if (config->in_terminal &&
        bridge_strings_add(ret, reterr, config->show_output ? "--tee" : "--terminal") != CD_OK) {
        return CD_ERR;
    }
    if (add_python_args(config->python_args, ret, reterr) != CD_OK) {
        return CD_ERR;
    }
    if (config->log_file && (bridge_strings_add(ret, reterr, "--log") != CD_OK ||
                             bridge_strings_add(ret, reterr, "%s", config->log_file) != CD_OK)) {
        return CD_ERR;
    }
    return CD_OK;
}

/* What a kernelspec sets, with the launch's own over it; new. jupyter_client puts variables of the
 * environment into the former: ${NAME}. */
static json_t *wanted_environment(const struct bridge_process_config *config)
{
    json_t *env = json_object(), *value;
    const char *name;

    json_object_foreach(json_object_get(config->foreign, "env"), name, value)
    {
        const char *text = json_string_value(value);
        const char *begin = text ? strstr(text, "${") : NULL;
        const char *end = begin ? strchr(begin, '}') : NULL;
        cd_autofree char *key = end ? strndup(begin + 2, (size_t)(end - begin - 2)) : NULL;
        const char *inner = key ? getenv(key) : NULL;

        json_object_set_new(
            env, name,
            inner ? json_sprintf("%.*s%s%s", (int)(begin - text), text, inner, end + 1)
                  : json_incref(value));
    }
    (void)json_object_update(env, config->env ? (json_t *)(uintptr_t)config->env : env);
    return env;
}

/* Whether NAME of a NAME=value entry is a key of env, or one that we set ourselves. */
static bool replaced(const json_t *env, const char *entry)
{
    const char *equals = strchr(entry, '=');
    char name[256];

    if (!equals || (size_t)(equals - entry) >= sizeof name) {
        return false;
    }
    memcpy(name, entry, (size_t)(equals - entry));
    name[equals - entry] = '\0';
    return strcmp(name, "JPY_PARENT_PID") == 0 || json_object_get(env, name) != NULL;
}

cd_result bridge_kernel_environment(const struct bridge_process_config *config,
                                    struct bridge_strings *ret, struct cd_error *reterr)
{
    json_auto_t *env = wanted_environment(config);
    const char *name;
    json_t *value;

    for (char **e = environ; *e; e++) {
        if (!replaced(env, *e) && bridge_strings_add(ret, reterr, "%s", *e) != CD_OK) {
            return CD_ERR;
        }
    }
    json_object_foreach(env, name, value)
    {
        if (json_is_string(value) &&
            bridge_strings_add(ret, reterr, "%s=%s", name, json_string_value(value)) != CD_OK) {
            return CD_ERR;
        }
    }
    if (!config->outlive &&
        bridge_strings_add(ret, reterr, "JPY_PARENT_PID=%ld", (long)getpid()) != CD_OK) {
        return CD_ERR;
    }
    return CD_OK;
}
