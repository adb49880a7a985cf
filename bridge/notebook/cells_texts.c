/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Texts of cells, their hash paths and the client's sourceReferences (cells_impl.h). Bridge loop.
 * A text is never changed or dropped: a reference always shows what it showed first.
 */
#include "bridge/notebook/cells_impl.h"
#include "dap/cell_path.h"

#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

cd_result bridge_cells_grow(void **items, int *cap, int count, size_t item_bytes,
                            struct cd_error *reterr)
{
    if (count < *cap) {
        return CD_OK;
    }
    if (*cap > INT_MAX / 4) {
        return cd_error_set(reterr, CD_E_LIMIT, "too many cells and texts");
    }
    int want = *cap ? *cap * 2 : 16;
    void *bigger = reallocarray(*items, (size_t)want, item_bytes);
    if (!bigger) {
        return cd_oom(reterr);
    }
    *items = bigger;
    *cap = want;
    return CD_OK;
}

static cd_result name_text(const struct bridge_cells *c, struct bridge_text *t,
                           struct cd_error *reterr)
{
    free(t->path);
    t->path = NULL;
    if (!c->prefix || t->gone) {
        return CD_OK;
    }
    cd_autobuf struct cd_buf path;
    cd_buf_init(&path, PATH_MAX);
    if (dap_cell_path(c->prefix, t->code, t->len, &path, reterr)) {
        return CD_ERR;
    }
    t->path = cd_buf_steal(&path);
    return t->path ? CD_OK : cd_oom(reterr);
}

cd_result bridge_texts_put(struct bridge_cells *c, int cell, const char *code, size_t len, int *ret,
                           struct cd_error *reterr)
{
    for (int i = 0; i < c->text_count; i++) {
        const struct bridge_text *t = &c->texts[i];
        if (t->cell == cell && t->len == len && !t->gone && memcmp(t->code, code, len) == 0) {
            *ret = i;
            return CD_OK;
        }
    }
    if (bridge_cells_grow((void **)&c->texts, &c->text_cap, c->text_count, sizeof(*c->texts),
                          reterr)) {
        return CD_ERR;
    }
    struct bridge_text t = {.cell = cell, .len = len, .code = malloc(len + 1)};
    if (!t.code) {
        return cd_oom(reterr);
    }
    memcpy(t.code, code, len);
    t.code[len] = '\0';
    if (name_text(c, &t, reterr)) {
        free(t.code);
        return CD_ERR;
    }
    c->texts[c->text_count] = t;
    *ret = c->text_count++;
    return CD_OK;
}

static bool is_current(const struct bridge_cells *c, int text)
{
    int cell = c->texts[text].cell;
    return cell >= 0 && c->cells[cell].text == text;
}

cd_result bridge_texts_rename(struct bridge_cells *c, bool restarted, struct cd_error *reterr)
{
    for (int i = 0; i < c->text_count; i++) {
        struct bridge_text *t = &c->texts[i];
        if (restarted) {
            t->gone = t->gone || !is_current(c, i);
            t->stamp = 0;
        }
        if (name_text(c, t, reterr)) {
            return CD_ERR;
        }
    }
    return CD_OK;
}

/* Cells with the same text share a path: the tag decides, else who executed it last, else the first
 * cell that has it now. */
int bridge_texts_by_path(const struct bridge_cells *c, const char *path, const char *cell_id)
{
    int best = -1;
    for (int i = 0; i < c->text_count; i++) {
        const struct bridge_text *t = &c->texts[i];
        if (!t->path || strcmp(t->path, path) != 0) {
            continue;
        }
        if (cell_id && t->cell >= 0 && strcmp(c->cells[t->cell].id, cell_id) == 0) {
            return i;
        }
        if (best < 0 || t->stamp > c->texts[best].stamp) {
            best = i;
        }
    }
    return best;
}

void bridge_cells_set_cut(struct bridge_cells *c, bool all, const json_t *paths)
{
    size_t i;
    const json_t *path;

    json_decref(c->early);
    c->cut_all = all;
    c->early = json_object();
    json_array_foreach(paths, i, path)
    {
        if (json_is_string(path)) {
            json_object_set_new(c->early, json_string_value(path), json_true());
        }
    }
}

/* What IPython's leading_empty_lines takes. */
int bridge_texts_cut(const struct bridge_cells *c, int text)
{
    const struct bridge_text *t = &c->texts[text];
    int lines = 0;

    if (!c->cut_all && (t->stamp > 0 || !t->path || !json_object_get(c->early, t->path))) {
        return 0;
    }
    for (size_t i = 0; i < t->len && isspace((unsigned char)t->code[i]); i++) {
        lines += t->code[i] == '\n';
    }
    return lines;
}

int bridge_cells_kernel_line(const struct bridge_cells *c, int cell, int line_1based)
{
    int cut = bridge_texts_cut(c, c->cells[cell].text);

    return line_1based > cut ? line_1based - cut : 1;
}

static int new_reference(struct bridge_cells *c, bool kernel, int n)
{
    if (bridge_cells_grow((void **)&c->refs, &c->ref_cap, c->ref_count, sizeof(*c->refs), NULL)) {
        return 0;
    }
    c->refs[c->ref_count++] = (struct bridge_reference){kernel, n};
    return c->ref_count;
}

int bridge_texts_reference(struct bridge_cells *c, int text)
{
    struct bridge_text *t = &c->texts[text];
    if (!t->reference) {
        t->reference = new_reference(c, false, text);
    }
    return t->reference;
}

int bridge_texts_kernel_reference(struct bridge_cells *c, int kernel_reference)
{
    for (int i = 0; i < c->ref_count; i++) {
        if (c->refs[i].kernel && c->refs[i].n == kernel_reference) {
            return i + 1;
        }
    }
    return new_reference(c, true, kernel_reference);
}

void bridge_cells_name(const struct bridge_cells *c, int cell, char *out, size_t out_bytes)
{
    const char *announced = cell < 0 ? NULL : c->cells[cell].notebook;
    const char *path = c->nb ? bridge_notebook_path(c->nb) : announced ? announced : "notebook";
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    if (cell < 0) {
        (void)snprintf(out, out_bytes, "debug console");
    } else if (c->cells[cell].index >= 0) {
        (void)snprintf(out, out_bytes, "%.200s [cell %d]", name, c->cells[cell].index);
    } else {
        (void)snprintf(out, out_bytes, "%.200s [cell %.64s]", name, c->cells[cell].id);
    }
}

json_t *bridge_texts_source(struct bridge_cells *c, int text)
{
    char name[300];
    int reference = bridge_texts_reference(c, text);
    bridge_cells_name(c, c->texts[text].cell, name, sizeof(name));
    return reference
               ? json_pack("{s:o,s:i}", "name", cd_json_textz(name), "sourceReference", reference)
               : NULL;
}
