/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The life of `celldap serve`: doors open, URL printed, until SIGTERM or SIGINT; then sessions end,
 * doors close. Kernels that it started live on (contracts.md §7).
 */
#include "bridge/serve/serve.h"

#include "bridge/cli/cli.h"
#include "bridge/lws_loop.h"
#include "bridge/serve/options.h"
#include "bridge/serve/tcp.h"
#include "bridge/serve/web.h"
#include "dap/base/json.h"
#include "dap/base/log.h"

#include <ctype.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct server {
    uv_loop_t loop;
    uv_signal_t signals[3];
    struct bridge_gate gate;
    struct bridge_hub *hub;
    struct bridge_web *web;
    struct bridge_tcp *tcp;
    bool ending;
};

static void on_signal(uv_signal_t *handle, int signal)
{
    struct server *server = handle->data;

    cd_log(CD_LOG_INFO, "serve", "signal %d: ending", signal);
    if (!server->ending) {
        server->ending = true;
        bridge_tcp_close(cd_take(server->tcp));
        bridge_hub_end(server->hub);
    } else {
        uv_stop(&server->loop); /* asked twice: at once */
    }
}

/* The last session is gone. */
static void on_empty(void *ctx)
{
    struct server *server = ctx;

    bridge_web_close(server->web);
    uv_stop(&server->loop);
}

static void watch_signals(struct server *server)
{
    static const int numbers[] = {SIGTERM, SIGINT, SIGHUP};

    for (size_t i = 0; i < CD_ARRAY_LEN(numbers); i++) {
        uv_signal_init(&server->loop, &server->signals[i]);
        server->signals[i].data = server;
        uv_signal_start(&server->signals[i], on_signal, numbers[i]);
    }
}

/* Prints text as it may stand in the fragment of a URL. */
static void print_encoded(const char *text)
{
    for (; *text; text++) {
        const unsigned char ch = (unsigned char)*text;

        if (isalnum(ch) || strchr("-_.~/", ch)) {
            (void)putchar(ch);
        } else {
            (void)printf("%%%02X", ch);
        }
    }
}

static void say_where(const struct server *server, const struct serve_options *o)
{
    const bool v6 = strchr(o->host, ':') != NULL;

    (void)printf("celldap: open %s://%s%s%s:%d/#token=%s", o->tls_cert ? "https" : "http",
                 v6 ? "[" : "", o->host, v6 ? "]" : "", bridge_web_port(server->web),
                 server->gate.token);
    if (o->open[0]) {
        (void)fputs("&open=", stdout);
        print_encoded(o->open);
    }
    (void)putchar('\n');
    if (server->tcp) {
        (void)printf("DAP server listening at: %s\n", bridge_tcp_address(server->tcp));
    }
    (void)fflush(stdout);
}

static cd_result open_doors(struct server *server, const struct serve_options *o,
                            struct cd_error *reterr)
{
    struct bridge_hub_config hub = {.loop = &server->loop,
                                    .gate = &server->gate,
                                    .kernel_log = o->log,
                                    .max_sessions = o->max_sessions,
                                    .alone_s = o->alone_s,
                                    .empty = on_empty,
                                    .ctx = server};
    struct bridge_web_config web = {.host = o->host,
                                    .port = o->port,
                                    .tls_cert = o->tls_cert,
                                    .tls_key = o->tls_key,
                                    .compress = o->compress || !bridge_gate_is_loopback(o->host),
                                    .root = o->root,
                                    .open = o->open[0] ? o->open : NULL};

    if (bridge_gate_init(&server->gate, o->host, o->allow_hosts, reterr) != CD_OK) {
        return CD_ERR;
    }
    server->hub = bridge_hub_new(&hub, reterr);
    if (!server->hub) {
        return CD_ERR;
    }
    web.hub = server->hub;
    server->web = bridge_web_new(&web, reterr);
    if (!server->web) {
        return CD_ERR;
    }
    return o->tcp ? bridge_tcp_listen(server->hub, o->tcp, &server->tcp, reterr) : CD_OK;
}

static void close_handle(uv_handle_t *h, void *unused)
{
    (void)unused;
    if (!uv_is_closing(h)) {
        uv_close(h, NULL);
    }
}

static void clean_up(struct server *server)
{
    bridge_tcp_close(cd_take(server->tcp));
    bridge_hub_free(server->hub);
    bridge_lws_done(&server->loop);
    bridge_web_free(server->web);
    (void)uv_run(&server->loop, UV_RUN_NOWAIT);
    uv_walk(&server->loop, close_handle, NULL);
    (void)uv_run(&server->loop, UV_RUN_NOWAIT);
    (void)uv_loop_close(&server->loop);
}

int bridge_serve_main(int argc, char **argv)
{
    struct server server = {0};
    struct serve_options options;
    struct cd_error err = CD_ERROR_INIT;
    int status = serve_options_read(argc, argv, &options);

    if (status >= 0) {
        return status;
    }
    if (bridge_cli_identity(&err) != CD_OK) {
        bridge_cli_say("%s", err.text);
        return 1;
    }
    json_object_seed(0);
    /* the buffers of long messages go back to the system when they are done with */
    (void)mallopt(M_MMAP_THRESHOLD, 256 * 1024);
    (void)mallopt(M_ARENA_MAX, 1);
    uv_loop_init(&server.loop);
    watch_signals(&server);
    if (open_doors(&server, &options, &err) != CD_OK) {
        bridge_cli_say("serve: %s", err.text);
        status = 1;
    } else {
        say_where(&server, &options);
        uv_run(&server.loop, UV_RUN_DEFAULT);
        status = 0;
    }
    clean_up(&server);
    return status;
}
