/* SPDX-License-Identifier: BSD-3-Clause
 *
 * One handler per kind of message (table.def). dispatch runs on the thread of the channel that the
 * message came from; handlers there never wait. Main runs what they put into its queue.
 */
#ifndef KERNEL_HANDLERS_H
#define KERNEL_HANDLERS_H

#include "kernel/channels/channels.h"

/* Not a message of the protocol: what shell puts after the requests that are to be aborted. */
#define KERNEL_ABORT_END "celldap/abort_end"

/* Channel's thread. Gives the message to its handler; ignores kinds that the channel does not know.
 */
void kernel_dispatch(struct kernel *k, enum wire_channel channel, struct wire_msg *m_owned);

typedef void kernel_handler_fn(struct kernel *k, enum wire_channel channel,
                               struct wire_msg *m_owned);
#define KERNEL_HANDLER(msg_type, channels, handler) kernel_handler_fn handler;
#include "kernel/handlers/table.def"
#undef KERNEL_HANDLER

/* A shell's thread: runs one request of its queue, and replies. */
void kernel_run_request(struct kernel *k, struct wire_msg *m_owned);
/* The same for a comm message, within a cell that awaits. */
void kernel_run_beside(struct kernel *k, struct wire_msg *m_owned);
/* Error reply: there is no shell of the header's subshell_id. */
void kernel_refuse_subshell(struct kernel *k, enum wire_channel channel, struct wire_msg *m_owned);
/* A request that is not going to be run. */
void kernel_abort_request(struct kernel *k, const struct wire_msg *m);
/* execute.c, comm.c: a shell's thread, between busy and idle. */
void kernel_run_execute(struct kernel *k, const struct wire_msg *m);
void kernel_run_comm(struct kernel *k, const struct wire_msg *m);
/* query.c: assist. */
void kernel_answer_query(struct kernel *k, const struct wire_msg *m);

#endif
