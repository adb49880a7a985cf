/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The kernels of servers, for `celldap kernels`: see remote.h. All servers are asked at once.
 */
#include "bridge/lws_loop.h"
#include "bridge/remote/discover.h"
#include "bridge/remote/remote_impl.h"

#include <stdlib.h>
#include <string.h>

#define ALL_MS 5000

/* One server that is asked. */
struct lookup {
    struct bridge_remote *remote; /* NULL: it has answered */
    json_t *entry;                /* borrowed from the list */
};

static const char *text(const json_t *object, const char *member)
{
    const char *value = json_string_value(json_object_get(object, member));

    return value ? value : "";
}

static void add_notebook(const json_t *sessions, json_t *kernel)
{
    size_t i;
    const json_t *session;

    json_array_foreach(sessions, i, session)
    {
        if (strcmp(text(json_object_get(session, "kernel"), "id"), text(kernel, "id")) == 0) {
            (void)json_object_set(kernel, "notebook", json_object_get(session, "path"));
        }
    }
}

/* Not every server has sessions; the kernels are known without. */
static void on_sessions(void *ctx, const struct remote_reply *reply, const struct cd_error *err)
{
    struct bridge_remote *r = ctx;
    json_auto_t *sessions = NULL;
    size_t i;
    json_t *kernel;

    (void)err;
    r->http = NULL;
    if (reply && reply->status == 200) {
        (void)!cd_json_load(reply->body, reply->len, &sessions, NULL);
    }
    json_array_foreach(r->kernels, i, kernel)
    {
        add_notebook(sessions, kernel);
    }
    r->fn(r->ctx, NULL);
}

/* Strings and what else is shown, under the names that the servers use. */
static json_t *kernel_of(const json_t *model)
{
    static const char *const members[] = {"id", "name", "execution_state", "last_activity"};
    json_t *kernel = json_object();

    for (size_t i = 0; i < CD_ARRAY_LEN(members); i++) {
        json_t *value = json_object_get(model, members[i]);

        if (json_is_string(value)) {
            (void)json_object_set(kernel, members[i], value);
        }
    }
    return kernel;
}

static void on_kernels(void *ctx, const struct remote_reply *reply, const struct cd_error *err)
{
    struct bridge_remote *r = ctx;
    json_auto_t *models = remote_answer(r, reply, err, 200);
    size_t i;
    json_t *model;

    if (!models) {
        return;
    }
    r->kernels = json_array();
    json_array_foreach(models, i, model)
    {
        (void)json_array_append_new(r->kernels, kernel_of(model));
    }
    remote_step(r, "GET", "api/sessions", NULL, NULL, on_sessions);
}

void remote_list(struct bridge_remote *r)
{
    remote_step(r, "GET", "api/kernels", NULL, NULL, on_kernels);
}

static void on_listed(void *ctx, const struct cd_error *err)
{
    struct lookup *l = ctx;

    if (err) {
        (void)json_object_set_new(l->entry, "error", cd_json_textz(err->text));
    } else {
        (void)json_object_set(l->entry, "kernels", l->remote->kernels);
    }
    bridge_remote_close(cd_take(l->remote));
}

/* Each server that wish means, as {server: address} in *ret and as an address and token to ask. */
static cd_result servers_of(const struct bridge_remote_wish *wish, json_t **ret,
                            struct cd_error *reterr)
{
    if (!wish->server) {
        return remote_discover(ret, reterr);
    }
    *ret = json_pack("[{s:s, s:s*}]", "url", wish->server, "token", wish->token);
    return *ret ? CD_OK : cd_oom(reterr);
}

static void ask(uv_loop_t *loop, const struct bridge_remote_wish *wish, const json_t *server,
                struct lookup *l)
{
    struct bridge_remote_wish one = {.server = text(server, "url"),
                                     .token = json_string_value(json_object_get(server, "token")),
                                     .password = wish->password,
                                     .cacert = wish->cacert};
    struct cd_error err = CD_ERROR_INIT;

    if (bridge_remote_new(loop, &one, on_listed, l, &l->remote, &err) != CD_OK) {
        (void)json_object_set_new(l->entry, "error", cd_json_textz(err.text));
        return;
    }
    (void)json_object_set_new(l->entry, "server", cd_json_textz(bridge_remote_server(l->remote)));
}

static void on_late(uv_timer_t *timer)
{
    uv_stop(timer->loop);
}

/* Until all have answered, or it is too late. */
static void wait_for(uv_loop_t *loop, struct lookup *lookups, size_t count)
{
    uv_timer_t late;

    uv_timer_init(loop, &late);
    uv_timer_start(&late, on_late, ALL_MS, 0);
    uv_unref((uv_handle_t *)&late);
    (void)uv_run(loop, UV_RUN_DEFAULT);
    for (size_t i = 0; i < count; i++) {
        if (lookups[i].remote) {
            (void)json_object_set_new(lookups[i].entry, "error",
                                      json_string("the server does not answer"));
            bridge_remote_close(cd_take(lookups[i].remote));
        }
    }
    uv_close((uv_handle_t *)&late, NULL);
}

cd_result bridge_remote_list(const struct bridge_remote_wish *wish, json_t **ret,
                             struct cd_error *reterr)
{
    json_auto_t *servers = NULL;
    json_t *list = json_array(), *server;
    struct lookup *lookups;
    uv_loop_t loop;
    size_t i, count;

    if (!list || servers_of(wish, &servers, reterr) != CD_OK) {
        json_decref(list);
        return CD_ERR;
    }
    count = json_array_size(servers);
    lookups = calloc(count ? count : 1, sizeof *lookups);
    if (!lookups || uv_loop_init(&loop) != 0) {
        json_decref(list);
        free(lookups);
        return cd_oom(reterr);
    }
    json_array_foreach(servers, i, server)
    {
        lookups[i].entry = json_object();
        (void)json_array_append_new(list, lookups[i].entry);
        ask(&loop, wish, server, &lookups[i]);
    }
    wait_for(&loop, lookups, count);
    bridge_lws_done(&loop);
    (void)uv_run(&loop, UV_RUN_NOWAIT); /* what is closing; a name server may be waited for still */
    (void)uv_loop_close(&loop);
    free(lookups);
    *ret = list;
    return CD_OK;
}
