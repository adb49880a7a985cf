/* SPDX-License-Identifier: BSD-3-Clause
 *
 * See percent.h. A mark is what jupytext takes for one: `# %%`, then nothing, a blank or a bracket;
 * `# %%bash` is a magic. Neither counts inside of a string; a magic neither in brackets.
 */
#include "bridge/notebook/percent.h"

#include "bridge/notebook/python_lines.h"
#include "dap/base/limits.h"

#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

struct line {
    const char *text;
    size_t len; /* without its end */
};

struct reader {
    struct bridge_percent *out;
    struct cd_buf source; /* of the cell that is read */
    struct bridge_python_lines state;
    int line_1based;   /* of the file */
    bool begun;        /* the cell has a line that is not blank */
    bool all_comments; /* the cell is a cell magic, and everything in it a comment so far */
    struct cd_error *reterr;
};

void bridge_percent_done(struct bridge_percent *p)
{
    for (int i = 0; i < p->count; i++) {
        free(p->cells[i].source);
    }
    free(p->cells);
    *p = (struct bridge_percent){0};
}

static size_t blanks(const struct line *l, size_t at)
{
    while (at < l->len && (l->text[at] == ' ' || l->text[at] == '\t')) {
        at++;
    }
    return at;
}

static bool is_blank(const struct line *l)
{
    return blanks(l, 0) == l->len;
}

/* Offset behind the mark's percent signs; 0: the line is no mark. */
static size_t mark_end(const struct line *l)
{
    size_t at = 0;

    if (l->len == 0 || l->text[0] != '#') {
        return 0;
    }
    at = blanks(l, 1);
    if (at + 2 > l->len || l->text[at] != '%' || l->text[at + 1] != '%') {
        return 0;
    }
    while (at < l->len && l->text[at] == '%') {
        at++;
    }
    return at == l->len || strchr(" \t[", l->text[at]) ? at : 0;
}

/* A word of the mark's rest, as jupytext writes the type of a cell. */
static bool has_word(const char *rest, const char *word)
{
    const char *at = strstr(rest, word);

    return at && (at == rest || at[-1] == ' ' || at[-1] == '\t');
}

static void read_tags(const char *rest, struct bridge_percent_cell *cell)
{
    const char *at = strstr(rest, "tags=[");
    json_auto_t *tags = at ? json_loads(at + 5, JSON_DISABLE_EOF_CHECK, NULL) : NULL;
    size_t i;
    json_t *tag;

    json_array_foreach(tags, i, tag)
    {
        const char *word = json_is_string(tag) ? json_string_value(tag) : "";

        cell->skip_execution = cell->skip_execution || strcmp(word, "skip-execution") == 0;
        cell->raises_exception = cell->raises_exception || strcmp(word, "raises-exception") == 0;
    }
}

static cd_result begin_cell(struct reader *r, const char *rest, int mark_line)
{
    struct bridge_percent *p = r->out;

    if (p->count == p->cap) {
        int cap = p->cap ? p->cap * 2 : 16;
        void *more = reallocarray(p->cells, (size_t)cap, sizeof *p->cells);

        if (!more) {
            return cd_oom(r->reterr);
        }
        p->cells = more;
        p->cap = cap;
    }
    struct bridge_percent_cell *cell = &p->cells[p->count++];
    *cell = (struct bridge_percent_cell){.mark_line = mark_line, .first_line = mark_line + 1};
    if (has_word(rest, "[markdown]") || has_word(rest, "[md]")) {
        cell->type = BRIDGE_CELL_MARKDOWN;
    } else if (has_word(rest, "[raw]")) {
        cell->type = BRIDGE_CELL_RAW;
    }
    read_tags(rest, cell);
    cd_buf_clear(&r->source);
    r->state = (struct bridge_python_lines){0};
    r->begun = r->all_comments = false;
    return CD_OK;
}

/* Where the comment's text begins; 0: the line is no comment. VS Code writes `#!%magic`. */
static size_t comment_text(const struct line *l)
{
    size_t at = blanks(l, 0);

    if (at == l->len || l->text[at] != '#') {
        return 0;
    }
    at++;
    if (at + 1 < l->len && l->text[at] == '!' && l->text[at + 1] == '%') {
        return at + 1;
    }
    return at + (at < l->len && l->text[at] == ' ');
}

/* `%word`, `%%word`, `!word`, or `name = ` and one of the first and the last. */
static bool is_magic(const struct line *l, size_t at)
{
    size_t name = at;

    if (at < l->len && (isalpha((unsigned char)l->text[at]) || l->text[at] == '_')) {
        while (at < l->len && (isalnum((unsigned char)l->text[at]) || l->text[at] == '_')) {
            at++;
        }
        at = blanks(l, at);
        if (at == l->len || l->text[at] != '=') {
            return false;
        }
        at = blanks(l, at + 1);
    }
    if (at == l->len || (l->text[at] != '%' && l->text[at] != '!')) {
        return false;
    }
    if (l->text[at] == '%' && at == name && at + 1 < l->len && l->text[at + 1] == '%') {
        at++;
    }
    at++;
    return at < l->len && (isalpha((unsigned char)l->text[at]) ||
                           (l->text[at - 1] == '!' && strchr("./~$", l->text[at])));
}

/* #!/usr/bin/env python */
static bool is_shebang(const struct reader *r, const struct line *l)
{
    return r->line_1based == 1 && l->len > 1 && l->text[1] == '!';
}

/* The line without its comment sign, indented as it was. */
static cd_result add_uncommented(struct reader *r, const struct line *l, size_t text)
{
    size_t indent = blanks(l, 0);

    return cd_buf_append(&r->source, l->text, indent, r->reterr) ||
                   cd_buf_append(&r->source, l->text + text, l->len - text, r->reterr)
               ? CD_ERR
               : CD_OK;
}

static cd_result add_line(struct reader *r, const struct line *l)
{
    const struct bridge_percent_cell *cell = &r->out->cells[r->out->count - 1];
    bool code = cell->type == BRIDGE_CELL_CODE;
    size_t text = code && bridge_python_lines_free(&r->state) ? comment_text(l) : 0;
    bool magic = text && !is_shebang(r, l) && is_magic(l, text);

    if (!r->begun && !is_blank(l)) {
        r->begun = true;
        r->all_comments = magic && l->text[text] == '%' && l->text[text + 1] == '%';
    } else if (!is_blank(l)) {
        r->all_comments = r->all_comments && text;
    }
    if (magic ? add_uncommented(r, l, text) != CD_OK
              : cd_buf_append(&r->source, l->text, l->len, r->reterr) != CD_OK) {
        return CD_ERR;
    }
    if (!magic) {
        bridge_python_lines_walk(&r->state, l->text, l->len);
    }
    return cd_buf_append(&r->source, "\n", 1, r->reterr);
}

/* `# %%bash` and nothing but comments: the whole cell was commented, not only its magic. */
static cd_result uncomment_all(struct reader *r)
{
    cd_autobuf struct cd_buf text;
    const char *at;

    cd_buf_init(&text, CD_MAX_NOTEBOOK_BYTES);
    if (cd_buf_append(&text, r->source.data, r->source.len, r->reterr) != CD_OK) {
        return CD_ERR;
    }
    cd_buf_clear(&r->source);
    for (at = text.data; at < text.data + text.len;) {
        struct line l = {at, strcspn(at, "\n")};
        size_t from = comment_text(&l);

        if (add_uncommented(r, &l, from ? from : blanks(&l, 0)) != CD_OK ||
            cd_buf_append(&r->source, "\n", 1, r->reterr) != CD_OK) {
            return CD_ERR;
        }
        at += l.len + 1;
    }
    return CD_OK;
}

/* before: the line that is no longer the cell's. The blank lines between two cells are nobody's. */
static cd_result end_cell(struct reader *r, int before)
{
    struct bridge_percent_cell *cell = &r->out->cells[r->out->count - 1];

    if (r->all_comments && uncomment_all(r) != CD_OK) {
        return CD_ERR;
    }
    cell->line_count = before - cell->first_line;
    cell->source_len = r->source.len;
    while (cell->source_len > 0 && isspace((unsigned char)r->source.data[cell->source_len - 1])) {
        cell->source_len--;
    }
    cell->source = strndup(r->source.data ? r->source.data : "", cell->source_len);
    return cell->source ? CD_OK : cd_oom(r->reterr);
}

static cd_result take_line(struct reader *r, const struct line *l)
{
    size_t rest = r->state.quote ? 0 : mark_end(l);

    if (rest == 0) {
        return add_line(r, l);
    }
    cd_autofree char *words = strndup(l->text + rest, l->len - rest);
    if (!words) {
        return cd_oom(r->reterr);
    }
    return end_cell(r, r->line_1based) || begin_cell(r, words, r->line_1based) ? CD_ERR : CD_OK;
}

static cd_result read_lines(struct reader *r, const char *text, size_t len)
{
    const char *end = text + len;

    while (text < end) {
        struct line l = {text, 0};

        while (text + l.len < end && text[l.len] != '\n' && text[l.len] != '\r') {
            l.len++;
        }
        if (++r->line_1based == INT_MAX) {
            return cd_error_set(r->reterr, CD_E_LIMIT, "has too many lines");
        }
        if (memchr(l.text, 0, l.len)) {
            return cd_error_set(r->reterr, CD_E_BAD_NOTEBOOK, "line %d: null character",
                                r->line_1based);
        }
        json_auto_t *valid = json_stringn(l.text, l.len);
        if (!valid) {
            return cd_error_set(r->reterr, CD_E_BAD_NOTEBOOK, "line %d: is not UTF-8",
                                r->line_1based);
        }
        if (take_line(r, &l) != CD_OK) {
            return CD_ERR;
        }
        text += l.len;
        text += text + 1 < end && text[0] == '\r' && text[1] == '\n' ? 2 : 1;
    }
    return CD_OK;
}

cd_result bridge_percent_read(const char *text, size_t len, struct bridge_percent *ret,
                              struct cd_error *reterr)
{
    struct reader r = {.out = ret, .reterr = reterr};
    cd_result result = CD_ERR;

    *ret = (struct bridge_percent){0};
    if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
        text += 3;
        len -= 3;
    }
    cd_buf_init(&r.source, CD_MAX_NOTEBOOK_BYTES);
    if (begin_cell(&r, "", 0) == CD_OK && read_lines(&r, text, len) == CD_OK) {
        result = end_cell(&r, r.line_1based + 1);
    }
    cd_buf_done(&r.source);
    if (result != CD_OK) {
        bridge_percent_done(ret);
    }
    return result;
}

bool bridge_percent_from_line(const struct bridge_percent *p, const char *name, int line_1based,
                              int *ret_index, int *ret_line_1based, struct cd_error *reterr)
{
    int i = p->count - 1;

    while (i > 0 && line_1based < p->cells[i].mark_line) {
        i--;
    }
    const struct bridge_percent_cell *cell = &p->cells[i];
    if (line_1based < 1 || line_1based >= cell->first_line + cell->line_count) {
        (void)cd_error_set(reterr, CD_E_NOT_FOUND, "'%s' has no line %d", name, line_1based);
        return false;
    }
    if (line_1based == cell->mark_line || cell->type != BRIDGE_CELL_CODE) {
        (void)cd_error_set(reterr, CD_E_NOT_FOUND, "line %d of '%s' %s", line_1based, name,
                           line_1based == cell->mark_line ? "begins a cell and has no code"
                                                          : "is in a cell without code");
        return false;
    }
    *ret_index = i;
    *ret_line_1based = line_1based - cell->first_line + 1;
    return true;
}

int bridge_percent_to_line(const struct bridge_percent *p, int index, int line_1based)
{
    if (index < 0 || index >= p->count || line_1based < 1 ||
        line_1based > p->cells[index].line_count) {
        return 0;
    }
    return p->cells[index].first_line + line_1based - 1;
}
