/* SPDX-License-Identifier: BSD-3-Clause
 *
 * One HTTP request and its reply, whole in memory (nothing here is larger than a notebook file).
 * Exactly one reply; a client that goes away before it is no error. Bridge loop only.
 */
#ifndef BRIDGE_SERVE_HTTP_H
#define BRIDGE_SERVE_HTTP_H

#include "bridge/serve/web.h"
#include "dap/base/buf.h"
#include "dap/base/json.h"

struct lws;

enum http_method { HTTP_GET, HTTP_HEAD, HTTP_PUT, HTTP_POST, HTTP_OTHER };

struct http_call {
    struct bridge_web *web;
    struct lws *wsi; /* NULL: the client is gone */
    int refs;
    enum http_method method;
    char path[1024];                                        /* of the URI, decoded */
    char etag_wanted[128], etag_known[128], encodings[128]; /* If-Match, If-None-Match, Accept-… */
    struct cd_buf body;                                     /* of the request */
    bool wants_body;                                        /* more of it comes */
    /* the reply */
    int status; /* 0: none yet */
    char type[64];
    char etag[128];
    char encoding[16];
    bool page;      /* a document: the headers that keep it apart from other sites */
    bool sandboxed; /* a document of an origin of its own */
    bool immutable; /* never asked for again */
    struct cd_buf reply;
    size_t sent;
    bool headers_sent;
};

void http_call_unref(struct http_call *c);
/* The value of ?name=… , decoded, into out; false: it is not there or too long. */
bool http_query(const struct http_call *c, const char *name, char *out, size_t out_bytes);
/* Each gives the reply; later ones are dropped. */
void http_json(struct http_call *c, int status, json_t *body_owned);
void http_fail(struct http_call *c, int status, const char *format, ...) CD_PRINTF(3, 4);
/* What c->reply, type, etag and the rest say. */
void http_send(struct http_call *c, int status);

/* web.c's callback for the HTTP side: as libwebsockets wants it returned (-1: close). */
int http_request(struct bridge_web *w, struct lws *wsi, struct http_call **slot, const char *uri);
int http_body(struct http_call *c, const void *bytes, size_t len);
int http_body_end(struct http_call *c);
int http_writable(struct http_call *c);
void http_closed(struct http_call **slot);

/* files.c: the page's files; api.c: /api/… */
void http_serve_file(struct http_call *c);
/* Answered, or once the body is there. */
void http_serve_api(struct http_call *c);
/* api_files.c */
void http_api_list(struct http_call *c);
void http_api_file_get(struct http_call *c);
void http_api_file_put(struct http_call *c);

#endif
