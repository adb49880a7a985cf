/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Inside of the breakpoint store: breakpoints.c (the client's lists), breakpoints_read.c (its
 * requests), breakpoints_kernel.c (the kernel's side). Nobody else includes this.
 */
#ifndef BRIDGE_BREAKPOINTS_IMPL_H
#define BRIDGE_BREAKPOINTS_IMPL_H

#include "bridge/session_impl.h"

/* Where the kernel has it: in a cell, in the list's own source, or by a name. */
enum bp_where { BP_NOWHERE, BP_IN_CELL, BP_IN_SOURCE, BP_FUNCTION, BP_DATA };

#define BP_NO_ID (-1) /* debugpy counts from 0 */

struct bp {
    int id;        /* ours */
    int kernel_id; /* BP_NO_ID: the kernel does not have it */
    enum bp_where where;
    int cell;      /* IN_CELL */
    int line;      /* there, 1-based */
    int column;    /* there, 1-based; 0: the whole line */
    json_t *spec;  /* SourceBreakpoint or FunctionBreakpoint as the client sent it; owned */
    json_t *state; /* DAP Breakpoint as the client knows it; owned */
};

struct bp_list {
    struct bp_list *next;
    char *key;             /* of bridge_source; BP_FUNCTIONS, BP_DATA_ITEMS */
    json_t *source;        /* as the client sent it; owned; NULL = functions, data */
    json_t *kernel_source; /* IN_SOURCE; owned */
    struct bp *items;
    size_t count;
};
#define BP_FUNCTIONS  "functions"
#define BP_DATA_ITEMS "data"

/* A client's request that waits for groups. */
struct bp_wait {
    struct bridge_request *req; /* a reference */
    int open;
    size_t count;
    int ids[];
};

/* The part of the store that one request to the kernel replaces. */
struct bp_group {
    enum bp_where where;
    int cell;             /* IN_CELL */
    struct bp_list *list; /* IN_SOURCE, FUNCTION, DATA */
};

struct bridge_breakpoints {
    struct bridge_session *session;
    struct bp_list *lists;
    int last_id;
};

/* breakpoints.c */
struct bp *bp_by_id(struct bridge_breakpoints *b, int id);
struct bp *bp_by_kernel_id(struct bridge_breakpoints *b, int64_t kernel_id);
struct bp_list *bp_list_of(struct bridge_breakpoints *b, int id);
void bp_items_free(struct bp *items, size_t count);
/* Where the client's line is in the kernel: sets where, cell, line, and the unverified state. */
void bp_place(struct bridge_breakpoints *b, struct bp_list *list,
              const struct bridge_source *source, struct bp *p);
/* The groups of a list's items, each once, added to the array; -1: out of memory. */
cd_result bp_groups_of(struct bp_list *list, struct bp_group **groups, size_t *count);
void bp_wait_done(struct bridge_breakpoints *b, struct bp_wait *wait);

/* breakpoints_read.c: arguments of the request -> new items; ids are kept where nothing changed.
 * where: BP_FUNCTION, BP_DATA, else lines. */
cd_result bp_read(struct bridge_breakpoints *b, const json_t *arguments, const struct bp_list *old,
                  enum bp_where where, struct bp **ret, size_t *ret_count, struct cd_error *reterr)
    CD_MUST_CHECK;

/* breakpoints_kernel.c */
/* wait may be NULL. sync: counted in session->sync_open. The client hears of changes by events. */
void bp_send_group(struct bridge_breakpoints *b, const struct bp_group *group, struct bp_wait *wait,
                   bool sync);
/* The request that replaces a group. */
const char *bp_command(const struct bp_group *group);
json_t *bp_arguments(const struct bridge_breakpoints *b, const struct bp_group *group,
                     json_t *breakpoints_owned);
void bp_set_unverified(struct bp *p, const struct bp_list *list, const char *reason,
                       const char *message);
/* Takes over what the kernel says; true: the client knows something else. */
bool bp_apply(struct bridge_breakpoints *b, struct bp *p, const json_t *kernel_breakpoint);

#endif
