/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Pointer map with open addressing: every live code object is a key, so it is small and quick.
 * Guarded by the GIL. Keys are never NULL; PYX_GRAVE marks a removed slot.
 */
#include "kernel/python/control.h"

#include <stdlib.h>

#define PYX_GRAVE ((void *)1)

static size_t slot_of(const void *key, size_t cap)
{
    uintptr_t x = (uintptr_t)key >> 4;
    x ^= x >> 17;
    x *= (uintptr_t)0x9e3779b97f4a7c15u;
    return (size_t)(x >> 20) & (cap - 1);
}

static struct pyx_ptrslot *find(const struct pyx_ptrmap *m, const void *key)
{
    if (m->cap == 0) {
        return NULL;
    }
    for (size_t i = slot_of(key, m->cap);; i = (i + 1) & (m->cap - 1)) {
        if (m->slots[i].key == key) {
            return &m->slots[i];
        }
        if (m->slots[i].key == NULL) {
            return NULL;
        }
    }
}

bool pyx_ptrmap_get(const struct pyx_ptrmap *m, const void *key, void **ret)
{
    const struct pyx_ptrslot *s = find(m, key);
    if (s != NULL && ret != NULL) {
        *ret = s->value;
    }
    return s != NULL;
}

static void insert(struct pyx_ptrmap *m, void *key, void *value)
{
    size_t i = slot_of(key, m->cap);
    while (m->slots[i].key != NULL && m->slots[i].key != PYX_GRAVE) {
        i = (i + 1) & (m->cap - 1);
    }
    if (m->slots[i].key == PYX_GRAVE) {
        m->graves--;
    }
    m->slots[i] = (struct pyx_ptrslot){key, value};
    m->used++;
}

static bool grow(struct pyx_ptrmap *m)
{
    size_t cap = m->cap == 0 ? 1024 : (m->used * 2 >= m->cap ? m->cap * 2 : m->cap);
    struct pyx_ptrmap bigger = {calloc(cap, sizeof *bigger.slots), cap, 0, 0};
    if (bigger.slots == NULL) {
        return false;
    }
    for (size_t i = 0; i < m->cap; i++) {
        if (m->slots[i].key != NULL && m->slots[i].key != PYX_GRAVE) {
            insert(&bigger, m->slots[i].key, m->slots[i].value);
        }
    }
    free(m->slots);
    *m = bigger;
    return true;
}

bool pyx_ptrmap_put(struct pyx_ptrmap *m, void *key, void *value)
{
    struct pyx_ptrslot *s = find(m, key);
    if (s != NULL) {
        s->value = value;
        return true;
    }
    if ((m->used + m->graves + 1) * 10 > m->cap * 7 && !grow(m)) {
        return false;
    }
    insert(m, key, value);
    return true;
}

void pyx_ptrmap_remove(struct pyx_ptrmap *m, const void *key)
{
    struct pyx_ptrslot *s = find(m, key);
    if (s != NULL) {
        *s = (struct pyx_ptrslot){PYX_GRAVE, NULL};
        m->used--;
        m->graves++;
    }
}

void pyx_ptrmap_done(struct pyx_ptrmap *m)
{
    free(m->slots);
    *m = (struct pyx_ptrmap){0};
}
