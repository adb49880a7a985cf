/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The kernel's sources in the client's spelling, and whole messages rewritten both ways (cells.h).
 * Bridge loop. Only structured sources are touched: text that the user printed never is.
 */
#include "bridge/notebook/cells_impl.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum answer { BY_PATH, BY_URI, BY_DAP_SRC, BY_REFERENCE };

/* The way in which the client named this cell last; else its URI, else the file. */
static enum answer answer_of(const struct bridge_cells *c, const struct bridge_cell *cell)
{
    enum answer by_file = cell->same_text ? BY_PATH : BY_REFERENCE;
    if (cell->stamp > c->nb_stamp) {
        switch (cell->spelling) {
        case CELL_BY_URI:
            return BY_URI;
        case CELL_BY_DAP_SRC:
            return cell->dap_src_text == cell->text ? BY_DAP_SRC : BY_REFERENCE;
        default:
            return BY_REFERENCE;
        }
    }
    if (c->nb_stamp && cell->in_file) {
        return by_file;
    }
    return cell->uri ? BY_URI : by_file;
}

static json_t *path_source(const char *path, const char *name)
{
    return json_pack("{s:o,s:o}", "name", cd_json_textz(name), "path", cd_json_textz(path));
}

json_t *bridge_cells_client_source(struct bridge_cells *c, int cell, int *line_io)
{
    const struct bridge_cell *at = &c->cells[cell];
    enum answer how = answer_of(c, at);
    char name[300];
    bridge_cells_name(c, cell, name, sizeof(name));
    if (how == BY_URI) {
        return path_source(at->uri, name);
    }
    if (how == BY_DAP_SRC) {
        return path_source(at->dap_src, name);
    }
    int line = how == BY_PATH ? bridge_notebook_to_json_line(c->nb, at->index, *line_io) : 0;
    if (!line) {
        return bridge_texts_source(c, at->text);
    }
    const char *path = c->nb_client ? c->nb_client : bridge_notebook_path(c->nb);
    const char *slash = strrchr(path, '/');
    *line_io = line;
    return path_source(path, slash ? slash + 1 : path);
}

json_t *bridge_cells_kernel_source(const struct bridge_cells *c, int cell)
{
    const struct bridge_cell *at = &c->cells[cell];
    const char *path = c->texts[at->text].path;
    return json_pack("{s:o,s:{s:o}}", "path", cd_json_textz(path ? path : ""), "adapterData",
                     "cellId", cd_json_textz(at->id));
}

static cd_result set(json_t *object, const char *key, json_t *value_owned, struct cd_error *reterr)
{
    return value_owned && !json_object_set_new(object, key, value_owned) ? CD_OK : cd_oom(reterr);
}

static int int_of(const json_t *object, const char *key)
{
    json_int_t n = json_integer_value(json_object_get(object, key));
    return n > 0 && n <= INT_MAX ? (int)n : 0;
}

/* In the file, a line of a cell is a JSON string: its columns are others there. */
static cd_result move_column(const struct bridge_cells *c, json_t *object, const char *key,
                             const struct bridge_cell *cell, int line, struct cd_error *reterr)
{
    int column = int_of(object, key);
    int in_file = column ? bridge_notebook_to_json_column(c->nb, cell->index, line, column) : 0;
    if (!in_file) {
        (void)json_object_del(object, key);
        return CD_OK;
    }
    return set(object, key, json_integer(in_file), reterr);
}

static cd_result move_places(struct bridge_cells *c, json_t *object, const struct bridge_cell *cell,
                             int line, struct cd_error *reterr)
{
    int begin = int_of(object, "line");
    int end = int_of(object, "endLine");
    bool had_column = int_of(object, "column") > 0;
    int end_in_file = end ? bridge_notebook_to_json_line(c->nb, cell->index, end) : 0;
    if (move_column(c, object, "column", cell, begin, reterr) ||
        move_column(c, object, "endColumn", cell, end ? end : begin, reterr)) {
        return CD_ERR;
    }
    if (begin && set(object, "line", json_integer(line), reterr)) {
        return CD_ERR;
    }
    if (had_column && !int_of(object, "column") &&
        set(object, "column", json_integer(1), reterr)) { /* a StackFrame must have one */
        return CD_ERR;
    }
    if (end_in_file) {
        return set(object, "endLine", json_integer(end_in_file), reterr);
    }
    (void)json_object_del(object, "endLine");
    return CD_OK;
}

static cd_result cell_out(struct bridge_cells *c, json_t *object, int cell, struct cd_error *reterr)
{
    int was = int_of(object, "line");
    int line = was ? was : 1;
    json_t *source = bridge_cells_client_source(c, cell, &line);
    bool in_file = source && answer_of(c, &c->cells[cell]) == BY_PATH &&
                   !json_object_get(source, "sourceReference");
    if (set(object, "source", source, reterr)) {
        return CD_ERR;
    }
    return in_file ? move_places(c, object, &c->cells[cell], line, reterr) : CD_OK;
}

/* A source of its own: the message may share it with others. */
static cd_result set_path(json_t *object, const json_t *source, const char *path,
                          struct cd_error *reterr)
{
    json_t *copy = json_deep_copy(source);
    if (!copy || json_object_set_new(copy, "path", cd_json_textz(path))) {
        json_decref(copy);
        return cd_oom(reterr);
    }
    return set(object, "source", copy, reterr);
}

/* Lines of the whole text again. */
static void uncut(json_t *object, int cut)
{
    static const char *const members[] = {"line", "endLine"};
    for (size_t i = 0; cut > 0 && i < CD_ARRAY_LEN(members); i++) {
        int line = int_of(object, members[i]);
        if (line) {
            json_object_set_new(object, members[i], json_integer(line + cut));
        }
    }
}

cd_result bridge_cells_object_out(struct bridge_cells *c, json_t *object, struct cd_error *reterr)
{
    json_t *source = json_object_get(object, "source");
    if (!json_is_object(source)) {
        return CD_OK;
    }
    int reference = int_of(source, "sourceReference");
    const char *path = json_string_value(json_object_get(source, "path"));
    const json_t *tag = json_object_get(json_object_get(source, "adapterData"), "cellId");
    int text = path ? bridge_texts_by_path(c, path, json_string_value(tag)) : -1;
    if (text >= 0) {
        const struct bridge_text *t = &c->texts[text];
        uncut(object, bridge_texts_cut(c, text));
        bool now = t->cell >= 0 && c->cells[t->cell].text == text;
        return now ? cell_out(c, object, t->cell, reterr)
                   : set(object, "source", bridge_texts_source(c, text), reterr);
    }
    if (reference) {
        int ours = bridge_texts_kernel_reference(c, reference);
        return ours ? set(source, "sourceReference", json_integer(ours), reterr) : cd_oom(reterr);
    }
    cd_autofree char *local = path ? bridge_path_to_local(c->paths, path) : NULL;
    return local ? set_path(object, source, local, reterr) : CD_OK;
}

void bridge_cells_module_out(const struct bridge_cells *c, json_t *module)
{
    const char *path = json_string_value(json_object_get(module, "path"));
    cd_autofree char *local = path ? bridge_path_to_local(c->paths, path) : NULL;
    if (local) {
        (void)json_object_set_new(module, "path", cd_json_textz(local));
    }
}

/* A new Source for the kernel of what is no cell, no notebook and no plain file. */
static json_t *other_source(const struct bridge_cells *c, const struct bridge_source *s)
{
    if (s->kind == BRIDGE_SOURCE_KERNEL) {
        return json_pack("{s:i}", "sourceReference", s->kernel_reference);
    }
    const struct bridge_text *t = &c->texts[s->text];
    json_t *source = json_pack("{s:o}", "path", cd_json_textz(t->path ? t->path : ""));
    if (source && t->cell >= 0 &&
        json_object_set_new(source, "adapterData",
                            json_pack("{s:o}", "cellId", cd_json_textz(c->cells[t->cell].id)))) {
        json_decref(source);
        return NULL;
    }
    return source;
}

static cd_result lines_in(const struct bridge_cells *c, json_t *object,
                          const struct bridge_source *s, int *ret_cell, struct cd_error *reterr)
{
    static const char *const members[] = {"line", "endLine"};
    static const char *const columns[] = {"column", "endColumn"};
    int first = int_of(object, "line");
    *ret_cell = s->cell;
    for (size_t i = 0; i < CD_ARRAY_LEN(members); i++) {
        int line = int_of(object, members[i]);
        int cell = -1;
        int column = bridge_cells_column_in(c, s, line ? line : first, int_of(object, columns[i]));
        if (column && set(object, columns[i], json_integer(column), reterr)) {
            return CD_ERR;
        }
        if (!line) {
            continue;
        }
        if (!bridge_cells_line_in(c, s, line, &cell, &line, reterr)) {
            return CD_ERR;
        }
        if (*ret_cell >= 0 && cell != *ret_cell) {
            return cd_error_set(reterr, CD_E_BAD_VALUE,
                                "arguments.line and arguments.endLine are in two cells");
        }
        *ret_cell = cell;
        line = bridge_cells_kernel_line(c, cell, line);
        if (set(object, members[i], json_integer(line), reterr)) {
            return CD_ERR;
        }
    }
    return *ret_cell >= 0 ? CD_OK
                          : cd_error_set(reterr, CD_E_MISSING, "missing arguments.line (integer)");
}

cd_result bridge_cells_object_in(struct bridge_cells *c, json_t *object, struct cd_error *reterr)
{
    json_t *source = json_object_get(object, "source");
    struct bridge_source s;
    int cell = -1;
    if (!source || json_is_null(source)) {
        return CD_OK;
    }
    if (!json_is_object(source)) {
        return cd_error_set(reterr, CD_E_BAD_TYPE, "expected object at arguments.source");
    }
    if (bridge_cells_resolve(c, source, &s, reterr)) {
        return CD_ERR;
    }
    const char *path = json_string_value(json_object_get(source, "path"));
    cd_autofree char *remote =
        s.kind == BRIDGE_SOURCE_FILE && path ? bridge_path_to_remote(c->paths, path) : NULL;
    switch (s.kind) {
    case BRIDGE_SOURCE_FILE:
        return remote ? set_path(object, source, remote, reterr) : CD_OK;
    case BRIDGE_SOURCE_PENDING:
        return cd_error_set(reterr, CD_E_NOT_FOUND, "no cell is known by this name yet");
    case BRIDGE_SOURCE_TEXT:
    case BRIDGE_SOURCE_KERNEL:
        return set(object, "source", other_source(c, &s), reterr);
    default:
        if (lines_in(c, object, &s, &cell, reterr)) {
            return CD_ERR;
        }
        return set(object, "source", bridge_cells_kernel_source(c, cell), reterr);
    }
}

int bridge_cells_source_text(struct bridge_cells *c, const json_t *arguments,
                             const char **ret_content, size_t *ret_len, json_t **ret_arguments,
                             struct cd_error *reterr)
{
    json_t *source = NULL;
    int64_t reference = 0;
    struct bridge_source s;
    if (cd_json_obj_opt(arguments, "arguments.source", &source, reterr) ||
        cd_json_int_opt(arguments, "arguments.sourceReference", 0, INT_MAX, &reference, reterr)) {
        return -1;
    }
    json_auto_t *asked = source ? json_copy(source) : json_object();
    if (!asked || (!int_of(asked, "sourceReference") && reference > 0 &&
                   json_object_set_new(asked, "sourceReference", json_integer(reference)))) {
        return cd_oom(reterr);
    }
    c->asking = true;
    cd_result resolved = bridge_cells_resolve(c, asked, &s, reterr);
    c->asking = false;
    if (resolved) {
        return -1;
    }
    if (s.kind == BRIDGE_SOURCE_NOTEBOOK) {
        return cd_error_set(reterr, CD_E_NOT_FOUND, "the notebook is a file: read it from disk");
    }
    if (s.kind == BRIDGE_SOURCE_PENDING) {
        return cd_error_set(reterr, CD_E_NOT_FOUND, "no cell is known by this name yet");
    }
    if (s.kind == BRIDGE_SOURCE_CELL || s.kind == BRIDGE_SOURCE_TEXT) {
        const struct bridge_text *t =
            &c->texts[s.kind == BRIDGE_SOURCE_TEXT ? s.text : c->cells[s.cell].text];
        *ret_content = t->code;
        *ret_len = t->len;
        return 1;
    }
    const char *path = json_string_value(json_object_get(asked, "path"));
    cd_autofree char *remote =
        s.kind == BRIDGE_SOURCE_FILE && path ? bridge_path_to_remote(c->paths, path) : NULL;
    if (remote && json_object_set_new(asked, "path", cd_json_textz(remote))) {
        return cd_oom(reterr);
    }
    json_t *kernel = s.kind == BRIDGE_SOURCE_KERNEL ? other_source(c, &s) : json_incref(asked);
    *ret_arguments = json_pack("{s:o,s:i}", "source", kernel, "sourceReference",
                               s.kind == BRIDGE_SOURCE_KERNEL ? s.kernel_reference : 0);
    return *ret_arguments ? 0 : cd_oom(reterr);
}
