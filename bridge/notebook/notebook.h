/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A notebook file (.ipynb, nbformat 4): its cells, its metadata and the table JSON line <-> cell
 * line. Any byte of the file is checked; an error names the file, the line and what is wrong.
 * Pure data, one owner; text is what nbformat means (list-of-strings sources joined).
 */
#ifndef BRIDGE_NOTEBOOK_H
#define BRIDGE_NOTEBOOK_H

#include "dap/base/json.h"

enum bridge_cell_type { BRIDGE_CELL_CODE, BRIDGE_CELL_MARKDOWN, BRIDGE_CELL_RAW };

struct bridge_notebook_cell {
    enum bridge_cell_type type;
    int index;          /* 0-based over all cells, markdown included */
    const char *id;     /* what metadata.cellId carries: nbformat id, else "idx-N" */
    const char *source; /* exactly what is executed and hashed; NUL-terminated, may hold no NUL */
    size_t source_len;
    bool skip_execution;   /* tag skip-execution */
    bool raises_exception; /* tag raises-exception */
};

struct bridge_notebook;

void bridge_notebook_free(struct bridge_notebook *nb);
/* path is made absolute and kept; CD_E_NOT_FOUND, CD_E_BAD_NOTEBOOK, CD_E_LIMIT. */
cd_result bridge_notebook_load(const char *path, struct bridge_notebook **ret,
                               struct cd_error *reterr) CD_MUST_CHECK;
/* The same of a percent script (percent.h), read as the notebook that it stands for: its JSON lines
 * are the lines of the script, its ids "idx-N". */
cd_result bridge_notebook_load_script(const char *path, struct bridge_notebook **ret,
                                      struct cd_error *reterr) CD_MUST_CHECK;
/* Whether the name says that it is a .ipynb file. */
bool bridge_notebook_is_name(const char *path);

/* Absolute, as the caller spelt it otherwise (no symlink resolved). */
const char *bridge_notebook_path(const struct bridge_notebook *nb);
int bridge_notebook_count(const struct bridge_notebook *nb);
/* NULL when the index is out of range. */
const struct bridge_notebook_cell *bridge_notebook_cell(const struct bridge_notebook *nb,
                                                        int index);
/* metadata.kernelspec.name; metadata.language_info.name or metadata.kernelspec.language; "" =
 * absent. */
const char *bridge_notebook_kernel_name(const struct bridge_notebook *nb);
const char *bridge_notebook_language(const struct bridge_notebook *nb);

/* contracts.md §2 (a): one string a source line, as nbformat writes it. false: the line is in no
 * code cell's source, or the layout is another one; *reterr then holds the message for the client.
 */
bool bridge_notebook_from_json_line(const struct bridge_notebook *nb, int json_line_1based,
                                    int *ret_index, int *ret_line_1based, struct cd_error *reterr);
/* 0: this line of the cell stands nowhere in the file. */
int bridge_notebook_to_json_line(const struct bridge_notebook *nb, int index, int line_1based);
/* Columns of such lines, UTF-16 units from 1; 0: not known. */
int bridge_notebook_to_json_column(const struct bridge_notebook *nb, int index, int line_1based,
                                   int column_1based);
int bridge_notebook_from_json_column(const struct bridge_notebook *nb, int json_line_1based,
                                     int json_column_1based);

/* What the next save writes for a code cell: nbformat outputs (array) and execution_count (0:
 * null). outputs_owned is taken even on failure. */
cd_result bridge_notebook_set_outputs(struct bridge_notebook *nb, int index, json_t *outputs_owned,
                                      int execution_count, struct cd_error *reterr) CD_MUST_CHECK;
/* Writes outputs into the file (or into `path` when not NULL): read again, only outputs and counts
 * of our cells replaced, temporary file + rename. Refuses when the cells there are no longer those
 * that were loaded (CD_E_BAD_STATE). A script is written to `path` as a new notebook, and has no
 * place for outputs itself (CD_E_BAD_VALUE). */
cd_result bridge_notebook_save(struct bridge_notebook *nb, const char *path,
                               struct cd_error *reterr) CD_MUST_CHECK;

#endif
