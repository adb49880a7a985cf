/* SPDX-License-Identifier: BSD-3-Clause
 *
 * See hub.h.
 */
#include "bridge/serve/hub.h"

#include "bridge/rooms/rooms.h"

#include <stdlib.h>

struct seat {
    struct seat *next;
    struct bridge_hub *hub;
    struct bridge_session *session;
    struct bridge_transport *transport; /* NULL: not seated yet */
    void (*free_transport)(struct bridge_transport *t);
};

struct bridge_hub {
    struct bridge_hub_config config;
    struct bridge_rooms *rooms;
    struct seat *seats;
    int count;
    bool ending;
};

struct bridge_hub *bridge_hub_new(const struct bridge_hub_config *config, struct cd_error *reterr)
{
    struct bridge_hub *h = calloc(1, sizeof *h);

    if (!h || !(h->rooms = bridge_rooms_new(config->loop, config->alone_s))) {
        free(h);
        cd_oom(reterr);
        return NULL;
    }
    h->config = *config;
    return h;
}

static void leave(struct seat *seat)
{
    struct bridge_hub *h = seat->hub;

    for (struct seat **at = &h->seats; *at; at = &(*at)->next) {
        if (*at == seat) {
            *at = seat->next;
            break;
        }
    }
    h->count--;
    bridge_session_free(cd_take(seat->session));
    if (seat->transport) {
        seat->free_transport(cd_take(seat->transport));
    }
    free(seat);
    if (h->ending && h->count == 0) {
        h->config.empty(h->config.ctx);
    }
}

void bridge_hub_free(struct bridge_hub *h)
{
    if (!h) {
        return;
    }
    h->ending = false; /* nobody is told any more */
    while (h->seats) {
        leave(h->seats);
    }
    bridge_rooms_free(h->rooms);
    free(h);
}

const struct bridge_gate *bridge_hub_gate(const struct bridge_hub *h)
{
    return h->config.gate;
}

struct bridge_rooms *bridge_hub_rooms(const struct bridge_hub *h)
{
    return h->rooms;
}

uv_loop_t *bridge_hub_loop(const struct bridge_hub *h)
{
    return h->config.loop;
}

static void on_done(void *ctx, int status)
{
    (void)status;
    leave(ctx);
}

struct bridge_session *bridge_hub_open(struct bridge_hub *h, bool trusted, struct cd_error *reterr)
{
    struct seat *seat;

    if (h->ending || h->count >= h->config.max_sessions) {
        cd_error_set(reterr, CD_E_LIMIT,
                     h->ending ? "celldap is ending"
                               : "there are %d sessions already, as many as --max-sessions allows",
                     h->count);
        return NULL;
    }
    seat = calloc(1, sizeof *seat);
    if (!seat) {
        cd_oom(reterr);
        return NULL;
    }
    struct bridge_session_config config = {.loop = h->config.loop,
                                           .kernel_log = h->config.kernel_log,
                                           .token = trusted ? NULL : h->config.gate->token,
                                           .rooms = h->rooms,
                                           .done = on_done,
                                           .ctx = seat};
    seat->hub = h;
    seat->session = bridge_session_new(&config, reterr);
    if (!seat->session) {
        free(seat);
        return NULL;
    }
    seat->next = h->seats;
    h->seats = seat;
    h->count++;
    return seat->session;
}

static struct seat *seat_of(const struct bridge_hub *h, const struct bridge_session *s)
{
    struct seat *seat = h->seats;

    while (seat->session != s) {
        seat = seat->next;
    }
    return seat;
}

void bridge_hub_seat(struct bridge_hub *h, struct bridge_session *s, struct bridge_transport *t,
                     void (*free_transport)(struct bridge_transport *t))
{
    struct seat *seat = seat_of(h, s);

    seat->transport = t;
    seat->free_transport = free_transport;
    bridge_session_connect(s, t);
}

void bridge_hub_refuse(struct bridge_hub *h, struct bridge_session *s)
{
    leave(seat_of(h, s));
}

void bridge_hub_end(struct bridge_hub *h)
{
    struct seat *seat = h->seats;

    h->ending = true;
    if (!seat) {
        h->config.empty(h->config.ctx);
        return;
    }
    while (seat) {
        struct seat *next = seat->next; /* the end of one frees that one only */

        bridge_session_end(seat->session);
        seat = next;
    }
}
