/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Any bytes as a percent script and as a dotenv file. A line of a code cell is a line of the file
 * and back, and the cells' lines are all there are.
 */
#include "bridge/env_file.h"
#include "bridge/notebook/percent.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool condition)
{
    if (!condition) {
        abort();
    }
}

static int lines_of(const struct bridge_percent_cell *cell)
{
    int n = cell->source_len > 0;

    for (size_t i = 0; i < cell->source_len; i++) {
        n += cell->source[i] == '\n';
    }
    return n;
}

static void check_script(const struct bridge_percent *p)
{
    int next = 1;

    must(p->count > 0 && p->cells[0].mark_line == 0);
    for (int i = 0; i < p->count; i++) {
        const struct bridge_percent_cell *cell = &p->cells[i];

        must(cell->first_line == next + (i > 0) && cell->line_count >= lines_of(cell));
        must(strlen(cell->source) == cell->source_len);
        next = cell->first_line + cell->line_count;
        for (int line = 1; line <= cell->line_count; line++) {
            int index = -1, back = -1;
            const int at = bridge_percent_to_line(p, i, line);

            must(at == cell->first_line + line - 1);
            must(bridge_percent_from_line(p, "x.py", at, &index, &back, NULL) ==
                 (cell->type == BRIDGE_CELL_CODE));
            must(cell->type != BRIDGE_CELL_CODE || (index == i && back == line));
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cd_error err = CD_ERROR_INIT;
    struct bridge_percent p;
    char *text = strndup((const char *)data, size);
    json_t *env = NULL;

    if (bridge_percent_read((const char *)data, size, &p, &err) == CD_OK) {
        check_script(&p);
        bridge_percent_done(&p);
    } else {
        must(err.id != CD_E_NONE);
    }
    if (text && bridge_env_read(text, &env, NULL) == CD_OK) {
        must(json_is_object(env));
    }
    json_decref(env);
    free(text);
    return 0;
}
