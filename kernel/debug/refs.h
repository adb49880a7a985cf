/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Numbers for paths: DAP's frameId, variablesReference and sourceReference (contracts.md §8).
 *
 * A path is a chain of steps (kind, key) from a root; the same path always has the same number, so
 * a number means something at a later stop when its path exists there. Holds no values. Not
 * thread-aware: one owner at a time (kernel/python uses it under the GIL).
 */
#ifndef DBG_REFS_H
#define DBG_REFS_H

#include "dap/base/attrs.h"

#include <stdbool.h>

struct dbg_refs;

/* One step. key is borrowed until the table changes, NUL-terminated (len does not count it). */
struct dbg_ref {
    int parent; /* 0: a root */
    char kind;  /* the owner's own letter */
    const char *key;
    size_t len;
};

void dbg_refs_free(struct dbg_refs *r);
/* At most max paths are kept at a time. */
struct dbg_refs *dbg_refs_new(size_t max) CD_NEW(dbg_refs_free);
/* The number (> 0, <= INT32_MAX) of a path, the same each time; 0 when the parent is unknown, the
 * table is full or memory is out. */
int dbg_refs_number(struct dbg_refs *r, int parent, char kind, const char *key, size_t len);
/* false: no such path is known (never made, or forgotten). */
bool dbg_refs_get(const struct dbg_refs *r, int number, struct dbg_ref *ret);
/* Forgets all paths; their numbers are not used again (before int32 wraps around). */
void dbg_refs_clear(struct dbg_refs *r);
size_t dbg_refs_count(const struct dbg_refs *r);

#endif
