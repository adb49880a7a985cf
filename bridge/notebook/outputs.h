/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What a notebook keeps of a run: iopub messages -> nbformat outputs of its cells. Streams of one
 * name in a row are one output; clear_output (with wait), display ids across cells, and output
 * widgets that capture a cell's output work as in Jupyter's front ends. Pure data, one owner.
 */
#ifndef BRIDGE_NOTEBOOK_OUTPUTS_H
#define BRIDGE_NOTEBOOK_OUTPUTS_H

#include "dap/base/json.h"

struct bridge_outputs;

void bridge_outputs_free(struct bridge_outputs *o);
/* cell_count: of the notebook; cells are named by their index in it. */
struct bridge_outputs *bridge_outputs_new(int cell_count, struct cd_error *reterr)
    CD_NEW(bridge_outputs_free);
/* The cell is about to run: its outputs and count are emptied. */
cd_result bridge_outputs_begin(struct bridge_outputs *o, int cell, struct cd_error *reterr)
    CD_MUST_CHECK;
/* One iopub message whose parent is the execution of this cell; others of the cell are ignored. */
cd_result bridge_outputs_message(struct bridge_outputs *o, int cell, const char *msg_type,
                                 const char *parent_msg_id, const json_t *content,
                                 struct cd_error *reterr) CD_MUST_CHECK;
/* New array as a notebook file holds it (texts as lists of lines). */
json_t *bridge_outputs_nbformat(const struct bridge_outputs *o, int cell);
/* 0: none yet. */
int bridge_outputs_execution_count(const struct bridge_outputs *o, int cell);

#endif
