/* SPDX-License-Identifier: BSD-3-Clause
 *
 * See progress.h. Nothing here blocks longer than a few instructions of the other holder.
 */
#include "dap/base/progress.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define AGAIN_MS  100 /* code that swallowed an exception gets another one */
#define OFTEN     20  /* after so many it gets one a second */
#define SELDOM_MS 1000

struct cd_progress {
    atomic_int refs;
    pthread_mutex_t mu; /* rank 1, a leaf: guards all that follows */
    int64_t until_ms;   /* of the whole job, 0: none */
    int depth;          /* code of the user's that runs now */
    int64_t limit_ms;   /* when that is to end, 0: never */
    int64_t broken_ms;  /* when it was told so last, 0: not yet */
    int tries;
    unsigned long thread;
    bool cancelled, taken;
    char *key;       /* owned; NULL: no list */
    json_t *list;    /* owned */
    json_t *instead; /* owned */
};

struct cd_progress *cd_progress_new(int64_t until_ms)
{
    struct cd_progress *p = calloc(1, sizeof(*p));
    if (p) {
        atomic_init(&p->refs, 1);
        pthread_mutex_init(&p->mu, NULL);
        p->until_ms = until_ms;
    }
    return p;
}

struct cd_progress *cd_progress_ref(struct cd_progress *p)
{
    if (p) {
        atomic_fetch_add(&p->refs, 1);
    }
    return p;
}

void cd_progress_unref(struct cd_progress *p)
{
    if (p && atomic_fetch_sub(&p->refs, 1) == 1) {
        pthread_mutex_destroy(&p->mu);
        json_decref(p->list);
        json_decref(p->instead);
        free(p->key);
        free(p);
    }
}

static __thread struct cd_progress *current;

struct cd_progress *cd_progress_current(void)
{
    return current;
}

struct cd_progress *cd_progress_enter(struct cd_progress *p)
{
    struct cd_progress *before = current;
    current = p;
    return before;
}

static int64_t earlier(int64_t a, int64_t b)
{
    return !a || (b && b < a) ? b : a;
}

bool cd_progress_begin(struct cd_progress *p, int64_t now_ms, int64_t limit_ms,
                       unsigned long thread)
{
    pthread_mutex_lock(&p->mu);
    const bool may = p->depth > 0 || (!p->cancelled && (!p->until_ms || now_ms < p->until_ms));
    if (may && p->depth++ == 0) {
        p->limit_ms = earlier(p->until_ms, limit_ms ? now_ms + limit_ms : 0);
        p->broken_ms = 0;
        p->tries = 0;
        p->thread = thread;
    }
    pthread_mutex_unlock(&p->mu);
    return may;
}

bool cd_progress_end(struct cd_progress *p)
{
    pthread_mutex_lock(&p->mu);
    const bool broken = p->broken_ms != 0;
    p->depth--;
    pthread_mutex_unlock(&p->mu);
    return broken;
}

void cd_progress_list(struct cd_progress *p, const char *key)
{
    pthread_mutex_lock(&p->mu);
    if (!p->key && !p->taken) {
        p->key = strdup(key);
        p->list = p->key ? json_array() : NULL;
    }
    pthread_mutex_unlock(&p->mu);
}

bool cd_progress_add(struct cd_progress *p, json_t *item_owned)
{
    pthread_mutex_lock(&p->mu);
    json_t *instead = cd_take(p->instead);
    const bool added = p->list && json_array_append_new(p->list, item_owned) == 0;
    if (!p->list) {
        json_decref(item_owned);
    }
    pthread_mutex_unlock(&p->mu);
    json_decref(instead);
    return added;
}

void cd_progress_instead(struct cd_progress *p, json_t *json_owned)
{
    pthread_mutex_lock(&p->mu);
    json_t *before = cd_take(p->instead);
    if (!p->taken) {
        p->instead = cd_take(json_owned);
    }
    pthread_mutex_unlock(&p->mu);
    json_decref(before);
    json_decref(json_owned);
}

json_t *cd_progress_take(struct cd_progress *p)
{
    pthread_mutex_lock(&p->mu);
    json_t *list = cd_take(p->list);
    json_t *body = cd_take(p->instead);
    p->taken = true;
    pthread_mutex_unlock(&p->mu);
    if (!list) {
        return body;
    }
    if (body && json_array_append_new(list, body) != 0) {
        json_decref(list);
        return NULL;
    }
    return json_pack("{s:o}", p->key, list); // the key is never changed once it is set
}

bool cd_progress_may(struct cd_progress *p, int64_t now_ms)
{
    pthread_mutex_lock(&p->mu);
    const bool may = !p->cancelled && (!p->until_ms || now_ms < p->until_ms);
    pthread_mutex_unlock(&p->mu);
    return may;
}

void cd_progress_cancel(struct cd_progress *p)
{
    pthread_mutex_lock(&p->mu);
    p->cancelled = true;
    pthread_mutex_unlock(&p->mu);
}

bool cd_progress_cancelled(struct cd_progress *p)
{
    pthread_mutex_lock(&p->mu);
    const bool cancelled = p->cancelled;
    pthread_mutex_unlock(&p->mu);
    return cancelled;
}

bool cd_progress_to_break(struct cd_progress *p, unsigned long *ret_thread)
{
    pthread_mutex_lock(&p->mu);
    const bool yes = p->depth > 0 && p->broken_ms != 0;
    *ret_thread = p->thread;
    pthread_mutex_unlock(&p->mu);
    return yes;
}

bool cd_progress_look(struct cd_progress *p, int64_t now_ms)
{
    pthread_mutex_lock(&p->mu);
    const bool beyond = p->cancelled || (p->limit_ms && now_ms >= p->limit_ms);
    const int64_t again = p->broken_ms + (p->tries < OFTEN ? AGAIN_MS : SELDOM_MS);
    const bool yes = p->depth > 0 && beyond && (!p->broken_ms || now_ms >= again);
    if (yes) {
        p->tries++;
        p->broken_ms = now_ms ? now_ms : 1;
    }
    pthread_mutex_unlock(&p->mu);
    return yes;
}
