/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The line table (see line_table.h): made once from the layout, searched by halving. Any thread
 * once made; it keeps no pointer into the file's bytes.
 */
#include "bridge/notebook/line_table.h"

#include <stdlib.h>
#include <string.h>

struct entry {
    unsigned json_line;
    int line; /* of the cell; entries of a cell rise in both */
};

enum verdict { MAPPED, NOT_CODE, ONE_STRING, SHARED_LINES, MANY_LINES };

struct cell_lines {
    unsigned from, to;               /* JSON lines of the whole cell */
    unsigned source_from, source_to; /* of its source; 0: it has none */
    enum verdict verdict;
    size_t first, count;
};

struct bridge_line_table {
    size_t cell_count;
    size_t entry_count;
    struct cell_lines *cells;
    struct entry *entries;
};

struct breaks {
    unsigned count;
    bool at_end;    /* the last character is (the end of) a line break */
    bool starts_lf; /* the first one is \n */
    bool ends_cr;   /* the last one is \r */
};

/* The character at *at of a JSON string's inside, reduced to what matters here: '\n', '\r' or 'x'.
 */
static int next_char(const char *text, size_t *at)
{
    char c = text[(*at)++];
    if (c != '\\') {
        return 'x';
    }
    c = text[(*at)++];
    if (c != 'u') {
        return c == 'n' ? '\n' : c == 'r' ? '\r' : 'x';
    }
    const char *hex = text + *at;
    *at += 4;
    if (hex[0] != '0' || hex[1] != '0' || hex[2] != '0') {
        return 'x';
    }
    int digit = hex[3] | 0x20;
    return digit == 'a' ? '\n' : digit == 'd' ? '\r' : 'x';
}

/* Line breaks as Python's compile() counts them: \n, \r\n and a lone \r. */
static struct breaks count_breaks(const char *text, const struct bridge_nb_value *string)
{
    struct breaks b = {0};
    size_t at = string->begin + 1;
    size_t end = string->end - 1;
    int before = 0;
    while (at < end) {
        bool first = at == string->begin + 1;
        int c = next_char(text, &at);
        b.starts_lf = b.starts_lf || (first && c == '\n');
        b.at_end = c != 'x';
        b.ends_cr = c == '\r';
        b.count += c == '\r' || (c == '\n' && before != '\r');
        before = c;
    }
    return b;
}

static enum verdict map_strings(struct bridge_line_table *t, struct cell_lines *out,
                                const char *text, const struct bridge_nb_value *strings)
{
    int line = 1;
    bool after_cr = false;
    for (size_t i = 0; i < out->count; i++) {
        if (i > 0 && strings[i].line_1based == strings[i - 1].line_1based) {
            return SHARED_LINES;
        }
        if (strings[i].token != BRIDGE_JSON_STRING) {
            return SHARED_LINES;
        }
        struct breaks b = count_breaks(text, &strings[i]);
        if (b.count > 1 || (b.count == 1 && !b.at_end) || (after_cr && b.starts_lf)) {
            return MANY_LINES;
        }
        t->entries[out->first + i] = (struct entry){strings[i].line_1based, line};
        line += (int)b.count;
        after_cr = b.ends_cr;
    }
    return MAPPED;
}

static void map_cell(struct bridge_line_table *t, struct cell_lines *out, const char *text,
                     const struct bridge_nb_layout *l, const struct bridge_nb_cell *cell,
                     bool is_code)
{
    out->from = cell->self.line_1based;
    out->to = cell->last_line;
    out->first = t->entry_count;
    out->source_from = cell->source.line_1based;
    out->source_to = out->source_from;
    if (cell->string_count) {
        out->source_to = l->strings[cell->string_first + cell->string_count - 1].line_1based;
    }
    if (!is_code) {
        out->verdict = NOT_CODE;
        return;
    }
    if (cell->source.token == BRIDGE_JSON_STRING) {
        bool empty = cell->source.end - cell->source.begin == 2;
        out->verdict = empty ? MAPPED : ONE_STRING;
        return;
    }
    out->count = cell->string_count;
    out->verdict =
        cell->string_count ? map_strings(t, out, text, l->strings + cell->string_first) : MAPPED;
    if (out->verdict != MAPPED) {
        out->count = 0;
    }
    t->entry_count += out->count;
}

/* A line of the file that the cell before ends on is that cell's. */
static void leave_shared_line(struct bridge_line_table *t, size_t i)
{
    struct cell_lines *cell = &t->cells[i];
    if (i > 0 && cell->count && t->entries[cell->first].json_line <= t->cells[i - 1].to) {
        cell->verdict = SHARED_LINES;
        cell->count = 0;
    }
}

static void release(struct bridge_line_table *t)
{
    free(t->cells);
    free(t->entries);
    free(t);
}

void bridge_line_table_free(struct bridge_line_table *t)
{
    if (t) {
        release(t);
    }
}

struct bridge_line_table *bridge_line_table_new(const char *text, const struct bridge_nb_layout *l,
                                                const bool *is_code, struct cd_error *reterr)
{
    struct bridge_line_table *t = calloc(1, sizeof(*t));
    if (!t) {
        (void)cd_oom(reterr);
        return NULL;
    }
    t->cells = calloc(l->cell_count + 1, sizeof(*t->cells));
    t->entries = calloc(l->string_count + 1, sizeof(*t->entries));
    if (!t->cells || !t->entries) {
        release(t);
        (void)cd_oom(reterr);
        return NULL;
    }
    t->cell_count = l->cell_count;
    for (size_t i = 0; i < l->cell_count; i++) {
        map_cell(t, &t->cells[i], text, l, &l->cell[i], is_code[i]);
        leave_shared_line(t, i);
    }
    return t;
}

static const char *verdict_text(enum verdict v)
{
    switch (v) {
    case ONE_STRING:
        return "is one JSON string";
    case SHARED_LINES:
        return "has several strings on one line of the file";
    default:
        return "has several source lines in one string";
    }
}

static bool no_line(const struct cell_lines *cell, size_t index, const char *name, int json_line,
                    struct cd_error *reterr)
{
    unsigned at = (unsigned)json_line;
    if (!cell || at < cell->from) {
        (void)cd_error_set(reterr, CD_E_NOT_FOUND, "line %d of '%s' is in no cell", json_line,
                           name);
    } else if (cell->verdict == NOT_CODE) {
        (void)cd_error_set(reterr, CD_E_NOT_FOUND,
                           "line %d of '%s' is in cell %zu, which has no code", json_line, name,
                           index);
    } else if (cell->verdict != MAPPED && at >= cell->source_from && at <= cell->source_to) {
        (void)cd_error_set(
            reterr, CD_E_NOT_FOUND,
            "line %d of '%s': the source of cell %zu %s, so its lines cannot be told "
            "apart; save the notebook with Jupyter, or name the cell as %s#cell=%zu",
            json_line, name, index, verdict_text(cell->verdict), name, index);
    } else {
        (void)cd_error_set(reterr, CD_E_NOT_FOUND,
                           "line %d of '%s' is not in the source of a code cell", json_line, name);
    }
    return false;
}

bool bridge_line_table_from_json(const struct bridge_line_table *t, const char *name,
                                 int json_line_1based, int *ret_index, int *ret_line_1based,
                                 struct cd_error *reterr)
{
    if (json_line_1based < 1) {
        return no_line(NULL, 0, name, json_line_1based, reterr);
    }
    unsigned want = (unsigned)json_line_1based;
    size_t low = 0;
    size_t high = t->cell_count;
    while (low < high) { /* the first cell that ends at or after the line */
        size_t mid = (low + high) / 2;
        if (t->cells[mid].to < want) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    const struct cell_lines *cell = low < t->cell_count ? &t->cells[low] : NULL;
    size_t end = cell ? cell->first + cell->count : 0;
    size_t from = cell ? cell->first : 0;
    size_t to = end;
    while (from < to) {
        size_t mid = (from + to) / 2;
        if (t->entries[mid].json_line < want) {
            from = mid + 1;
        } else {
            to = mid;
        }
    }
    if (from == end || t->entries[from].json_line != want) {
        return no_line(cell, low, name, json_line_1based, reterr);
    }
    *ret_index = (int)low;
    *ret_line_1based = t->entries[from].line;
    return true;
}

int bridge_line_table_to_json(const struct bridge_line_table *t, int index, int line_1based)
{
    if (index < 0 || (size_t)index >= t->cell_count) {
        return 0;
    }
    const struct cell_lines *cell = &t->cells[index];
    size_t end = cell->first + cell->count;
    size_t from = cell->first;
    size_t to = end;
    while (from < to) {
        size_t mid = (from + to) / 2;
        if (t->entries[mid].line < line_1based) {
            from = mid + 1;
        } else {
            to = mid;
        }
    }
    return from < end && t->entries[from].line == line_1based ? (int)t->entries[from].json_line : 0;
}
