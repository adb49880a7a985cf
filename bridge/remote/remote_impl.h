/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What the parts of bridge/remote share about one kernel: remote.c (its life, orders), login.c (is
 * that a server, who are we), find.c (which kernel). Nobody else includes this.
 */
#ifndef BRIDGE_REMOTE_IMPL_H
#define BRIDGE_REMOTE_IMPL_H

#include "bridge/remote/http.h"
#include "bridge/remote/remote.h"

struct remote_order;

struct bridge_remote {
    struct remote_server server;                         /* the one that is asked */
    char *password, *wished_id, *notebook, *kernel_name; /* owned; NULL: not wished */
    json_t *servers; /* owned: those of this machine; NULL: one was named */
    size_t server_index;
    struct remote_http *http;          /* the step that is under way; NULL: none */
    struct remote_resolve *resolve;    /* or this one */
    struct remote_addresses addresses; /* of the server */
    size_t address_index;              /* that is tried */
    bridge_remote_fn fn;
    void *ctx;
    char kernel_id[64]; /* "" before it is found */
    bool started;
    json_t *kernels; /* owned; where all are listed; else NULL */
    struct remote_order *orders;
};

struct remote_server *remote_server_of(struct bridge_remote *r);
/* Letters, digits and '-': what may stand in a path, and is no way out of it. */
bool remote_kernel_id_good(const char *id);

/* The next step. Its answer comes to fn with r. */
void remote_step(struct bridge_remote *r, const char *method, const char *path, const char *type,
                 const char *body, remote_reply_fn fn);
/* In fn, first: NULL there is none, or the server is not satisfied with us or the request; the
 * search has failed then. status_wanted: of success. Else the answer's JSON, new (null where it has
 * no body). */
json_t *remote_answer(struct bridge_remote *r, const struct remote_reply *reply,
                      const struct cd_error *err, int status_wanted);
/* The search on this server has failed: the next one, or the end of all. Nothing after it. */
void remote_failed(struct bridge_remote *r, const struct cd_error *err);
void remote_found(struct bridge_remote *r, const char *kernel_id);
/* What a status means that was not wanted. */
void remote_explain(const struct bridge_remote *r, const struct remote_reply *reply,
                    struct cd_error *ret);

/* login.c: r->server is a Jupyter Server and knows us; then remote_find. */
void remote_enter(struct bridge_remote *r);
/* find.c */
void remote_find(struct bridge_remote *r);
/* list.c: r->kernels */
void remote_list(struct bridge_remote *r);

#endif
