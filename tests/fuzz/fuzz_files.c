/* SPDX-License-Identifier: BSD-3-Clause
 *
 * libFuzzer: the files that come from outside, a notebook and a connection file, from memory. A
 * notebook that loads must map each line of a code cell to the JSON file and back to that line.
 */
#include "bridge/notebook/notebook.h"
#include "kernel/wire/connection.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define MAX_LINES 200

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool condition)
{
    if (!condition) {
        abort();
    }
}

static void check_cell(const struct bridge_notebook *nb, const struct bridge_notebook_cell *cell)
{
    must(cell->id && cell->source && cell->source[cell->source_len] == '\0');
    for (int line = 1; line <= MAX_LINES; line++) {
        int json_line = bridge_notebook_to_json_line(nb, cell->index, line);
        int index = -1, back = -1;

        if (json_line == 0) {
            continue;
        }
        must(cell->type == BRIDGE_CELL_CODE);
        must(bridge_notebook_from_json_line(nb, json_line, &index, &back, NULL));
        must(index == cell->index && back == line);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cd_error err = CD_ERROR_INIT;
    struct bridge_notebook *nb = NULL;
    struct wire_connection c;
    char path[64];
    int fd = memfd_create("fuzz", MFD_CLOEXEC);

    must(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    if (bridge_notebook_load(path, &nb, &err) == CD_OK) {
        for (int i = 0; i < bridge_notebook_count(nb); i++) {
            const struct bridge_notebook_cell *cell = bridge_notebook_cell(nb, i);

            must(cell != NULL && cell->index == i);
            check_cell(nb, cell);
        }
        bridge_notebook_free(nb);
    } else {
        must(err.id != CD_E_NONE && nb == NULL);
    }
    cd_error_clear(&err);
    must(wire_connection_read(path, &c, &err) == CD_OK || err.id != CD_E_NONE);
    close(fd);
    return 0;
}
