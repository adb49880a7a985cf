/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What the cells of one kernel put out, whoever ran them: read off iopub.
 */
#ifndef BRIDGE_ROOM_CELLS_H
#define BRIDGE_ROOM_CELLS_H

#include "kernel/wire/msg.h"

struct room_cells;

void room_cells_free(struct room_cells *c);
struct room_cells *room_cells_new(void) CD_NEW(room_cells_free);
void room_cells_message(struct room_cells *c, const struct wire_msg *m);
/* The execute_input of each cell that runs, in the order in which they began. */
void room_cells_running(const struct room_cells *c,
                        void (*take)(void *ctx, const struct wire_msg *input), void *ctx);
/* The kernel is gone: nothing runs any more. */
void room_cells_stop(struct room_cells *c);
/* See bridge_room_describe. */
void room_cells_describe(const struct room_cells *c, const char *cell_id, json_t *cell);

#endif
