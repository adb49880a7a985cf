/* SPDX-License-Identifier: BSD-3-Clause
 *
 * See look.h. Asks each second for a while: the end of a process takes its time, and a server may
 * start it again.
 */
#include "bridge/remote/look.h"

#include <stdio.h>
#include <stdlib.h>

#define LOOK_MS 1000
#define LOOKS   10

struct remote_look {
    struct remote_server *server;
    struct remote_http *http; /* under way; NULL: none */
    char path[128];
    void (*fn)(void *ctx);
    void *ctx;
    uv_timer_t timer;
    int left;
};

static void on_answer(void *ctx, const struct remote_reply *reply, const struct cd_error *err)
{
    struct remote_look *l = ctx;

    (void)err;
    l->http = NULL;
    if (reply && reply->status == 404) {
        uv_timer_stop(&l->timer);
        l->fn(l->ctx);
    } else if (l->left == 0) {
        uv_timer_stop(&l->timer);
    }
}

static void on_timer(uv_timer_t *timer)
{
    struct remote_look *l = timer->data;

    if (!l->http && l->left > 0) {
        l->left--;
        (void)!remote_http_send(l->server, "GET", l->path, NULL, NULL, on_answer, l, &l->http,
                                NULL);
    }
}

struct remote_look *remote_look_new(struct remote_server *server, const char *kernel_id,
                                    void (*fn)(void *ctx), void *ctx)
{
    struct remote_look *l = calloc(1, sizeof *l);

    if (l) {
        l->server = server;
        l->fn = fn;
        l->ctx = ctx;
        (void)snprintf(l->path, sizeof l->path, "api/kernels/%s", kernel_id);
        uv_timer_init(server->loop, &l->timer);
        l->timer.data = l;
    }
    return l;
}

void remote_look(struct remote_look *l)
{
    if (l && !uv_is_active((uv_handle_t *)&l->timer)) {
        l->left = LOOKS;
        uv_timer_start(&l->timer, on_timer, 0, LOOK_MS);
    }
}

static void on_closed(uv_handle_t *h)
{
    free(h->data);
}

void remote_look_close(struct remote_look *l)
{
    if (l) {
        remote_http_cancel(cd_take(l->http));
        uv_close((uv_handle_t *)&l->timer, on_closed);
    }
}
