/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Reads the values of a notebook's bytes that celldap needs: the top fields, and of each cell type,
 * id, source and tags. Outputs and other metadata are never parsed: what Python wrote there (NaN,
 * large integers) is not ours to refuse. Pure.
 */
#include "bridge/notebook/notebook_impl.h"
#include "dap/base/limits.h"

#include <stdlib.h>
#include <string.h>

void bridge_nb_member(const char *text, const struct bridge_nb_value *object, const char *name,
                      struct bridge_nb_value *ret)
{
    memset(ret, 0, sizeof(*ret));
    if (!object->line_1based || object->token != BRIDGE_JSON_OBJECT_BEGIN) {
        return;
    }
    struct bridge_json_scan s;
    bridge_json_scan_init(&s, text + object->begin, object->end - object->begin);
    enum bridge_json_token token;
    if (bridge_json_next(&s, &token, NULL)) {
        return;
    }
    while (!bridge_json_next(&s, &token, NULL) && token == BRIDGE_JSON_KEY) {
        bool found = bridge_json_is(&s, name);
        if (bridge_json_next(&s, &token, NULL) || bridge_json_skip(&s, token, NULL)) {
            return;
        }
        if (found) {
            *ret = (struct bridge_nb_value){object->begin + s.begin, object->begin + s.end,
                                            object->line_1based + s.begin_line - 1, token};
        }
    }
}

cd_result bridge_nb_load_value(const char *text, const struct bridge_nb_value *v, json_t **ret,
                               struct cd_error *reterr)
{
    return cd_json_load(text + v->begin, v->end - v->begin, ret, reterr);
}

static cd_result bad(struct cd_error *reterr, unsigned line, const char *what)
{
    return cd_error_set(reterr, CD_E_BAD_NOTEBOOK, "line %u: %s", line, what);
}

cd_result bridge_nb_check(const char *text, const struct bridge_nb_layout *l,
                          struct cd_error *reterr)
{
    if (!l->object) {
        return bad(reterr, 1, "this is no notebook: expected a JSON object at the top");
    }
    if (!l->nbformat.line_1based) {
        return bad(reterr, 1, "this is no notebook: missing nbformat (integer)");
    }
    json_auto_t *version = NULL;
    if (bridge_nb_load_value(text, &l->nbformat, &version, reterr)) {
        return CD_ERR;
    }
    if (!json_is_integer(version)) {
        return bad(reterr, l->nbformat.line_1based, "expected integer at nbformat");
    }
    json_int_t n = json_integer_value(version);
    if (n < 4) {
        return cd_error_set(reterr, CD_E_BAD_NOTEBOOK,
                            "line %u: nbformat is %lld, celldap reads 4; convert the file with "
                            "jupyter nbconvert --to notebook",
                            l->nbformat.line_1based, (long long)n);
    }
    if (n > 4) {
        return cd_error_set(reterr, CD_E_BAD_NOTEBOOK,
                            "line %u: nbformat is %lld, newer than 4, which celldap reads",
                            l->nbformat.line_1based, (long long)n);
    }
    if (!l->cells.line_1based) {
        return bad(reterr, 1, "missing cells (array)");
    }
    if (l->cells.token != BRIDGE_JSON_ARRAY_BEGIN) {
        return bad(reterr, l->cells.line_1based, "expected array at cells");
    }
    return CD_OK;
}

/* What is wrong with the member of cell N, with its line. */
static cd_result bad_cell(struct cd_error *reterr, const struct bridge_notebook_cell *cell,
                          unsigned line, const char *expected, const char *member)
{
    return cd_error_set(reterr, CD_E_BAD_NOTEBOOK, "line %u: %s at cells[%d].%s", line, expected,
                        cell->index, member);
}

static cd_result load_string(const char *text, const struct bridge_nb_value *v,
                             const struct bridge_notebook_cell *cell, const char *member,
                             json_t **ret, struct cd_error *reterr)
{
    if (v->token != BRIDGE_JSON_STRING) {
        return bad_cell(reterr, cell, v->line_1based, "expected string", member);
    }
    if (bridge_nb_load_value(text, v, ret, reterr)) {
        cd_error_prefix(reterr, "line %u: cells[%d].%s", v->line_1based, cell->index, member);
        return CD_ERR;
    }
    if (memchr(json_string_value(*ret), 0, json_string_length(*ret))) {
        return bad_cell(reterr, cell, v->line_1based, "null character", member);
    }
    return CD_OK;
}

static cd_result read_type(const char *text, const struct bridge_nb_cell *at,
                           struct bridge_notebook_cell *cell, struct cd_error *reterr)
{
    static const char *const names[] = {[BRIDGE_CELL_CODE] = "code",
                                        [BRIDGE_CELL_MARKDOWN] = "markdown",
                                        [BRIDGE_CELL_RAW] = "raw"};

    if (!at->type.line_1based) {
        return bad_cell(reterr, cell, at->self.line_1based, "missing string", "cell_type");
    }
    json_auto_t *type = NULL;
    if (load_string(text, &at->type, cell, "cell_type", &type, reterr)) {
        return CD_ERR;
    }
    for (size_t i = 0; i < CD_ARRAY_LEN(names); i++) {
        if (strcmp(json_string_value(type), names[i]) == 0) {
            cell->type = (enum bridge_cell_type)i;
            return CD_OK;
        }
    }
    return bad_cell(reterr, cell, at->type.line_1based, "expected code, markdown or raw",
                    "cell_type");
}

static cd_result read_source(const char *text, const struct bridge_nb_layout *l,
                             const struct bridge_nb_cell *at, struct bridge_notebook_cell *cell,
                             struct cd_error *reterr)
{
    const struct bridge_nb_value *strings = at->string_count ? l->strings + at->string_first : NULL;
    size_t count = at->string_count;
    if (!at->source.line_1based) {
        return bad_cell(reterr, cell, at->self.line_1based, "missing string or array", "source");
    }
    if (at->source.token == BRIDGE_JSON_STRING) {
        strings = &at->source;
        count = 1;
    } else if (at->source.token != BRIDGE_JSON_ARRAY_BEGIN) {
        return bad_cell(reterr, cell, at->source.line_1based, "expected string or array of strings",
                        "source");
    }
    cd_autobuf struct cd_buf joined;
    cd_buf_init(&joined, CD_MAX_NOTEBOOK_BYTES);
    for (size_t i = 0; i < count; i++) {
        json_auto_t *s = NULL;
        if (load_string(text, &strings[i], cell, "source", &s, reterr) ||
            cd_buf_append(&joined, json_string_value(s), json_string_length(s), reterr)) {
            return CD_ERR;
        }
    }
    cell->source_len = joined.len;
    cell->source = cd_buf_steal(&joined);
    return cell->source ? CD_OK : cd_oom(reterr);
}

static cd_result read_id(const char *text, const struct bridge_nb_cell *at,
                         struct bridge_notebook_cell *cell, struct cd_error *reterr)
{
    json_auto_t *id = NULL;
    char fallback[24];
    const char *name = fallback;
    (void)snprintf(fallback, sizeof(fallback), "idx-%d", cell->index);
    if (at->id.line_1based && load_string(text, &at->id, cell, "id", &id, reterr)) {
        return CD_ERR;
    }
    if (id && json_string_length(id) > CD_MAX_ID_BYTES) {
        return bad_cell(reterr, cell, at->id.line_1based, "string is too long", "id");
    }
    if (id && json_string_length(id) > 0) {
        name = json_string_value(id);
    }
    cell->id = strdup(name);
    return cell->id ? CD_OK : cd_oom(reterr);
}

static cd_result read_tags(const char *text, const struct bridge_nb_cell *at,
                           struct bridge_notebook_cell *cell, struct cd_error *reterr)
{
    struct bridge_nb_value where;
    bridge_nb_member(text, &at->metadata, "tags", &where);
    if (!where.line_1based) {
        return CD_OK;
    }
    json_auto_t *tags = NULL;
    size_t i;
    json_t *tag;
    if (where.token != BRIDGE_JSON_ARRAY_BEGIN) {
        return bad_cell(reterr, cell, where.line_1based, "expected array", "metadata.tags");
    }
    if (bridge_nb_load_value(text, &where, &tags, reterr)) {
        cd_error_prefix(reterr, "line %u: cells[%d].metadata.tags", where.line_1based, cell->index);
        return CD_ERR;
    }
    json_array_foreach(tags, i, tag)
    {
        const char *word = json_string_value(tag);
        if (!word) {
            return bad_cell(reterr, cell, where.line_1based, "expected strings", "metadata.tags");
        }
        cell->skip_execution = cell->skip_execution || strcmp(word, "skip-execution") == 0;
        cell->raises_exception = cell->raises_exception || strcmp(word, "raises-exception") == 0;
    }
    return CD_OK;
}

cd_result bridge_nb_read_cell(const char *text, const struct bridge_nb_layout *l,
                              struct bridge_notebook_cell *cell, struct cd_error *reterr)
{
    const struct bridge_nb_cell *at = &l->cell[cell->index];
    if (at->metadata.line_1based && at->metadata.token != BRIDGE_JSON_OBJECT_BEGIN) {
        return bad_cell(reterr, cell, at->metadata.line_1based, "expected object", "metadata");
    }
    if (read_type(text, at, cell, reterr) || read_source(text, l, at, cell, reterr) ||
        read_id(text, at, cell, reterr)) {
        return CD_ERR;
    }
    return read_tags(text, at, cell, reterr);
}
