/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Unbounded-by-default FIFO of owned pointers between threads, with an eventfd to poll.
 * Items move: after a push the sender must not touch them. Any number of producers, one consumer.
 * Freed only when every push has returned, also the one whose item was popped.
 * Never blocks but for its own short critical section, so it may be used with the GIL held.
 */
#ifndef CD_QUEUE_H
#define CD_QUEUE_H

#include "dap/base/error.h"

struct cd_queue;

typedef void (*cd_queue_free_fn)(void *item);

void cd_queue_free(struct cd_queue *q); /* frees what is still queued by free_item */
/* max_items 0: no cap. free_item may be NULL. */
struct cd_queue *cd_queue_new(size_t max_items, cd_queue_free_fn free_item) CD_NEW(cd_queue_free);
/* Takes item_owned even on failure (closed, full or out of memory), where it is freed. */
cd_result cd_queue_push(struct cd_queue *q, void *item_owned);
/* The same without waking the reader, which cd_queue_wake or the next push does. */
cd_result cd_queue_push_later(struct cd_queue *q, void *item_owned);
void cd_queue_wake(struct cd_queue *q);
/* Puts item_owned before all others. */
cd_result cd_queue_push_front(struct cd_queue *q, void *item_owned);
/* NULL when empty. Consumer only. */
void *cd_queue_pop(struct cd_queue *q);
/* The first item that is wanted, past others that stay. NULL when there is none. Consumer only. */
void *cd_queue_pop_if(struct cd_queue *q, bool (*wanted)(const void *item));
size_t cd_queue_len(struct cd_queue *q);
/* Readable while there is something to pop or the queue is closed, and now and then for nothing,
 * until the next pop. Poll it, never read it. */
int cd_queue_fd(const struct cd_queue *q);
/* Pushes fail from now on; what is queued can still be popped. */
void cd_queue_close(struct cd_queue *q);
int cd_queue_closed(struct cd_queue *q);

#endif
