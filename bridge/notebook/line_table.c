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
    int line;     /* of the cell; entries of a cell rise in both */
    int quote;    /* column of the string's opening quote, UTF-16 units from 1 */
    size_t begin; /* of the string's inside, in raw */
    size_t len;
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
    char *raw; /* the insides of all strings, as in the file */
    size_t raw_len;
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

/* UTF-16 units of the character that begins with this byte; 0: it begins none. */
static int units_of(char c)
{
    const unsigned char b = (unsigned char)c;
    return (b & 0xc0) == 0x80 ? 0 : b >= 0xf0 ? 2 : 1;
}

static void keep_string(struct bridge_line_table *t, struct entry *e, const char *text,
                        const struct bridge_nb_value *string)
{
    size_t at = string->begin;
    while (at > 0 && text[at - 1] != '\n') {
        at--;
    }
    e->quote = 1;
    for (; at < string->begin; at++) {
        e->quote += units_of(text[at]);
    }
    e->begin = t->raw_len;
    e->len = string->end - string->begin - 2;
    memcpy(t->raw + e->begin, text + string->begin + 1, e->len);
    t->raw_len += e->len;
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
        struct entry *e = &t->entries[out->first + i];
        *e = (struct entry){.json_line = strings[i].line_1based, .line = line};
        keep_string(t, e, text, &strings[i]);
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
    free(t->raw);
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
    size_t bytes = 1;
    for (size_t i = 0; i < l->string_count; i++) {
        bytes += l->strings[i].end - l->strings[i].begin;
    }
    t->raw = malloc(bytes);
    if (!t->cells || !t->entries || !t->raw) {
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

/* The cell that ends at or after a JSON line, NULL: none. */
static const struct cell_lines *cell_at(const struct bridge_line_table *t, unsigned want)
{
    size_t low = 0;
    size_t high = t->cell_count;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (t->cells[mid].to < want) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return low < t->cell_count ? &t->cells[low] : NULL;
}

static const struct entry *entry_at(const struct bridge_line_table *t,
                                    const struct cell_lines *cell, unsigned want)
{
    size_t from = cell ? cell->first : 0;
    size_t end = cell ? cell->first + cell->count : 0;
    size_t to = end;
    while (from < to) {
        size_t mid = (from + to) / 2;
        if (t->entries[mid].json_line < want) {
            from = mid + 1;
        } else {
            to = mid;
        }
    }
    return from < end && t->entries[from].json_line == want ? &t->entries[from] : NULL;
}

bool bridge_line_table_from_json(const struct bridge_line_table *t, const char *name,
                                 int json_line_1based, int *ret_index, int *ret_line_1based,
                                 struct cd_error *reterr)
{
    if (json_line_1based < 1) {
        return no_line(NULL, 0, name, json_line_1based, reterr);
    }
    const struct cell_lines *cell = cell_at(t, (unsigned)json_line_1based);
    const struct entry *e = entry_at(t, cell, (unsigned)json_line_1based);
    const size_t index = cell ? (size_t)(cell - t->cells) : t->cell_count;
    if (!e) {
        return no_line(cell, index, name, json_line_1based, reterr);
    }
    *ret_index = (int)index;
    *ret_line_1based = e->line;
    return true;
}

static const struct entry *entry_of(const struct bridge_line_table *t, int index, int line_1based)
{
    if (index < 0 || (size_t)index >= t->cell_count) {
        return NULL;
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
    return from < end && t->entries[from].line == line_1based ? &t->entries[from] : NULL;
}

int bridge_line_table_to_json(const struct bridge_line_table *t, int index, int line_1based)
{
    const struct entry *e = entry_of(t, index, line_1based);
    return e ? (int)e->json_line : 0;
}

/* Walks a string until one of the two columns is reached; both come back. */
static void walk(const struct bridge_line_table *t, const struct entry *e, int *column, int *json)
{
    const char *raw = t->raw + e->begin;
    int at_column = 1;
    int at_json = e->quote + 1;
    for (size_t i = 0;
         i < e->len && (*column == 0 || at_column < *column) && (*json == 0 || at_json < *json);) {
        int units = units_of(raw[i]);
        size_t bytes = 1;
        int width = units;
        if (raw[i] == '\\') {
            bytes = i + 1 < e->len && raw[i + 1] == 'u' ? 6 : 2;
            width = (int)bytes;
        }
        i += bytes;
        at_column += units;
        at_json += width;
    }
    *column = at_column;
    *json = at_json;
}

int bridge_line_table_column_to_json(const struct bridge_line_table *t, int index, int line_1based,
                                     int column_1based)
{
    const struct entry *e = column_1based > 0 ? entry_of(t, index, line_1based) : NULL;
    int json = 0;
    if (e) {
        walk(t, e, &column_1based, &json);
    }
    return json;
}

int bridge_line_table_column_from_json(const struct bridge_line_table *t, int json_line_1based,
                                       int json_column_1based)
{
    const unsigned line = json_line_1based > 0 ? (unsigned)json_line_1based : 0;
    const struct entry *e = json_column_1based > 0 ? entry_at(t, cell_at(t, line), line) : NULL;
    int column = 0;
    if (e) {
        walk(t, e, &column, &json_column_1based);
    }
    return column;
}
