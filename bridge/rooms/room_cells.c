/* SPDX-License-Identifier: BSD-3-Clause
 *
 * See room_cells.h. A cell is known by the id that its execution carried (contracts.md §3); what
 * ran without one, or for the debug console, is none of a notebook's.
 */
#include "bridge/rooms/room_cells.h"

#include "bridge/notebook/outputs.h"
#include "dap/base/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_CELLS 4096

struct room_cell {
    char *id;
    char msg_id[64]; /* of its last execution */
    const char *state;
    struct wire_msg *input; /* its execute_input, while it runs */
};

struct room_cells {
    struct bridge_outputs *outputs; /* a cell's index there is its index here */
    struct room_cell cells[MAX_CELLS];
    int count;
};

struct room_cells *room_cells_new(void)
{
    struct room_cells *c = calloc(1, sizeof *c);

    if (c && !(c->outputs = bridge_outputs_new(MAX_CELLS, NULL))) {
        free(cd_take(c));
    }
    return c;
}

void room_cells_free(struct room_cells *c)
{
    for (int i = 0; c && i < c->count; i++) {
        free(c->cells[i].id);
        wire_msg_free(c->cells[i].input);
    }
    if (c) {
        bridge_outputs_free(c->outputs);
    }
    free(c);
}

static int by_id(const struct room_cells *c, const char *id)
{
    for (int i = 0; i < c->count; i++) {
        if (strcmp(c->cells[i].id, id) == 0) {
            return i;
        }
    }
    return -1;
}

static int by_parent(const struct room_cells *c, const struct wire_msg *m)
{
    const char *parent = json_string_value(json_object_get(m->parent, "msg_id"));

    for (int i = c->count - 1; parent && i >= 0; i--) {
        if (strcmp(c->cells[i].msg_id, parent) == 0) {
            return i;
        }
    }
    return -1;
}

static int add(struct room_cells *c, const char *id)
{
    struct room_cell *cell = &c->cells[c->count];

    if (c->count == MAX_CELLS || !(cell->id = strdup(id))) {
        cd_log(CD_LOG_WARN, "rooms", "the outputs of cell '%.40s' are not kept", id);
        return -1;
    }
    return c->count++;
}

/* What is needed of it later; NULL: out of memory. */
static struct wire_msg *copy_of(const struct wire_msg *m)
{
    struct wire_msg *copy = wire_msg_new("execute_input", NULL, json_incref(m->content));

    if (copy) {
        json_decref(copy->parent);
        json_decref(copy->metadata);
        copy->parent = json_incref(m->parent);
        copy->metadata = json_incref(m->metadata);
    }
    return copy;
}

/* It is over, however it went. */
static void end(struct room_cell *cell, const char *state)
{
    cell->state = state;
    wire_msg_free(cd_take(cell->input));
}

static void begin(struct room_cells *c, const struct wire_msg *m)
{
    const char *id = json_string_value(json_object_get(m->metadata, "cellId"));
    const char *parent = json_string_value(json_object_get(m->parent, "msg_id"));
    int i;

    if (!id || !parent || strchr(id, '/')) {
        return;
    }
    i = by_id(c, id);
    if (i < 0) {
        i = add(c, id);
    }
    if (i >= 0 && bridge_outputs_begin(c->outputs, i, NULL) == CD_OK) {
        (void)snprintf(c->cells[i].msg_id, sizeof c->cells[i].msg_id, "%s", parent);
        end(&c->cells[i], "running");
        c->cells[i].input = copy_of(m);
    }
}

void room_cells_message(struct room_cells *c, const struct wire_msg *m)
{
    const char *type = wire_msg_type(m);
    struct cd_error err = CD_ERROR_INIT;
    int i;

    if (strcmp(type, "execute_input") == 0) {
        begin(c, m);
    }
    i = by_parent(c, m);
    if (i < 0) {
        return;
    }
    if (strcmp(type, "status") == 0) {
        const char *state = json_string_value(json_object_get(m->content, "execution_state"));

        if (state && strcmp(state, "idle") == 0) {
            end(&c->cells[i], strcmp(c->cells[i].state, "running") == 0 ? "ok" : c->cells[i].state);
        }
        return;
    }
    if (strcmp(type, "error") == 0) {
        c->cells[i].state = "error";
    }
    if (bridge_outputs_message(c->outputs, i, type, c->cells[i].msg_id, m->content, &err)) {
        cd_log(CD_LOG_WARN, "rooms", "an output is not kept: %s", err.text);
    }
}

void room_cells_stop(struct room_cells *c)
{
    for (int i = 0; i < c->count; i++) {
        if (strcmp(c->cells[i].state, "running") == 0) {
            end(&c->cells[i], "error");
        }
    }
}

void room_cells_describe(const struct room_cells *c, const char *cell_id, json_t *cell)
{
    const int i = by_id(c, cell_id);
    int count;

    if (i < 0) {
        return;
    }
    json_object_set_new(cell, "outputs", bridge_outputs_nbformat(c->outputs, i));
    json_object_set_new(cell, "state", json_string(c->cells[i].state));
    count = bridge_outputs_execution_count(c->outputs, i);
    if (count > 0) {
        json_object_set_new(cell, "executionCount", json_integer(count));
    }
}

void room_cells_running(const struct room_cells *c,
                        void (*take)(void *ctx, const struct wire_msg *input), void *ctx)
{
    for (int i = 0; i < c->count; i++) {
        if (c->cells[i].input) {
            take(ctx, c->cells[i].input);
        }
    }
}
