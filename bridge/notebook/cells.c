/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The registry of a session's cells (cells.h): who they are and what their text is now. Bridge
 * loop. A handle never changes; a cell that left the notebook keeps its handle and loses its index.
 */
#include "bridge/notebook/cells_impl.h"
#include "dap/base/limits.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

void bridge_cells_free(struct bridge_cells *c)
{
    if (!c) {
        return;
    }
    for (int i = 0; i < c->cell_count; i++) {
        free(c->cells[i].id);
        free(c->cells[i].uri);
        free(c->cells[i].notebook);
        free(c->cells[i].dap_src);
    }
    for (int i = 0; i < c->text_count; i++) {
        free(c->texts[i].code);
        free(c->texts[i].path);
    }
    free(c->cells);
    free(c->texts);
    free(c->refs);
    free(c->nb_real);
    free(c->nb_client);
    free(c->prefix);
    json_decref(c->early);
    free(c);
}

struct bridge_cells *bridge_cells_new(struct cd_error *reterr)
{
    struct bridge_cells *c = calloc(1, sizeof(*c));
    if (!c) {
        (void)cd_oom(reterr);
    }
    return c;
}

static cd_result set_text(char **field, const char *text, struct cd_error *reterr)
{
    char *copy = text ? strdup(text) : NULL;
    if (text && !copy) {
        return cd_oom(reterr);
    }
    free(*field);
    *field = copy;
    return CD_OK;
}

int bridge_cells_by_id(const struct bridge_cells *c, const char *cell_id)
{
    for (int i = 0; i < c->cell_count; i++) {
        if (strcmp(c->cells[i].id, cell_id) == 0) {
            return i;
        }
    }
    return -1;
}

int bridge_cells_by_index(const struct bridge_cells *c, int index)
{
    for (int i = 0; index >= 0 && i < c->cell_count; i++) {
        if (c->cells[i].index == index) {
            return i;
        }
    }
    return -1;
}

static int by_uri(const struct bridge_cells *c, const char *uri)
{
    for (int i = 0; i < c->cell_count; i++) {
        if (c->cells[i].uri && strcmp(c->cells[i].uri, uri) == 0) {
            return i;
        }
    }
    return -1;
}

int bridge_cells_count(const struct bridge_cells *c)
{
    return c->cell_count;
}

static cd_result add(struct bridge_cells *c, const char *id, int *ret, struct cd_error *reterr)
{
    if (bridge_cells_grow((void **)&c->cells, &c->cell_cap, c->cell_count, sizeof(*c->cells),
                          reterr)) {
        return CD_ERR;
    }
    struct bridge_cell cell = {.index = -1, .id = strdup(id)};
    if (!cell.id) {
        return cd_oom(reterr);
    }
    c->cells[c->cell_count] = cell;
    if (bridge_texts_put(c, c->cell_count, "", 0, &c->cells[c->cell_count].text, reterr)) {
        free(cell.id);
        return CD_ERR;
    }
    *ret = c->cell_count++;
    return CD_OK;
}

static cd_result add_from_file(struct bridge_cells *c, const struct bridge_notebook_cell *from,
                               struct cd_error *reterr)
{
    int at = bridge_cells_by_id(c, from->id);
    if (at < 0 && add(c, from->id, &at, reterr)) {
        return CD_ERR;
    }
    struct bridge_cell *cell = &c->cells[at];
    if (bridge_texts_put(c, at, from->source, from->source_len, &cell->text, reterr)) {
        return CD_ERR;
    }
    cell->index = from->index;
    cell->in_file = true;
    cell->same_text = true;
    cell->skip_execution = from->skip_execution;
    cell->raises_exception = from->raises_exception;
    return CD_OK;
}

cd_result bridge_cells_set_notebook(struct bridge_cells *c, const struct bridge_notebook *nb,
                                    struct cd_error *reterr)
{
    c->nb = nb;
    free(c->nb_real);
    c->nb_real = nb ? realpath(bridge_notebook_path(nb), NULL) : NULL;
    for (int i = 0; i < c->cell_count; i++) {
        if (c->cells[i].in_file) {
            c->cells[i].index = -1;
            c->cells[i].in_file = c->cells[i].same_text = false;
        }
    }
    for (int i = 0; nb && i < bridge_notebook_count(nb); i++) {
        const struct bridge_notebook_cell *cell = bridge_notebook_cell(nb, i);
        if (cell->type == BRIDGE_CELL_CODE && add_from_file(c, cell, reterr)) {
            return CD_ERR;
        }
    }
    return CD_OK;
}

void bridge_cells_set_paths(struct bridge_cells *c, const struct bridge_path_map *paths)
{
    c->paths = paths;
}

cd_result bridge_cells_set_prefix(struct bridge_cells *c, const char *prefix,
                                  struct cd_error *reterr)
{
    bool restarted = c->prefix && strcmp(c->prefix, prefix) != 0;
    if (set_text(&c->prefix, prefix, reterr)) {
        return CD_ERR;
    }
    return bridge_texts_rename(c, restarted, reterr);
}

bool bridge_cells_is_notebook(const struct bridge_cells *c, const char *path)
{
    if (!c->nb) {
        return false;
    }
    if (strcmp(path, bridge_notebook_path(c->nb)) == 0) {
        return true;
    }
    cd_autofree char *real = path[0] == '/' ? realpath(path, NULL) : NULL;
    return real && c->nb_real && strcmp(real, c->nb_real) == 0;
}

/* The cell that an announcement means: known by its URI, its id, its place; -1: a new one. */
static int announced_cell(const struct bridge_cells *c, const char *uri, const char *notebook,
                          const char *id, int64_t index)
{
    int at = by_uri(c, uri);
    if (at >= 0) {
        return at;
    }
    if (notebook && c->nb && !bridge_cells_is_notebook(c, notebook)) {
        return -1;
    }
    at = id ? bridge_cells_by_id(c, id) : -1;
    return at >= 0 || id ? at : bridge_cells_by_index(c, (int)index);
}

static cd_result add_announced(struct bridge_cells *c, const char *id, int64_t index, int *ret,
                               struct cd_error *reterr)
{
    char made[40];
    if (!id || bridge_cells_by_id(c, id) >= 0) { /* the second: of another notebook */
        (void)snprintf(made, sizeof(made), "idx-%lld", (long long)index);
        for (int n = 1; bridge_cells_by_id(c, made) >= 0; n++) {
            (void)snprintf(made, sizeof(made), "idx-%lld-%d", (long long)index, n);
        }
        id = made;
    }
    return add(c, id, ret, reterr);
}

cd_result bridge_cells_announce(struct bridge_cells *c, const json_t *arguments, int *ret_cell,
                                struct cd_error *reterr)
{
    const char *uri = NULL;
    const char *notebook = NULL;
    const char *id = NULL;
    const char *code = NULL;
    int64_t index = -1;
    if (cd_json_str(arguments, "arguments.uri", &uri, reterr) ||
        cd_json_str_opt(arguments, "arguments.notebook", &notebook, reterr) ||
        cd_json_str_opt(arguments, "arguments.id", &id, reterr) ||
        cd_json_str(arguments, "arguments.code", &code, reterr) ||
        cd_json_int(arguments, "arguments.index", 0, INT_MAX, &index, reterr)) {
        return CD_ERR;
    }
    if (strlen(uri) > PATH_MAX || (id && (strlen(id) > CD_MAX_ID_BYTES || !*id))) {
        return cd_error_set(reterr, CD_E_BAD_VALUE, "arguments.%s has a bad length",
                            strlen(uri) > PATH_MAX ? "uri" : "id");
    }
    int at = announced_cell(c, uri, notebook, id, index);
    if (at < 0 && add_announced(c, id, index, &at, reterr)) {
        return CD_ERR;
    }
    struct bridge_cell *cell = &c->cells[at];
    int text = cell->text;
    if (set_text(&cell->uri, uri, reterr) ||
        (notebook && set_text(&cell->notebook, notebook, reterr)) ||
        bridge_texts_put(c, at, code, strlen(code), &text, reterr)) {
        return CD_ERR;
    }
    cell->text = text;
    cell->index = cell->in_file ? cell->index : (int)index;
    const struct bridge_notebook_cell *in_file =
        cell->in_file ? bridge_notebook_cell(c->nb, cell->index) : NULL;
    cell->same_text = in_file && strcmp(in_file->source, code) == 0;
    *ret_cell = at;
    return CD_OK;
}

cd_result bridge_cells_find(const struct bridge_cells *c, const json_t *arguments, int *ret_cell,
                            struct cd_error *reterr)
{
    json_t *cell = NULL;
    const char *uri = NULL;
    const char *id = NULL;
    int64_t index = -1;
    if (cd_json_obj_opt(arguments, "arguments.cell", &cell, reterr)) {
        return CD_ERR;
    }
    const json_t *from = cell ? cell : arguments;
    if (cd_json_str_opt(from, "arguments.cell.uri", &uri, reterr) ||
        cd_json_str_opt(from, "arguments.cell.id", &id, reterr) ||
        cd_json_int_opt(from, "arguments.cell.index", 0, INT_MAX, &index, reterr)) {
        return CD_ERR;
    }
    if (!uri && !id && index < 0) {
        return cd_error_set(reterr, CD_E_MISSING, "missing arguments.cell (uri, id or index)");
    }
    *ret_cell = uri ? by_uri(c, uri)
                    : (id ? bridge_cells_by_id(c, id) : bridge_cells_by_index(c, (int)index));
    if (*ret_cell >= 0) {
        return CD_OK;
    }
    if (uri || id) {
        return cd_error_set(reterr, CD_E_NOT_FOUND, "no cell with %s '%.200s'", uri ? "uri" : "id",
                            uri ? uri : id);
    }
    return cd_error_set(reterr, CD_E_NOT_FOUND, "cell %lld is no code cell of this notebook",
                        (long long)index);
}

void bridge_cells_view(const struct bridge_cells *c, int cell, struct bridge_cell_view *ret)
{
    const struct bridge_cell *from = &c->cells[cell];
    const struct bridge_text *text = &c->texts[from->text];
    *ret = (struct bridge_cell_view){
        .index = from->index,
        .id = from->id,
        .uri = from->uri,
        .code = text->code,
        .code_len = text->len,
        .path = text->path ? text->path : "",
        .skip_execution = from->skip_execution,
        .raises_exception = from->raises_exception,
    };
}

cd_result bridge_cells_executed(struct bridge_cells *c, int cell, const char *code, size_t len,
                                struct cd_error *reterr)
{
    int text;
    if (bridge_texts_put(c, cell, code, len, &text, reterr)) {
        return CD_ERR;
    }
    c->texts[text].stamp = ++c->clock;
    return CD_OK;
}
