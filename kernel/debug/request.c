/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Requests under way: each is answered exactly once, by its handler, by its job, at its deadline,
 * by a cancel, by the end of its stop or by the end of the kernel. Debug thread only; the list is
 * in the order of arrival.
 */
#include "kernel/debug/state.h"

#include <assert.h>
#include <stdlib.h>

struct dbg_request *dbg__request_new(struct dbg_session *s, int client_id, void *route,
                                     json_t *message_owned)
{
    struct dbg_request *r = calloc(1, sizeof(*r));
    if (!r) {
        return NULL;
    }
    r->session = s;
    r->client_id = client_id;
    r->route = route;
    r->message = message_owned;
    r->dap.command = "";
    return r;
}

void dbg__answer_made(struct dbg_request *r, json_t *response_owned)
{
    const struct dbg_transport *t = r->session->transport;
    assert(!r->answered);
    if (r->answered) {
        json_decref(response_owned);
        return;
    }
    r->answered = true;
    dbg__blanks_out(r->session, r->client_id, json_object_get(response_owned, "body"));
    t->reply(t->ctx, r->route, response_owned);
}

void dbg__answer(struct dbg_request *r, json_t *body_owned)
{
    dbg__answer_made(r, dap_response_new(&r->dap, body_owned));
}

void dbg__fail(struct dbg_request *r, const struct cd_error *err)
{
    dbg__answer_made(r, dap_error_response_new(&r->dap, err, NULL));
}

void dbg__request_free(struct dbg_request *r)
{
    if (!r) {
        return;
    }
    assert(!r->pending);
    if (!r->answered) {
        struct cd_error err = CD_ERROR_INIT;
        cd_error_set(&err, CD_E_INTERNAL, "'%.60s' was not answered", r->dap.command);
        dbg__fail(r, &err);
    }
    json_decref(r->late_body);
    json_decref(r->message);
    free(r);
}

void dbg__make_pending(struct dbg_request *r)
{
    struct dbg_request **pp = &r->session->pending;
    assert(!r->pending && !r->answered);
    while (*pp) {
        pp = &(*pp)->next;
    }
    *pp = r;
    r->next = NULL;
    r->pending = true;
}

void dbg__unlink(struct dbg_request *r)
{
    for (struct dbg_request **pp = &r->session->pending; *pp; pp = &(*pp)->next) {
        if (*pp == r) {
            *pp = r->next;
            r->next = NULL;
            r->pending = false;
            return;
        }
    }
}

struct dbg_request *dbg__request_by_number(const struct dbg_session *s, uint64_t number)
{
    struct dbg_request *r = s->pending;
    while (r && r->number != number) {
        r = r->next;
    }
    return r;
}

void dbg__cancel(struct dbg_request *r, const char *why)
{
    struct cd_error err = CD_ERROR_INIT;
    cd_error_set(&err, CD_E_CANCELLED, "%s", why);
    dbg__unlink(r);
    dbg__fail(r, &err);
    dbg__request_free(r);
}

void dbg__cancel_stop(struct dbg_session *s, uint64_t stop, const char *why)
{
    for (struct dbg_request *r = s->pending, *next; r; r = next) {
        next = r->next;
        if (r->stop == stop && !r->anywhere) {
            dbg__cancel(r, why);
        }
    }
}

void dbg__expire(struct dbg_session *s, int64_t now)
{
    for (struct dbg_request *r = s->pending, *next; r; r = next) {
        next = r->next;
        if (!r->deadline_ms || r->deadline_ms > now) {
            continue;
        }
        dbg__unlink(r);
        if (r->late_body) {
            dbg__answer(r, cd_take(r->late_body));
        } else {
            struct cd_error err = CD_ERROR_INIT;
            cd_error_set(&err, CD_E_TIMEOUT, "'%s' is still running; it goes on in the background",
                         r->dap.command);
            dbg__fail(r, &err);
        }
        dbg__request_free(r);
    }
}
