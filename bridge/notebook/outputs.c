/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Outputs of cells (outputs.h). Bridge loop, or `celldap run`. An output object may be referred to
 * by its cell's list and by its display id at once; both are ours, nothing leaves this file.
 */
#include "bridge/notebook/outputs.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

struct cell_outputs {
    json_t *list; /* owned; NULL before the cell ran */
    int count;
    bool clear_next; /* clear_output(wait=True) came */
};

struct bridge_outputs {
    int cell_count;
    struct cell_outputs *cells;
    json_t *displays; /* display id -> array of output objects */
    json_t *widgets;  /* comm id of an output widget -> msg_id that it captures, "" */
    json_t *captured; /* msg_id -> array of comm ids, the last one captures */
};

static void release(struct bridge_outputs *o)
{
    for (int i = 0; o->cells && i < o->cell_count; i++) {
        json_decref(o->cells[i].list);
    }
    free(o->cells);
    json_decref(o->displays);
    json_decref(o->widgets);
    json_decref(o->captured);
    free(o);
}

void bridge_outputs_free(struct bridge_outputs *o)
{
    if (o) {
        release(o);
    }
}

struct bridge_outputs *bridge_outputs_new(int cell_count, struct cd_error *reterr)
{
    struct bridge_outputs *o = calloc(1, sizeof(*o));
    if (!o) {
        (void)cd_oom(reterr);
        return NULL;
    }
    o->cell_count = cell_count;
    o->cells = calloc((size_t)cell_count + 1, sizeof(*o->cells));
    o->displays = json_object();
    o->widgets = json_object();
    o->captured = json_object();
    if (!o->cells || !o->displays || !o->widgets || !o->captured) {
        release(o);
        (void)cd_oom(reterr);
        return NULL;
    }
    return o;
}

cd_result bridge_outputs_begin(struct bridge_outputs *o, int cell, struct cd_error *reterr)
{
    struct cell_outputs *at = &o->cells[cell];
    json_decref(at->list);
    *at = (struct cell_outputs){.list = json_array()};
    return at->list ? CD_OK : cd_oom(reterr);
}

/* The widget that captures what this execution prints, or NULL. */
static const char *capturing(const struct bridge_outputs *o, const char *msg_id)
{
    const json_t *stack = json_object_get(o->captured, msg_id);
    size_t n = json_array_size(stack);
    return n ? json_string_value(json_array_get(stack, n - 1)) : NULL;
}

static cd_result append(struct cell_outputs *at, json_t *output_owned, struct cd_error *reterr)
{
    if (at->clear_next) {
        at->clear_next = false;
        (void)json_array_clear(at->list);
    }
    return output_owned && !json_array_append_new(at->list, output_owned) ? CD_OK : cd_oom(reterr);
}

static cd_result add_stream(struct cell_outputs *at, const json_t *content, struct cd_error *reterr)
{
    const char *name = json_string_value(json_object_get(content, "name"));
    const json_t *text = json_object_get(content, "text");
    size_t n = at->clear_next ? 0 : json_array_size(at->list);
    json_t *last = n ? json_array_get(at->list, n - 1) : NULL;
    const char *last_name = json_string_value(json_object_get(last, "name"));
    if (!name || !json_is_string(text)) {
        return CD_OK;
    }
    if (!last_name || strcmp(last_name, name) != 0) {
        return append(
            at, json_pack("{s:s,s:s,s:O}", "output_type", "stream", "name", name, "text", text),
            reterr);
    }
    const json_t *old = json_object_get(last, "text");
    cd_autobuf struct cd_buf joined;
    cd_buf_init(&joined, SIZE_MAX / 2);
    if (cd_buf_append(&joined, json_string_value(old), json_string_length(old), reterr) ||
        cd_buf_append(&joined, json_string_value(text), json_string_length(text), reterr)) {
        return CD_ERR;
    }
    json_t *whole = json_stringn_nocheck(joined.data, joined.len);
    return whole && !json_object_set_new(last, "text", whole) ? CD_OK : cd_oom(reterr);
}

static json_t *object_or_empty(const json_t *content, const char *key)
{
    json_t *v = json_object_get(content, key);
    return json_is_object(v) ? json_incref(v) : json_object();
}

static const char *display_id(const json_t *content)
{
    return json_string_value(json_object_get(json_object_get(content, "transient"), "display_id"));
}

/* Every output shown under the id so far becomes this one, in whatever cell it is. */
static cd_result update_display(struct bridge_outputs *o, const json_t *content,
                                struct cd_error *reterr)
{
    const char *id = display_id(content);
    size_t i;
    json_t *output;
    json_array_foreach(id ? json_object_get(o->displays, id) : NULL, i, output)
    {
        if (json_object_set_new(output, "data", object_or_empty(content, "data")) ||
            json_object_set_new(output, "metadata", object_or_empty(content, "metadata"))) {
            return cd_oom(reterr);
        }
    }
    return CD_OK;
}

static cd_result remember_display(struct bridge_outputs *o, const char *id, json_t *output,
                                  struct cd_error *reterr)
{
    json_t *list = json_object_get(o->displays, id);
    if (!list) {
        list = json_array();
        if (!list || json_object_set_new(o->displays, id, list)) {
            return cd_oom(reterr);
        }
    }
    return json_array_append(list, output) ? cd_oom(reterr) : CD_OK;
}

static cd_result add_display(struct bridge_outputs *o, struct cell_outputs *at, const char *type,
                             const json_t *content, struct cd_error *reterr)
{
    json_t *output =
        json_pack("{s:s,s:o,s:o}", "output_type", type, "data", object_or_empty(content, "data"),
                  "metadata", object_or_empty(content, "metadata"));
    json_t *count = json_object_get(content, "execution_count");
    if (output && strcmp(type, "execute_result") == 0 &&
        json_object_set(output, "execution_count", count ? count : json_null())) {
        json_decref(output);
        return cd_oom(reterr);
    }
    if (update_display(o, content, reterr) || append(at, output, reterr)) {
        return CD_ERR;
    }
    const char *id = display_id(content);
    return id ? remember_display(o, id, output, reterr) : CD_OK;
}

static cd_result add_error(struct cell_outputs *at, const json_t *content, struct cd_error *reterr)
{
    const json_t *traceback = json_object_get(content, "traceback");
    const char *ename = json_string_value(json_object_get(content, "ename"));
    const char *evalue = json_string_value(json_object_get(content, "evalue"));
    return append(at,
                  json_pack("{s:s,s:s,s:s,s:o}", "output_type", "error", "ename",
                            ename ? ename : "", "evalue", evalue ? evalue : "", "traceback",
                            json_is_array(traceback) ? json_deep_copy(traceback) : json_array()),
                  reterr);
}

static void stop_capture(struct bridge_outputs *o, const char *comm_id)
{
    const char *msg_id = json_string_value(json_object_get(o->widgets, comm_id));
    json_t *stack = msg_id ? json_object_get(o->captured, msg_id) : NULL;
    for (size_t i = json_array_size(stack); i-- > 0;) {
        if (strcmp(json_string_value(json_array_get(stack, i)), comm_id) == 0) {
            (void)json_array_remove(stack, i);
        }
    }
}

static cd_result capture(struct bridge_outputs *o, const char *comm_id, const char *msg_id,
                         struct cd_error *reterr)
{
    stop_capture(o, comm_id);
    json_t *stack = json_object_get(o->captured, msg_id);
    if (*msg_id && !stack) {
        stack = json_array();
        if (!stack || json_object_set_new(o->captured, msg_id, stack)) {
            return cd_oom(reterr);
        }
    }
    if ((*msg_id && json_array_append_new(stack, json_string(comm_id))) ||
        json_object_set_new(o->widgets, comm_id, json_string(msg_id))) {
        return cd_oom(reterr);
    }
    return CD_OK;
}

/* Output widgets of ipywidgets: they name the execution whose outputs they take. */
static cd_result comm(struct bridge_outputs *o, const char *type, const json_t *content,
                      struct cd_error *reterr)
{
    const char *comm_id = json_string_value(json_object_get(content, "comm_id"));
    const json_t *state = json_object_get(json_object_get(content, "data"), "state");
    const char *model = json_string_value(json_object_get(state, "_model_name"));
    const char *msg_id = json_string_value(json_object_get(state, "msg_id"));
    if (!comm_id) {
        return CD_OK;
    }
    if (strcmp(type, "comm_open") == 0 && model && strcmp(model, "OutputModel") == 0) {
        return capture(o, comm_id, msg_id ? msg_id : "", reterr);
    }
    if (!json_object_get(o->widgets, comm_id)) {
        return CD_OK;
    }
    if (strcmp(type, "comm_close") == 0) {
        stop_capture(o, comm_id);
        (void)json_object_del(o->widgets, comm_id);
        return CD_OK;
    }
    return msg_id ? capture(o, comm_id, msg_id, reterr) : CD_OK;
}

static cd_result clear(struct cell_outputs *at, const json_t *content)
{
    at->clear_next = json_is_true(json_object_get(content, "wait"));
    if (!at->clear_next) {
        (void)json_array_clear(at->list);
    }
    return CD_OK;
}

cd_result bridge_outputs_message(struct bridge_outputs *o, int cell, const char *msg_type,
                                 const char *parent_msg_id, const json_t *content,
                                 struct cd_error *reterr)
{
    struct cell_outputs *at = &o->cells[cell];
    json_int_t count = json_integer_value(json_object_get(content, "execution_count"));
    if (!at->list) {
        return CD_OK;
    }
    if (strncmp(msg_type, "comm_", 5) == 0) {
        return comm(o, msg_type, content, reterr);
    }
    if (strcmp(msg_type, "update_display_data") == 0) {
        return update_display(o, content, reterr);
    }
    if (count > 0 && count <= INT_MAX) {
        at->count = (int)count;
    }
    if (capturing(o, parent_msg_id)) {
        return CD_OK;
    }
    if (strcmp(msg_type, "stream") == 0) {
        return add_stream(at, content, reterr);
    }
    if (strcmp(msg_type, "display_data") == 0 || strcmp(msg_type, "execute_result") == 0) {
        return add_display(o, at, msg_type, content, reterr);
    }
    if (strcmp(msg_type, "error") == 0) {
        return add_error(at, content, reterr);
    }
    return strcmp(msg_type, "clear_output") == 0 ? clear(at, content) : CD_OK;
}

int bridge_outputs_execution_count(const struct bridge_outputs *o, int cell)
{
    return o->cells[cell].count;
}

static json_t *split_lines(const json_t *text)
{
    json_t *lines = json_array();
    const char *at = json_string_value(text);
    const char *end = at + json_string_length(text);
    while (lines && at < end) {
        const char *lf = memchr(at, '\n', (size_t)(end - at));
        const char *next = lf ? lf + 1 : end;
        if (json_array_append_new(lines, json_stringn_nocheck(at, (size_t)(next - at)))) {
            json_decref(lines);
            return NULL;
        }
        at = next;
    }
    return lines;
}

/* nbformat writes these as lists of lines, other types as they are. */
static bool is_split(const char *mime)
{
    return strncmp(mime, "text/", 5) == 0 || strcmp(mime, "application/javascript") == 0 ||
           strcmp(mime, "image/svg+xml") == 0;
}

static bool split_output(json_t *output)
{
    json_t *text = json_object_get(output, "text");
    json_t *data = json_object_get(output, "data");
    const char *mime;
    void *next;
    json_t *value;
    if (json_is_string(text) && json_object_set_new(output, "text", split_lines(text))) {
        return false;
    }
    json_object_foreach_safe(data, next, mime, value)
    {
        if (json_is_string(value) && is_split(mime) &&
            json_object_set_new(data, mime, split_lines(value))) {
            return false;
        }
    }
    return true;
}

json_t *bridge_outputs_nbformat(const struct bridge_outputs *o, int cell)
{
    const json_t *list = o->cells[cell].list;
    json_t *copy = list ? json_deep_copy(list) : json_array();
    size_t i;
    json_t *output;
    json_array_foreach(copy, i, output)
    {
        if (!split_output(output)) {
            json_decref(copy);
            return NULL;
        }
    }
    return copy;
}
