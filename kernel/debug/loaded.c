/* SPDX-License-Identifier: BSD-3-Clause
 *
 * `module` and `loadedSource` events. The engine hints that something was loaded; a little later,
 * so that an import is looked at once and not for each of its modules, arm looks what. Debug
 * thread only.
 */
#include "kernel/debug/state.h"

#include <stdlib.h>
#include <string.h>

#define COLLECT_MS 100

void dbg__loaded_hint(struct dbg_session *s)
{
    if (!s->loaded_at_ms) {
        s->loaded_at_ms = s->transport->now_ms(s->transport->ctx) + COLLECT_MS;
    }
}

void dbg__loaded_from_now(struct dbg_session *s)
{
    s->loaded_at_ms = s->transport->now_ms(s->transport->ctx);
    s->loaded_first = true;
}

static void run_first(struct dbg_job *job)
{
    json_decref(job->engine->loaded_since(true));
}

static void run_look(struct dbg_job *job)
{
    job->response = job->engine->loaded_since(false);
}

/* iopub has many readers that import much: they hear of the user's own modules only. */
static void tell(struct dbg_session *s, const char *event, const json_t *body)
{
    const json_t *module = json_object_get(body, "module");
    bool own = !module || json_is_true(json_object_get(module, "isUserCode"));
    for (const struct dbg_client *c = s->clients; c; c = c->next) {
        if (c->attached && !c->away && (own || c->id != DBG_CLIENT_CONTROL)) {
            dbg__event_to(s, c, event, body, 0);
        }
    }
}

static void finish(struct dbg_session *s, struct dbg_request *none, struct dbg_job *job)
{
    size_t i;
    json_t *one;
    (void)none;
    s->loaded_looking = false;
    json_array_foreach(job->response, i, one)
    {
        json_auto_t *name = json_incref(json_object_get(one, "event"));
        json_object_del(one, "event");
        if (json_is_string(name)) {
            tell(s, json_string_value(name), one);
        }
    }
}

int64_t dbg__loaded_tick(struct dbg_session *s, int64_t now)
{
    if (!s->loaded_at_ms || s->loaded_looking) {
        return -1;
    }
    if (s->loaded_at_ms > now) {
        return s->loaded_at_ms - now;
    }
    s->loaded_at_ms = 0;
    struct dbg_work *w = s->engine_attached ? calloc(1, sizeof(*w)) : NULL;
    if (!w) {
        return -1;
    }
    w->finish = finish;
    struct dbg_job *job = dbg__job_new(s, s->loaded_first ? run_first : run_look, w);
    if (job) {
        s->loaded_first = false;
        s->loaded_looking = true;
        dbg__post_arm(s, NULL, job);
    }
    return -1;
}
