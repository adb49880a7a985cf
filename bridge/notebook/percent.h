/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A percent script: Python text whose cells begin with `# %%` (contracts.md §4). What stands before
 * the first mark is cell 0. A commented magic of a code cell becomes active; the lines stay as many
 * as they are, so that a line of a cell is a line of the file. Pure.
 */
#ifndef BRIDGE_NOTEBOOK_PERCENT_H
#define BRIDGE_NOTEBOOK_PERCENT_H

#include "bridge/notebook/notebook.h"

struct bridge_percent_cell {
    enum bridge_cell_type type;
    int mark_line;  /* of the file, 1-based; 0: the cell before the first mark */
    int first_line; /* of its text */
    int line_count; /* of its text */
    char *source;   /* owned; NUL-terminated */
    size_t source_len;
    bool skip_execution, raises_exception; /* tags=["…"] in the mark, as jupytext writes them */
};

struct bridge_percent {
    struct bridge_percent_cell *cells;
    int count, cap;
};

void bridge_percent_done(struct bridge_percent *p);
/* UTF-8 text of a file; any line ends. CD_E_BAD_NOTEBOOK names the line. ret is
 * bridge_percent_done's on success only. */
cd_result bridge_percent_read(const char *text, size_t len, struct bridge_percent *ret,
                              struct cd_error *reterr) CD_MUST_CHECK;

/* As bridge_notebook_from_json_line: name is how the message calls the file. */
bool bridge_percent_from_line(const struct bridge_percent *p, const char *name, int line_1based,
                              int *ret_index, int *ret_line_1based, struct cd_error *reterr);
/* 0: the cell has no such line. */
int bridge_percent_to_line(const struct bridge_percent *p, int index, int line_1based);

#endif
