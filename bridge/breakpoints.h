/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Breakpoints as the client set them, and as they are in the kernel. Their ids are the bridge's
 * own: they hold from before there is a kernel and over restarts. Lines are 1-based.
 *
 * Lists are kept per client source; the kernel is told per kernel source (a cell, a file), the
 * union of all lists that lie in it.
 */
#ifndef BRIDGE_BREAKPOINTS_H
#define BRIDGE_BREAKPOINTS_H

#include "bridge/request.h"

struct bridge_breakpoints;

void bridge_breakpoints_free(struct bridge_breakpoints *b);
struct bridge_breakpoints *bridge_breakpoints_new(struct bridge_session *s);

/* setBreakpoints, setFunctionBreakpoints, setDataBreakpoints; answers req, at once or when the
 * kernel has answered.
 */
void bridge_breakpoints_set(struct bridge_breakpoints *b, struct bridge_request *req);
void bridge_breakpoints_set_functions(struct bridge_breakpoints *b, struct bridge_request *req);
void bridge_breakpoints_set_data(struct bridge_breakpoints *b, struct bridge_request *req);
/* Sends everything to a kernel that has nothing yet; counted in session->sync_open. `breakpoint`
 * events tell the client what changed. */
void bridge_breakpoints_sync(struct bridge_breakpoints *b);
/* The kernel's debugger lives on without us: it is told that there are none. */
void bridge_breakpoints_withdraw(struct bridge_breakpoints *b);
/* Pending lists may have found their cells (celldap/cell, notebook loaded). */
void bridge_breakpoints_resolve(struct bridge_breakpoints *b);
/* The kernel is gone. */
void bridge_breakpoints_forget_kernel(struct bridge_breakpoints *b);
/* Event `breakpoint` of the kernel: body is rewritten for the client; false: not ours. */
bool bridge_breakpoints_event(struct bridge_breakpoints *b, json_t *body);
/* Kernel's ids in an array are replaced by ours. */
void bridge_breakpoints_map_ids(struct bridge_breakpoints *b, json_t *ids);

#endif
