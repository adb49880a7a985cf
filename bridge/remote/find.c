/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Which kernel of a server somebody means: by its id, by the notebook whose session it runs, or a
 * new one of a kernelspec.
 */
#include "bridge/remote/remote_impl.h"
#include "dap/base/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void on_kernel(void *ctx, const struct remote_reply *reply, const struct cd_error *err)
{
    struct bridge_remote *r = ctx;
    struct cd_error bad = CD_ERROR_INIT;

    if (reply && reply->status == 404) {
        r->http = NULL;
        cd_error_set(&bad, CD_E_NOT_FOUND,
                     "%.200s: the server has no kernel '%s': 'celldap kernels' lists them",
                     r->server.url.text, r->wished_id);
        remote_failed(r, &bad);
        return;
    }
    json_auto_t *kernel = remote_answer(r, reply, err, 200);
    if (kernel) {
        remote_found(r, json_string_value(json_object_get(kernel, "id")));
    }
}

static const char *text(const json_t *object, const char *member)
{
    const char *value = json_string_value(json_object_get(object, member));

    return value ? value : "";
}

/* NULL: there is no session of it. *ret_others: what there is. */
static const json_t *session_of(const json_t *sessions, const char *notebook,
                                struct cd_buf *ret_others)
{
    size_t i;
    const json_t *session;

    json_array_foreach(sessions, i, session)
    {
        const char *path = text(session, "path");

        if (!*path) { /* older servers, the gateway */
            path = text(json_object_get(session, "notebook"), "path");
        }
        if (strcmp(path, notebook + strspn(notebook, "/")) == 0) {
            return session;
        }
        (void)!cd_buf_appendf(ret_others, NULL, "%s'%.60s'", i ? ", " : "", path);
    }
    return NULL;
}

static void on_sessions(void *ctx, const struct remote_reply *reply, const struct cd_error *err)
{
    struct bridge_remote *r = ctx;
    struct cd_error bad = CD_ERROR_INIT;
    json_auto_t *sessions = remote_answer(r, reply, err, 200);
    cd_autobuf struct cd_buf others;
    const json_t *session;

    cd_buf_init(&others, 200);
    if (!sessions) {
        return;
    }
    session = session_of(sessions, r->notebook, &others);
    if (session) {
        remote_found(r,
                     json_string_value(json_object_get(json_object_get(session, "kernel"), "id")));
        return;
    }
    cd_error_set(&bad, CD_E_NOT_FOUND,
                 "%.150s: no session of the server runs arguments.notebook '%.80s' (%s)",
                 r->server.url.text, r->notebook,
                 others.len ? others.data : "no notebook is open there");
    remote_failed(r, &bad);
}

static void on_started(void *ctx, const struct remote_reply *reply, const struct cd_error *err)
{
    struct bridge_remote *r = ctx;
    json_auto_t *kernel = remote_answer(r, reply, err, 201);

    if (kernel) {
        r->started = true;
        remote_found(r, json_string_value(json_object_get(kernel, "id")));
    }
}

static void start(struct bridge_remote *r)
{
    const char *user = getenv("USER");
    json_auto_t *wish = json_pack("{s:s, s:{s:s}}", "name", r->kernel_name, "env",
                                  "KERNEL_USERNAME", user ? user : "celldap");
    struct cd_error err = CD_ERROR_INIT;
    cd_autobuf struct cd_buf body;

    cd_buf_init(&body, 4096);
    if (!wish || cd_json_dump(wish, &body, &err) != CD_OK) {
        cd_oom(&err);
        remote_failed(r, &err);
        return;
    }
    remote_step(r, "POST", "api/kernels", "application/json", body.data, on_started);
}

static void on_kernelspecs(void *ctx, const struct remote_reply *reply, const struct cd_error *err)
{
    struct bridge_remote *r = ctx;
    struct cd_error bad = CD_ERROR_INIT;
    json_auto_t *answer = remote_answer(r, reply, err, 200);
    json_t *specs = json_object_get(answer, "kernelspecs"), *spec;
    cd_autobuf struct cd_buf others;
    const char *name;

    cd_buf_init(&others, 200);
    if (!answer) {
        return;
    }
    if (json_object_get(specs, r->kernel_name)) {
        start(r);
        return;
    }
    json_object_foreach(specs, name, spec)
    {
        (void)!cd_buf_appendf(&others, NULL, "%s'%.40s'", others.len ? ", " : "", name);
    }
    cd_error_set(&bad, CD_E_NOT_FOUND,
                 "%.150s: the server has no arguments.kernelName '%.60s' (it has %s)",
                 r->server.url.text, r->kernel_name, others.len ? others.data : "none");
    remote_failed(r, &bad);
}

void remote_find(struct bridge_remote *r)
{
    char path[128];

    if (r->wished_id) {
        (void)snprintf(path, sizeof path, "api/kernels/%s", r->wished_id);
        remote_step(r, "GET", path, NULL, NULL, on_kernel);
    } else if (r->notebook) {
        remote_step(r, "GET", "api/sessions", NULL, NULL, on_sessions);
    } else if (!r->kernel_name) {
        remote_list(r);
    } else {
        remote_step(r, "GET", "api/kernelspecs", NULL, NULL, on_kernelspecs);
    }
}
