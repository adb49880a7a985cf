/* SPDX-License-Identifier: BSD-3-Clause
 *
 * See error_place.h. The text that the user sees is never rewritten (contracts.md §2).
 */
#include "bridge/error_place.h"

#include "bridge/edge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The number after the last `mark`; 0: none. */
static int number_after_last(const char *text, const char *mark)
{
    int line = 0;

    for (const char *at = text; (at = strstr(at, mark)) != NULL;) {
        at += strlen(mark);
        line = (int)strtol(at, NULL, 10);
    }
    return line > 0 ? line : 0;
}

int bridge_traceback_line(const char *text, const char *path, int count)
{
    char mark[1200];
    int line = 0;

    if (path[0]) {
        (void)snprintf(mark, sizeof mark, "File \"%s\", line ", path);
        line = number_after_last(text, mark);
    }
    /* IPython's way, and plain Python's way to print a file of that name */
    for (int plain = 0; plain < 2 && line == 0 && count > 0; plain++) {
        (void)snprintf(mark, sizeof mark, "Cell In[%d]%s, line ", count, plain ? "\"" : "");
        line = number_after_last(text, mark);
    }
    return line;
}

static cd_result join(const json_t *content, struct cd_buf *out, struct cd_error *reterr)
{
    const json_t *lines = json_object_get(content, "traceback");
    size_t i;
    json_t *line;

    json_array_foreach(lines, i, line)
    {
        const char *text = json_string_value(line);
        size_t n = json_string_length(line);

        if (text && (cd_buf_append(out, text, n, reterr) != CD_OK ||
                     ((n == 0 || text[n - 1] != '\n') && cd_buf_append(out, "\n", 1, reterr)))) {
            return CD_ERR;
        }
    }
    if (json_array_size(lines) == 0) {
        const char *name = json_string_value(json_object_get(content, "ename"));
        const char *value = json_string_value(json_object_get(content, "evalue"));

        return cd_buf_appendf(out, reterr, "%s: %s\n", name ? name : "error", value ? value : "");
    }
    return CD_OK;
}

static void add_place(struct bridge_cells *cells, const struct bridge_exec *e, const char *text,
                      size_t len, json_t *body)
{
    struct bridge_cell_view cell;
    cd_autofree char *plain = malloc(len + 1);
    int line;

    if (!plain) {
        return;
    }
    memcpy(plain, text, len);
    plain[len] = '\0';
    bridge_strip_ansi(plain, len);
    bridge_cells_view(cells, e->cell, &cell);
    line = bridge_traceback_line(plain, cell.path, e->execution_count);
    if (line > 0 && !cell.path[0]) { /* no debugger: the kernel's names are not known */
        json_object_set_new(body, "source", bridge_cells_client_source(cells, e->cell, &line));
        json_object_set_new(body, "line", json_integer(line));
    } else if (line > 0) {
        json_object_set_new(body, "source", bridge_cells_kernel_source(cells, e->cell));
        json_object_set_new(body, "line", json_integer(line));
        if (bridge_cells_object_out(cells, body, NULL) != CD_OK) {
            json_object_del(body, "source");
            json_object_del(body, "line");
        }
    }
}

json_t *bridge_error_output(struct bridge_cells *cells, const struct bridge_exec *e,
                            const json_t *content)
{
    cd_autobuf struct cd_buf text;
    json_t *body;

    cd_buf_init(&text, (size_t)16 * 1024 * 1024);
    if (join(content, &text, NULL) != CD_OK) {
        return NULL;
    }
    body =
        json_pack("{s:s, s:o}", "category", "stderr", "output", cd_json_text(text.data, text.len));
    if (body && e && e->kind == BRIDGE_EXEC_CELL) {
        add_place(cells, e, text.data, text.len, body);
    }
    return body;
}
