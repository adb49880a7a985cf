/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Connection files: read with every field checked and named, written atomically with mode 0600.
 * Any thread; must never log or quote a key.
 */
#include "kernel/wire/connection.h"

#include "dap/base/buf.h"
#include "dap/base/json.h"
#include "dap/base/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const port_names[WIRE_CHANNEL_COUNT] = {
    "shell_port", "iopub_port", "stdin_port", "control_port", "hb_port", "debug_port",
};
static const char *const transport_names[] = {"tcp", "ipc"};

static cd_result read_all(int fd, struct cd_buf *out, struct cd_error *reterr)
{
    char chunk[4096];
    for (;;) {
        const ssize_t n = read(fd, chunk, sizeof chunk);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return cd_error_errno(reterr, errno, "cannot read it");
        }
        if (n == 0) {
            return CD_OK;
        }
        if (cd_buf_append(out, chunk, (size_t)n, reterr)) {
            return CD_ERR;
        }
    }
}

/* New object, the whole file. */
static cd_result load_file(const char *path, json_t **ret, struct cd_error *reterr)
{
    cd_autofd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        return cd_error_errno(reterr, errno, "cannot open it");
    }
    cd_autobuf struct cd_buf text;
    cd_buf_init(&text, CD_MAX_CONNECTION_FILE_BYTES);
    json_auto_t *v = NULL;
    if (read_all(fd, &text, reterr) || cd_json_load(text.data, text.len, &v, reterr)) {
        return CD_ERR;
    }
    if (!json_is_object(v)) {
        return cd_error_set(reterr, CD_E_BAD_TYPE, "expected a JSON object");
    }
    *ret = cd_take(v);
    return CD_OK;
}

static cd_result copy_text(const json_t *file, const char *name, char *out, size_t out_bytes,
                           struct cd_error *reterr)
{
    const char *text = NULL;
    if (cd_json_str_opt(file, name, &text, reterr)) {
        return CD_ERR;
    }
    if (!text) {
        return CD_OK;
    }
    const size_t len = strlen(text);
    if (len >= out_bytes) {
        return cd_error_set(reterr, CD_E_BAD_VALUE, "%s has %zu bytes, at most %zu are allowed",
                            name, len, out_bytes - 1);
    }
    memcpy(out, text, len + 1);
    return CD_OK;
}

static cd_result read_transport(const json_t *file, struct wire_connection *c,
                                struct cd_error *reterr)
{
    const char *transport = "tcp";
    if (cd_json_str_opt(file, "transport", &transport, reterr)) {
        return CD_ERR;
    }
    for (size_t i = 0; i < CD_ARRAY_LEN(transport_names); i++) {
        if (strcmp(transport, transport_names[i]) == 0) {
            c->transport = (enum wire_transport)i;
            return CD_OK;
        }
    }
    return cd_error_set(reterr, CD_E_BAD_VALUE, "transport is '%.40s', expected 'tcp' or 'ipc'",
                        transport);
}

static cd_result check_z85(const char *name, const char *key, struct cd_error *reterr)
{
    static const char alphabet[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                   ".-:+=^!/*?&<>()[]{}@%$#";
    if (strlen(key) == WIRE_Z85_CHARS && strspn(key, alphabet) == WIRE_Z85_CHARS) {
        return CD_OK;
    }
    return cd_error_set(reterr, CD_E_BAD_VALUE, "%s is not the %d Z85 characters of a CURVE key",
                        name, WIRE_Z85_CHARS);
}

/* Both keys or none. */
static cd_result read_curve(const json_t *file, struct wire_connection *c, struct cd_error *reterr)
{
    static const char public_name[] = "curve_publickey", secret_name[] = "curve_secretkey";
    if (copy_text(file, public_name, c->curve_public, sizeof c->curve_public, reterr) ||
        copy_text(file, secret_name, c->curve_secret, sizeof c->curve_secret, reterr)) {
        return CD_ERR;
    }
    if (!c->curve_public[0] && !c->curve_secret[0]) {
        return CD_OK;
    }
    return check_z85(public_name, c->curve_public, reterr) ||
                   check_z85(secret_name, c->curve_secret, reterr)
               ? CD_ERR
               : CD_OK;
}

static cd_result read_security(const json_t *file, struct wire_connection *c,
                               struct cd_error *reterr)
{
    const char *scheme = "hmac-sha256";
    if (copy_text(file, "key", c->key, sizeof c->key, reterr) ||
        cd_json_str_opt(file, "signature_scheme", &scheme, reterr)) {
        return CD_ERR;
    }
    if (c->key[0] && strcmp(scheme, "hmac-sha256") != 0) {
        return cd_error_set(reterr, CD_E_UNSUPPORTED,
                            "signature_scheme is '%.40s', only 'hmac-sha256' is supported", scheme);
    }
    return read_curve(file, c, reterr);
}

static cd_result read_fields(const json_t *file, struct wire_connection *c, struct cd_error *reterr)
{
    (void)snprintf(c->ip, sizeof c->ip, "127.0.0.1");
    if (read_transport(file, c, reterr) || read_security(file, c, reterr) ||
        copy_text(file, "ip", c->ip, sizeof c->ip, reterr) ||
        copy_text(file, "kernel_name", c->kernel_name, sizeof c->kernel_name, reterr)) {
        return CD_ERR;
    }
    if (!c->ip[0]) {
        return cd_error_set(reterr, CD_E_BAD_VALUE, "ip is empty");
    }
    for (size_t i = 0; i < WIRE_CHANNEL_COUNT; i++) {
        int64_t port = 0;
        if (cd_json_int_opt(file, port_names[i], 0, 65535, &port, reterr)) {
            return CD_ERR;
        }
        c->port[i] = (int)port;
    }
    return CD_OK;
}

cd_result wire_connection_read(const char *path, struct wire_connection *ret,
                               struct cd_error *reterr)
{
    struct wire_connection c = {0};
    json_auto_t *file = NULL;
    if (load_file(path, &file, reterr) || read_fields(file, &c, reterr)) {
        cd_error_prefix(reterr, "connection file '%s'", path);
        return CD_ERR;
    }
    *ret = c;
    return CD_OK;
}

static cd_result set_fields(json_t *file, const struct wire_connection *c, struct cd_error *reterr)
{
    int failed = json_object_set_new(file, "transport", json_string(transport_names[c->transport]));
    failed |= json_object_set_new(file, "ip", cd_json_textz(c->ip));
    failed |= json_object_set_new(file, "key", cd_json_textz(c->key));
    failed |= json_object_set_new(file, "signature_scheme", json_string("hmac-sha256"));
    failed |= json_object_set_new(file, "kernel_name", cd_json_textz(c->kernel_name));
    if (c->curve_public[0]) {
        failed |= json_object_set_new(file, "curve_publickey", json_string(c->curve_public));
        failed |= json_object_set_new(file, "curve_secretkey", json_string(c->curve_secret));
    }
    for (size_t i = 0; i < WIRE_CHANNEL_COUNT; i++) {
        failed |= json_object_set_new(file, port_names[i], json_integer(c->port[i]));
    }
    return failed ? cd_oom(reterr) : CD_OK;
}

static cd_result write_all(int fd, const char *data, size_t len, struct cd_error *reterr)
{
    while (len > 0) {
        const ssize_t n = write(fd, data, len);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return cd_error_errno(reterr, errno, "cannot write it");
        }
        data += n;
        len -= (size_t)n;
    }
    return CD_OK;
}

/* path + ".tmp" beside it, renamed over it: a reader sees the old file or the new one. */
static cd_result replace_file(const char *path, const struct cd_buf *text, struct cd_error *reterr)
{
    cd_autobuf struct cd_buf temp;
    cd_buf_init(&temp, 8192);
    if (cd_buf_appendf(&temp, reterr, "%s.%ld.tmp", path, (long)getpid())) {
        return CD_ERR;
    }
    (void)unlink(temp.data);
    cd_autofd int fd = open(temp.data, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        return cd_error_errno(reterr, errno, "cannot create '%s'", temp.data);
    }
    if (write_all(fd, text->data, text->len, reterr)) {
        (void)unlink(temp.data);
        return CD_ERR;
    }
    if (rename(temp.data, path)) {
        const int err = errno;
        (void)unlink(temp.data);
        return cd_error_errno(reterr, err, "cannot replace it");
    }
    return CD_OK;
}

cd_result wire_connection_write(const char *path, const struct wire_connection *c,
                                struct cd_error *reterr)
{
    json_auto_t *file = NULL;
    if (access(path, F_OK) == 0) {
        if (load_file(path, &file, reterr)) {
            cd_error_prefix(reterr, "connection file '%s'", path);
            return CD_ERR;
        }
    } else {
        file = json_object();
    }
    cd_autobuf struct cd_buf text;
    cd_buf_init(&text, 2 * CD_MAX_CONNECTION_FILE_BYTES);
    if (!file) {
        return cd_oom(reterr);
    }
    if (set_fields(file, c, reterr) || cd_json_dump(file, &text, reterr) ||
        cd_buf_append(&text, "\n", 1, reterr) || replace_file(path, &text, reterr)) {
        cd_error_prefix(reterr, "connection file '%s'", path);
        return CD_ERR;
    }
    return CD_OK;
}

cd_result wire_connection_endpoint(const struct wire_connection *c, enum wire_channel channel,
                                   char *out, size_t out_bytes, struct cd_error *reterr)
{
    const int port = c->port[channel];
    int n;
    if (c->transport == WIRE_IPC) {
        if (port == 0) {
            return cd_error_set(reterr, CD_E_BAD_VALUE, "%s is 0, ipc needs a number",
                                port_names[channel]);
        }
        n = snprintf(out, out_bytes, "ipc://%s-%d", c->ip, port);
    } else {
        const bool v6 = strchr(c->ip, ':') && c->ip[0] != '[';
        const char *open = v6 ? "[" : "";
        const char *close = v6 ? "]" : "";
        n = port ? snprintf(out, out_bytes, "tcp://%s%s%s:%d", open, c->ip, close, port)
                 : snprintf(out, out_bytes, "tcp://%s%s%s:*", open, c->ip, close);
    }
    if (n < 0 || (size_t)n >= out_bytes) {
        return cd_error_set(reterr, CD_E_LIMIT, "the address of %s is too long",
                            port_names[channel]);
    }
    return CD_OK;
}

cd_result wire_connection_choose_port(struct wire_connection *c, enum wire_channel channel,
                                      struct cd_error *reterr)
{
    for (int port = 1; port <= 65535; port++) {
        bool taken = false;
        for (size_t i = 0; i < WIRE_CHANNEL_COUNT; i++) {
            taken = taken || c->port[i] == port;
        }
        char path[sizeof c->ip + 16];
        (void)snprintf(path, sizeof path, "%s-%d", c->ip, port);
        if (!taken && access(path, F_OK) != 0) {
            c->port[channel] = port;
            return CD_OK;
        }
    }
    return cd_error_set(reterr, CD_E_SYSTEM, "no free ipc address '%s-N'", c->ip);
}

struct wire_connection wire_connection_reachable(const struct wire_connection *c)
{
    struct wire_connection at = *c;
    if (strcmp(at.ip, "*") == 0 || strcmp(at.ip, "0.0.0.0") == 0) {
        (void)snprintf(at.ip, sizeof at.ip, "127.0.0.1");
    }
    return at;
}

int wire_connection_port_of(const char *endpoint)
{
    const char *colon = strrchr(endpoint, ':');
    const long port = colon ? strtol(colon + 1, NULL, 10) : 0;
    return port > 0 && port < 65536 ? (int)port : 0;
}
