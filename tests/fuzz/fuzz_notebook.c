/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Any bytes as a notebook file: the scanner, the layout, the cells and the line table. Where a
 * cell's lines are mapped, both directions must agree.
 */
#include "bridge/notebook/notebook_impl.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_lines(const struct bridge_line_table *t, const struct bridge_nb_layout *l)
{
    for (size_t i = 0; i < l->string_count; i++) {
        int json_line = (int)l->strings[i].line_1based;
        int index = -1;
        int line = -1;
        struct cd_error err = CD_ERROR_INIT;
        if (!bridge_line_table_from_json(t, "nb", json_line, &index, &line, &err)) {
            if (err.id != CD_E_NOT_FOUND) {
                abort();
            }
            continue;
        }
        int back = bridge_line_table_to_json(t, index, line);
        if (back < 1 || back > json_line) {
            abort(); /* a continued line begins at or before the one that was asked for */
        }
    }
}

static void check_cells(const char *text, const struct bridge_nb_layout *l)
{
    bool *is_code = calloc(l->cell_count + 1, sizeof(*is_code));
    for (size_t i = 0; is_code && i < l->cell_count; i++) {
        struct bridge_notebook_cell cell = {.index = (int)i};
        if (!bridge_nb_read_cell(text, l, &cell, NULL)) {
            is_code[i] = cell.type == BRIDGE_CELL_CODE;
        }
        free((char *)(uintptr_t)cell.id);
        free((char *)(uintptr_t)cell.source);
    }
    struct bridge_line_table *t = is_code ? bridge_line_table_new(text, l, is_code, NULL) : NULL;
    if (t) {
        check_lines(t, l);
    }
    bridge_line_table_free(t);
    free(is_code);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    struct bridge_nb_layout layout;
    struct cd_error err = CD_ERROR_INIT;
    if (bridge_nb_layout_read(text, size, &layout, &err)) {
        if (err.id == CD_E_NONE) {
            abort();
        }
        return 0;
    }
    (void)bridge_nb_check(text, &layout, NULL);
    check_cells(text, &layout);
    bridge_nb_layout_done(&layout);
    return 0;
}
