/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The client's Source -> a cell, a file or a text (contracts.md §2). Bridge loop. URIs are compared
 * byte for byte and never decoded; what the client wrote is remembered as it is.
 */
#include "bridge/notebook/cells_impl.h"
#include "dap/cell_path.h"

#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define CELL_FRAGMENT    "#cell="
#define CELL_ID_FRAGMENT "#cell-id="
#define DAP_SRC          "dap-src://"

/* "kind:name"; a name that does not fit is told apart by its hash. */
static void set_key(struct bridge_source *s, const char *kind, const char *name)
{
    size_t len = strlen(name);
    if (len <= 1000) {
        (void)snprintf(s->key, sizeof(s->key), "%.16s:%.1000s", kind, name);
        return;
    }
    (void)snprintf(s->key, sizeof(s->key), "%.16s:%08x:%.900s", kind,
                   dap_murmur2(name, len, DAP_CELL_HASH_SEED), name + len - 900);
}

static void set_cell(struct bridge_source *s, int cell)
{
    s->kind = BRIDGE_SOURCE_CELL;
    s->cell = cell;
    (void)snprintf(s->key, sizeof(s->key), "cell:%d", cell);
}

static void set_pending(struct bridge_source *s, const char *path)
{
    s->kind = BRIDGE_SOURCE_PENDING;
    set_key(s, "pending", path);
}

static bool is_current(const struct bridge_cells *c, int text)
{
    int cell = c->texts[text].cell;
    return cell >= 0 && c->cells[cell].text == text;
}

static cd_result resolve_reference(const struct bridge_cells *c, int64_t reference,
                                   struct bridge_source *ret, struct cd_error *reterr)
{
    if (reference < 1 || reference > c->ref_count) {
        return cd_error_set(reterr, CD_E_NOT_FOUND, "no source has the reference %lld",
                            (long long)reference);
    }
    const struct bridge_reference *r = &c->refs[reference - 1];
    if (r->kernel) {
        ret->kind = BRIDGE_SOURCE_KERNEL;
        ret->kernel_reference = r->n;
        (void)snprintf(ret->key, sizeof(ret->key), "kernel:%d", r->n);
    } else if (is_current(c, r->n)) {
        ret->text = r->n;
        set_cell(ret, c->texts[r->n].cell);
    } else {
        ret->kind = BRIDGE_SOURCE_TEXT;
        ret->text = r->n;
        (void)snprintf(ret->key, sizeof(ret->key), "text:%d", r->n);
    }
    return CD_OK;
}

/* The REF of dap-src://ANY/REF/ANY; 0: it is not of this form. */
static int64_t dap_src_reference(const char *path)
{
    if (strncmp(path, DAP_SRC, strlen(DAP_SRC)) != 0) {
        return 0;
    }
    const char *digits = strchr(path + strlen(DAP_SRC), '/');
    if (!digits || !isdigit((unsigned char)digits[1])) {
        return 0;
    }
    char *end;
    long long n = strtoll(digits + 1, &end, 10);
    return (*end == '/' || *end == '\0') && n <= INT_MAX ? n : 0;
}

/* "scheme:" of two letters or more, as RFC 3986 spells it. */
static bool is_uri(const char *path)
{
    size_t n = 0;
    while (isalnum((unsigned char)path[n]) ||
           (n > 0 && path[n] != '\0' && strchr("+.-", path[n]))) {
        n++;
    }
    return n >= 2 && path[n] == ':' && isalpha((unsigned char)path[0]);
}

/* nb.ipynb#cell=3 and nb.ipynb#cell-id=ID of our notebook: 1 and *ret_cell (-1: it has none such);
 * 0: no such fragment or another file. */
static int by_fragment(const struct bridge_cells *c, const char *path, int *ret_cell)
{
    const char *hash = strrchr(path, '#');
    if (!hash || (strncmp(hash, CELL_FRAGMENT, strlen(CELL_FRAGMENT)) != 0 &&
                  strncmp(hash, CELL_ID_FRAGMENT, strlen(CELL_ID_FRAGMENT)) != 0)) {
        return 0;
    }
    cd_autofree char *file = strndup(path, (size_t)(hash - path));
    if (!file || !bridge_cells_is_notebook(c, file)) {
        return 0;
    }
    const char *value = strchr(hash, '=') + 1;
    if (hash[5] == '-') {
        *ret_cell = bridge_cells_by_id(c, value);
        return 1;
    }
    char *end;
    long n = strtol(value, &end, 10);
    bool number = isdigit((unsigned char)*value) && !*end && n <= INT_MAX;
    *ret_cell = number ? bridge_cells_by_index(c, (int)n) : -1;
    return 1;
}

static void spelt(struct bridge_cells *c, int cell, int how)
{
    if (c->asking) {
        return;
    }
    c->cells[cell].spelling = (__typeof__(c->cells[cell].spelling))how;
    c->cells[cell].stamp = ++c->clock;
}

static cd_result spelt_dap_src(struct bridge_cells *c, const struct bridge_source *s,
                               const char *path, struct cd_error *reterr)
{
    struct bridge_cell *cell = &c->cells[s->cell];
    if (c->asking) {
        return CD_OK;
    }
    char *copy = strdup(path);
    if (!copy) {
        return cd_oom(reterr);
    }
    free(cell->dap_src);
    cell->dap_src = copy;
    cell->dap_src_text = s->text;
    spelt(c, s->cell, CELL_BY_DAP_SRC);
    return CD_OK;
}

static cd_result spelt_notebook(struct bridge_cells *c, const char *path, struct cd_error *reterr)
{
    if (c->asking) {
        return CD_OK;
    }
    char *copy = strdup(path);
    if (!copy) {
        return cd_oom(reterr);
    }
    free(c->nb_client);
    c->nb_client = copy;
    c->nb_stamp = ++c->clock;
    return CD_OK;
}

static int announced_as(const struct bridge_cells *c, const char *path)
{
    for (int i = 0; i < c->cell_count; i++) {
        if (c->cells[i].uri && strcmp(c->cells[i].uri, path) == 0) {
            return i;
        }
    }
    return -1;
}

static void resolve_file(const char *path, struct bridge_source *ret)
{
    cd_autofree char *real = path[0] == '/' ? realpath(path, NULL) : NULL;
    ret->kind = BRIDGE_SOURCE_FILE;
    set_key(ret, "file", real ? real : path);
}

static cd_result resolve_path(struct bridge_cells *c, const char *path, struct bridge_source *ret,
                              struct cd_error *reterr)
{
    int cell = announced_as(c, path);
    if (cell >= 0) {
        set_cell(ret, cell);
        spelt(c, cell, CELL_BY_URI);
        return CD_OK;
    }
    int64_t reference = dap_src_reference(path);
    if (reference) {
        if (resolve_reference(c, reference, ret, reterr)) {
            return CD_ERR;
        }
        return ret->kind == BRIDGE_SOURCE_CELL ? spelt_dap_src(c, ret, path, reterr) : CD_OK;
    }
    if (bridge_cells_is_notebook(c, path)) {
        ret->kind = BRIDGE_SOURCE_NOTEBOOK;
        (void)snprintf(ret->key, sizeof(ret->key), "notebook");
        return spelt_notebook(c, path, reterr);
    }
    if (by_fragment(c, path, &cell)) {
        if (cell < 0) {
            return cd_error_set(reterr, CD_E_NOT_FOUND, "'%.300s' names no code cell", path);
        }
        set_cell(ret, cell);
        spelt(c, cell, CELL_BY_REFERENCE);
        return CD_OK;
    }
    const char *dot = strstr(path, ".ipynb");
    bool notebook = dot && (dot[6] == '\0' || dot[6] == '#');
    if (is_uri(path) || notebook) {
        set_pending(ret, path);
    } else {
        resolve_file(path, ret);
    }
    return CD_OK;
}

cd_result bridge_cells_resolve(struct bridge_cells *c, const json_t *source,
                               struct bridge_source *ret, struct cd_error *reterr)
{
    const char *path = NULL;
    const char *name = NULL;
    int64_t reference = 0;
    memset(ret, 0, sizeof(*ret));
    ret->cell = ret->text = -1;
    if (cd_json_str_opt(source, "arguments.source.path", &path, reterr) ||
        cd_json_str_opt(source, "arguments.source.name", &name, reterr) ||
        cd_json_int_opt(source, "arguments.source.sourceReference", 0, INT_MAX, &reference,
                        reterr)) {
        return CD_ERR;
    }
    if (reference > 0) {
        if (resolve_reference(c, reference, ret, reterr)) {
            return CD_ERR;
        }
        if (ret->kind == BRIDGE_SOURCE_CELL) {
            spelt(c, ret->cell, CELL_BY_REFERENCE);
        }
        return CD_OK;
    }
    if (!path || !*path) {
        return cd_error_set(reterr, CD_E_MISSING, "missing arguments.source.path (string)");
    }
    if (strlen(path) > PATH_MAX) {
        return cd_error_set(reterr, CD_E_LIMIT, "arguments.source.path is longer than %d bytes",
                            PATH_MAX);
    }
    return resolve_path(c, path, ret, reterr);
}

bool bridge_cells_line_in(const struct bridge_cells *c, const struct bridge_source *source,
                          int line_1based, int *ret_cell, int *ret_line_1based,
                          struct cd_error *reterr)
{
    if (source->kind == BRIDGE_SOURCE_CELL) {
        *ret_cell = source->cell;
        *ret_line_1based = line_1based;
        return true;
    }
    if (source->kind != BRIDGE_SOURCE_NOTEBOOK || !c->nb) {
        (void)cd_error_set(reterr, CD_E_NOT_FOUND, "no cell is known by this name yet");
        return false;
    }
    int index;
    if (!bridge_notebook_from_json_line(c->nb, line_1based, &index, ret_line_1based, reterr)) {
        return false;
    }
    *ret_cell = bridge_cells_by_index(c, index);
    if (*ret_cell < 0) {
        (void)cd_error_set(reterr, CD_E_NOT_FOUND, "cell %d is gone", index);
        return false;
    }
    if (!c->cells[*ret_cell].same_text) {
        (void)cd_error_set(reterr, CD_E_NOT_FOUND,
                           "cell %d was edited since the file was saved: its lines in the file are "
                           "those of an older text",
                           index);
        return false;
    }
    return true;
}

int bridge_cells_column_in(const struct bridge_cells *c, const struct bridge_source *source,
                           int line_1based, int column_1based)
{
    return column_1based > 0 && source->kind == BRIDGE_SOURCE_NOTEBOOK && c->nb
               ? bridge_notebook_from_json_column(c->nb, line_1based, column_1based)
               : column_1based;
}
