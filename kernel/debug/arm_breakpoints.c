/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The table of breakpoints to the engine: a job on the arm thread with a copy of all that one
 * source has, and what comes back. Jobs of that thread run in order, so two requests for one source
 * keep theirs. run_arm is called with the GIL; all else is the debug thread's.
 */
#include "kernel/debug/state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct arm_work {
    struct dbg_work work;
    enum { IN_SOURCE, FUNCTIONS, DATA } kind;
    int owner;
    char *path, *cell_id;
    struct engine_breakpoint *list; /* to the engine: of all owners */
    char **names;
    size_t count;
    struct engine_breakpoint *mine; /* the owner's, in its order, refused ones too; no texts */
    size_t mine_count;
};

static void arm_work_done(struct dbg_work *work)
{
    struct arm_work *w = (struct arm_work *)work;
    for (size_t i = 0; w->names && i < w->count; i++) {
        free(w->names[i]);
    }
    free(w->names);
    engine_breakpoints_free(w->list, w->count);
    free(w->mine);
    free(w->path);
    free(w->cell_id);
}

static void run_arm(struct dbg_job *job)
{
    struct arm_work *w = job->data;
    if (w->kind == FUNCTIONS) {
        job->engine->set_function_breakpoints(w->names, w->list, w->count);
    } else if (w->kind == DATA) {
        job->engine->set_data_breakpoints(w->names, w->list, w->count);
    } else {
        struct engine_source source = {.path = w->path, .cell_id = w->cell_id};
        job->engine->set_breakpoints(&source, w->list, w->count);
    }
}

static json_t *answer_body(const struct arm_work *w)
{
    json_t *list = json_array();
    for (size_t i = 0; i < w->mine_count; i++) {
        json_array_append_new(list, dbg__breakpoint_json(&w->mine[i], w->path, w->cell_id));
    }
    return json_pack("{s:o}", "breakpoints", list);
}

/* What the engine fills in; the rest stays. */
static void copy_result(struct engine_breakpoint *to, const struct engine_breakpoint *from)
{
    to->verified = from->verified;
    to->actual_line = from->actual_line;
    to->column = from->column;
    to->end_line = from->end_line;
    to->end_column = from->end_column;
    memcpy(to->reason, from->reason, sizeof(to->reason));
    memcpy(to->message, from->message, sizeof(to->message));
}

static bool same_result(const struct engine_breakpoint *a, const struct engine_breakpoint *b)
{
    return a->verified == b->verified && a->actual_line == b->actual_line &&
           a->column == b->column && a->end_line == b->end_line && a->end_column == b->end_column &&
           strcmp(a->reason, b->reason) == 0 && strcmp(a->message, b->message) == 0;
}

static void tell_changed(struct dbg_session *s, const struct arm_work *w,
                         const struct engine_breakpoint *e)
{
    const struct dbg_client *c = dbg__client_by_id(s, e->owner);
    if (c && !c->away) {
        json_t *body = json_pack("{s:s, s:o}", "reason", "changed", "breakpoint",
                                 dbg__breakpoint_json(e, w->path, w->cell_id));
        dbg__event_to(s, c, "breakpoint", body, 0);
        json_decref(body);
    }
}

/* Into the table; what its owner does not learn from the answer goes out as an event. */
static void keep_results(struct dbg_session *s, const struct arm_work *w, bool answered_now)
{
    struct dbg_source *src = w->kind == FUNCTIONS ? &s->functions
                             : w->kind == DATA    ? &s->data
                                                  : dbg__source_find(s, w->path, w->cell_id);
    size_t hint = 0;
    for (size_t i = 0; i < w->count; i++) {
        struct dbg_breakpoint *b = dbg__breakpoint_in(src, w->list[i].id, &hint);
        if (!b || same_result(&b->e, &w->list[i])) {
            continue;
        }
        copy_result(&b->e, &w->list[i]);
        if (b->e.owner != w->owner || !answered_now) {
            tell_changed(s, w, &b->e);
        }
    }
}

static void finish_arm(struct dbg_session *s, struct dbg_request *r, struct dbg_job *job)
{
    struct arm_work *w = job->data;
    size_t k = 0;
    if (!job->ran) {
        for (size_t i = 0; i < w->count; i++) {
            w->list[i].verified = false;
            snprintf(w->list[i].reason, sizeof(w->list[i].reason), "failed");
            snprintf(w->list[i].message, sizeof(w->list[i].message), "the kernel is ending");
        }
    }
    for (size_t i = 0; i < w->count; i++) {
        while (k < w->mine_count && w->list[i].owner == w->owner &&
               w->mine[k].id != w->list[i].id) {
            k++;
        }
        if (k < w->mine_count && w->mine[k].id == w->list[i].id) {
            copy_result(&w->mine[k], &w->list[i]);
        }
    }
    if (r) {
        dbg__answer(r, answer_body(w));
    }
    keep_results(s, w, r != NULL);
}

static bool dup_text(char **to, const char *from)
{
    *to = from ? strdup(from) : NULL;
    return *to || !from;
}

static struct arm_work *work_new(const struct dbg_session *s, const struct dbg_source *src,
                                 int owner)
{
    struct arm_work *w = calloc(1, sizeof(*w));
    if (!w) {
        return NULL;
    }
    w->work.finish = finish_arm;
    w->work.done = arm_work_done;
    w->kind = src == &s->functions ? FUNCTIONS : src == &s->data ? DATA : IN_SOURCE;
    w->owner = owner;
    w->list = calloc(src->count + 1, sizeof(*w->list));
    w->names = calloc(src->count + 1, sizeof(*w->names));
    w->mine = calloc(src->count + 1, sizeof(*w->mine));
    bool good = w->list && w->names && w->mine && dup_text(&w->path, src->path) &&
                dup_text(&w->cell_id, src->cell_id);
    for (size_t i = 0; good && i < src->count; i++) {
        const struct dbg_breakpoint *b = &src->list[i];
        if (b->e.owner == owner) {
            w->mine[w->mine_count] = b->e;
            w->mine[w->mine_count].condition = NULL;
            w->mine[w->mine_count++].log_message = NULL;
        }
        if (b->armed) {
            struct engine_breakpoint *e = &w->list[w->count];
            *e = b->e;
            e->condition = NULL;
            e->log_message = NULL;
            w->count++;
            good = dup_text(&e->condition, b->e.condition) &&
                   dup_text(&e->log_message, b->e.log_message) &&
                   dup_text(&w->names[w->count - 1], b->name);
        }
    }
    if (!good) {
        arm_work_done(&w->work);
        free(w);
        return NULL;
    }
    return w;
}

void dbg__arm_source(struct dbg_session *s, struct dbg_request *r, const struct dbg_source *src,
                     int owner)
{
    struct arm_work *w = work_new(s, src, owner);
    if (w && r) {
        r->late_body = answer_body(w);
    }
    dbg__post_arm(s, r, w ? dbg__job_new(s, run_arm, &w->work) : NULL);
}
