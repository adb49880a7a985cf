/* SPDX-License-Identifier: BSD-3-Clause
 *
 * attach's `rules` and `breakOnSystemExit`, as debugpy has them: read, and handed to the engine.
 * run_rules is called on the arm thread with the GIL; all else is the debug thread's.
 */
#include "kernel/debug/state.h"

#include <stdlib.h>
#include <string.h>

#define MAX_RULES 1000

struct rules_work {
    struct dbg_work work;
    int owner;
    struct engine_rules rules;
};

void engine_rules_free(struct engine_rules *rules)
{
    for (size_t i = 0; i < rules->count; i++) {
        free(rules->list[i].pattern);
    }
    free(rules->list);
    free(rules->exits);
    *rules = (struct engine_rules){0};
}

static cd_result read_rule(const json_t *item, size_t at, struct engine_rule *ret,
                           struct cd_error *reterr)
{
    const char *path = json_string_value(json_object_get(item, "path"));
    const char *module = json_string_value(json_object_get(item, "module"));
    const json_t *include = json_object_get(item, "include");
    const char *pattern = path ? path : module;
    if (!pattern || (path && module) || !pattern[0] || !json_is_boolean(include)) {
        return cd_error_set(reterr, CD_E_BAD_VALUE,
                            "arguments.rules[%zu] has to be {path or module: pattern, include: "
                            "true or false}",
                            at);
    }
    *ret = (struct engine_rule){!path, json_is_true(include), strdup(pattern)};
    return ret->pattern ? CD_OK : cd_oom(reterr);
}

static cd_result read_exit(const json_t *item, size_t at, struct engine_exit *ret,
                           struct cd_error *reterr)
{
    const json_t *from = json_is_object(item) ? json_object_get(item, "from") : item;
    const json_t *to = json_is_object(item) ? json_object_get(item, "to") : item;
    ret->none = json_is_null(item);
    ret->from = json_integer_value(from);
    ret->to = json_integer_value(to);
    return ret->none || (json_is_integer(from) && json_is_integer(to))
               ? CD_OK
               : cd_error_set(reterr, CD_E_BAD_TYPE,
                              "expected integer, null or {from, to} at "
                              "arguments.breakOnSystemExit[%zu]",
                              at);
}

cd_result dbg__exits_read(const json_t *list, struct engine_rules *ret, struct cd_error *reterr)
{
    size_t i;
    const json_t *item;
    if (json_array_size(list) > MAX_RULES) {
        return cd_error_set(reterr, CD_E_BAD_VALUE, "more than %d at arguments.breakOnSystemExit",
                            MAX_RULES);
    }
    ret->exits = calloc(json_array_size(list) + 1, sizeof(*ret->exits));
    if (!ret->exits) {
        return cd_oom(reterr);
    }
    json_array_foreach(list, i, item)
    {
        if (read_exit(item, i, &ret->exits[i], reterr) != CD_OK) {
            return CD_ERR;
        }
        ret->exit_count++;
    }
    return CD_OK;
}

cd_result dbg__rules_read(const json_t *list, struct engine_rules *ret, struct cd_error *reterr)
{
    size_t i;
    const json_t *item;
    *ret = (struct engine_rules){0};
    if (json_array_size(list) == 0) {
        return CD_OK;
    }
    if (json_array_size(list) > MAX_RULES) {
        return cd_error_set(reterr, CD_E_BAD_VALUE, "more than %d at arguments.rules", MAX_RULES);
    }
    ret->list = calloc(json_array_size(list), sizeof(*ret->list));
    if (!ret->list) {
        return cd_oom(reterr);
    }
    json_array_foreach(list, i, item)
    {
        if (read_rule(item, i, &ret->list[i], reterr) != CD_OK) {
            engine_rules_free(ret);
            return CD_ERR;
        }
        ret->count++;
    }
    return CD_OK;
}

static void rules_done(struct dbg_work *work)
{
    engine_rules_free(&((struct rules_work *)work)->rules);
}

static void run_rules(struct dbg_job *job)
{
    struct rules_work *w = job->data;
    job->engine->set_rules(w->owner, &w->rules);
}

static void finish_rules(struct dbg_session *s, struct dbg_request *r, struct dbg_job *job)
{
    (void)s;
    (void)r;
    (void)job;
}

void dbg__rules_arm(struct dbg_session *s, struct dbg_client *c, struct engine_rules *rules_owned)
{
    struct rules_work *w = NULL;
    const bool has = rules_owned->count > 0 || rules_owned->exit_count > 0;
    if (has || c->has_rules) {
        w = calloc(1, sizeof(*w));
    }
    c->has_rules = has;
    if (!w) {
        engine_rules_free(rules_owned);
        return;
    }
    w->work.finish = finish_rules;
    w->work.done = rules_done;
    w->owner = c->id;
    w->rules = *rules_owned;
    *rules_owned = (struct engine_rules){0};
    dbg__post_arm(s, NULL, dbg__job_new(s, run_rules, &w->work));
}
