/* SPDX-License-Identifier: BSD-3-Clause
 *
 * An error of the user's code as an output event: its traceback, and the line of the cell where it
 * was raised as source and line.
 */
#ifndef BRIDGE_ERROR_PLACE_H
#define BRIDGE_ERROR_PLACE_H

#include "bridge/exec.h"
#include "bridge/notebook/cells.h"

/* content: of iopub's error. e: whose execution, may be NULL. New body of an output event. */
json_t *bridge_error_output(struct bridge_cells *cells, const struct bridge_exec *e,
                            const json_t *content);
/* The line of the innermost frame of a traceback (without ANSI) that lies in `path` or in IPython's
 * "Cell In[count]"; 0: none. Pure. */
int bridge_traceback_line(const char *text, const char *path, int count);

#endif
