/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The client side of one kernel: shell, control, stdin, iopub, and the debug socket. Requests are
 * matched with replies by msg_id (debug: also by seq) and have time-outs. A channel whose port is
 * 0 is not there: without a debug socket its requests travel on control and its events on iopub,
 * a child process has nothing but the debug socket. Bridge loop only; a callback is called from
 * the loop, never from inside the call that registered it, exactly once.
 */
#ifndef BRIDGE_KERNEL_CLIENT_H
#define BRIDGE_KERNEL_CLIENT_H

#include "bridge/channels.h"

struct bridge_client;

struct bridge_client_events {
    void *ctx;
    /* Every iopub message in order, the welcome too. Borrowed. */
    void (*iopub)(void *ctx, const struct wire_msg *m);
    /* input() of an execution of ours. Answer with bridge_client_input. */
    void (*input)(void *ctx, const char *prompt, bool password);
    /* DAP event of the debug socket, after the iopub messages that were sent before it
     * (contracts.md §6). Borrowed; may be changed by the callee. */
    void (*debug_event)(void *ctx, json_t *event);
    /* The kernel can be reached (again), or not any more. NULL: not wanted. */
    void (*link)(void *ctx, bool up);
    /* It will not be reached again. NULL: not wanted. */
    void (*gone)(void *ctx, const struct cd_error *why);
    /* iopub messages may have been lost (goes_on: and more will, until the cell that runs is
     * through): what they told has to be asked for. NULL: not wanted. */
    void (*gap)(void *ctx, bool goes_on);
    /* Another process answers under the same connection: all requests to the old one have been
     * called back. NULL: not wanted. */
    void (*restarted)(void *ctx);
};

/* reply NULL: *err says why (CD_E_TIMEOUT, CD_E_KERNEL when the client is closed). Borrowed. */
typedef void (*bridge_reply_fn)(void *ctx, const struct wire_msg *reply,
                                const struct cd_error *err);
/* response: the whole DAP response, may be changed by the callee; NULL: *err says why. */
typedef void (*bridge_debug_fn)(void *ctx, json_t *response, const struct cd_error *err);

cd_result bridge_client_new(uv_loop_t *loop, const struct wire_connection *connection,
                            const struct bridge_client_events *events, struct bridge_client **ret,
                            struct cd_error *reterr) CD_MUST_CHECK;
/* Over other channels than sockets: see channels.h. */
cd_result bridge_client_open(uv_loop_t *loop, bridge_channels_open_fn open, const void *where,
                             const struct bridge_client_events *events, struct bridge_client **ret,
                             struct cd_error *reterr) CD_MUST_CHECK;
/* The kernel has ended: what it said before is passed on, and nothing is held back any more. The
 * callbacks may close the client. */
void bridge_client_last_words(struct bridge_client *c);
/* Outstanding requests are called back with CD_E_KERNEL at once (the one exception to "from the
 * loop"); then nothing is called any more. */
void bridge_client_close(struct bridge_client *c);

/* For foreign debuggers: requests wait for each other's replies, since they mix them up, and
 * replies are repaired (foreign.h). */
void bridge_client_one_at_a_time(struct bridge_client *c, bool on);
bool bridge_client_has(const struct bridge_client *c, enum wire_channel channel);
/* Asks kernel_info on shell and control (without a shell channel a ping, whose answer is put into
 * its form) and waits until iopub is open: its welcome, or what it tells of this request,
 * WELCOME_MS at most. From then on no iopub message is missed. fn gets the kernel_info_reply. Once,
 * right after bridge_client_new, and again after `restarted`. */
void bridge_client_start(struct bridge_client *c, uint64_t timeout_ms, bridge_reply_fn fn,
                         void *ctx);

/* channel: WIRE_SHELL or WIRE_CONTROL. timeout_ms 0: none. metadata_owned may be NULL. Returns a
 * number > 0 of the request; contents are taken. fn may be NULL. *ret_msg_id (may be NULL) receives
 * the msg_id, which iopub messages of this request carry as parent: 64 bytes. */
uint64_t bridge_client_request(struct bridge_client *c, enum wire_channel channel,
                               const char *msg_type, json_t *content_owned, json_t *metadata_owned,
                               uint64_t timeout_ms, bridge_reply_fn fn, void *ctx,
                               char *ret_msg_id);
/* One DAP request on the debug socket. command: a constant. arguments_owned may be NULL. The first
 * one says hello before, and pings follow (contracts.md §6). */
uint64_t bridge_client_debug(struct bridge_client *c, const char *command, json_t *arguments_owned,
                             uint64_t timeout_ms, bridge_debug_fn fn, void *ctx);
/* The seq under which the kernel knows a debug request; 0: not outstanding. */
int64_t bridge_client_debug_seq(const struct bridge_client *c, uint64_t request);
/* The request with this msg_id is called back with CD_E_TIMEOUT, soon: its answer was lost. */
void bridge_client_expire(struct bridge_client *c, const char *msg_id);
void bridge_client_input(struct bridge_client *c, const char *value);

#endif
