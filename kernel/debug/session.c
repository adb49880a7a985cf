/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A debug session's life: made, ticked, told what the engine has to say, shut down. Debug thread
 * only; nothing here blocks.
 */
#include "kernel/debug/session.h"

#include "dap/base/texts.h"
#include "kernel/debug/state.h"

#include <stdlib.h>
#include <string.h>

static void destroy(struct dbg_session *s)
{
    dbg__stops_done(s);
    dbg__breakpoints_done(s);
    dbg__clients_done(s);
    dbg__blanks_done(s);
    json_decref(s->threads);
    free(s->cell_prefix);
    free(s);
}

struct dbg_session *dbg_session_new(const struct dbg_session_config *config,
                                    struct cd_error *reterr)
{
    struct dbg_session *s = calloc(1, sizeof(*s));
    if (!s) {
        cd_oom(reterr);
        return NULL;
    }
    s->engine = config->engine;
    s->transport = config->transport;
    s->away_after_ms = config->away_after_ms > 0 ? config->away_after_ms : DBG_AWAY_AFTER_MS;
    s->engine_just_my_code = true;
    s->cell_prefix = strdup(config->cell_prefix);
    s->last_client = DBG_CLIENT_CONTROL;
    if (!s->cell_prefix || !dbg__client_new(s, DBG_CLIENT_CONTROL)) {
        destroy(s);
        cd_oom(reterr);
        return NULL;
    }
    return s;
}

void dbg_session_free(struct dbg_session *s)
{
    if (s) {
        dbg_session_shutdown(s);
        destroy(s);
    }
}

/* DAP: OutputEvent of a logpoint goes to its owner, remarks of the debugger to all. */
static void pass_on(struct dbg_session *s, const char *event, const struct engine_note *n)
{
    const struct dbg_client *owner = n->owner ? dbg__client_by_id(s, n->owner) : NULL;
    if (n->owner == 0) {
        dbg__event_all(s, NULL, event, n->body, n->iopub_count);
    } else if (owner && !owner->away) {
        dbg__event_to(s, owner, event, n->body, n->iopub_count);
    }
}

bool dbg_session_texts(struct dbg_session *s, const struct engine_note *n, size_t max)
{
    size_t len;
    const char *text = NULL;
    for (size_t i = 0; n->texts && i < max && (text = cd_texts_next(n->texts, &len)); i++) {
        (void)json_object_set_new(n->body, "output", cd_json_text(text, len));
        pass_on(s, "output", n);
    }
    return text != NULL;
}

void dbg_session_note(struct dbg_session *s, struct engine_note *note_owned)
{
    switch (note_owned->kind) {
    case ENGINE_STOPPED:
        dbg__stopped(s, note_owned);
        break;
    case ENGINE_CONTINUED:
        dbg__continued(s, note_owned);
        break;
    case ENGINE_BREAKPOINT:
        dbg__breakpoint_note(s, note_owned);
        break;
    case ENGINE_OUTPUT:
        if (!note_owned->texts) {
            pass_on(s, "output", note_owned);
        }
        (void)dbg_session_texts(s, note_owned, SIZE_MAX);
        break;
    case ENGINE_THREAD:
        pass_on(s, "thread", note_owned);
        break;
    case ENGINE_MODULE:
        dbg__loaded_hint(s);
        break;
    case ENGINE_VIEW_OVER:
        dbg__view_over(s, note_owned);
        break;
    case ENGINE_JOB_DONE:
        if (note_owned->job) {
            dbg__job_done(s, cd_take(note_owned->job));
        }
        break;
    }
    engine_note_free(note_owned);
}

/* Of two waits in ms; below 0: for ever. */
static int64_t sooner(int64_t a, int64_t b)
{
    return b >= 0 && (a < 0 || b < a) ? b : a;
}

int dbg_session_tick(struct dbg_session *s)
{
    int64_t now = s->transport->now_ms(s->transport->ctx);
    dbg__expire(s, now);
    int64_t wait = dbg__clients_tick(s, now);
    wait = sooner(wait, dbg__stops_tick(s));
    wait = sooner(wait, dbg__loaded_tick(s, now));
    wait = sooner(wait, dbg__inherited_tick(s, now));
    wait = sooner(wait, dbg__watch(s, now));
    for (const struct dbg_request *r = s->pending; r; r = r->next) {
        int64_t left = r->deadline_ms - now;
        if (r->deadline_ms && !r->answered && (wait < 0 || left < wait)) {
            wait = left;
        }
    }
    return wait > INT32_MAX ? INT32_MAX : (int)wait;
}

void dbg_session_shutdown(struct dbg_session *s)
{
    if (s->ended) {
        return;
    }
    s->ended = true;
    dbg__cancel_all(s, "the kernel is ending");
    for (struct dbg_client *c = s->clients; c; c = c->next) {
        c->attached = false;
    }
    dbg__tell_engine(s);
    dbg__resume_all(s, NULL);
}
