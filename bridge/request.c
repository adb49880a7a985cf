/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Records of the client's requests: see request.h.
 */
#include "bridge/edge.h"
#include "bridge/session_impl.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

struct bridge_request *bridge_request_new(struct bridge_session *s, json_t *message_owned)
{
    struct bridge_request *req = calloc(1, sizeof *req);

    if (!req) {
        json_decref(message_owned);
        return NULL;
    }
    req->session = s;
    req->message = message_owned;
    req->refs = 1;
    req->next = s->open;
    s->open = req;
    s->open_count++;
    return req;
}

struct bridge_request *bridge_request_ref(struct bridge_request *req)
{
    req->refs++;
    return req;
}

void bridge_request_unref(struct bridge_request *req)
{
    if (req && --req->refs == 0) {
        json_decref(req->message);
        free(req);
    }
}

static void take_out(struct bridge_request *req)
{
    struct bridge_session *s = req->session;

    for (struct bridge_request **at = &s->open; *at; at = &(*at)->next) {
        if (*at == req) {
            *at = req->next;
            s->open_count--;
            break;
        }
    }
    req->next = NULL;
    req->replied = true;
    req->cancel = NULL;
}

static void close_with(struct bridge_request *req, json_t *response_owned)
{
    take_out(req);
    bridge_send(req->session, response_owned);
    bridge_request_unref(req);
}

void bridge_request_drop(struct bridge_request *req)
{
    take_out(req);
    bridge_request_unref(req);
}

void bridge_reply(struct bridge_request *req, json_t *body_owned)
{
    if (req->replied) {
        json_decref(body_owned);
        return;
    }
    close_with(req, dap_response_new(&req->dap, body_owned));
}

void bridge_fail_with(struct bridge_request *req, const struct cd_error *err,
                      json_t *body_extra_owned)
{
    if (req->replied) {
        json_decref(body_extra_owned);
        return;
    }
    close_with(req, dap_error_response_new(&req->dap, err, body_extra_owned));
}

void bridge_fail(struct bridge_request *req, const struct cd_error *err)
{
    bridge_fail_with(req, err, NULL);
}

void bridge_failf(struct bridge_request *req, enum cd_error_id id, const char *format, ...)
{
    struct cd_error err = CD_ERROR_INIT;
    va_list ap;

    err.id = (int)id;
    va_start(ap, format);
    (void)vsnprintf(err.text, sizeof err.text, format, ap);
    va_end(ap);
    bridge_fail(req, &err);
}

/* body.error of a kernel that left it out: DAP asks for it. */
static json_t *error_body(const json_t *response)
{
    json_t *body = json_object_get(response, "body");
    const json_t *text = json_object_get(response, "message");

    if (json_is_object(json_object_get(body, "error"))) {
        return json_incref(body);
    }
    body = json_is_object(body) ? json_copy(body) : json_object();
    json_object_set_new(
        body, "error",
        json_pack("{s:i, s:s, s:b}", "id", CD_E_KERNEL, "format",
                  json_is_string(text) ? json_string_value(text) : "the kernel refused", "showUser",
                  0));
    return body;
}

void bridge_reply_as(struct bridge_request *req, json_t *kernel_response)
{
    json_t *message = json_object_get(kernel_response, "message");
    json_t *response;

    if (req->replied) {
        return;
    }
    if (json_is_true(json_object_get(kernel_response, "success"))) {
        bridge_reply(req, json_incref(json_object_get(kernel_response, "body")));
        return;
    }
    response = dap_response_new(&req->dap, error_body(kernel_response));
    json_object_set_new(response, "success", json_false());
    json_object_set_new(response, "message",
                        json_is_string(message) ? json_incref(message)
                                                : json_string("the kernel refused"));
    close_with(req, response);
}

void bridge_fail_all(struct bridge_session *s, const struct bridge_request *except,
                     const char *text)
{
    struct bridge_request *req = s->open;

    while (req) {
        if (req == except) {
            req = req->next;
        } else {
            bridge_failf(req, CD_E_CANCELLED, "%s", text);
            req = s->open; /* the list changed */
            while (req && req == except) {
                req = req->next;
            }
        }
    }
}

struct bridge_request *bridge_request_find(struct bridge_session *s, int64_t seq)
{
    for (struct bridge_request *req = s->open; req; req = req->next) {
        if (req->dap.seq == seq) {
            return req;
        }
    }
    return NULL;
}
