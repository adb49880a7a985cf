/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A cell that is run while the program is stopped: the kernel's debugger runs it on the stopped
 * thread (docs/protocol.md, celldap/runCell). Its outputs name the message that we made up for it;
 * it is over when its reply and its idle are here.
 */
#include "bridge/identity.h"
#include "bridge/session_impl.h"
#include "dap/base/log.h"

#include <stdio.h>
#include <string.h>

struct bridge_exec *bridge_exec_find(const struct bridge_session *s, const char *msg_id)
{
    struct bridge_exec *e = s->exec.running;

    if (!msg_id) {
        return NULL;
    }
    if (e && strcmp(e->msg_id, msg_id) == 0) {
        return e;
    }
    for (e = s->exec.live; e && strcmp(e->msg_id, msg_id) != 0; e = e->next) {
    }
    if (e) {
        return e;
    }
    for (e = s->exec.others; e && strcmp(e->msg_id, msg_id) != 0; e = e->next) {
    }
    return e;
}

static void unlink_live(struct bridge_session *s, const struct bridge_exec *e)
{
    for (struct bridge_exec **at = &s->exec.live; *at; at = &(*at)->next) {
        if (*at == e) {
            *at = e->next;
            return;
        }
    }
}

static void finish_if_over(struct bridge_exec *e)
{
    struct bridge_session *s = e->session;
    const char *status = json_string_value(json_object_get(e->reply, "status"));

    if (!e->replied || !e->idle) {
        return;
    }
    unlink_live(s, e);
    if (s->evaluations > 0) {
        s->evaluations--;
    }
    bridge_cell_state(s, e->cell, status && strcmp(status, "ok") == 0 ? "ok" : "error",
                      (int)json_integer_value(json_object_get(e->reply, "execution_count")));
    if (s->client.invalidated && s->stops > 0) { /* what the stopped frames see has changed */
        bridge_event(s, "invalidated", json_pack("{s:[s]}", "areas", "variables"));
    }
    bridge_exec_free(e);
}

void bridge_live_idle(struct bridge_exec *e)
{
    e->idle = true;
    finish_if_over(e);
}

void bridge_live_abandon(struct bridge_session *s)
{
    while (s->exec.live) {
        s->exec.live->replied = true; /* the client is closed: nobody calls back */
        bridge_live_idle(s->exec.live);
    }
}

static void on_reply(void *ctx, json_t *response, const struct cd_error *err)
{
    struct bridge_exec *e = ctx;
    struct bridge_session *s = e->session;
    bool ran = json_is_true(json_object_get(response, "success"));
    const char *message = json_string_value(json_object_get(response, "message"));

    e->replied = true;
    if (ran) {
        e->reply = json_incref(json_object_get(response, "body"));
    } else if (message && strcmp(message, "notStopped") == 0) {
        unlink_live(s, e); /* the program went on meanwhile: it waits for its turn */
        s->evaluations -= s->evaluations > 0;
        e->next = NULL;
        e->replied = false;
        e->msg_id[0] = '\0';
        bridge_exec_push(s, e);
        return;
    } else {
        cd_log(CD_LOG_INFO, "live", "a cell did not run to its end: %s",
               err       ? err->text
               : message ? message
                         : "");
        e->idle = true;
    }
    finish_if_over(e);
}

cd_result bridge_live_run(struct bridge_session *s, struct bridge_exec *e_owned,
                          struct cd_error *reterr)
{
    char id[BRIDGE_UUID_BYTES];
    json_t *header;

    if (bridge_uuid(id, reterr) != CD_OK) {
        bridge_exec_free(e_owned);
        return CD_ERR;
    }
    (void)snprintf(e_owned->msg_id, sizeof e_owned->msg_id, "%s", id);
    header =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "msg_id", id, "msg_type", "execute_request",
                  "session", "", "username", "", "date", "", "version", "5.3");
    (void)bridge_executed(s, e_owned->cell, e_owned->code);
    bridge_keep_begin(s, e_owned);
    bridge_cell_state(s, e_owned->cell, "running", 0);
    e_owned->next = s->exec.live;
    s->exec.live = e_owned;
    s->evaluations++; /* a breakpoint in it is a stop inside the stop */
    bridge_client_debug(s->kernel, "celldap/runCell",
                        json_pack("{s:s, s:s, s:o}", "code", e_owned->code, "cellId",
                                  e_owned->cell_id, "header", header),
                        0, on_reply, e_owned);
    return CD_OK;
}
