/* SPDX-License-Identifier: BSD-3-Clause
 *
 * See kernel_spawn.h. Never logs a key or the values of the environment.
 */
#include "bridge/kernel_spawn.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
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

cd_result bridge_connection_new(const char *path, struct cd_error *reterr)
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

cd_result bridge_kernel_arguments(const struct bridge_process_config *config,
                                  const char *connection, struct bridge_strings *ret,
                                  struct cd_error *reterr)
{
    char folder[4096];

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
    const char *name;
    json_t *value;

    for (char **e = environ; *e; e++) {
        if (!replaced(config->env, *e) && bridge_strings_add(ret, reterr, "%s", *e) != CD_OK) {
            return CD_ERR;
        }
    }
    json_object_foreach((json_t *)config->env, name, value)
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
