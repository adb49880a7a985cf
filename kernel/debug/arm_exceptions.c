/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Exception filters of all clients to the engine: it stops at the union. run_filters is called on
 * the arm thread with the GIL; all else is the debug thread's.
 */
#include "dap/base/limits.h"
#include "kernel/debug/state.h"

#include <stdlib.h>
#include <string.h>

struct filters_work {
    struct dbg_work work;
    struct engine_exception_filters filters;
    json_t *body; /* owned: the answer */
};

void dbg__exceptions_clear(struct engine_exception_filters *f)
{
    free(f->raised_condition);
    free(f->uncaught_condition);
    free(f->user_unhandled_condition);
    memset(f, 0, sizeof(*f));
}

static void filters_done(struct dbg_work *work)
{
    struct filters_work *w = (struct filters_work *)work;
    dbg__exceptions_clear(&w->filters);
    json_decref(w->body);
}

static void run_filters(struct dbg_job *job)
{
    struct filters_work *w = job->data;
    job->engine->set_exception_filters(&w->filters);
}

static void finish_filters(struct dbg_session *s, struct dbg_request *r, struct dbg_job *job)
{
    struct filters_work *w = job->data;
    (void)s;
    if (r) {
        dbg__answer(r, cd_take(w->body));
    }
}

static bool has_exclusion(const char *condition)
{
    return condition[0] == '!' || strstr(condition, "\n!");
}

/* Adds one client's filter: no condition wins over any, and any over one with exclusions; else one
 * line of either has to hold (celldap/uncaught.py). */
static bool add(bool *on, char **condition, bool more_on, const char *more)
{
    char *joined = NULL;
    if (!more_on) {
        return true;
    }
    if (!*on) {
        *on = true;
        *condition = more ? strdup(more) : NULL;
        return *condition || !more;
    }
    if (*condition && more && strcmp(*condition, more) == 0) {
        return true;
    }
    if (*condition && more && !has_exclusion(*condition) && !has_exclusion(more)) {
        struct cd_error err = CD_ERROR_INIT;
        struct cd_buf text;
        cd_buf_init(&text, CD_MAX_BODY_BYTES);
        if (cd_buf_appendf(&text, &err, "%s\n%s", *condition, more) == CD_OK) {
            joined = cd_buf_steal(&text);
        }
        cd_buf_done(&text);
        if (!joined) {
            return false;
        }
    }
    free(*condition);
    *condition = joined;
    return true;
}

static bool unite(const struct dbg_session *s, struct engine_exception_filters *all)
{
    bool good = true;
    for (const struct dbg_client *c = s->clients; good && c; c = c->next) {
        const struct engine_exception_filters *f = &c->exceptions;
        good = add(&all->raised, &all->raised_condition, f->raised, f->raised_condition) &&
               add(&all->uncaught, &all->uncaught_condition, f->uncaught, f->uncaught_condition) &&
               add(&all->user_unhandled, &all->user_unhandled_condition, f->user_unhandled,
                   f->user_unhandled_condition);
    }
    return good;
}

void dbg__arm_exceptions(struct dbg_session *s, struct dbg_request *r, json_t *body_owned)
{
    struct filters_work *w = calloc(1, sizeof(*w));
    if (w) {
        w->work.finish = finish_filters;
        w->work.done = filters_done;
        w->body = json_incref(body_owned);
        if (!unite(s, &w->filters)) {
            filters_done(&w->work);
            free(cd_take(w));
        }
    }
    if (r) {
        r->late_body = json_deep_copy(body_owned);
    }
    json_decref(body_owned);
    dbg__post_arm(s, r, w ? dbg__job_new(s, run_filters, &w->work) : NULL);
}
