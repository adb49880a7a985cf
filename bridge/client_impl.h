/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Inside of the kernel client: kernel_client.c (requests), client_pump.c (what arrives),
 * client_debug.c (debug requests, order of the debug socket's events). Nobody else includes this.
 */
#ifndef BRIDGE_CLIENT_IMPL_H
#define BRIDGE_CLIENT_IMPL_H

#include "bridge/kernel_client.h"

#define CLIENT_ID_BYTES 64

struct client_pending {
    struct client_pending *next;
    uint64_t number;
    char msg_id[CLIENT_ID_BYTES];
    int64_t debug_seq;    /* 0: no debug request */
    const char *command;  /* of a debug request; a constant */
    uint64_t deadline_ms; /* of the loop's clock; 0 = none */
    bridge_reply_fn fn;
    bridge_debug_fn debug_fn;
    struct wire_msg *held; /* owned: not sent yet, another one is under way */
    void *ctx;
};

struct client_event {
    struct client_event *next;
    json_t *event;
    uint64_t after_count; /* iopub messages */
    uint64_t until_ms;
};

struct bridge_client {
    uv_loop_t *loop;
    struct bridge_client_events events;
    struct bridge_channels *channels;
    uv_timer_t timeout; /* nearest deadline of pending */
    uv_timer_t hold;    /* first held debug event */
    uv_timer_t ping;
    uv_timer_t welcome; /* how long to wait for iopub's welcome */
    int open_handles;
    bool closed;
    char id[40]; /* uuid: our identity to the kernel */
    struct client_pending *pending;
    uint64_t last_number;
    int64_t last_debug_seq;
    bool said_hello;
    bool one_at_a_time;
    uint64_t under_way; /* number of the debug request that others wait for; 0: none */
    bool counting;      /* a welcome told where we are */
    uint64_t iopub_count;
    char kernel_session[64]; /* of its iopub messages; "" before the first */
    struct client_event *held, **held_end;
    struct wire_msg *input_from;            /* whose input() waits */
    bool iopub_open;                        /* no iopub message is missed any more */
    char start_msg_ids[2][CLIENT_ID_BYTES]; /* of the kernel_info_requests */
    bridge_reply_fn start_fn;
    void *start_ctx;
    struct wire_msg *info; /* kernel_info_reply, until iopub is open */
};

/* kernel_client.c */
struct client_pending *client_pending_add(struct bridge_client *c, uint64_t timeout_ms);
/* Unlinks the one with this msg_id; caller frees. NULL: nobody waits for it. */
struct client_pending *client_pending_take(struct bridge_client *c, const char *msg_id);
void client_send(struct bridge_client *c, enum wire_channel channel, struct wire_msg *m_owned);
/* Calls back every outstanding request. */
void client_fail_all(struct bridge_client *c, const char *text);
/* client_pump.c */
extern const struct bridge_channels_events client_channels_events; /* ctx: the client */
/* client_debug.c */
/* p is over, however that came: the next may go. */
void client_debug_over(struct bridge_client *c, const struct client_pending *p);
void client_debug_event(struct bridge_client *c, const struct wire_msg *m);
/* p gets its reply, as DAP wants it. */
void client_debug_answer(const struct bridge_client *c, const struct client_pending *p,
                         struct wire_msg *m);
void client_debug_message(struct bridge_client *c, struct wire_msg *m);
void client_release_events(struct bridge_client *c);
void client_drop_events(struct bridge_client *c);

#endif
