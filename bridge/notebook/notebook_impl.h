/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The inside of struct bridge_notebook, shared by notebook.c (load), notebook_cells.c (one cell's
 * values) and notebook_save.c.
 */
#ifndef BRIDGE_NOTEBOOK_IMPL_H
#define BRIDGE_NOTEBOOK_IMPL_H

#include "bridge/notebook/line_table.h"
#include "bridge/notebook/notebook.h"
#include "bridge/notebook/percent.h"

struct bridge_nb_outputs {
    json_t *outputs; /* owned; NULL: the file's are kept */
    int execution_count;
};

struct bridge_notebook {
    char *path;
    char *name; /* into path: its last component */
    int count;
    struct bridge_notebook_cell *cells; /* id and source of each are owned */
    struct bridge_nb_outputs *outputs;
    struct bridge_line_table *lines;
    bool is_script;
    struct bridge_percent script; /* is_script: in place of lines */
    char *kernel_name;
    char *language;
};

/* The file's bytes; NUL-terminated. Errors do not name the path. */
cd_result bridge_nb_read_file(const char *path, struct cd_buf *out, struct cd_error *reterr)
    CD_MUST_CHECK;
/* What the cells of nb->script are as cells of a notebook. */
cd_result bridge_nb_cells_of_script(struct bridge_notebook *nb, struct cd_error *reterr)
    CD_MUST_CHECK;
/* Writes the script as a new notebook, with the outputs that were set. */
cd_result bridge_nb_script_text(const struct bridge_notebook *nb, struct cd_buf *out,
                                struct cd_error *reterr) CD_MUST_CHECK;
/* Checks the top of the file: object, nbformat 4, cells. */
cd_result bridge_nb_check(const char *text, const struct bridge_nb_layout *l,
                          struct cd_error *reterr) CD_MUST_CHECK;
/* Fills cell from the file's bytes; index is set already. On failure the cell may own some strings.
 */
cd_result bridge_nb_read_cell(const char *text, const struct bridge_nb_layout *l,
                              struct bridge_notebook_cell *cell, struct cd_error *reterr)
    CD_MUST_CHECK;
/* The member's place inside object (a value of the layout); line_1based 0 when it is not there. */
void bridge_nb_member(const char *text, const struct bridge_nb_value *object, const char *name,
                      struct bridge_nb_value *ret);
/* New value. Errors do not say where. */
cd_result bridge_nb_load_value(const char *text, const struct bridge_nb_value *v, json_t **ret,
                               struct cd_error *reterr) CD_MUST_CHECK;

#endif
