/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A kernel behind a server: see remote.h. Its search goes in steps, one request at a time, over the
 * server that was named or all that this machine has; then orders. Bridge loop only.
 */
#include "bridge/remote/discover.h"
#include "bridge/remote/remote_impl.h"
#include "dap/base/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct remote_order {
    struct remote_order *next;
    struct bridge_remote *remote;
    struct remote_http *http;
    bridge_remote_fn fn;
    void (*idle_fn)(void *ctx, bool idle); /* in the place of fn */
    void *ctx;
};

struct remote_server *remote_server_of(struct bridge_remote *r)
{
    return &r->server;
}

const char *bridge_remote_kernel_id(const struct bridge_remote *r)
{
    return r->kernel_id;
}

const char *bridge_remote_server(const struct bridge_remote *r)
{
    return r->server.url.text;
}

bool bridge_remote_started(const struct bridge_remote *r)
{
    return r->started;
}

bool remote_kernel_id_good(const char *id)
{
    static const char good[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";
    const size_t len = strlen(id);

    return len > 0 && len < sizeof((struct bridge_remote *)0)->kernel_id && strspn(id, good) == len;
}

/* What the server says itself, "" where it says nothing. */
static const char *words_of(const json_t *body)
{
    const char *message = json_string_value(json_object_get(body, "message"));
    const char *reason = json_string_value(json_object_get(body, "reason"));

    return message && *message ? message : reason ? reason : "";
}

void remote_explain(const struct bridge_remote *r, const struct remote_reply *reply,
                    struct cd_error *ret)
{
    const bool login = reply->status == 401 || reply->status == 403 ||
                       (reply->status >= 300 && reply->status < 400);
    json_auto_t *body = NULL;
    const char *words;

    (void)!cd_json_load(reply->body, reply->len, &body, NULL);
    words = words_of(body);
    cd_error_set(ret, CD_E_KERNEL, "%.150s: the server %s (status %d)%s%.150s", r->server.url.text,
                 !login               ? "cannot do that"
                 : r->server.token[0] ? "refuses arguments.token"
                 : r->password        ? "refuses arguments.password"
                                      : "wants arguments.token or arguments.password",
                 reply->status, *words ? ": " : "", words);
}

void remote_step(struct bridge_remote *r, const char *method, const char *path, const char *type,
                 const char *body, remote_reply_fn fn)
{
    struct cd_error err = CD_ERROR_INIT;

    if (remote_http_send(&r->server, method, path, type, body, fn, r, &r->http, &err) != CD_OK) {
        remote_failed(r, &err);
    }
}

json_t *remote_answer(struct bridge_remote *r, const struct remote_reply *reply,
                      const struct cd_error *err, int status_wanted)
{
    struct cd_error bad = CD_ERROR_INIT;
    json_t *body = NULL;

    r->http = NULL;
    if (!reply) {
        remote_failed(r, err);
        return NULL;
    }
    if (reply->status != status_wanted) {
        remote_explain(r, reply, &bad);
        remote_failed(r, &bad);
        return NULL;
    }
    if (reply->len == 0) {
        return json_null();
    }
    if (cd_json_load(reply->body, reply->len, &body, &bad) != CD_OK) {
        cd_error_prefix(&bad, "%.200s: no Jupyter Server answers", r->server.url.text);
        remote_failed(r, &bad);
    }
    return body;
}

/* *ret_more: whether there was one more. */
static cd_result next_server(struct bridge_remote *r, bool *ret_more, struct cd_error *reterr)
{
    const json_t *entry = json_array_get(r->servers, r->server_index++);
    const char *token = json_string_value(json_object_get(entry, "token"));
    const char *url = json_string_value(json_object_get(entry, "url"));

    *ret_more = entry != NULL;
    if (!entry) {
        return CD_OK;
    }
    r->server.cookies[0] = '\0';
    (void)snprintf(r->server.token, sizeof r->server.token, "%s", token);
    return remote_url_parse(url, &r->server.url, reterr);
}

void remote_failed(struct bridge_remote *r, const struct cd_error *err)
{
    struct cd_error bad = CD_ERROR_INIT;
    bool more = false;

    cd_log(CD_LOG_INFO, "remote", "%s", err->text);
    while (r->servers && next_server(r, &more, NULL) != CD_OK) {
    }
    if (more) {
        remote_enter(r);
        return;
    }
    if (r->servers && json_array_size(r->servers) > 1) {
        cd_error_set(
            &bad, CD_E_NOT_FOUND,
            "none of the %zu Jupyter Servers of this machine has it, the last says: %.250s",
            json_array_size(r->servers), err->text);
        err = &bad;
    }
    r->fn(r->ctx, err);
}

void remote_found(struct bridge_remote *r, const char *kernel_id)
{
    struct cd_error err = CD_ERROR_INIT;

    if (!kernel_id || !remote_kernel_id_good(kernel_id)) {
        cd_error_set(&err, CD_E_KERNEL, "%.200s: the server names no kernel's id",
                     r->server.url.text);
        remote_failed(r, &err);
        return;
    }
    (void)snprintf(r->kernel_id, sizeof r->kernel_id, "%s", kernel_id);
    r->fn(r->ctx, NULL);
}

static cd_result copy(const char *text, char **ret, struct cd_error *reterr)
{
    if (text) {
        *ret = strdup(text);
        return *ret ? CD_OK : cd_oom(reterr);
    }
    return CD_OK;
}

static cd_result fit(const char *text, const char *what, char *out, size_t out_bytes,
                     struct cd_error *reterr)
{
    if (text && strlen(text) >= out_bytes) {
        return cd_error_set(reterr, CD_E_LIMIT, "arguments.%s is too long", what);
    }
    (void)snprintf(out, out_bytes, "%s", text ? text : "");
    return CD_OK;
}

/* A header's value: nothing that ends its line. */
static cd_result check_token(const char *token, struct cd_error *reterr)
{
    for (; token && *token; token++) {
        if ((unsigned char)*token <= ' ' || *token == 0x7f) {
            return cd_error_set(reterr, CD_E_BAD_VALUE,
                                "arguments.token holds a space or a control character");
        }
    }
    return CD_OK;
}

static cd_result read_wish(struct bridge_remote *r, const struct bridge_remote_wish *wish,
                           struct cd_error *reterr)
{
    if (copy(wish->password, &r->password, reterr) != CD_OK ||
        copy(wish->kernel_id, &r->wished_id, reterr) != CD_OK ||
        copy(wish->notebook, &r->notebook, reterr) != CD_OK ||
        copy(wish->kernel_name, &r->kernel_name, reterr) != CD_OK ||
        fit(wish->cacert, "cacert", r->server.cacert, sizeof r->server.cacert, reterr) != CD_OK) {
        return CD_ERR;
    }
    if (wish->cacert && access(wish->cacert, R_OK) != 0) {
        return cd_error_set(reterr, CD_E_NOT_FOUND,
                            "arguments.cacert: the file '%s' cannot be read", wish->cacert);
    }
    if (wish->kernel_id && !remote_kernel_id_good(wish->kernel_id)) {
        return cd_error_set(reterr, CD_E_BAD_VALUE, "arguments.kernelId: '%.60s' is no kernel's id",
                            wish->kernel_id);
    }
    return CD_OK;
}

static cd_result choose_servers(struct bridge_remote *r, const struct bridge_remote_wish *wish,
                                struct cd_error *reterr)
{
    bool more = false;

    if (wish->server) {
        if (remote_url_parse(wish->server, &r->server.url, reterr) != CD_OK) {
            cd_error_prefix(reterr, "arguments.server");
            return CD_ERR;
        }
        return check_token(wish->token, reterr) != CD_OK
                   ? CD_ERR
                   : fit(wish->token ? wish->token : r->server.url.token, "token", r->server.token,
                         sizeof r->server.token, reterr);
    }
    if (remote_discover(&r->servers, reterr) != CD_OK) {
        return CD_ERR;
    }
    if (json_array_size(r->servers) == 0) {
        return cd_error_set(reterr, CD_E_NOT_FOUND,
                            "no Jupyter Server of yours runs on this machine: name one by "
                            "arguments.server, with arguments.token");
    }
    if (r->kernel_name && json_array_size(r->servers) > 1) {
        return cd_error_set(reterr, CD_E_BAD_VALUE,
                            "%zu Jupyter Servers run on this machine: say by arguments.server "
                            "which of them is to start arguments.kernelName",
                            json_array_size(r->servers));
    }
    return next_server(r, &more, reterr);
}

cd_result bridge_remote_new(uv_loop_t *loop, const struct bridge_remote_wish *wish,
                            bridge_remote_fn fn, void *ctx, struct bridge_remote **ret,
                            struct cd_error *reterr)
{
    struct bridge_remote *r = calloc(1, sizeof *r);

    if (!r) {
        return cd_oom(reterr);
    }
    r->server.loop = loop;
    r->fn = fn;
    r->ctx = ctx;
    if (read_wish(r, wish, reterr) != CD_OK || choose_servers(r, wish, reterr) != CD_OK) {
        bridge_remote_close(r);
        return CD_ERR;
    }
    *ret = r;
    remote_enter(r);
    return CD_OK;
}

void bridge_remote_close(struct bridge_remote *r)
{
    if (!r) {
        return;
    }
    remote_http_cancel(r->http);
    remote_resolve_cancel(r->resolve);
    while (r->orders) {
        struct remote_order *o = r->orders;

        r->orders = o->next;
        remote_http_cancel(o->http);
        free(o);
    }
    free(r->password);
    free(r->wished_id);
    free(r->notebook);
    free(r->kernel_name);
    json_decref(r->servers);
    json_decref(r->kernels);
    free(r);
}

static bool tells_idle(const struct remote_reply *reply)
{
    json_auto_t *kernel = NULL;
    const char *state;

    if (!reply || reply->status != 200 ||
        cd_json_load(reply->body, reply->len, &kernel, NULL) != CD_OK) {
        return false;
    }
    state = json_string_value(json_object_get(kernel, "execution_state"));
    return state && strcmp(state, "idle") == 0;
}

static void on_ordered(void *ctx, const struct remote_reply *reply, const struct cd_error *err)
{
    struct remote_order *o = ctx;
    struct bridge_remote *r = o->remote;
    struct cd_error bad = CD_ERROR_INIT;

    for (struct remote_order **at = &r->orders; *at; at = &(*at)->next) {
        if (*at == o) {
            *at = o->next;
            break;
        }
    }
    if (reply && reply->status >= 300) {
        remote_explain(r, reply, &bad);
        err = &bad;
    }
    if (err) {
        cd_log(CD_LOG_WARN, "remote", "%s", err->text);
    }
    if (o->idle_fn) {
        o->idle_fn(o->ctx, tells_idle(reply));
    } else if (o->fn) {
        o->fn(o->ctx, err);
    }
    free(o);
}

/* path: below the kernel's. Takes o_owned. */
static void give(struct bridge_remote *r, struct remote_order *o_owned, const char *method,
                 const char *path, const char *body)
{
    struct cd_error err = CD_ERROR_INIT;
    char whole[128];

    if (!o_owned) {
        return;
    }
    o_owned->remote = r;
    o_owned->next = r->orders;
    r->orders = o_owned;
    (void)snprintf(whole, sizeof whole, "api/kernels/%s%s", r->kernel_id, path);
    if (remote_http_send(&r->server, method, whole, body ? "application/json" : NULL, body,
                         on_ordered, o_owned, &o_owned->http, &err) != CD_OK) {
        on_ordered(o_owned, NULL, &err);
    }
}

void bridge_remote_order(struct bridge_remote *r, enum bridge_remote_order order,
                         bridge_remote_fn fn, void *ctx)
{
    static const struct {
        const char *method, *path, *body;
    } rows[] = {[BRIDGE_REMOTE_INTERRUPT] = {"POST", "/interrupt", "{}"},
                [BRIDGE_REMOTE_RESTART] = {"POST", "/restart", "{}"},
                [BRIDGE_REMOTE_END] = {"DELETE", "", NULL}};
    struct remote_order *o = calloc(1, sizeof *o);

    if (o) {
        o->fn = fn;
        o->ctx = ctx;
    }
    give(r, o, rows[order].method, rows[order].path, rows[order].body);
}

void bridge_remote_ask_idle(struct bridge_remote *r, void (*fn)(void *ctx, bool idle), void *ctx)
{
    struct remote_order *o = calloc(1, sizeof *o);

    if (o) {
        o->idle_fn = fn;
        o->ctx = ctx;
    }
    give(r, o, "GET", "", NULL);
}
