/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A percent script as a notebook: its cells when it is loaded, and the .ipynb that its outputs are
 * saved to. Bridge loop, or `celldap run`.
 */
#include "bridge/notebook/notebook_impl.h"
#include "bridge/notebook/pretty.h"

#include <stdlib.h>
#include <string.h>

cd_result bridge_nb_cells_of_script(struct bridge_notebook *nb, struct cd_error *reterr)
{
    const struct bridge_percent *script = &nb->script;
    nb->cells = calloc((size_t)script->count + 1, sizeof(*nb->cells));
    nb->outputs = calloc((size_t)script->count + 1, sizeof(*nb->outputs));
    nb->kernel_name = strdup("");
    nb->language = strdup("");
    if (!nb->cells || !nb->outputs || !nb->kernel_name || !nb->language) {
        return cd_oom(reterr);
    }
    for (int i = 0; i < script->count; i++) {
        const struct bridge_percent_cell *from = &script->cells[i];
        char *id = NULL;
        nb->count = i + 1;
        nb->cells[i] = (struct bridge_notebook_cell){.type = from->type,
                                                     .index = i,
                                                     .source_len = from->source_len,
                                                     .skip_execution = from->skip_execution,
                                                     .raises_exception = from->raises_exception};
        nb->cells[i].source = strndup(from->source, from->source_len);
        if (asprintf(&id, "idx-%d", i) < 0) {
            id = NULL;
        }
        nb->cells[i].id = id;
        if (!id || !nb->cells[i].source) {
            return cd_oom(reterr);
        }
    }
    return CD_OK;
}

/* Markdown is commented in a script. One string a line, as nbformat writes it. */
static json_t *source_lines(const struct bridge_notebook_cell *cell)
{
    json_t *lines = json_array();
    const char *at = cell->source;
    while (*at) {
        size_t n = strcspn(at, "\n");
        size_t skip = 0;
        if (cell->type != BRIDGE_CELL_CODE && at[0] == '#') {
            skip = at[1] == ' ' ? 2 : 1;
        }
        n += at[n] == '\n';
        json_array_append_new(lines, json_stringn(at + skip, n - skip));
        at += n;
    }
    return lines;
}

static json_t *cell_of(const struct bridge_notebook *nb, int i)
{
    static const char *const types[] = {[BRIDGE_CELL_CODE] = "code",
                                        [BRIDGE_CELL_MARKDOWN] = "markdown",
                                        [BRIDGE_CELL_RAW] = "raw"};
    const struct bridge_notebook_cell *cell = &nb->cells[i];
    const struct bridge_nb_outputs *outputs = &nb->outputs[i];
    json_t *made = json_pack("{s:s,s:s,s:{},s:o}", "cell_type", types[cell->type], "id", cell->id,
                             "metadata", "source", source_lines(cell));
    if (made && cell->type == BRIDGE_CELL_CODE) {
        json_object_set_new(made, "outputs",
                            outputs->outputs ? json_incref(outputs->outputs) : json_array());
        json_object_set_new(made, "execution_count",
                            outputs->execution_count > 0 ? json_integer(outputs->execution_count)
                                                         : json_null());
    }
    return made;
}

cd_result bridge_nb_script_text(const struct bridge_notebook *nb, struct cd_buf *out,
                                struct cd_error *reterr)
{
    json_auto_t *cells = json_array();
    for (int i = 0; i < nb->count; i++) {
        if (i > 0 || nb->cells[i].source_len > 0) {
            json_array_append_new(cells, cell_of(nb, i));
        }
    }
    json_auto_t *file = json_pack("{s:O,s:{s:{s:s,s:s,s:s}},s:i,s:i}", "cells", cells, "metadata",
                                  "kernelspec", "display_name", "celldap", "language", "python",
                                  "name", "celldap", "nbformat", 4, "nbformat_minor", 5);
    if (!file) {
        return cd_oom(reterr);
    }
    return bridge_pretty_dump(file, 1, 0, out, reterr) || cd_buf_append(out, "\n", 1, reterr)
               ? CD_ERR
               : CD_OK;
}
