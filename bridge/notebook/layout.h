/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Where things stand in the bytes of a notebook file: the value of each member that celldap reads
 * or replaces, and each string of every cell's source. Everything else is walked over, so a
 * "source" key in metadata, outputs or attachments is never taken for a cell's. Pure.
 */
#ifndef BRIDGE_NOTEBOOK_LAYOUT_H
#define BRIDGE_NOTEBOOK_LAYOUT_H

#include "bridge/notebook/json_scan.h"

struct bridge_nb_value { /* line_1based 0: the member is not there */
    size_t begin;
    size_t end;
    unsigned line_1based;
    enum bridge_json_token token; /* that begins the value */
};

struct bridge_nb_cell {
    struct bridge_nb_value self; /* the whole object */
    unsigned last_line;
    struct bridge_nb_value type, id, source, metadata, outputs, execution_count;
    size_t members_end;  /* one past the last member's value; 0: no member */
    size_t first_key;    /* offset of the first member's key */
    size_t string_first; /* of the source: index in bridge_nb_layout.strings */
    size_t string_count;
};

struct bridge_nb_layout {
    bool object; /* the file is a JSON object */
    struct bridge_nb_value nbformat, minor, metadata, cells, worksheets;
    struct bridge_nb_cell *cell;
    size_t cell_count;
    size_t cell_cap;
    struct bridge_nb_value *strings;
    size_t string_count;
    size_t string_cap;
};

/* CD_E_BAD_JSON, CD_E_BAD_NOTEBOOK, CD_E_LIMIT, CD_E_OOM with the line. ret is
 * bridge_nb_layout_done's on success only. */
cd_result bridge_nb_layout_read(const char *text, size_t len, struct bridge_nb_layout *ret,
                                struct cd_error *reterr) CD_MUST_CHECK;
void bridge_nb_layout_done(struct bridge_nb_layout *l);

#endif
