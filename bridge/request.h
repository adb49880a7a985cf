/* SPDX-License-Identifier: BSD-3-Clause
 *
 * One request of the client, from its arrival to its reply. The record makes "exactly one reply"
 * structural: it can be answered once, later answers are dropped, and one that nobody keeps and
 * nobody answered is answered with an error by dispatch.
 */
#ifndef BRIDGE_REQUEST_H
#define BRIDGE_REQUEST_H

#include "dap/message.h"
#include "dap/requests.h"

struct bridge_session;

struct bridge_request {
    struct bridge_request *next; /* open requests of the session, newest first */
    struct bridge_session *session;
    struct dap_request dap;            /* borrowed from message */
    json_t *message;                   /* owned; lines and columns are 1-based by now */
    const struct dap_command_row *row; /* NULL: unknown command */
    int refs;
    bool replied;
    uint64_t kernel_request; /* of bridge_client_debug; 0 = none */
    unsigned stop_count;     /* the session's, when it was sent on */
    /* How `cancel` stops it beyond its own reply; NULL: nothing more to do. */
    void (*cancel)(struct bridge_request *req);
    void *cancel_data;
};

/* New, open, with one reference that the reply drops. Takes message_owned. */
struct bridge_request *bridge_request_new(struct bridge_session *s, json_t *message_owned);
struct bridge_request *bridge_request_ref(struct bridge_request *req);
void bridge_request_unref(struct bridge_request *req);

/* Each answers and closes; no effect when it was answered before. body_owned may be NULL. */
void bridge_reply(struct bridge_request *req, json_t *body_owned);
void bridge_fail(struct bridge_request *req, const struct cd_error *err);
void bridge_fail_with(struct bridge_request *req, const struct cd_error *err,
                      json_t *body_extra_owned);
void bridge_failf(struct bridge_request *req, enum cd_error_id id, const char *format, ...)
    CD_PRINTF(3, 4);
/* The kernel's response as our own: body or error of it, not its numbers. */
void bridge_reply_as(struct bridge_request *req, json_t *kernel_response);
/* Closed without a reply: it has no number that a reply could name. */
void bridge_request_drop(struct bridge_request *req);
/* Every open request, with `cancelled`; except (may be NULL) stays open. */
void bridge_fail_all(struct bridge_session *s, const struct bridge_request *except,
                     const char *text);
/* NULL: none is open with this seq. */
struct bridge_request *bridge_request_find(struct bridge_session *s, int64_t seq);

#endif
