/* SPDX-License-Identifier: BSD-3-Clause
 *
 * struct cd_queue: FIFO of owned pointers between threads. Any thread pushes, one pops.
 * The eventfd is readable exactly while there is an item or the queue is closed; it changes under
 * the mutex, so it never lies. Nothing but list surgery and that one system call happens under the
 * mutex: it may be taken with the GIL held. Allocation and free_item run outside of it.
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
    bool signalled; /* the eventfd's counter is not 0 */
    size_t max_items;
    cd_queue_free_fn free_item;
    int fd;
};

/* Makes the eventfd say what the queue holds. Under mu. */
static void update_fd(struct cd_queue *q)
{
    bool want = q->len > 0 || q->closed;
    uint64_t count = 1;
    ssize_t n;

    if (want == q->signalled) {
        return;
    }
    /* Non-blocking, 8 bytes, counter 0 or 1: neither call can fail. */
    n = want ? write(q->fd, &count, sizeof(count)) : read(q->fd, &count, sizeof(count));
    (void)n;
    q->signalled = want;
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

static cd_result push(struct cd_queue *q, void *item_owned, bool front)
{
    struct node *n = malloc(sizeof(*n));
    bool taken = false;

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
            update_fd(q);
            taken = true;
        }
        pthread_mutex_unlock(&q->mu);
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
    return push(q, item_owned, false);
}

cd_result cd_queue_push_front(struct cd_queue *q, void *item_owned)
{
    return push(q, item_owned, true);
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
        update_fd(q);
    }
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
        update_fd(q);
    }
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
    pthread_mutex_lock(&q->mu);
    q->closed = true;
    update_fd(q);
    pthread_mutex_unlock(&q->mu);
}

int cd_queue_closed(struct cd_queue *q)
{
    int closed;

    pthread_mutex_lock(&q->mu);
    closed = q->closed;
    pthread_mutex_unlock(&q->mu);
    return closed;
}
