/* SPDX-License-Identifier: BSD-3-Clause
 *
 * See options.h. What would be open to others without protection is refused here.
 */
#include "bridge/serve/options.h"

#include "bridge/cli/cli.h"
#include "bridge/cli/commands.h"
#include "bridge/serve/gate.h"
#include "dap/base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct reading {
    struct serve_options *options;
    enum cd_log_level level;
};

/* A number from 0 to most, or -1. */
static int number(const char *text, long most)
{
    char *end = NULL;
    long n = strtol(text, &end, 10);

    return end != text && !*end && n >= 0 && n <= most ? (int)n : -1;
}

static bool allow(struct serve_options *o, const char *name)
{
    for (size_t i = 0; i < SERVE_MORE_HOSTS; i++) {
        if (!o->allow_hosts[i]) {
            o->allow_hosts[i] = name;
            return true;
        }
    }
    bridge_cli_say("serve: --allow-host may be given %d times", SERVE_MORE_HOSTS);
    return false;
}

static bool take_number(const char *name, const char *value, long most, int *ret)
{
    *ret = number(value, most);
    if (*ret < 0) {
        bridge_cli_say("serve: '%s' is no number that --%s takes", value, name);
    }
    return *ret >= 0;
}

static bool take(void *ctx, const char *name, const char *value)
{
    struct reading *r = ctx;
    struct serve_options *o = r->options;
    const struct {
        const char *name;
        const char **value;
    } rows[] = {{"host", &o->host},
                {"tcp", &o->tcp},
                {"tls-cert", &o->tls_cert},
                {"tls-key", &o->tls_key},
                {"log", &o->log}};

    for (size_t i = 0; i < CD_ARRAY_LEN(rows); i++) {
        if (strcmp(rows[i].name, name) == 0) {
            *rows[i].value = value;
            return true;
        }
    }
    if (strcmp(name, "port") == 0) {
        return take_number(name, value, 65535, &o->port);
    }
    if (strcmp(name, "max-sessions") == 0) {
        return take_number(name, value, 1000000, &o->max_sessions);
    }
    if (strcmp(name, "alone") == 0) {
        return take_number(name, value, 1000000000, &o->alone_s);
    }
    if (strcmp(name, "compress") == 0) {
        o->compress = true;
        return true;
    }
    if (strcmp(name, "allow-host") == 0) {
        return allow(o, value);
    }
    if (!cd_log_level_parse(value, &r->level)) {
        bridge_cli_say("serve: unknown log level '%s'", value);
        return false;
    }
    return true;
}

/* The folder to serve and what to open in it. */
static int read_target(const char *target, struct serve_options *o)
{
    struct stat st;
    char *slash;

    if (!realpath(target ? target : ".", o->root) || stat(o->root, &st) != 0) {
        bridge_cli_say("serve: there is no file or folder '%s'", target ? target : ".");
        return 1;
    }
    if (S_ISDIR(st.st_mode)) {
        return -1;
    }
    slash = strrchr(o->root, '/');
    (void)snprintf(o->open, sizeof o->open, "%s", slash + 1);
    slash[slash == o->root] = '\0';
    return -1;
}

static int check(const struct serve_options *o)
{
    if (!o->tls_cert != !o->tls_key) {
        bridge_cli_say("serve: --tls-cert and --tls-key go together");
        return 2;
    }
    if (!o->tls_cert && !bridge_gate_is_loopback(o->host)) {
        bridge_cli_say("serve: --host %s can be reached by others: give --tls-cert and --tls-key, "
                       "or leave it and use an ssh tunnel",
                       o->host);
        return 2;
    }
    for (size_t i = 0; i < 2; i++) {
        const char *file = i ? o->tls_key : o->tls_cert;

        if (file && access(file, R_OK) != 0) {
            bridge_cli_say("serve: cannot read '%s': %s", file, strerror(errno));
            return 1;
        }
    }
    return -1;
}

static int open_log(const struct serve_options *o, enum cd_log_level level)
{
    int fd = STDERR_FILENO;

    if (o->log) {
        fd = open(o->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        if (fd < 0) {
            bridge_cli_say("serve: cannot open the log '%s': %s", o->log, strerror(errno));
            return 1;
        }
    }
    cd_log_init(fd, level);
    return -1;
}

int serve_options_read(int argc, char **argv, struct serve_options *ret)
{
    struct reading reading = {.options = ret, .level = CD_LOG_WARN};
    int first, status;

    *ret = (struct serve_options){.host = "127.0.0.1", .max_sessions = 2000, .alone_s = 3600};
    status = bridge_cli_read(argv[0], argc, argv, take, &reading, &first);
    if (status >= 0) {
        return status;
    }
    if (argc - first > 1) {
        bridge_cli_say("serve: one notebook or folder is enough, not also '%s'", argv[first + 1]);
        return 2;
    }
    status = check(ret);
    if (status < 0) {
        status = read_target(first < argc ? argv[first] : NULL, ret);
    }
    return status < 0 ? open_log(ret, reading.level) : status;
}
