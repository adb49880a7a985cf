/* SPDX-License-Identifier: BSD-3-Clause
 *
 * JSON line of a notebook file <-> (cell, line of its source): contracts.md §2 (a). It holds where
 * each source string stands on a line of its own and is one source line, as nbformat writes it. A
 * string without a line break continues the line of the next one (nbformat also splits at form
 * feeds and Unicode separators, Python does not). Any other layout of a cell: no mapping, and a
 * reason. Pure.
 */
#ifndef BRIDGE_NOTEBOOK_LINE_TABLE_H
#define BRIDGE_NOTEBOOK_LINE_TABLE_H

#include "bridge/notebook/layout.h"

struct bridge_line_table;

void bridge_line_table_free(struct bridge_line_table *t);
/* is_code: one element a cell of the layout. text is the file that the layout was read from. */
struct bridge_line_table *bridge_line_table_new(const char *text, const struct bridge_nb_layout *l,
                                                const bool *is_code, struct cd_error *reterr)
    CD_NEW(bridge_line_table_free);

/* false: *reterr says why, in words for the user. name: how the message calls the file. */
bool bridge_line_table_from_json(const struct bridge_line_table *t, const char *name,
                                 int json_line_1based, int *ret_index, int *ret_line_1based,
                                 struct cd_error *reterr);
/* 0: that line stands nowhere in the file. */
int bridge_line_table_to_json(const struct bridge_line_table *t, int index, int line_1based);

/* The same for columns, in UTF-16 units from 1: a line of a cell is a JSON string in the file, with
 * a quote before it and escapes in it. 0: not known. */
int bridge_line_table_column_to_json(const struct bridge_line_table *t, int index, int line_1based,
                                     int column_1based);
int bridge_line_table_column_from_json(const struct bridge_line_table *t, int json_line_1based,
                                       int json_column_1based);

#endif
