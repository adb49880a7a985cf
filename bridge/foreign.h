/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Kernels that are not celldap's (ipykernel, xeus-python): what they offer, what must never be sent
 * to them since they wedge on it for good, and what of theirs is repaired (docs/kernels.md; facts:
 * jupyter.md §4). Bridge loop only.
 */
#ifndef BRIDGE_FOREIGN_H
#define BRIDGE_FOREIGN_H

#include "dap/requests.h"
#include "kernel/wire/msg.h"

struct bridge_foreign;
struct bridge_request;
struct bridge_session;

/* foreign.c */
void bridge_foreign_free(struct bridge_foreign *f);
/* info: its kernel_info_reply. */
struct bridge_foreign *bridge_foreign_new(struct bridge_session *s, const json_t *info);
/* The body of its initialize response: what it lacks is withdrawn, and the client told so. */
void bridge_foreign_learn(struct bridge_session *s, const json_t *capabilities);
/* Whether the session's kernel takes this request; before a kernel is known: yes. */
bool bridge_kernel_offers(const struct bridge_session *s, enum dap_command cmd);
/* An event of its debugger; body may be changed. false: the client must not see it. */
bool bridge_foreign_event(struct bridge_session *s, const char *name, json_t *body);
/* Whether interrupt_request may be sent now; else the user is told why not. */
bool bridge_foreign_may_interrupt(struct bridge_session *s);
/* Arguments of setExceptionBreakpoints in its filters. New. */
json_t *bridge_foreign_filters(const struct bridge_foreign *f, const json_t *arguments);

/* foreign_start.c: from kernel_info to a debugger that is attached; bridge_sync_cells follows. */
void bridge_foreign_start(struct bridge_session *s);
/* A stop that was there before us: the client hears of it. */
void bridge_foreign_tell_stop(struct bridge_session *s);
/* Whether others may be using the debugger: it must outlive us. */
bool bridge_foreign_is_shared(const struct bridge_foreign *f);
/* Instead of `disconnect`, where it is: what is ours is taken back, what is stopped runs on. fn is
 * called when the kernel has answered the last of it. Takes arguments_owned: disconnect's. */
void bridge_foreign_leave(struct bridge_session *s, json_t *arguments_owned, uint64_t timeout_ms,
                          void (*fn)(void *ctx, json_t *response, const struct cd_error *err));
/* foreign_idle.c: evaluate while nothing is stopped, which its debugger cannot. */
void bridge_foreign_evaluate(struct bridge_request *req, const char *expression);

/* foreign_reply.c: a reply of its debugger as DAP wants it, in place. An error when it answers
 * another request, or says nothing at all. */
cd_result bridge_foreign_repair(const char *command, int64_t seq, json_t *response,
                                struct cd_error *reterr) CD_MUST_CHECK;

/* foreign_doubt.c */
/* A request was not answered, or wrongly: asks how things stand, and tells the client of it. */
void bridge_foreign_doubt(struct bridge_session *s);
/* `continue`, sent only if something is stopped there too: else it would wedge. */
void bridge_foreign_continue(struct bridge_request *req);
/* NULL, or why its debugger cannot be used any more. */
const char *bridge_foreign_trouble(const struct bridge_session *s);

/* foreign_values.c */
/* Before a request is sent: the command that it is sent as; *arguments may be replaced. NULL: it
 * must not be sent, *reterr says why. */
const char *bridge_foreign_ask(const struct bridge_request *req, json_t **arguments,
                               struct cd_error *reterr);
/* After it succeeded: the body is cut and completed, what it refers to is remembered. */
void bridge_foreign_answer(const struct bridge_request *req, json_t *body);
/* What was remembered of a stop is over. */
void bridge_foreign_resumed(struct bridge_foreign *f);

#endif
