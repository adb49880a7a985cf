/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The inside of struct bridge_cells, shared by cells.c (registry), cells_texts.c (texts and
 * references), cells_resolve.c (client -> cell) and cells_out.c (kernel -> client).
 */
#ifndef BRIDGE_CELLS_IMPL_H
#define BRIDGE_CELLS_IMPL_H

#include "bridge/notebook/cells.h"

/* One text of one cell: what it is now, or what was executed once. Never freed before the session,
 * so that a sourceReference that the client holds always has its text. */
struct bridge_text {
    int cell; /* -1: the debug console */
    char *code;
    size_t len;
    char *path;     /* hash file; NULL before the prefix is known, or when its kernel is gone */
    int reference;  /* the client's sourceReference, 0: none was given yet */
    unsigned stamp; /* > 0: executed; the higher, the later */
    bool gone;      /* executed in a kernel that was restarted */
};

struct bridge_cell {
    int index; /* in the notebook; -1: not (any longer) there */
    char *id;
    char *uri;
    char *notebook; /* as announced; NULL: not told */
    int text;       /* its text now: index in texts */
    bool in_file;   /* the notebook file has this cell */
    bool same_text; /* and with this very text: spelling (a) holds */
    bool skip_execution, raises_exception;
    enum { CELL_NO_SPELLING, CELL_BY_URI, CELL_BY_REFERENCE, CELL_BY_DAP_SRC } spelling;
    char *dap_src;    /* CELL_BY_DAP_SRC: the client's path, byte for byte */
    int dap_src_text; /* and the text that it stands for */
    unsigned stamp;   /* of the spelling */
};

struct bridge_reference {
    bool kernel; /* n is the kernel's number, else an index in texts */
    int n;
};

struct bridge_cells {
    const struct bridge_notebook *nb;    /* borrowed */
    const struct bridge_path_map *paths; /* borrowed, may be NULL */
    char *nb_real;                       /* realpath of the notebook */
    char *nb_client;                     /* as the client spelt it last, NULL: never */
    unsigned nb_stamp;
    char *prefix;
    bool cut_all;  /* see bridge_cells_set_cut */
    json_t *early; /* {path: true}; owned, may be NULL */
    unsigned clock;
    bool asking; /* a text is only looked up: the spelling is not how the client names the cell */
    struct bridge_cell *cells;
    int cell_count, cell_cap;
    struct bridge_text *texts;
    int text_count, text_cap;
    struct bridge_reference *refs;
    int ref_count, ref_cap;
};

/* Room for one more; the item is zeroed by the caller. */
cd_result bridge_cells_grow(void **items, int *cap, int count, size_t item_bytes,
                            struct cd_error *reterr) CD_MUST_CHECK;
/* The cell's text with these bytes, made when it is not there. */
cd_result bridge_texts_put(struct bridge_cells *c, int cell, const char *code, size_t len, int *ret,
                           struct cd_error *reterr) CD_MUST_CHECK;
/* The hash paths of all texts, after the prefix changed. */
cd_result bridge_texts_rename(struct bridge_cells *c, bool restarted, struct cd_error *reterr)
    CD_MUST_CHECK;
/* The text that the kernel knows by this hash path, -1: none. cell_id: the tag, NULL: not known. */
int bridge_texts_by_path(const struct bridge_cells *c, const char *path, const char *cell_id);
/* How many lines the kernel has cut at the text's beginning. */
int bridge_texts_cut(const struct bridge_cells *c, int text);
/* The client's number for a text or a number of the kernel; 0: out of memory. */
int bridge_texts_reference(struct bridge_cells *c, int text);
int bridge_texts_kernel_reference(struct bridge_cells *c, int kernel_reference);
/* "nb.ipynb [cell 3]". */
void bridge_cells_name(const struct bridge_cells *c, int cell, char *out, size_t out_bytes);
/* {name, sourceReference} of a text. NULL: out of memory. */
json_t *bridge_texts_source(struct bridge_cells *c, int text);
/* Whether the path is the notebook, after realpath. */
bool bridge_cells_is_notebook(const struct bridge_cells *c, const char *path);

#endif
