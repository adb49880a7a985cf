/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A room is a kernel that `celldap serve` started, with what its cells put out. Sessions come and
 * go; the kernel lives on, can be attached to by anybody (its connection file lies in Jupyter's
 * runtime folder), and ends when it was alone for long (contracts.md §7). Bridge loop only;
 * callbacks come from the loop.
 */
#ifndef BRIDGE_ROOMS_H
#define BRIDGE_ROOMS_H

#include "bridge/kernel_process.h"
#include "kernel/wire/msg.h"

struct bridge_rooms;
struct bridge_room;

struct bridge_room_events {
    void *ctx;
    /* The kernel has bound its sockets. */
    void (*ports)(void *ctx, const struct wire_connection *connection);
    /* It has ended, and nobody starts it again: exit status, or the signal that killed it, and what
     * it said last. The room is not to be used any more. */
    void (*ended)(void *ctx, int64_t status, int signal, const char *words);
};

/* alone_s: see celldap-kernel --alone. */
struct bridge_rooms *bridge_rooms_new(uv_loop_t *loop, int alone_s);
/* The kernels live on. */
void bridge_rooms_free(struct bridge_rooms *rooms);

/* Starts a kernel; config->folder and outlive are the room's to choose. notebook: whose cells it
 * runs, or NULL. */
cd_result bridge_room_start(struct bridge_rooms *rooms, const struct bridge_process_config *config,
                            const char *notebook, struct bridge_room **ret, struct cd_error *reterr)
    CD_MUST_CHECK;
/* The room of the kernel with this connection file; NULL: it is none of ours. */
struct bridge_room *bridge_rooms_find(const struct bridge_rooms *rooms, const char *file);
/* By the id in the name of its connection file (kernel-ID.json). */
struct bridge_room *bridge_rooms_by_id(const struct bridge_rooms *rooms, const char *id,
                                       size_t len);
/* New object: connection file -> notebook. */
json_t *bridge_rooms_notebooks(const struct bridge_rooms *rooms);

/* Until bridge_room_leave, which needs no room that has ended. */
cd_result bridge_room_join(struct bridge_room *room, const struct bridge_room_events *events,
                           struct cd_error *reterr) CD_MUST_CHECK;
void bridge_room_leave(struct bridge_room *room, const void *ctx);
/* A new process under the same connection; what the cells put out stays. */
void bridge_room_restart(struct bridge_room *room);
/* Asks it to end; killed when it does not. */
void bridge_room_shutdown(struct bridge_room *room);
void bridge_room_kill(struct bridge_room *room);
const char *bridge_room_file(const struct bridge_room *room);
int bridge_room_pid(const struct bridge_room *room);
/* The execute_input of each cell that runs now: who comes in between did not hear it. */
void bridge_room_running(const struct bridge_room *room,
                         void (*take)(void *ctx, const struct wire_msg *input), void *ctx);
/* Adds to cell what the cell with this id put out since the kernel was started: outputs, state,
 * executionCount (docs/protocol.md, celldap/cells). */
void bridge_room_describe(const struct bridge_room *room, const char *cell_id, json_t *cell);

#endif
