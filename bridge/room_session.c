/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A session in `celldap serve` whose kernel has a room (rooms/rooms.h): it does not own the kernel,
 * and leaves it as it is when its client goes. Bridge loop only.
 */
#include "bridge/session_impl.h"

static void on_ports(void *ctx, const struct wire_connection *connection)
{
    struct bridge_session *s = ctx;
    struct cd_error err = CD_ERROR_INIT;

    if (s->kernel || s->kernel_state != BRIDGE_KERNEL_STARTING) {
        return;
    }
    if (bridge_reach(s, connection, &err) != CD_OK) {
        bridge_start_failed(s, &err);
        return;
    }
    bridge_first_word(s);
}

static void on_ended(void *ctx, int64_t status, int signal, const char *words)
{
    struct bridge_session *s = ctx;

    s->room = NULL;
    bridge_kernel_ended(s, status, signal, words);
}

static cd_result join(struct bridge_session *s, struct bridge_room *room, struct cd_error *reterr)
{
    const struct bridge_room_events events = {.ctx = s, .ports = on_ports, .ended = on_ended};

    if (bridge_room_join(room, &events, reterr) != CD_OK) {
        return CD_ERR;
    }
    s->room = room;
    return CD_OK;
}

cd_result bridge_room_open(struct bridge_session *s, const struct bridge_process_config *config,
                           struct cd_error *reterr)
{
    struct bridge_room *room = NULL;

    return bridge_room_start(s->config.rooms, config, s->launch->program, &room, reterr) == CD_OK
               ? join(s, room, reterr)
               : CD_ERR;
}

void bridge_room_visit(struct bridge_session *s)
{
    struct bridge_room *room = s->config.rooms && s->launch->connection_file
                                   ? bridge_rooms_find(s->config.rooms, s->launch->connection_file)
                                   : NULL;

    if (room) {
        (void)join(s, room, NULL);
    }
}

static void catch_up(void *ctx, const struct wire_msg *input)
{
    bridge_others_input(ctx, input);
}

void bridge_room_catch_up(struct bridge_session *s)
{
    if (s->room && bridge_is_attach(s)) {
        bridge_room_running(s->room, catch_up, s);
    }
}

void bridge_room_exit(struct bridge_session *s)
{
    struct bridge_room *room = cd_take(s->room);

    if (!room) {
        return;
    }
    bridge_room_leave(room, s);
    if (s->kernel_state == BRIDGE_KERNEL_STARTING && !bridge_is_attach(s)) {
        bridge_room_kill(room); /* its start was given up: nobody knows of it */
    }
}

void bridge_room_again(struct bridge_request *req, bool rerun)
{
    struct bridge_session *s = req->session;
    struct cd_error err = CD_ERROR_INIT;

    if (s->notebook && bridge_load_notebook(s, &err) != CD_OK) {
        bridge_fail(req, &err);
        return;
    }
    s->launch_request = bridge_request_ref(req);
    s->restarting = true;
    s->rerun = rerun;
    bridge_room_restart(s->room);
}
