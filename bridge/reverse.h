/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Reverse requests: what the adapter asks of the client (runInTerminal, startDebugging). Each is
 * answered once: by the client's response, or with an error when the session ends before it.
 */
#ifndef BRIDGE_REVERSE_H
#define BRIDGE_REVERSE_H

#include "dap/base/json.h"

struct bridge_session;

/* body: of a success, may be NULL; err: the client refused, or will not answer any more. data is
 * the caller's again. */
typedef void (*bridge_reverse_fn)(struct bridge_session *s, void *data, const json_t *body,
                                  const struct cd_error *err);

/* Takes arguments_owned. Calls fn once; at once where it could not even be sent. */
void bridge_reverse(struct bridge_session *s, const char *command, json_t *arguments_owned,
                    bridge_reverse_fn fn, void *data);
/* A response of the client: whose it is, it gets. Takes message_owned. */
void bridge_reverse_answer(struct bridge_session *s, json_t *message_owned);
/* No answer comes any more. */
void bridge_reverse_forget(struct bridge_session *s);
/* The memory, when the outbox writes no number any more. */
void bridge_reverse_free(struct bridge_session *s);

#endif
