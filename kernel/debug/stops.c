/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The stack of stops (they nest: a breakpoint hit by an evaluation). Everything that a client says
 * about "the stop" means the innermost. Debug thread only.
 */
#include "kernel/debug/state.h"

#include <stdlib.h>

#define RETRY_MS 10

static void free_stop(struct dbg_stop *stop)
{
    json_decref(stop->body);
    free(stop);
}

/* The innermost stop is over: its jobs are answered. Returns its thread. */
static int pop(struct dbg_session *s, const char *why)
{
    struct dbg_stop *stop = s->stop;
    int thread_id = stop->thread_id;
    s->stop = stop->outer;
    s->letting_go = s->letting_go && s->stop;
    dbg__cancel_stop(s, stop->number, why);
    free_stop(stop);
    return thread_id;
}

void dbg__stops_done(struct dbg_session *s)
{
    while (s->stop) {
        struct dbg_stop *stop = s->stop;
        s->stop = stop->outer;
        free_stop(stop);
    }
}

void dbg__show_stop(struct dbg_session *s, struct dbg_client *c)
{
    if (s->stop) {
        c->told_stop = s->stop->number;
        dbg__event_to(s, c, "stopped", s->stop->body, 0);
    }
}

/* A `stopped` body has what every client needs, whatever the engine left out. */
static json_t *complete_body(struct engine_note *n)
{
    json_t *body = n->body ? cd_take(n->body) : json_object();
    if (!json_is_string(json_object_get(body, "reason"))) {
        json_object_set_new(body, "reason", json_string("pause"));
    }
    json_object_set_new(body, "threadId", json_integer(n->thread_id));
    json_object_set_new(body, "allThreadsStopped", json_true());
    return body;
}

static void tell_stopped(struct dbg_session *s, uint64_t iopub_count)
{
    for (struct dbg_client *c = s->clients; c; c = c->next) {
        if (c->attached && !c->away) {
            c->told_stop = s->stop->number;
        }
    }
    dbg__event_all(s, NULL, "stopped", s->stop->body, iopub_count);
}

void dbg__stopped(struct dbg_session *s, struct engine_note *n)
{
    struct dbg_stop *stop = calloc(1, sizeof(*stop));
    if (!stop || s->ended || dbg__attached_count(s, true) == 0) {
        // nobody could ever resume it: the last client left while this stop was under way
        struct engine_step go = {.kind = ENGINE_CONTINUE};
        free(stop);
        (void)s->engine->resume(n->thread_id, &go);
        return;
    }
    if (!s->stop) {
        s->continued_to_ignore = 0; // notes keep their order: none of those can come any more
    }
    stop->number = ++s->last_stop;
    stop->thread_id = n->thread_id;
    stop->iopub_count = n->iopub_count;
    stop->body = complete_body(n);
    stop->outer = s->stop;
    s->stop = stop;
    tell_stopped(s, stop->iopub_count);
}

void dbg__stop_job_done(struct dbg_session *s, uint64_t stop)
{
    for (struct dbg_stop *at = s->stop; at; at = at->outer) {
        if (at->number == stop && at->jobs > 0) {
            at->jobs--;
        }
    }
    if (s->stop && s->stop->number == stop && s->stop->hidden && !s->letting_go) {
        s->stop->hidden = false;
        tell_stopped(s, 0);
    }
}

bool dbg__is_stopped(const struct dbg_session *s)
{
    return s->stop && !s->stop->hidden;
}

bool dbg_session_is_stopped(const struct dbg_session *s)
{
    return dbg__is_stopped(s);
}

/* The stop around the one that ended: reached again at once, or when its job is done. */
static void uncover(struct dbg_session *s)
{
    if (s->stop && (s->stop->jobs > 0 || s->letting_go)) {
        s->stop->hidden = true;
    } else if (s->stop) {
        tell_stopped(s, 0);
    }
}

static void tell_continued(struct dbg_session *s, const struct dbg_client *but, int thread_id,
                           bool all)
{
    json_t *body = json_pack("{s:i, s:b}", "threadId", thread_id, "allThreadsContinued", all);
    for (struct dbg_client *c = s->clients; c; c = c->next) {
        if (!c->away) {
            c->told_stop = 0;
        }
    }
    // iopub has many readers: JupyterLab forgets the frames of a stop at this event alone, also
    // when it asked for the step itself
    dbg__event_all(s, but && but->id == DBG_CLIENT_CONTROL ? NULL : but, "continued", body, 0);
    json_decref(body);
}

void dbg__continued(struct dbg_session *s, const struct engine_note *n)
{
    if (s->continued_to_ignore) {
        s->continued_to_ignore--;
        return;
    }
    if (s->stop) {
        pop(s, "the program goes on");
        tell_continued(s, NULL, n->thread_id, true);
        uncover(s);
    }
}

void dbg__resume(struct dbg_session *s, const struct dbg_client *by, const struct engine_step *step)
{
    int thread_id = pop(s, "the program goes on");
    if (!s->engine->resume(thread_id, step)) {
        s->continued_to_ignore++; // it had ended by itself; that note is on its way
    }
    tell_continued(s, by, thread_id, !step->single_thread);
    uncover(s);
}

void dbg__resume_all(struct dbg_session *s, const struct dbg_client *by)
{
    struct engine_step go = {.kind = ENGINE_CONTINUE};
    s->letting_go = s->stop != NULL;
    while (s->stop && s->engine->resume(s->stop->thread_id, &go)) {
        int thread_id = pop(s, "the program goes on");
        tell_continued(s, by, thread_id, true);
    }
    if (s->stop) {
        s->stop->hidden = true;
    }
}

int64_t dbg__stops_tick(struct dbg_session *s)
{
    if (s->letting_go) {
        dbg__resume_all(s, NULL);
    }
    return s->letting_go ? RETRY_MS : -1;
}
