/* SPDX-License-Identifier: BSD-3-Clause
 *
 * See resolve.h.
 */
#include "bridge/remote/resolve.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

struct remote_resolve {
    uv_getaddrinfo_t request;
    remote_resolved_fn fn; /* NULL: cancelled */
    void *ctx;
    char host[256];
};

bool remote_is_address(const char *host)
{
    unsigned char address[16];

    return inet_pton(AF_INET, host, address) == 1 || inet_pton(AF_INET6, host, address) == 1;
}

static void collect(const struct addrinfo *all, struct remote_addresses *ret)
{
    ret->count = 0;
    for (const struct addrinfo *one = all; one && ret->count < REMOTE_ADDRESSES;
         one = one->ai_next) {
        if (getnameinfo(one->ai_addr, one->ai_addrlen, ret->text[ret->count], REMOTE_ADDRESS_BYTES,
                        NULL, 0, NI_NUMERICHOST) == 0) {
            ret->count++;
        }
    }
}

static void on_resolved(uv_getaddrinfo_t *request, int status, struct addrinfo *all)
{
    struct remote_resolve *q = request->data;
    struct remote_addresses found = {.count = 0};
    struct cd_error err = CD_ERROR_INIT;

    collect(all, &found);
    uv_freeaddrinfo(all);
    if (found.count == 0) {
        cd_error_set(&err, CD_E_NOT_FOUND, "the host '%.100s' is not found: %s", q->host,
                     status ? uv_strerror(status) : "it has no address");
    }
    if (q->fn) {
        q->fn(q->ctx, err.id ? NULL : &found, err.id ? &err : NULL);
    }
    free(q);
}

cd_result remote_resolve(uv_loop_t *loop, const char *host, remote_resolved_fn fn, void *ctx,
                         struct remote_resolve **ret, struct cd_error *reterr)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG};
    struct remote_resolve *q = calloc(1, sizeof *q);
    int status;

    if (!q) {
        return cd_oom(reterr);
    }
    q->fn = fn;
    q->ctx = ctx;
    q->request.data = q;
    (void)snprintf(q->host, sizeof q->host, "%s", host);
    status = uv_getaddrinfo(loop, &q->request, on_resolved, host, NULL, &hints);
    if (status != 0) {
        free(q);
        return cd_error_set(reterr, CD_E_SYSTEM, "the host '%.100s' cannot be looked up: %s", host,
                            uv_strerror(status));
    }
    *ret = q;
    return CD_OK;
}

void remote_resolve_cancel(struct remote_resolve *q)
{
    if (q) {
        q->fn = NULL;
        (void)uv_cancel((uv_req_t *)&q->request); /* its callback frees it, soon or late */
    }
}
