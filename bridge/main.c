/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The program `celldap`: a DAP adapter on stdio, a port or a pipe, or one of its commands. One
 * loop, one thread of ours; stdout carries DAP and nothing else.
 */
#include "bridge/cli/cli.h"
#include "bridge/cli/commands.h"
#include "bridge/door.h"
#include "bridge/identity.h"
#include "bridge/lws_loop.h"
#include "bridge/run.h"
#include "bridge/serve/serve.h"
#include "bridge/session.h"
#include "bridge/transport_stdio.h"
#include "dap/base/log.h"
#include "kernel/wire/msg.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LEAVE_MS 2000 /* a client that does not read must not keep us */

struct options {
    int64_t port;     /* -1: none */
    const char *pipe; /* NULL: none */
    const char *log;
    enum cd_log_level level;
    bool version;
};

struct server {
    uv_loop_t loop;
    uv_signal_t signals[3];
    uv_timer_t leave;
    struct bridge_session *session;
    struct bridge_transport *transport;
    int status;
};

static void close_handle(uv_handle_t *h, void *unused)
{
    (void)unused;
    if (!uv_is_closing(h)) {
        uv_close(h, NULL);
    }
}

static void on_leave(uv_timer_t *t)
{
    uv_stop(t->loop);
}

static void on_done(void *ctx, int status)
{
    struct server *server = ctx;

    server->status = status;
    for (size_t i = 0; i < CD_ARRAY_LEN(server->signals); i++) {
        close_handle((uv_handle_t *)&server->signals[i], NULL);
    }
    bridge_session_free(cd_take(server->session));
    bridge_stdio_free(cd_take(server->transport));
    uv_timer_start(&server->leave, on_leave, LEAVE_MS, 0);
    uv_unref((uv_handle_t *)&server->leave);
}

static void on_signal(uv_signal_t *handle, int signal)
{
    struct server *server = handle->data;

    (void)signal;
    if (server->session) {
        bridge_session_end(server->session);
    }
}

static void watch_signals(struct server *server)
{
    static const int numbers[] = {SIGTERM, SIGINT, SIGHUP};

    for (size_t i = 0; i < CD_ARRAY_LEN(numbers); i++) {
        uv_signal_init(&server->loop, &server->signals[i]);
        server->signals[i].data = server;
        uv_signal_start(&server->signals[i], on_signal, numbers[i]);
        uv_unref((uv_handle_t *)&server->signals[i]);
    }
}

/* Where the client is. */
struct ends {
    int in_fd, out_fd;
    enum dap_framing_mode mode;
};

static cd_result open_session(struct server *server, const struct options *options,
                              const struct ends *ends, struct cd_error *reterr)
{
    struct bridge_session_config config = {
        .loop = &server->loop, .kernel_log = options->log, .done = on_done, .ctx = server};
    struct bridge_transport_events events = bridge_session_transport_events;

    server->session = bridge_session_new(&config, reterr);
    if (!server->session) {
        return CD_ERR;
    }
    events.ctx = server->session;
    if (bridge_stdio_new(&server->loop, ends->in_fd, ends->out_fd, ends->mode, &events,
                         &server->transport, reterr)) {
        return CD_ERR;
    }
    bridge_session_connect(server->session, server->transport);
    return CD_OK;
}

static int serve(const struct options *options, const struct ends *ends)
{
    struct server server = {.status = 1};
    struct cd_error err = CD_ERROR_INIT;
    char uuid[BRIDGE_UUID_BYTES];
    const char *user = getenv("USER");

    if (bridge_uuid(uuid, &err) != CD_OK) {
        (void)fprintf(stderr, "celldap: %s\n", err.text);
        return 1;
    }
    wire_msg_session(uuid, user ? user : "celldap");
    json_object_seed(0);
    uv_loop_init(&server.loop);
    uv_timer_init(&server.loop, &server.leave);
    watch_signals(&server);
    if (open_session(&server, options, ends, &err) != CD_OK) {
        (void)fprintf(stderr, "celldap: %s\n", err.text);
        on_done(&server, 1);
    }
    uv_run(&server.loop, UV_RUN_DEFAULT);
    bridge_lws_done(&server.loop);
    uv_walk(&server.loop, close_handle, NULL);
    uv_run(&server.loop, UV_RUN_NOWAIT);
    (void)uv_loop_close(&server.loop);
    return server.status;
}

static int open_log(const struct options *options)
{
    int fd = STDERR_FILENO;

    if (options->log) {
        fd = open(options->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        if (fd < 0) {
            (void)fprintf(stderr, "celldap: cannot open the log '%s': %s\n", options->log,
                          strerror(errno));
            return -1;
        }
    }
    cd_log_init(fd, options->level);
    return 0;
}

static cd_result open_ends(const struct options *options, struct ends *ret, struct cd_error *reterr)
{
    *ret = (struct ends){STDIN_FILENO, -1, DAP_FRAMING_STDIO};
    if (options->port >= 0 || options->pipe) {
        ret->mode = DAP_FRAMING_STRICT;
        ret->in_fd = options->pipe ? bridge_door_pipe(options->pipe, reterr)
                                   : bridge_door_port((int)options->port, reterr);
        if (ret->in_fd < 0) {
            return CD_ERR;
        }
        ret->out_fd = fcntl(ret->in_fd, F_DUPFD_CLOEXEC, 3);
    } else {
        ret->out_fd = bridge_stdio_claim(reterr);
        if (ret->out_fd < 0) {
            return CD_ERR;
        }
    }
    return ret->out_fd >= 0 ? CD_OK : cd_error_errno(reterr, errno, "cannot use the connection");
}

/* 0..65535, or -1. */
static int64_t port_of(const char *text)
{
    char *end = NULL;
    long n = strtol(text, &end, 10);

    return end != text && !*end && n >= 0 && n <= 65535 ? n : -1;
}

static bool take(void *ctx, const char *name, const char *value)
{
    struct options *o = ctx;

    if (strcmp(name, "port") == 0) {
        o->port = port_of(value);
        if (o->port < 0) {
            bridge_cli_say("--port wants 0 to 65535, not '%s'", value);
        }
        return o->port >= 0;
    }
    if (strcmp(name, "log-level") == 0) {
        if (!cd_log_level_parse(value, &o->level)) {
            bridge_cli_say("unknown log level '%s'", value);
            return false;
        }
        return true;
    }
    o->version = o->version || strcmp(name, "version") == 0;
    o->pipe = strcmp(name, "pipe") == 0 ? value : o->pipe;
    o->log = strcmp(name, "log") == 0 ? value : o->log;
    return true; /* --stdio is what it does anyway */
}

/* The command that the first argument names, or NULL. */
static int (*find_command(const char *name))(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*run)(int argc, char **argv);
    } commands[] = {
        {"doctor", bridge_doctor_main},   {"generate", bridge_generate_main},
        {"install", bridge_install_main}, {"kernels", bridge_kernels_main},
        {"options", bridge_options_main}, {"run", bridge_run_main},
        {"serve", bridge_serve_main},     {"terminal", bridge_terminal_main},
        {"under", bridge_under_main},
    };

    for (size_t i = 0; name && i < CD_ARRAY_LEN(commands); i++) {
        if (strcmp(name, commands[i].name) == 0) {
            return commands[i].run;
        }
    }
    return NULL;
}

int main(int argc, char **argv)
{
    int (*command)(int argc, char **argv) = find_command(argc > 1 ? argv[1] : NULL);
    struct options options = {.level = CD_LOG_WARN, .port = -1};
    struct cd_error err = CD_ERROR_INIT;
    struct ends ends;
    int first, status;

    (void)signal(SIGPIPE, SIG_IGN);
    (void)signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is an error of the write */
    if (command) {
        return command(argc - 1, argv + 1);
    }
    status = bridge_cli_read("", argc, argv, take, &options, &first);
    if (status >= 0) {
        return status;
    }
    if (options.version) {
        return puts("celldap " CELLDAP_VERSION) < 0;
    }
    if (open_log(&options) != 0) {
        return 1;
    }
    if (open_ends(&options, &ends, &err) != CD_OK) {
        (void)fprintf(stderr, "celldap: %s\n", err.text);
        return 1;
    }
    return serve(&options, &ends);
}
