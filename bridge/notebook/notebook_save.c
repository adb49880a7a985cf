/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Saving outputs into a notebook file: the file's bytes as they are, with the values of "outputs"
 * and "execution_count" of our cells replaced. So everything unknown, the order of keys, numbers
 * and indentation stay. Bridge loop, or `celldap run`. The file is replaced by rename, never cut
 * short.
 */
#include "bridge/notebook/file_bytes.h"
#include "bridge/notebook/notebook_impl.h"
#include "bridge/notebook/pretty.h"
#include "dap/base/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct save {
    const struct bridge_notebook *nb;
    const char *text;
    size_t len;
    const struct bridge_nb_layout *layout;
    unsigned unit;
    size_t done; /* bytes of text that are in out already */
    struct cd_buf out;
};

/* Spaces an indentation level of this file has; 0: it is on one line. */
static unsigned indentation(const char *text, const struct bridge_nb_layout *l)
{
    for (size_t i = 0; i < l->cell_count; i++) {
        size_t key = l->cell[i].first_key;
        size_t at = key;
        while (at > 0 && text[at - 1] == ' ') {
            at--;
        }
        if (key > 0 && at > 0 && text[at - 1] == '\n') {
            size_t unit = (key - at) / 3;
            return unit < 1 ? 1 : unit > 8 ? 8 : (unsigned)unit;
        }
    }
    return 0;
}

static cd_result copy_to(struct save *s, size_t offset, struct cd_error *reterr)
{
    if (offset < s->done || cd_buf_append(&s->out, s->text + s->done, offset - s->done, reterr)) {
        return cd_error_set(reterr, CD_E_INTERNAL, "save: offsets are out of order");
    }
    s->done = offset;
    return CD_OK;
}

static cd_result put(struct save *s, const json_t *value, struct cd_error *reterr)
{
    return bridge_pretty_dump(value, s->unit, 3, &s->out, reterr);
}

/* A new last member of the cell, which has others. */
static cd_result put_member(struct save *s, const char *key, const json_t *value,
                            struct cd_error *reterr)
{
    if (cd_buf_append(&s->out, ",", 1, reterr) ||
        (s->unit && cd_buf_appendf(&s->out, reterr, "\n%*s", (int)(3 * s->unit), "")) ||
        cd_buf_appendf(&s->out, reterr, "\"%s\": ", key)) {
        return CD_ERR;
    }
    return put(s, value, reterr);
}

struct replacement {
    const char *key;
    const struct bridge_nb_value *where;
    const json_t *value;
};

static cd_result replace(struct save *s, const struct replacement *r, struct cd_error *reterr)
{
    if (!r->where->line_1based) {
        return CD_OK;
    }
    if (copy_to(s, r->where->begin, reterr) || put(s, r->value, reterr)) {
        return CD_ERR;
    }
    s->done = r->where->end;
    return CD_OK;
}

static cd_result save_cell(struct save *s, size_t index, struct cd_error *reterr)
{
    const struct bridge_nb_outputs *ours = &s->nb->outputs[index];
    const struct bridge_nb_cell *at = &s->layout->cell[index];
    json_auto_t *count =
        ours->execution_count > 0 ? json_integer(ours->execution_count) : json_null();
    const struct replacement r[2] = {
        {"execution_count", &at->execution_count, count},
        {"outputs", &at->outputs, ours->outputs},
    };
    size_t first = at->outputs.begin < at->execution_count.begin; /* the one that stands first */
    if (!count) {
        return cd_oom(reterr);
    }
    if (replace(s, &r[first], reterr) || replace(s, &r[1 - first], reterr) ||
        copy_to(s, at->members_end, reterr)) {
        return CD_ERR;
    }
    for (size_t i = 0; i < 2; i++) {
        if (!r[i].where->line_1based && put_member(s, r[i].key, r[i].value, reterr)) {
            return CD_ERR;
        }
    }
    return CD_OK;
}

/* The file may have been saved by an editor since: outputs go only to the cells that they are of.
 */
static cd_result check_unchanged(const struct save *s, struct cd_error *reterr)
{
    bool same = s->layout->cell_count == (size_t)s->nb->count;
    for (int i = 0; same && i < s->nb->count; i++) {
        struct bridge_notebook_cell now = {.index = i};
        const struct bridge_notebook_cell *was = &s->nb->cells[i];
        cd_result r = bridge_nb_read_cell(s->text, s->layout, &now, reterr);
        same = !r && now.type == was->type && now.source_len == was->source_len &&
               memcmp(now.source, was->source, was->source_len) == 0;
        free((char *)(uintptr_t)now.id);
        free((char *)(uintptr_t)now.source);
        if (r) {
            return CD_ERR;
        }
    }
    return same ? CD_OK
                : cd_error_set(reterr, CD_E_BAD_STATE,
                               "the cells in the file are no longer those that were run; "
                               "save to another file");
}

static cd_result build(struct save *s, struct cd_error *reterr)
{
    if (bridge_nb_check(s->text, s->layout, reterr) || check_unchanged(s, reterr)) {
        return CD_ERR;
    }
    s->unit = indentation(s->text, s->layout);
    for (size_t i = 0; i < s->layout->cell_count; i++) {
        if (s->nb->outputs[i].outputs && save_cell(s, i, reterr)) {
            return CD_ERR;
        }
    }
    return copy_to(s, s->len, reterr);
}

static cd_result save_script(const struct bridge_notebook *nb, const char *path,
                             struct cd_error *reterr)
{
    struct cd_error why = CD_ERROR_INIT;
    cd_autobuf struct cd_buf text;
    cd_buf_init(&text, (size_t)2 * CD_MAX_NOTEBOOK_BYTES);
    if (!path || !bridge_notebook_is_name(path)) {
        return cd_error_set(reterr, CD_E_BAD_VALUE,
                            "'%s' is a script and has no place for outputs: name a .ipynb file to "
                            "save to",
                            nb->name);
    }
    if (bridge_nb_script_text(nb, &text, &why) ||
        bridge_file_replace(path, text.data, text.len, &why)) {
        return cd_error_set(reterr, (enum cd_error_id)why.id, "'%s': %s", path, why.text);
    }
    return CD_OK;
}

cd_result bridge_notebook_save(struct bridge_notebook *nb, const char *path,
                               struct cd_error *reterr)
{
    struct cd_error why = CD_ERROR_INIT;
    if (nb->is_script) {
        return save_script(nb, path, reterr);
    }
    struct bridge_nb_layout layout = {0};
    cd_autobuf struct cd_buf text;
    cd_buf_init(&text, CD_MAX_NOTEBOOK_BYTES + 128u * 1024);
    struct save s = {.nb = nb, .layout = &layout};
    cd_buf_init(&s.out, (size_t)2 * CD_MAX_NOTEBOOK_BYTES);
    cd_result r = bridge_nb_read_file(nb->path, &text, &why);
    if (!r) {
        s.text = text.data;
        s.len = text.len;
        r = bridge_nb_layout_read(text.data, text.len, &layout, &why);
    }
    if (!r && (build(&s, &why) ||
               bridge_file_replace(path ? path : nb->path, s.out.data, s.out.len, &why))) {
        r = CD_ERR;
    }
    bridge_nb_layout_done(&layout);
    cd_buf_done(&s.out);
    return r ? cd_error_set(reterr, (enum cd_error_id)why.id, "'%s': %s", path ? path : nb->path,
                            why.text)
             : CD_OK;
}
