/* SPDX-License-Identifier: BSD-3-Clause
 *
 * See rooms.h.
 */
#include "bridge/rooms/rooms.h"

#include "bridge/identity.h"
#include "bridge/jupyter_paths.h"
#include "bridge/kernel_client.h"
#include "bridge/notebook/file_bytes.h"
#include "bridge/rooms/room_cells.h"
#include "dap/base/log.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATIENCE_MS 2000 /* with a kernel that was asked to end; then it is killed */

struct member {
    struct member *next;
    struct bridge_room_events events;
};

struct bridge_room {
    struct bridge_room *next;
    struct bridge_rooms *rooms;
    struct member *members;
    struct bridge_process *process;
    struct bridge_client *kernel; /* iopub and control; NULL before its ports are known */
    struct room_cells *cells;
    struct bridge_process_config config; /* its pointers are ours: the next eight */
    char *folder, *python, *cwd, *log_file, *notebook;
    json_t *env, *python_args, *foreign;
    char name[64]; /* of the connection file */
    bool restarting;
    uv_timer_t patience;
};

struct bridge_rooms {
    uv_loop_t *loop;
    int alone_s;
    struct bridge_room *first;
};

struct bridge_rooms *bridge_rooms_new(uv_loop_t *loop, int alone_s)
{
    struct bridge_rooms *rooms = calloc(1, sizeof *rooms);

    if (rooms) {
        rooms->loop = loop;
        rooms->alone_s = alone_s;
    }
    return rooms;
}

static void on_timer_closed(uv_handle_t *h)
{
    free(h->data);
}

static void free_room(struct bridge_room *room)
{
    while (room->members) {
        struct member *m = room->members;

        room->members = m->next;
        free(m);
    }
    bridge_client_close(room->kernel);
    if (room->process) {
        bridge_process_close(room->process);
    }
    room_cells_free(room->cells);
    free(room->folder);
    free(room->python);
    free(room->cwd);
    free(room->log_file);
    free(room->notebook);
    json_decref(room->env);
    json_decref(room->python_args);
    json_decref(room->foreign);
    uv_close((uv_handle_t *)&room->patience, on_timer_closed);
}

void bridge_rooms_free(struct bridge_rooms *rooms)
{
    while (rooms && rooms->first) {
        struct bridge_room *room = rooms->first;

        rooms->first = room->next;
        free_room(room);
    }
    free(rooms);
}

static void take_out(struct bridge_room *room)
{
    for (struct bridge_room **at = &room->rooms->first; *at; at = &(*at)->next) {
        if (*at == room) {
            *at = room->next;
            return;
        }
    }
}

static void on_iopub(void *ctx, const struct wire_msg *m)
{
    room_cells_message(((struct bridge_room *)ctx)->cells, m);
}

/* The sessions have sockets of their own for these. */
static void on_debug_event(void *ctx, json_t *event)
{
    (void)ctx;
    (void)event;
}

static void on_ports(void *ctx, const struct wire_connection *connection)
{
    struct bridge_room *room = ctx;
    const struct bridge_client_events events = {
        .ctx = room, .iopub = on_iopub, .debug_event = on_debug_event};
    struct wire_connection mine = *connection;
    struct cd_error err = CD_ERROR_INIT;

    mine.port[WIRE_SHELL] = mine.port[WIRE_STDIN] = mine.port[WIRE_DEBUG] = 0;
    if (bridge_client_new(room->rooms->loop, &mine, &events, &room->kernel, &err) != CD_OK) {
        cd_log(CD_LOG_ERROR, "rooms", "outputs are not kept: %s", err.text);
    }
    for (struct member *m = room->members, *next; m; m = next) {
        next = m->next; /* a member may leave */
        m->events.ports(m->events.ctx, connection);
    }
}

static void on_exited(void *ctx, int64_t status, int signal);

static cd_result start_process(struct bridge_room *room, struct cd_error *reterr)
{
    const struct bridge_process_events events = {
        .ctx = room, .ports = on_ports, .exited = on_exited};

    return bridge_process_start(room->rooms->loop, &room->config, &events, &room->process, reterr);
}

static void remove_file(const struct bridge_room *room)
{
    char file[PATH_MAX];

    (void)snprintf(file, sizeof file, "%s/%s", room->folder, room->name);
    (void)unlink(file);
}

/* Nobody starts it again. */
static void tell_end(struct bridge_room *room, int64_t status, int signal, const char *words)
{
    remove_file(room);
    take_out(room);
    while (room->members) {
        struct member *m = room->members;
        struct bridge_room_events events = m->events;

        room->members = m->next;
        free(m);
        events.ended(events.ctx, status, signal, words);
    }
    free_room(room);
}

static void on_exited(void *ctx, int64_t status, int signal)
{
    struct bridge_room *room = ctx;
    struct cd_error err = CD_ERROR_INIT;
    cd_autofree char *words = strdup(bridge_process_last_words(room->process));

    cd_log(CD_LOG_INFO, "rooms", "a kernel ended: status %d, signal %d", (int)status, signal);
    uv_timer_stop(&room->patience);
    if (room->kernel) {
        bridge_client_last_words(room->kernel);
    }
    room_cells_stop(room->cells);
    bridge_process_close(cd_take(room->process));
    if (room->restarting) {
        room->restarting = false;
        room->config.known_connection = true;
        if (start_process(room, &err) == CD_OK) {
            return;
        }
        cd_log(CD_LOG_ERROR, "rooms", "the kernel did not start again: %s", err.text);
    }
    tell_end(room, status, signal, words ? words : "");
}

static cd_result own_config(struct bridge_room *room, const struct bridge_process_config *config,
                            struct cd_error *reterr)
{
    char id[BRIDGE_UUID_BYTES];

    if (bridge_uuid(id, reterr) != CD_OK ||
        bridge_jupyter_runtime_folder(&room->folder, reterr) != CD_OK ||
        bridge_make_folders(room->folder, 0700, reterr) != CD_OK) {
        return CD_ERR;
    }
    (void)snprintf(room->name, sizeof room->name, "kernel-%s.json", id);
    room->python = config->python ? strdup(config->python) : NULL;
    room->cwd = config->cwd ? strdup(config->cwd) : NULL;
    room->log_file = config->log_file ? strdup(config->log_file) : NULL;
    room->env = json_deep_copy(config->env);
    room->python_args = json_deep_copy(config->python_args);
    room->foreign = json_deep_copy(config->foreign);
    room->config = *config;
    room->config.folder = room->folder;
    room->config.file_name = room->name;
    room->config.python = room->python;
    room->config.cwd = room->cwd;
    room->config.log_file = room->log_file;
    room->config.env = room->env;
    room->config.python_args = room->python_args;
    room->config.foreign = room->foreign;
    room->config.outlive = true;
    room->config.alone_s = room->rooms->alone_s;
    return CD_OK;
}

cd_result bridge_room_start(struct bridge_rooms *rooms, const struct bridge_process_config *config,
                            const char *notebook, struct bridge_room **ret, struct cd_error *reterr)
{
    struct bridge_room *room = calloc(1, sizeof *room);

    if (!room) {
        return cd_oom(reterr);
    }
    room->rooms = rooms;
    uv_timer_init(rooms->loop, &room->patience);
    room->patience.data = room;
    room->cells = room_cells_new();
    room->notebook = notebook ? strdup(notebook) : NULL;
    if (!room->cells) {
        cd_oom(reterr);
    } else if (own_config(room, config, reterr) == CD_OK && start_process(room, reterr) == CD_OK) {
        room->next = rooms->first;
        rooms->first = room;
        *ret = room;
        return CD_OK;
    }
    free_room(room);
    return CD_ERR;
}

struct bridge_room *bridge_rooms_find(const struct bridge_rooms *rooms, const char *file)
{
    cd_autofree char *wanted = realpath(file, NULL);

    for (struct bridge_room *room = rooms->first; room && wanted; room = room->next) {
        cd_autofree char *own = realpath(bridge_room_file(room), NULL);

        if (own && strcmp(own, wanted) == 0) {
            return room;
        }
    }
    return NULL;
}

struct bridge_room *bridge_rooms_by_id(const struct bridge_rooms *rooms, const char *id, size_t len)
{
    struct bridge_room *room = rooms->first;

    while (room && (strlen(room->name) != len + strlen("kernel-.json") ||
                    strncmp(room->name + strlen("kernel-"), id, len) != 0)) {
        room = room->next;
    }
    return room;
}

json_t *bridge_rooms_notebooks(const struct bridge_rooms *rooms)
{
    json_t *all = json_object();

    for (const struct bridge_room *room = rooms->first; room; room = room->next) {
        if (room->notebook) {
            json_object_set_new(all, bridge_room_file(room), cd_json_textz(room->notebook));
        }
    }
    return all;
}

cd_result bridge_room_join(struct bridge_room *room, const struct bridge_room_events *events,
                           struct cd_error *reterr)
{
    struct member *m = calloc(1, sizeof *m);

    if (!m) {
        return cd_oom(reterr);
    }
    m->events = *events;
    m->next = room->members;
    room->members = m;
    return CD_OK;
}

void bridge_room_leave(struct bridge_room *room, const void *ctx)
{
    for (struct member **at = &room->members; *at; at = &(*at)->next) {
        if ((*at)->events.ctx == ctx) {
            struct member *m = *at;

            *at = m->next;
            free(m);
            return;
        }
    }
}

static void on_impatient(uv_timer_t *t)
{
    bridge_room_kill(t->data);
}

static void end_process(struct bridge_room *room, bool restart)
{
    room->restarting = restart;
    if (room->kernel) {
        bridge_client_request(room->kernel, WIRE_CONTROL, "shutdown_request",
                              json_pack("{s:b}", "restart", restart), NULL, 0, NULL, NULL, NULL);
        uv_timer_start(&room->patience, on_impatient, PATIENCE_MS, 0);
    } else {
        bridge_room_kill(room);
    }
}

void bridge_room_restart(struct bridge_room *room)
{
    end_process(room, true);
}

void bridge_room_shutdown(struct bridge_room *room)
{
    end_process(room, false);
}

void bridge_room_kill(struct bridge_room *room)
{
    bridge_process_kill(room->process);
    if (!room->restarting) {
        remove_file(room); /* we may be gone before its end is seen */
    }
}

const char *bridge_room_file(const struct bridge_room *room)
{
    return bridge_process_connection_file(room->process);
}

int bridge_room_pid(const struct bridge_room *room)
{
    return bridge_process_pid(room->process);
}

void bridge_room_describe(const struct bridge_room *room, const char *cell_id, json_t *cell)
{
    room_cells_describe(room->cells, cell_id, cell);
}

void bridge_room_running(const struct bridge_room *room,
                         void (*take)(void *ctx, const struct wire_msg *input), void *ctx)
{
    room_cells_running(room->cells, take, ctx);
}
