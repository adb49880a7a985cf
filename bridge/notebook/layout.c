/* SPDX-License-Identifier: BSD-3-Clause
 *
 * One walk over a notebook's bytes (see layout.h). Of a key that stands twice the last one counts,
 * as in every JSON reader that notebooks meet. Any thread; must not look into values it does not
 * know.
 */
#include "bridge/notebook/layout.h"

#include <stdlib.h>
#include <string.h>

struct member { /* a key that is looked for, and where its value goes */
    const char *name;
    struct bridge_nb_value *value;
};

static cd_result grow(void **items, size_t *cap, size_t count, size_t item_bytes,
                      struct cd_error *reterr)
{
    if (count < *cap) {
        return CD_OK;
    }
    size_t want = *cap ? *cap * 2 : 64;
    void *bigger = reallocarray(*items, want, item_bytes);
    if (!bigger) {
        return cd_oom(reterr);
    }
    *items = bigger;
    *cap = want;
    return CD_OK;
}

/* The scanner stands behind the token that begins the value. */
static cd_result take_value(struct bridge_json_scan *s, enum bridge_json_token token,
                            struct bridge_nb_value *ret, struct cd_error *reterr)
{
    if (bridge_json_skip(s, token, reterr)) {
        return CD_ERR;
    }
    *ret = (struct bridge_nb_value){s->begin, s->end, s->begin_line, token};
    return CD_OK;
}

static const struct member *member_of_key(const struct bridge_json_scan *s,
                                          const struct member *members, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (bridge_json_is(s, members[i].name)) {
            return &members[i];
        }
    }
    return NULL;
}

/* The source's strings; another type of element is found later, by who reads the value. */
static cd_result take_source(struct bridge_json_scan *s, enum bridge_json_token token,
                             struct bridge_nb_layout *l, struct bridge_nb_cell *cell,
                             struct cd_error *reterr)
{
    cell->string_first = l->string_count;
    cell->string_count = 0;
    if (token != BRIDGE_JSON_ARRAY_BEGIN) {
        return take_value(s, token, &cell->source, reterr);
    }
    struct bridge_nb_value whole = {s->begin, s->end, s->begin_line, token};
    for (;;) {
        if (bridge_json_next(s, &token, reterr)) {
            return CD_ERR;
        }
        if (token == BRIDGE_JSON_ARRAY_END) {
            break;
        }
        if (grow((void **)&l->strings, &l->string_cap, l->string_count, sizeof(*l->strings),
                 reterr) ||
            take_value(s, token, &l->strings[l->string_count], reterr)) {
            return CD_ERR;
        }
        l->string_count++;
    }
    whole.end = s->end;
    cell->source = whole;
    cell->string_count = l->string_count - cell->string_first;
    return CD_OK;
}

static cd_result take_cell_members(struct bridge_json_scan *s, struct bridge_nb_layout *l,
                                   struct bridge_nb_cell *cell, struct cd_error *reterr)
{
    const struct member members[] = {
        {"cell_type", &cell->type},  {"id", &cell->id},
        {"source", &cell->source},   {"metadata", &cell->metadata},
        {"outputs", &cell->outputs}, {"execution_count", &cell->execution_count},
    };
    for (;;) {
        enum bridge_json_token token;
        if (bridge_json_next(s, &token, reterr)) {
            return CD_ERR;
        }
        if (token == BRIDGE_JSON_OBJECT_END) {
            return CD_OK;
        }
        if (!cell->members_end) {
            cell->first_key = s->begin;
        }
        const struct member *m = member_of_key(s, members, CD_ARRAY_LEN(members));
        struct bridge_nb_value ignored;
        if (bridge_json_next(s, &token, reterr)) {
            return CD_ERR;
        }
        cd_result r = m && m->value == &cell->source
                          ? take_source(s, token, l, cell, reterr)
                          : take_value(s, token, m ? m->value : &ignored, reterr);
        if (r) {
            return CD_ERR;
        }
        cell->members_end = s->end;
    }
}

static cd_result take_cells(struct bridge_json_scan *s, struct bridge_nb_layout *l,
                            struct cd_error *reterr)
{
    l->cell_count = 0;
    l->string_count = 0;
    for (;;) {
        enum bridge_json_token token;
        if (bridge_json_next(s, &token, reterr)) {
            return CD_ERR;
        }
        if (token == BRIDGE_JSON_ARRAY_END) {
            return CD_OK;
        }
        if (token != BRIDGE_JSON_OBJECT_BEGIN) {
            return cd_error_set(reterr, CD_E_BAD_NOTEBOOK,
                                "line %u: cells[%zu]: expected an object", s->begin_line,
                                l->cell_count);
        }
        if (grow((void **)&l->cell, &l->cell_cap, l->cell_count, sizeof(*l->cell), reterr)) {
            return CD_ERR;
        }
        struct bridge_nb_cell *cell = &l->cell[l->cell_count];
        memset(cell, 0, sizeof(*cell));
        cell->self = (struct bridge_nb_value){s->begin, 0, s->begin_line, token};
        if (take_cell_members(s, l, cell, reterr)) {
            return CD_ERR;
        }
        cell->self.end = s->end;
        cell->last_line = s->line_1based;
        l->cell_count++;
    }
}

static cd_result take_top(struct bridge_json_scan *s, struct bridge_nb_layout *l,
                          struct cd_error *reterr)
{
    const struct member members[] = {
        {"nbformat", &l->nbformat}, {"nbformat_minor", &l->minor},  {"metadata", &l->metadata},
        {"cells", &l->cells},       {"worksheets", &l->worksheets},
    };
    for (;;) {
        enum bridge_json_token token;
        if (bridge_json_next(s, &token, reterr)) {
            return CD_ERR;
        }
        if (token == BRIDGE_JSON_OBJECT_END) {
            return CD_OK;
        }
        const struct member *m = member_of_key(s, members, CD_ARRAY_LEN(members));
        struct bridge_nb_value ignored;
        if (bridge_json_next(s, &token, reterr)) {
            return CD_ERR;
        }
        if (m && m->value == &l->cells && token == BRIDGE_JSON_ARRAY_BEGIN) {
            l->cells = (struct bridge_nb_value){s->begin, s->end, s->begin_line, token};
            if (take_cells(s, l, reterr)) {
                return CD_ERR;
            }
            l->cells.end = s->end;
        } else if (take_value(s, token, m ? m->value : &ignored, reterr)) {
            return CD_ERR;
        }
    }
}

static cd_result walk(const char *text, size_t len, struct bridge_nb_layout *l,
                      struct cd_error *reterr)
{
    struct bridge_json_scan s;
    bridge_json_scan_init(&s, text, len);
    if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
        return cd_error_set(reterr, CD_E_BAD_JSON,
                            "line 1: the file begins with a byte order mark; save it without one");
    }
    enum bridge_json_token token;
    if (bridge_json_next(&s, &token, reterr)) {
        return CD_ERR;
    }
    l->object = token == BRIDGE_JSON_OBJECT_BEGIN;
    if (l->object ? take_top(&s, l, reterr) : bridge_json_skip(&s, token, reterr)) {
        return CD_ERR;
    }
    return bridge_json_next(&s, &token, reterr);
}

cd_result bridge_nb_layout_read(const char *text, size_t len, struct bridge_nb_layout *ret,
                                struct cd_error *reterr)
{
    struct bridge_nb_layout l = {0};
    if (walk(text, len, &l, reterr)) {
        bridge_nb_layout_done(&l);
        return CD_ERR;
    }
    *ret = l;
    return CD_OK;
}

void bridge_nb_layout_done(struct bridge_nb_layout *l)
{
    free(l->cell);
    free(l->strings);
    memset(l, 0, sizeof(*l));
}
