/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Whether there is a Jupyter Server at all, and how it comes to know us: a token needs nothing more
 * than its header, a password is exchanged for a cookie first (facts: jupyter.md §7).
 */
#include "bridge/remote/remote_impl.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define FORM "application/x-www-form-urlencoded"

static cd_result append_field(struct cd_buf *form, const char *name, const char *value,
                              struct cd_error *reterr)
{
    if (cd_buf_appendf(form, reterr, "%s%s=", form->len ? "&" : "", name) != CD_OK) {
        return CD_ERR;
    }
    for (; *value; value++) {
        const unsigned char c = (unsigned char)*value;

        if (cd_buf_appendf(form, reterr, isalnum(c) ? "%c" : "%%%02X", c) != CD_OK) {
            return CD_ERR;
        }
    }
    return CD_OK;
}

static void on_login(void *ctx, const struct remote_reply *reply, const struct cd_error *err)
{
    struct bridge_remote *r = ctx;
    struct cd_error bad = CD_ERROR_INIT;

    r->http = NULL;
    if (!reply) {
        remote_failed(r, err);
    } else if (reply->status != 302) {
        cd_error_set(&bad, CD_E_KERNEL, "%.200s: the server refuses arguments.password (status %d)",
                     r->server.url.text, reply->status);
        remote_failed(r, &bad);
    } else {
        remote_find(r);
    }
}

static void on_login_page(void *ctx, const struct remote_reply *reply, const struct cd_error *err)
{
    struct bridge_remote *r = ctx;
    struct cd_error bad = CD_ERROR_INIT;
    char xsrf[1024];
    cd_autobuf struct cd_buf form;

    r->http = NULL;
    cd_buf_init(&form, 16384);
    if (!reply) {
        remote_failed(r, err);
        return;
    }
    remote_cookie(&r->server, "_xsrf", xsrf, sizeof xsrf);
    if (reply->status != 200 || !xsrf[0]) {
        cd_error_set(&bad, CD_E_KERNEL,
                     "%.200s: the server has no login by password (status %d): use arguments.token",
                     r->server.url.text, reply->status);
    } else {
        (void)(append_field(&form, "_xsrf", xsrf, &bad) != CD_OK ||
               append_field(&form, "password", r->password, &bad) != CD_OK);
    }
    if (bad.id) {
        remote_failed(r, &bad);
    } else {
        remote_step(r, "POST", "login", FORM, form.data, on_login);
    }
}

static bool try_next_address(struct bridge_remote *r);

static void on_api(void *ctx, const struct remote_reply *reply, const struct cd_error *err)
{
    struct bridge_remote *r = ctx;
    struct cd_error bad = CD_ERROR_INIT;

    if (!reply && try_next_address(r)) {
        return;
    }
    json_auto_t *api = remote_answer(r, reply, err, 200);
    const char *version = json_string_value(json_object_get(api, "version"));
    if (!api) {
        return;
    }
    if (!version) {
        cd_error_set(&bad, CD_E_KERNEL, "%.200s: no Jupyter Server answers: its api has no version",
                     r->server.url.text);
        remote_failed(r, &bad);
    } else if (r->password && !r->server.token[0]) {
        remote_step(r, "GET", "login", NULL, NULL, on_login_page);
    } else {
        remote_find(r);
    }
}

/* A name may have addresses where nobody listens: localhost has two. */
static bool try_next_address(struct bridge_remote *r)
{
    if (r->address_index >= r->addresses.count) {
        return false;
    }
    (void)snprintf(r->server.address, sizeof r->server.address, "%s",
                   r->addresses.text[r->address_index++]);
    remote_step(r, "GET", "api", NULL, NULL, on_api);
    return true;
}

static void on_resolved(void *ctx, const struct remote_addresses *found, const struct cd_error *err)
{
    struct bridge_remote *r = ctx;

    r->resolve = NULL;
    if (!found) {
        remote_failed(r, err);
        return;
    }
    r->addresses = *found;
    (void)try_next_address(r);
}

void remote_enter(struct bridge_remote *r)
{
    const char *host = r->server.url.host;
    struct cd_error err = CD_ERROR_INIT;

    r->address_index = 0;
    if (remote_is_address(host)) {
        r->addresses.count = 1;
        (void)snprintf(r->addresses.text[0], sizeof r->addresses.text[0], "%.47s", host);
        (void)try_next_address(r);
    } else if (remote_resolve(r->server.loop, host, on_resolved, r, &r->resolve, &err) != CD_OK) {
        remote_failed(r, &err);
    }
}
