/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The process's libwebsockets context (lws_loop.h). Written for 4.1 (Debian 12) and 4.3: what they
 * do differently at the end is hidden by asking the context's own pointer whether it is gone.
 * Nothing above the library's notices is logged: it would print headers, and with them tokens.
 */
#include "bridge/lws_loop.h"

#include "dap/base/log.h"

#include <string.h>
#include <sys/resource.h>

#include <libwebsockets.h>

#define MAX_FDS     16384 /* the library fills a table of as many as the process may open */
#define CLOSE_TURNS 16    /* of the loop, until all handles are closed; it takes three or four */

static struct lws_context *context; /* set to NULL by the library when it is gone */

static void on_log(int level, const char *line)
{
    size_t len = strcspn(line, "\n");

    cd_log(level == LLL_ERR ? CD_LOG_WARN : CD_LOG_DEBUG, "lws", "%.*s", (int)len, line);
}

static void count_handle(uv_handle_t *h, void *ctx)
{
    (void)h;
    ++*(int *)ctx;
}

/* ctx: how many handles were there before. */
static void unref_if_new(uv_handle_t *h, void *ctx)
{
    int *before = ctx;

    if (--*before < 0) {
        uv_unref(h);
    }
}

/* The library's handles of its own (wake-up, timer, idle) are none that the process lives for. */
static struct lws_context *create(uv_loop_t *loop)
{
    void *loops[] = {loop};
    struct lws_context_creation_info info = {
        .port = CONTEXT_PORT_NO_LISTEN,
        .options = LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_EXPLICIT_VHOSTS |
                   LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT,
        .foreign_loops = loops,
        .pcontext = &context,
    };
    struct rlimit limit;
    bool capped = getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur > MAX_FDS;
    int handles = 0;

    if (capped) {
        setrlimit(RLIMIT_NOFILE, &(struct rlimit){MAX_FDS, limit.rlim_max});
    }
    uv_walk(loop, count_handle, &handles);
    context = lws_create_context(&info);
    uv_walk(loop, unref_if_new, &handles);
    if (capped) {
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    return context;
}

struct lws_context *bridge_lws(uv_loop_t *loop, struct cd_error *reterr)
{
    if (context) {
        return context;
    }
    lws_set_log_level(LLL_ERR | LLL_WARN | LLL_NOTICE, on_log);
    if (!create(loop)) {
        cd_error_set(reterr, CD_E_INTERNAL,
                     "libwebsockets cannot be started on libuv: is the package "
                     "libwebsockets-evlib-uv installed?");
    }
    return context;
}

void bridge_lws_done(uv_loop_t *loop)
{
    if (!context) {
        return;
    }
    lws_context_destroy(context);
    for (int i = 0; context && i < CLOSE_TURNS; i++) {
        (void)uv_run(loop, UV_RUN_NOWAIT);
    }
    if (context) {
        lws_context_destroy(context); /* 4.1 wants to be asked again when all is closed */
    }
    if (context) {
        cd_log(CD_LOG_WARN, "lws", "the library did not end");
        context = NULL;
    }
}
