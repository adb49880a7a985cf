/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The path table: a growing array of steps and an open-addressing index over it. Pure; whoever owns
 * the table runs it. Never holds a value, so nothing here can keep a user's object alive.
 */
#include "kernel/debug/refs.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct step {
    char *key; /* owned */
    size_t len;
    uint32_t hash;
    int parent;
    char kind;
};

struct dbg_refs {
    struct step *steps;
    size_t count, cap, max;
    uint32_t *index; /* position + 1, 0 = free; index_cap is a power of two */
    size_t index_cap;
    int first; /* number of steps[0] */
};

static uint32_t hash_step(int parent, char kind, const char *key, size_t len)
{
    uint32_t h = 2166136261u ^ (uint32_t)parent;
    h = (h ^ (unsigned char)kind) * 16777619u;
    for (size_t i = 0; i < len; i++) {
        h = (h ^ (unsigned char)key[i]) * 16777619u;
    }
    return h ^ (h >> 15);
}

struct dbg_refs *dbg_refs_new(size_t max)
{
    struct dbg_refs *r = calloc(1, sizeof(*r));
    if (r) {
        r->max = max;
        r->first = 1;
    }
    return r;
}

void dbg_refs_clear(struct dbg_refs *r)
{
    for (size_t i = 0; i < r->count; i++) {
        free(r->steps[i].key);
    }
    /* Numbers go on; near the end of int32 they start again. */
    size_t next = (size_t)r->first + r->count;
    r->first = next > INT32_MAX - r->max - 1 ? 1 : (int)next;
    r->count = 0;
    if (r->index) {
        memset(r->index, 0, r->index_cap * sizeof(*r->index));
    }
}

void dbg_refs_free(struct dbg_refs *r)
{
    if (r) {
        dbg_refs_clear(r);
        free(r->steps);
        free(r->index);
        free(r);
    }
}

size_t dbg_refs_count(const struct dbg_refs *r)
{
    return r->count;
}

static bool same(const struct step *s, uint32_t hash, int parent, char kind, const char *key,
                 size_t len)
{
    return s->hash == hash && s->parent == parent && s->kind == kind && s->len == len &&
           memcmp(s->key, key, len) == 0;
}

/* The slot of the step, or the free slot where it belongs. The index is never full. */
static size_t find_slot(const struct dbg_refs *r, uint32_t hash, int parent, char kind,
                        const char *key, size_t len)
{
    size_t mask = r->index_cap - 1;
    size_t slot = hash & mask;
    while (r->index[slot] && !same(&r->steps[r->index[slot] - 1], hash, parent, kind, key, len)) {
        slot = (slot + 1) & mask;
    }
    return slot;
}

static bool grow(struct dbg_refs *r)
{
    size_t cap = r->cap ? r->cap * 2 : 64;
    struct step *steps = realloc(r->steps, cap * sizeof(*steps));
    if (!steps) {
        return false;
    }
    r->steps = steps;
    uint32_t *index = calloc(cap * 2, sizeof(*index));
    if (!index) {
        return false;
    }
    free(r->index);
    r->cap = cap;
    r->index = index;
    r->index_cap = cap * 2;
    for (size_t i = 0; i < r->count; i++) {
        size_t slot = r->steps[i].hash & (r->index_cap - 1);
        while (index[slot]) {
            slot = (slot + 1) & (r->index_cap - 1);
        }
        index[slot] = (uint32_t)i + 1;
    }
    return true;
}

static bool known(const struct dbg_refs *r, int number)
{
    return number >= r->first && (size_t)(number - r->first) < r->count;
}

int dbg_refs_number(struct dbg_refs *r, int parent, char kind, const char *key, size_t len)
{
    if (parent != 0 && !known(r, parent)) {
        return 0;
    }
    uint32_t hash = hash_step(parent, kind, key, len);
    if (r->index_cap) {
        size_t slot = find_slot(r, hash, parent, kind, key, len);
        if (r->index[slot]) {
            return r->first + (int)(r->index[slot] - 1);
        }
    }
    if (r->count >= r->max || (r->count == r->cap && !grow(r))) {
        return 0;
    }
    char *copy = malloc(len + 1);
    if (!copy) {
        return 0;
    }
    memcpy(copy, key, len);
    copy[len] = '\0';
    size_t slot = find_slot(r, hash, parent, kind, key, len);
    r->steps[r->count] = (struct step){copy, len, hash, parent, kind};
    r->index[slot] = (uint32_t)++r->count;
    return r->first + (int)(r->count - 1);
}

bool dbg_refs_get(const struct dbg_refs *r, int number, struct dbg_ref *ret)
{
    if (!known(r, number)) {
        return false;
    }
    const struct step *s = &r->steps[number - r->first];
    *ret = (struct dbg_ref){s->parent, s->kind, s->key, s->len};
    return true;
}
