/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What the kernel's debugger tells: stops and the rest, with ids and sources in the client's words.
 */
#include "bridge/edge.h"
#include "bridge/session_impl.h"
#include "dap/base/log.h"

#include <string.h>

static void map_source(struct bridge_session *s, json_t *body)
{
    struct cd_error err = CD_ERROR_INIT;

    if (bridge_cells_object_out(s->cells, body, &err) != CD_OK) {
        cd_log(CD_LOG_WARN, "events", "a source could not be mapped: %s", err.text);
    }
}

static void on_stopped(struct bridge_session *s, json_t *body)
{
    const char *reason = json_string_value(json_object_get(body, "reason"));

    s->stop_count++;
    if (s->stops == 0) {
        s->stops = 1;
    } else if (s->evaluations > 0 && !s->foreign) {
        s->stops++; /* an evaluation of ours hit a breakpoint */
    }
    if (s->entry_stop && reason && strcmp(reason, "pause") == 0) {
        json_object_set_new(body, "reason", json_string("entry"));
        json_object_del(body, "description");
    }
    s->entry_stop = false;
    bridge_breakpoints_map_ids(s->breakpoints, json_object_get(body, "hitBreakpointIds"));
    bridge_event(s, "stopped", json_incref(body));
}

static void on_continued(struct bridge_session *s, json_t *body)
{
    s->view = false;
    if (s->stops > 0) {
        s->stops--;
    }
    bridge_event(s, "continued", json_incref(body));
}

void bridge_resumed(struct bridge_session *s)
{
    s->view = false;
    if (s->foreign) {
        bridge_foreign_resumed(s->foreign);
    }
    if (s->stops > 0) {
        s->stops--;
    }
}

static void on_breakpoint(struct bridge_session *s, json_t *body)
{
    if (bridge_breakpoints_event(s->breakpoints, body)) {
        bridge_event(s, "breakpoint", json_incref(body));
    }
}

static void on_output(struct bridge_session *s, json_t *body)
{
    map_source(s, body);
    if (!s->client.ansi) {
        bridge_edge_strip_ansi(body, "output");
    }
    bridge_event(s, "output", json_incref(body));
}

void bridge_on_debug_event(void *ctx, json_t *event)
{
    struct bridge_session *s = ctx;
    const char *name = json_string_value(json_object_get(event, "event"));
    json_t *body = json_object_get(event, "body");

    if (!name || s->ended ||
        /* what was logged before the end may be held until now for the output before it */
        (s->kernel_state == BRIDGE_KERNEL_ENDING && strcmp(name, "output") != 0) ||
        (s->foreign && !bridge_foreign_event(s, name, body))) {
        return;
    }
    if (strcmp(name, "stopped") == 0) {
        on_stopped(s, body);
    } else if (strcmp(name, "continued") == 0) {
        on_continued(s, body);
    } else if (strcmp(name, "breakpoint") == 0) {
        on_breakpoint(s, body);
    } else if (strcmp(name, "output") == 0) {
        on_output(s, body);
    } else if (strcmp(name, "module") == 0) {
        bridge_cells_module_out(s->cells, json_object_get(body, "module"));
        bridge_event(s, name, json_incref(body));
    } else if (strcmp(name, "thread") == 0 ||
               (strcmp(name, "invalidated") == 0 && s->client.invalidated) ||
               (strcmp(name, "memory") == 0 && s->client.memory)) {
        bridge_event(s, name, json_incref(body));
    } else if (strcmp(name, "celldap/child") == 0) {
        bridge_child_started(s, body);
    } else if (strcmp(name, "loadedSource") == 0) {
        bridge_on_loaded_source(s, body);
    } else {
        /* initialized, terminated: the session's life is told by us */
        cd_log(CD_LOG_DEBUG, "events", "'%s' is not passed on", name);
    }
}
