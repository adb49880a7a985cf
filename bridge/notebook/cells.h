/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The cells that one session knows, and how its client names them (contracts.md §2 and §3): the
 * client's Source <-> a cell <-> the kernel's hash file, in every message that carries a source.
 *
 * All lines here are 1-based (the session has converted before). A cell is known by a handle (>= 0)
 * that never changes in a session. Sources that are no cell (files, and texts only the kernel has)
 * pass through; the kernel's sourceReferences are renumbered, since ours share the client's space.
 * Bridge loop only.
 */
#ifndef BRIDGE_CELLS_H
#define BRIDGE_CELLS_H

#include "bridge/notebook/notebook.h"
#include "bridge/notebook/path_map.h"

struct bridge_cells;

void bridge_cells_free(struct bridge_cells *c);
struct bridge_cells *bridge_cells_new(struct cd_error *reterr) CD_NEW(bridge_cells_free);

/* Registers every code cell of nb (borrowed until the next call or free; NULL: none). Breakpoints
 * asked for before (client named the file or a URI) resolve from now on. */
cd_result bridge_cells_set_notebook(struct bridge_cells *c, const struct bridge_notebook *nb,
                                    struct cd_error *reterr) CD_MUST_CHECK;
/* pathMappings for the files that are no cells, both ways in every source; borrowed, NULL: none. */
void bridge_cells_set_paths(struct bridge_cells *c, const struct bridge_path_map *paths);
/* debugInfo's tmpFilePrefix; again after a kernel restart (all hash paths are made anew, texts that
 * were executed in the old kernel are forgotten). Before it, hash paths are unknown. */
cd_result bridge_cells_set_prefix(struct bridge_cells *c, const char *prefix,
                                  struct cd_error *reterr) CD_MUST_CHECK;

/* Request celldap/cell {uri, notebook, index, id?, code}: the client's URI for that cell, and its
 * text now. *ret_cell: the handle (new for a cell the file does not have). */
cd_result bridge_cells_announce(struct bridge_cells *c, const json_t *arguments, int *ret_cell,
                                struct cd_error *reterr) CD_MUST_CHECK;
/* "arguments" of celldap/runCell and the like: {cell: {uri} | {index} | {id}} or the same members
 * at the top. CD_E_NOT_FOUND names what was asked for. */
cd_result bridge_cells_find(const struct bridge_cells *c, const json_t *arguments, int *ret_cell,
                            struct cd_error *reterr) CD_MUST_CHECK;
/* The handle of the notebook's cell N, -1: not a code cell or out of range. */
int bridge_cells_by_index(const struct bridge_cells *c, int index);
int bridge_cells_by_id(const struct bridge_cells *c, const char *cell_id);
int bridge_cells_count(const struct bridge_cells *c);

struct bridge_cell_view {
    int index;        /* in the notebook */
    const char *id;   /* metadata.cellId */
    const char *uri;  /* NULL: not announced */
    const char *code; /* the text that would run now */
    size_t code_len;
    const char *path; /* hash file of code; "" before bridge_cells_set_prefix */
    bool skip_execution, raises_exception;
};
/* Borrowed until the cell changes. */
void bridge_cells_view(const struct bridge_cells *c, int cell, struct bridge_cell_view *ret);

/* Call with every text that a kernel of ours executes, before it runs: cell is -1 for the debug
 * console. Frames in that text can then be named: text that differs from the cell's text now shows
 * as executed, by a sourceReference. */
cd_result bridge_cells_executed(struct bridge_cells *c, int cell, const char *code, size_t len,
                                struct cd_error *reterr) CD_MUST_CHECK;

/* Texts whose blank lines at the beginning IPython has cut: all, or those at these paths (array,
 * borrowed, may be NULL), which ran before the kernel's debugger was started, until they are
 * executed again. */
void bridge_cells_set_cut(struct bridge_cells *c, bool all, const json_t *paths);
/* A line of the cell's text, as the kernel counts it. */
int bridge_cells_kernel_line(const struct bridge_cells *c, int cell, int line_1based);

enum bridge_source_kind {
    BRIDGE_SOURCE_FILE, /* a path on disk that is no notebook of ours: goes to the kernel as it is,
                         * or mapped (bridge_cells_set_paths) */
    BRIDGE_SOURCE_CELL, /* spellings (b), (c), (d) */
    BRIDGE_SOURCE_NOTEBOOK, /* spelling (a): each line says which cell */
    BRIDGE_SOURCE_PENDING,  /* a URI not announced yet, a notebook not loaded yet */
    BRIDGE_SOURCE_TEXT,  /* a text that was executed and is not its cell's text now, or typed in the
                          * console: bridge_cells_object_in makes the kernel's Source of it */
    BRIDGE_SOURCE_KERNEL /* a sourceReference that stands for a text of the kernel */
};

struct bridge_source {
    enum bridge_source_kind kind;
    int cell;             /* CELL: its handle */
    int kernel_reference; /* KERNEL: the number in the kernel */
    int text;             /* TEXT: ours */
    char
        key[1024]; /* the same for two Sources that mean the same thing: key of a breakpoint list */
};
/* What the client's Source means; checks its members' types and caps ("arguments.source.path").
 * Remembers the spelling as the one in which this client is answered. */
cd_result bridge_cells_resolve(struct bridge_cells *c, const json_t *source,
                               struct bridge_source *ret, struct cd_error *reterr) CD_MUST_CHECK;
/* CELL and NOTEBOOK: which cell and line. false: in no cell; *reterr holds the message. */
bool bridge_cells_line_in(const struct bridge_cells *c, const struct bridge_source *source,
                          int line_1based, int *ret_cell, int *ret_line_1based,
                          struct cd_error *reterr);
/* The column that goes with that line: JSON strings have others. 0: none. */
int bridge_cells_column_in(const struct bridge_cells *c, const struct bridge_source *source,
                           int line_1based, int column_1based);
/* New DAP Source for the kernel: {path: hash file, adapterData: {cellId}}. NULL: out of memory. */
json_t *bridge_cells_kernel_source(const struct bridge_cells *c, int cell);
/* The way back for one line of a cell: a new Source in the client's spelling; *line_io is mapped
 * (spelling (a): JSON line). */
json_t *bridge_cells_client_source(struct bridge_cells *c, int cell, int *line_io);

/* Any object with a member "source" that came from the kernel (StackFrame, Scope, Breakpoint,
 * OutputEvent body, ExceptionDetails, LoadedSource): source, line and endLine are rewritten in
 * place for the client. Objects without a source, or whose source is no cell, stay (kernel's
 * sourceReferences renumbered). */
cd_result bridge_cells_object_out(struct bridge_cells *c, json_t *object, struct cd_error *reterr)
    CD_MUST_CHECK;
/* A DAP Module's path, in place. */
void bridge_cells_module_out(const struct bridge_cells *c, json_t *module);
/* The other way, for arguments with source and line/endLine of the client (breakpointLocations,
 * gotoTargets, evaluate). In place. */
cd_result bridge_cells_object_in(struct bridge_cells *c, json_t *object, struct cd_error *reterr)
    CD_MUST_CHECK;

/* Request source. 1: *ret_content is the text (borrowed); 0: the kernel must be asked with
 * *ret_arguments (new); -1: error. */
int bridge_cells_source_text(struct bridge_cells *c, const json_t *arguments,
                             const char **ret_content, size_t *ret_len, json_t **ret_arguments,
                             struct cd_error *reterr);

#endif
