/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Requests under way: each is answered exactly once, by its handler, by its job, at its deadline,
 * by a cancel, by the end of its stop or by the end of the kernel. Debug thread only; the list is
 * in the order of arrival.
 */
#include "kernel/debug/state.h"

#include <assert.h>
#include <stdlib.h>

#define LOOK_MS        50   /* at jobs in which code of the user's runs */
#define LOOK_SELDOM_MS 1000 /* where nobody waits for the reply, or there is no limit */
#define SOON_MS        3000
#define BUSY_AFTER_MS  300 /* what is cancelled mostly ends at once */

struct dbg_request *dbg__request_new(struct dbg_session *s, int client_id, void *route,
                                     json_t *message_owned)
{
    struct dbg_request *r = calloc(1, sizeof(*r));
    if (!r) {
        return NULL;
    }
    r->session = s;
    r->client_id = client_id;
    r->route = route;
    r->message = message_owned;
    r->dap.command = "";
    return r;
}

void dbg__answer_made(struct dbg_request *r, json_t *response_owned)
{
    const struct dbg_transport *t = r->session->transport;
    assert(!r->answered);
    if (r->answered) {
        json_decref(response_owned);
        return;
    }
    r->answered = true;
    dbg__blanks_out(r->session, r->client_id, json_object_get(response_owned, "body"));
    t->reply(t->ctx, r->route, response_owned);
}

void dbg__answer(struct dbg_request *r, json_t *body_owned)
{
    dbg__answer_made(r, dap_response_new(&r->dap, body_owned));
}

void dbg__fail(struct dbg_request *r, const struct cd_error *err)
{
    dbg__answer_made(r, dap_error_response_new(&r->dap, err, NULL));
}

void dbg__request_free(struct dbg_request *r)
{
    if (!r) {
        return;
    }
    assert(!r->pending);
    if (!r->answered) {
        struct cd_error err = CD_ERROR_INIT;
        cd_error_set(&err, CD_E_INTERNAL, "'%.60s' was not answered", r->dap.command);
        dbg__fail(r, &err);
    }
    cd_progress_unref(r->progress);
    json_decref(r->late_body);
    json_decref(r->message);
    free(r);
}

void dbg__make_pending(struct dbg_request *r)
{
    struct dbg_request **pp = &r->session->pending;
    assert(!r->pending && !r->answered);
    while (*pp) {
        pp = &(*pp)->next;
    }
    *pp = r;
    r->next = NULL;
    r->pending = true;
}

void dbg__unlink(struct dbg_request *r)
{
    for (struct dbg_request **pp = &r->session->pending; *pp; pp = &(*pp)->next) {
        if (*pp == r) {
            *pp = r->next;
            r->next = NULL;
            r->pending = false;
            return;
        }
    }
}

struct dbg_request *dbg__request_by_number(const struct dbg_session *s, uint64_t number)
{
    struct dbg_request *r = s->pending;
    while (r && r->number != number) {
        r = r->next;
    }
    return r;
}

/* ---- a job that is not wanted any more, or takes too long ---- */

/* An exception reaches main by a signal; other threads get theirs from arm, which has the GIL. */
struct break_work {
    struct dbg_work work;
    uint64_t number;
};

static void run_break(struct dbg_job *job)
{
    job->engine->break_off_locked(job->progress);
}

static void break_done(struct dbg_session *s, struct dbg_request *none, struct dbg_job *job)
{
    const struct break_work *w = job->data;
    struct dbg_request *r = dbg__request_by_number(s, w->number);
    (void)none;
    if (r) {
        r->breaking = false;
    }
}

static void break_off(struct dbg_request *r, unsigned long thread)
{
    struct dbg_session *s = r->session;
    if (r->breaking || s->engine->break_off(thread)) {
        return;
    }
    struct break_work *w = calloc(1, sizeof(*w));
    if (!w) {
        return; // tried again soon
    }
    w->work.finish = break_done;
    w->number = r->number;
    struct dbg_job *job = dbg__job_new(s, run_break, &w->work);
    if (job) {
        job->progress = cd_progress_ref(r->progress);
        r->breaking = true;
        dbg__post_arm(s, NULL, job);
    }
}

static void look(struct dbg_request *r, int64_t now)
{
    unsigned long thread = 0;
    if (r->progress && cd_progress_look(r->progress, now) &&
        cd_progress_to_break(r->progress, &thread)) {
        break_off(r, thread);
    }
}

int64_t dbg__watch(struct dbg_session *s, int64_t now)
{
    int64_t wait = -1;
    for (struct dbg_request *r = s->pending; r; r = r->next) {
        if (!r->progress) {
            continue;
        }
        look(r, now);
        bool soon = r->answered ? now < r->busy_ms + SOON_MS : r->deadline_ms != 0;
        int64_t next = soon ? LOOK_MS : LOOK_SELDOM_MS;
        wait = wait < 0 || next < wait ? next : wait;
    }
    return wait;
}

const char *dbg__busy(const struct dbg_session *s)
{
    int64_t now = s->transport->now_ms(s->transport->ctx);
    for (const struct dbg_request *r = s->pending; r; r = r->next) {
        if (r->answered && s->stop && r->stop == s->stop->number && now >= r->busy_ms) {
            return r->dap.command;
        }
    }
    return NULL;
}

void dbg__cancel(struct dbg_request *r, const char *why)
{
    struct cd_error err = CD_ERROR_INIT;
    if (r->answered) {
        return;
    }
    int64_t now = r->session->transport->now_ms(r->session->transport->ctx);
    cd_error_set(&err, CD_E_CANCELLED, "%s", why);
    dbg__fail(r, &err);
    r->busy_ms = now + BUSY_AFTER_MS;
    if (r->progress) {
        cd_progress_cancel(r->progress);
        look(r, now);
    }
}

void dbg__cancel_stop(struct dbg_session *s, uint64_t stop, const char *why)
{
    for (struct dbg_request *r = s->pending; r; r = r->next) {
        if (r->stop == stop && !r->anywhere) {
            dbg__cancel(r, why);
        }
    }
}

void dbg__cancel_all(struct dbg_session *s, const char *why)
{
    while (s->pending) {
        struct dbg_request *r = s->pending;
        dbg__cancel(r, why);
        dbg__unlink(r);
        dbg__request_free(r);
    }
}

static bool evaluates(const struct dbg_session *s)
{
    const struct dbg_request *r = s->pending;
    while (r && !r->stop) {
        r = r->next;
    }
    return r != NULL;
}

void dbg__interrupt(struct dbg_session *s)
{
    for (struct dbg_request *r = s->pending; r; r = r->next) {
        if (r->stop) {
            dbg__cancel(r, "the program is interrupted");
        }
    }
    s->interrupt_due = true;
    dbg__interrupt_due(s);
}

void dbg__interrupt_due(struct dbg_session *s)
{
    if (s->interrupt_due && !evaluates(s)) {
        s->interrupt_due = false;
        s->engine->interrupt();
    }
}

/* The time for the reply is over: what is there already, else an error. */
static void late(struct dbg_request *r)
{
    struct cd_error err = CD_ERROR_INIT;
    json_t *partial = r->progress ? cd_progress_take(r->progress) : NULL;
    if (r->late_body) {
        json_decref(partial);
        dbg__answer(r, cd_take(r->late_body));
    } else if (partial) {
        dbg__answer(r, partial);
    } else {
        cd_error_set(&err, CD_E_TIMEOUT, "'%s' is still running; it goes on in the background",
                     r->dap.command);
        dbg__fail(r, &err);
    }
}

void dbg__expire(struct dbg_session *s, int64_t now)
{
    for (struct dbg_request *r = s->pending; r; r = r->next) {
        if (r->answered || !r->deadline_ms || r->deadline_ms > now) {
            continue;
        }
        late(r);
        r->busy_ms = now;
        if (r->progress) {
            cd_progress_cancel(r->progress);
            look(r, now);
        }
    }
}
