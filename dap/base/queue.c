/* SPDX-License-Identifier: BSD-3-Clause
 *
 * struct cd_queue: FIFO of owned pointers between threads. Any thread pushes, one pops.
 * Nothing but list surgery happens under the mutex: it may be taken with the GIL held. Allocation,
 * free_item and the wake-up run outside of it: a thread that was woken under it would run into it.
 * So the eventfd is readable for nothing when an item was popped before its wake-up came; the next
 * pop, which finds nothing, takes that away.
 */
#include "dap/base/queue.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct node {
    struct node *next;
    void *item;
};

struct cd_queue {
    pthread_mutex_t mu; /* rank 2 (leaf); guards head, tail, len, closed, signalled */
    struct node *head;
    struct node *tail;
    size_t len;
    bool closed;
    bool signalled; /* the eventfd's counter is 1, or the write of it is under way */
    size_t max_items;
    cd_queue_free_fn free_item;
    int fd;
};

/* Under mu: whether the caller has to call wake() after it. */
static bool must_wake(struct cd_queue *q)
{
    const bool wake = !q->signalled;

    q->signalled = true;
    return wake;
}

static void wake(struct cd_queue *q)
{
    const uint64_t one = 1;
    ssize_t n = write(q->fd, &one, sizeof(one)); /* counter 0 or 1: cannot fail */

    (void)n;
}

/* Under mu, after a pop: the eventfd says that nothing is left. Where its write is still under way
 * it stays signalled. */
static void calm(struct cd_queue *q)
{
    uint64_t count;

    if (q->signalled && q->len == 0 && !q->closed) {
        q->signalled = read(q->fd, &count, sizeof(count)) != sizeof(count);
    }
}

struct cd_queue *cd_queue_new(size_t max_items, cd_queue_free_fn free_item)
{
    struct cd_queue *q = calloc(1, sizeof(*q));

    if (!q) {
        return NULL;
    }
    q->max_items = max_items;
    q->free_item = free_item;
    q->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (q->fd < 0 || pthread_mutex_init(&q->mu, NULL) != 0) {
        if (q->fd >= 0) {
            close(q->fd);
        }
        free(q);
        return NULL;
    }
    return q;
}

void cd_queue_free(struct cd_queue *q)
{
    if (!q) {
        return;
    }
    for (struct node *n = q->head; n;) {
        struct node *next = n->next;

        if (q->free_item) {
            q->free_item(n->item);
        }
        free(n);
        n = next;
    }
    close(q->fd);
    pthread_mutex_destroy(&q->mu);
    free(q);
}

static cd_result push(struct cd_queue *q, void *item_owned, bool front, bool later)
{
    struct node *n = malloc(sizeof(*n));
    bool taken = false;
    bool wanted = false;

    if (n) {
        n->item = item_owned;
        n->next = NULL;
        pthread_mutex_lock(&q->mu);
        if (!q->closed && (q->max_items == 0 || q->len < q->max_items)) {
            if (front) {
                n->next = q->head;
                q->head = n;
                q->tail = q->tail ? q->tail : n;
            } else if (q->tail) {
                q->tail->next = n;
                q->tail = n;
            } else {
                q->head = q->tail = n;
            }
            q->len++;
            wanted = !later && must_wake(q);
            taken = true;
        }
        pthread_mutex_unlock(&q->mu);
    }
    if (wanted) {
        wake(q);
    }
    if (taken) {
        return CD_OK;
    }
    free(n);
    if (q->free_item) {
        q->free_item(item_owned);
    }
    return CD_ERR;
}

cd_result cd_queue_push(struct cd_queue *q, void *item_owned)
{
    return push(q, item_owned, false, false);
}

cd_result cd_queue_push_later(struct cd_queue *q, void *item_owned)
{
    return push(q, item_owned, false, true);
}

void cd_queue_wake(struct cd_queue *q)
{
    pthread_mutex_lock(&q->mu);
    bool wanted = q->len > 0 && must_wake(q);
    pthread_mutex_unlock(&q->mu);
    if (wanted) {
        wake(q);
    }
}

cd_result cd_queue_push_front(struct cd_queue *q, void *item_owned)
{
    return push(q, item_owned, true, false);
}

void *cd_queue_pop(struct cd_queue *q)
{
    struct node *n;
    void *item;

    pthread_mutex_lock(&q->mu);
    n = q->head;
    if (n) {
        q->head = n->next;
        if (!q->head) {
            q->tail = NULL;
        }
        q->len--;
    }
    calm(q);
    pthread_mutex_unlock(&q->mu);
    if (!n) {
        return NULL;
    }
    item = n->item;
    free(n);
    return item;
}

void *cd_queue_pop_if(struct cd_queue *q, bool (*wanted)(const void *item))
{
    struct node *before = NULL;
    struct node *n;

    pthread_mutex_lock(&q->mu);
    for (n = q->head; n && !wanted(n->item); n = n->next) {
        before = n;
    }
    if (n) {
        *(before ? &before->next : &q->head) = n->next;
        q->tail = q->tail == n ? before : q->tail;
        q->len--;
    }
    calm(q);
    pthread_mutex_unlock(&q->mu);
    void *item = n ? n->item : NULL;
    free(n);
    return item;
}

size_t cd_queue_len(struct cd_queue *q)
{
    size_t len;

    pthread_mutex_lock(&q->mu);
    len = q->len;
    pthread_mutex_unlock(&q->mu);
    return len;
}

int cd_queue_fd(const struct cd_queue *q)
{
    return q->fd;
}

void cd_queue_close(struct cd_queue *q)
{
    bool wanted;

    pthread_mutex_lock(&q->mu);
    q->closed = true;
    wanted = must_wake(q);
    pthread_mutex_unlock(&q->mu);
    if (wanted) {
        wake(q);
    }
}

int cd_queue_closed(struct cd_queue *q)
{
    int closed;

    pthread_mutex_lock(&q->mu);
    closed = q->closed;
    pthread_mutex_unlock(&q->mu);
    return closed;
}
