/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Debug thread: owns the debug ROUTER and the debugger's session. Requests come from that socket
 * and, through its queue, from the control channel; what the engine says comes through the same
 * queue. Must never run Python: that is for the stopped thread, arm and assist.
 */
#include "dap/base/log.h"
#include "kernel/channels/channels.h"
#include "kernel/debug/session.h"

#include <stdlib.h>
#include <string.h>

enum { ITEMS = 64, TEXTS = 64 }; /* at most so many before the socket is looked at again */

/* Which identity a client of the socket has. */
struct peer {
    int client_id;
    struct wire_blob identity; /* owned */
};

struct debug_channel {
    struct kernel *kernel;
    struct wire_signer *signer;
    struct dbg_session *session;
    struct peer *peers;
    size_t peer_count;
    int64_t last_seq;      /* of replies and events, to whomever */
    unsigned control_open; /* requests of the control channel without their reply */
    struct kernel_awake awake;
    bool stopped; /* the program was at the last wait */
};

/* Where a request came from. */
struct route {
    enum wire_channel channel;
    struct wire_msg *request; /* owned */
    bool late; /* another request of control was open: its busy comes with its reply */
};

void kernel_debug_item_free(void *arg)
{
    struct kernel_debug_item *item = arg;
    if (item) {
        wire_msg_free(item->request);
        engine_note_free(item->note);
        free(item);
    }
}

static void push(struct kernel *k, struct kernel_debug_item item)
{
    struct kernel_debug_item *copy = malloc(sizeof *copy);
    if (!copy) {
        cd_log(CD_LOG_ERROR, "debug", "out of memory: a message is lost");
        wire_msg_free(item.request);
        engine_note_free(item.note);
        return;
    }
    *copy = item;
    (void)cd_queue_push(k->debug, copy);
}

void kernel_debug_note(struct kernel *k, struct engine_note *note_owned)
{
    push(k, (struct kernel_debug_item){.note = note_owned});
}

void kernel_debug_request(struct kernel *k, struct wire_msg *m_owned)
{
    push(k, (struct kernel_debug_item){.request = m_owned});
}

void kernel_debug_stop(struct kernel *k)
{
    push(k, (struct kernel_debug_item){0});
}

static void send_to_socket(struct debug_channel *d, struct wire_msg *m_owned)
{
    struct cd_error err = CD_ERROR_INIT;
    if (!m_owned || wire_socket_send(d->kernel->sockets[WIRE_DEBUG], d->signer, m_owned, &err)) {
        cd_log(CD_LOG_ERROR, "debug", "a message is lost: %s", err.text);
    }
}

/* ---- struct dbg_transport ---- */

/* DAP: ProtocolMessage.seq. */
static void number(struct debug_channel *d, json_t *message)
{
    (void)json_object_set_new(message, "seq", json_integer(++d->last_seq));
}

static void on_reply(void *ctx, void *arg, json_t *response_owned)
{
    struct debug_channel *d = ctx;
    struct route *route = arg;
    number(d, response_owned);
    if (!route) { /* of what the session itself asked for */
        json_decref(response_owned);
        return;
    }
    if (route->channel == WIRE_CONTROL) {
        d->control_open--;
        if (route->late) {
            kernel_publish_status(d->kernel, route->request, "busy");
        }
        kernel_reply(d->kernel, WIRE_CONTROL, route->request, "debug_reply", response_owned);
        kernel_publish_status(d->kernel, route->request, "idle");
    } else {
        send_to_socket(d, wire_msg_reply_new("debug_reply", route->request, response_owned));
    }
    wire_msg_free(route->request);
    free(route);
}

static void publish_event(struct debug_channel *d, json_t *event_owned)
{
    if (!d->kernel->sockets[WIRE_IOPUB]) { /* a child process has none */
        json_decref(event_owned);
        return;
    }
    struct wire_msg *m = wire_msg_new("debug_event", NULL, event_owned);
    if (m) {
        m->parent_text = kernel_output_parent_copy(d->kernel);
    }
    kernel_publish(d->kernel, m);
}

static void send_event(struct debug_channel *d, const struct peer *peer, json_t *event_owned,
                       uint64_t iopub_count)
{
    struct wire_msg *m = wire_msg_new("debug_event", NULL, event_owned);
    json_t *ours = json_pack("{s:I}", "iopub_count", (json_int_t)iopub_count);
    if (!m || json_object_set_new(wire_msg_metadata(m), "celldap", ours) ||
        wire_msg_add_ident(m, peer->identity.data, peer->identity.len, NULL)) {
        wire_msg_free(m);
        m = NULL;
    }
    send_to_socket(d, m);
}

static void on_event(void *ctx, int client_id, json_t *event_owned, uint64_t iopub_count)
{
    struct debug_channel *d = ctx;
    number(d, event_owned);
    for (size_t i = 0; i < d->peer_count; i++) {
        if (client_id == 0 || client_id == d->peers[i].client_id) {
            send_event(d, &d->peers[i], json_deep_copy(event_owned), iopub_count);
        }
    }
    if (client_id == 0 || client_id == DBG_CLIENT_CONTROL) {
        publish_event(d, event_owned);
    } else {
        json_decref(event_owned);
    }
}

static int64_t on_now_ms(void *ctx)
{
    (void)ctx;
    return kernel_now_ms();
}

static void on_post(void *ctx, enum dbg_worker where, struct dbg_job *job_owned)
{
    struct kernel *k = ((struct debug_channel *)ctx)->kernel;
    kernel_python_dbg_job(k, where == DBG_ON_ARM ? k->arm : k->assist, job_owned);
}

/* ---- requests in ---- */

/* The client behind a request's identity; 0: out of memory. */
static int client_of(struct debug_channel *d, const struct wire_msg *request)
{
    const struct wire_blob *id = &request->idents[0];
    for (size_t i = 0; i < d->peer_count; i++) {
        const struct wire_blob *known = &d->peers[i].identity;
        if (known->len == id->len && memcmp(known->data, id->data, id->len) == 0) {
            return d->peers[i].client_id;
        }
    }
    struct peer *grown = realloc(d->peers, (d->peer_count + 1) * sizeof *grown);
    if (!grown) {
        return 0;
    }
    d->peers = grown;
    struct peer peer = {.identity = {.data = malloc(id->len + 1), .len = id->len}};
    peer.client_id = peer.identity.data ? dbg_session_client(d->session, id->data, id->len) : 0;
    if (peer.client_id == 0) {
        free(peer.identity.data);
        return 0;
    }
    memcpy(peer.identity.data, id->data, id->len);
    grown[d->peer_count++] = peer;
    return peer.client_id;
}

static void request(struct debug_channel *d, enum wire_channel channel, int client_id,
                    struct wire_msg *m_owned)
{
    struct route *route = malloc(sizeof *route);
    if (!route || !client_id) {
        cd_log(CD_LOG_ERROR, "debug", "out of memory: a request is lost");
        free(route);
        wire_msg_free(m_owned);
        return;
    }
    json_t *content = cd_take(m_owned->content);
    *route = (struct route){.channel = channel, .request = m_owned};
    if (channel == WIRE_CONTROL) {
        route->late = d->control_open++ > 0;
        if (!route->late) {
            kernel_publish_status(d->kernel, m_owned, "busy");
        }
    }
    dbg_session_request(d->session, client_id, route, content);
}

static void receive_all(struct debug_channel *d)
{
    for (;;) {
        struct wire_msg *m = NULL;
        struct cd_error err = CD_ERROR_INIT;
        const int got = wire_socket_recv(d->kernel->sockets[WIRE_DEBUG], d->signer, &m, &err);
        if (got == 0 || (got < 0 && err.id == CD_E_SYSTEM)) {
            return;
        }
        if (got < 0) {
            cd_log(CD_LOG_WARN, "debug", "dropped: %s", err.text);
        } else if (strcmp(wire_msg_type(m), "debug_request") == 0 && m->ident_count > 0) {
            atomic_store_explicit(&d->kernel->heard_ms, kernel_now_ms(), memory_order_relaxed);
            request(d, WIRE_DEBUG, client_of(d, m), m);
        } else {
            cd_log(CD_LOG_DEBUG, "debug", "a '%.40s' is ignored", wire_msg_type(m));
            wire_msg_free(m);
        }
    }
}

static bool is_request(const void *item)
{
    return ((const struct kernel_debug_item *)item)->request != NULL;
}

/* A flood of log messages: some of them, then requests, which must not wait for the rest (one may
 * be a pause). true: done with the item. */
static bool take_texts(struct debug_channel *d, struct kernel_debug_item *item)
{
    struct cd_queue *q = d->kernel->debug;
    if (!item->note || cd_queue_closed(q) || !dbg_session_texts(d->session, item->note, TEXTS)) {
        return true;
    }
    struct kernel_debug_item *asked;
    while ((asked = cd_queue_pop_if(q, is_request))) {
        request(d, WIRE_CONTROL, DBG_CLIENT_CONTROL, cd_take(asked->request));
        kernel_debug_item_free(asked);
    }
    (void)cd_queue_push_front(q, item);
    return false;
}

static void take_queue(struct debug_channel *d)
{
    struct kernel_debug_item *item;
    for (int i = 0; i < ITEMS && (item = cd_queue_pop(d->kernel->debug)); i++) {
        if (!take_texts(d, item)) {
            return;
        }
        if (item->request) {
            request(d, WIRE_CONTROL, DBG_CLIENT_CONTROL, cd_take(item->request));
        } else if (item->note) {
            dbg_session_note(d->session, cd_take(item->note));
        } else {
            dbg_session_shutdown(d->session);
        }
        kernel_debug_item_free(item);
    }
}

/* A client asks a stopped program one thing after the other, and a step ends soon. */
static void wait_for_more(struct debug_channel *d, int timeout_ms)
{
    struct wire_socket *const *socket = &d->kernel->sockets[WIRE_DEBUG];
    const int queue_fd = cd_queue_fd(d->kernel->debug);
    const bool was_stopped = d->stopped;
    d->stopped = dbg_session_is_stopped(d->session);
    if ((!was_stopped && !d->stopped) || !kernel_awake_poll(&d->awake, socket, queue_fd)) {
        (void)wire_poll(socket, 1, &queue_fd, 1, timeout_ms);
    }
}

/* What the control thread asks about (--alone): as it is before we wait. */
static void tell_control(const struct debug_channel *d)
{
    struct kernel *k = d->kernel;
    atomic_store_explicit(&k->stopped, dbg_session_is_stopped(d->session), memory_order_relaxed);
    atomic_store_explicit(&k->attended, dbg_session_attended(d->session), memory_order_relaxed);
}

static void serve(struct debug_channel *d)
{
    struct kernel *k = d->kernel;
    while (!kernel_drained(k->debug)) {
        const int timeout = dbg_session_tick(d->session);
        tell_control(d);
        wait_for_more(d, timeout);
        kernel_output_hold();
        take_queue(d);
        receive_all(d);
        kernel_output_let_go(k);
    }
    dbg_session_shutdown(d->session);
}

/* CELLDAP_AWAY_MS: how long a client may say nothing (contracts.md §6); 0: the default. */
static int64_t away_after_ms(void)
{
    const char *text = getenv("CELLDAP_AWAY_MS");
    const long ms = text ? strtol(text, NULL, 10) : 0;
    return ms >= 100 && ms <= 3600000 ? ms : 0;
}

void kernel_debug_loop(struct kernel *k)
{
    struct debug_channel d = {.kernel = k, .signer = kernel_signer(k)};
    const struct dbg_transport transport = {
        .ctx = &d, .reply = on_reply, .event = on_event, .now_ms = on_now_ms, .post = on_post};
    const struct dbg_session_config config = {.engine = k->engine,
                                              .transport = &transport,
                                              .cell_prefix = k->cell_prefix,
                                              .away_after_ms = away_after_ms()};
    struct cd_error err = CD_ERROR_INIT;
    d.session = d.signer ? dbg_session_new(&config, &err) : NULL;
    if (d.session && k->inherited) {
        dbg_session_inherit(d.session, k->inherited);
        (void)sem_post(&k->inherited_done);
    }
    if (d.session) {
        serve(&d);
    } else {
        cd_log(CD_LOG_ERROR, "debug", "no debugger: %s", err.text);
        kernel_ask_stop(k);
    }
    dbg_session_free(d.session);
    for (size_t i = 0; i < d.peer_count; i++) {
        free(d.peers[i].identity.data);
    }
    free(d.peers);
    wire_signer_free(d.signer);
}
