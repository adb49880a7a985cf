/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Whether the kernel is still there, and still the same: zeromq hides both. A callback may close
 * the client: nothing of it is touched after. Bridge loop only.
 */
#include "bridge/client_impl.h"

#include <stdio.h>
#include <string.h>

cd_result client_link_watch(struct bridge_client *c, struct wire_context *zmq,
                            struct wire_socket *watched, struct cd_error *reterr)
{
    if (!c->events.link || c->monitor) {
        return CD_OK;
    }
    c->monitor = wire_monitor_new(zmq, watched, reterr);
    return c->monitor ? CD_OK : CD_ERR;
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
    (void)status;
    (void)events;
    client_link_look(poll->data);
}

void client_link_open(struct bridge_client *c)
{
    if (c->monitor) {
        uv_poll_init(c->loop, &c->monitor_poll, wire_monitor_fd(c->monitor));
        client_open_handle(c, (uv_handle_t *)&c->monitor_poll);
        uv_poll_start(&c->monitor_poll, UV_READABLE, on_readable);
    }
}

void client_link_close(struct bridge_client *c)
{
    if (c->monitor) {
        client_close_handle((uv_handle_t *)&c->monitor_poll);
    }
}

void client_link_look(struct bridge_client *c)
{
    bool up = false;

    while (c->monitor && wire_monitor_next(c->monitor, &up) > 0) {
        c->events.link(c->events.ctx, up);
        if (c->closed) {
            return;
        }
    }
}

void client_link_session(struct bridge_client *c, const struct wire_msg *m)
{
    const char *session = json_string_value(json_object_get(m->header, "session"));
    bool other;

    if (!session || !session[0] || strcmp(session, c->kernel_session) == 0) {
        return;
    }
    other = c->kernel_session[0] != '\0';
    (void)snprintf(c->kernel_session, sizeof c->kernel_session, "%s", session);
    if (!other) {
        return;
    }
    c->said_hello = false;
    c->counting = false;
    client_drop_events(c);
    client_fail_all(c, "the kernel was restarted");
    if (!c->closed && c->events.restarted) {
        c->events.restarted(c->events.ctx);
    }
}
