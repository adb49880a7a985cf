/* SPDX-License-Identifier: BSD-3-Clause
 *
 * setExceptionBreakpoints: `filters`, `filterOptions` with conditions, and `exceptionOptions` in
 * the form that front ends of debugpy send (one path, "Python Exceptions"). Debug thread only.
 */
#include "kernel/debug/state.h"

#include <stdlib.h>
#include <string.h>

/* Turns the filter on; false: there is no such filter. */
static cd_result turn_on(struct engine_exception_filters *f, const char *id, const char *condition,
                         const char *at, struct cd_error *reterr)
{
    bool *on = NULL;
    char **text = NULL;
    if (strcmp(id, "raised") == 0) {
        on = &f->raised;
        text = &f->raised_condition;
    } else if (strcmp(id, "uncaught") == 0) {
        on = &f->uncaught;
        text = &f->uncaught_condition;
    } else if (strcmp(id, "userUnhandled") == 0) {
        on = &f->user_unhandled;
        text = &f->user_unhandled_condition;
    } else {
        return cd_error_set(reterr, CD_E_BAD_VALUE,
                            "unknown exception filter '%.60s' at %s: use raised, uncaught or "
                            "userUnhandled",
                            id, at);
    }
    *on = true;
    free(cd_take(*text));
    if (condition && condition[strspn(condition, " \t\r\n")]) {
        *text = strdup(condition);
        return *text ? CD_OK : cd_oom(reterr);
    }
    return CD_OK;
}

static cd_result read_filters(const json_t *list, struct engine_exception_filters *f,
                              struct cd_error *reterr)
{
    size_t i;
    const json_t *item;
    json_array_foreach(list, i, item)
    {
        if (!json_is_string(item)) {
            return cd_error_set(reterr, CD_E_BAD_TYPE, "expected string at arguments.filters[%zu]",
                                i);
        }
        if (turn_on(f, json_string_value(item), NULL, "arguments.filters", reterr) != CD_OK) {
            return CD_ERR;
        }
    }
    return CD_OK;
}

static cd_result read_filter_options(const json_t *list, struct engine_exception_filters *f,
                                     struct cd_error *reterr)
{
    size_t i;
    const json_t *item;
    json_array_foreach(list, i, item)
    {
        const char *id = NULL;
        const char *condition = NULL;
        if (!json_is_object(item)) {
            return cd_error_set(reterr, CD_E_BAD_TYPE,
                                "expected object at arguments.filterOptions[%zu]", i);
        }
        if (cd_json_str(item, "arguments.filterOptions.filterId", &id, reterr) != CD_OK ||
            cd_json_str_opt(item, "arguments.filterOptions.condition", &condition, reterr) !=
                CD_OK ||
            turn_on(f, id, condition, "arguments.filterOptions", reterr) != CD_OK) {
            return CD_ERR;
        }
    }
    return CD_OK;
}

/* A path other than [{names: ["Python Exceptions"]}] would name one type: say how to do that. */
static bool is_all_of_python(const json_t *path)
{
    const json_t *names = json_object_get(json_array_get(path, 0), "names");
    const char *name = json_string_value(json_array_get(names, 0));
    return json_array_size(path) == 0 ||
           (json_array_size(path) == 1 && json_array_size(names) == 1 && name &&
            strcmp(name, "Python Exceptions") == 0);
}

static cd_result read_exception_options(const json_t *list, struct engine_exception_filters *f,
                                        struct cd_error *reterr)
{
    static const char *const MODES[][2] = {{"always", "raised"},
                                           {"unhandled", "uncaught"},
                                           {"userUnhandled", "userUnhandled"},
                                           {"never", NULL}};
    size_t i;
    const json_t *item;
    json_array_foreach(list, i, item)
    {
        const char *mode = NULL;
        size_t k = 0;
        json_t *path = NULL;
        if (!json_is_object(item)) {
            return cd_error_set(reterr, CD_E_BAD_TYPE,
                                "expected object at arguments.exceptionOptions[%zu]", i);
        }
        if (cd_json_str(item, "arguments.exceptionOptions.breakMode", &mode, reterr) != CD_OK ||
            cd_json_arr_opt(item, "arguments.exceptionOptions.path", &path, reterr) != CD_OK) {
            return CD_ERR;
        }
        while (k < CD_ARRAY_LEN(MODES) && strcmp(MODES[k][0], mode) != 0) {
            k++;
        }
        if (k == CD_ARRAY_LEN(MODES)) {
            return cd_error_set(reterr, CD_E_BAD_VALUE,
                                "unknown '%.40s' at arguments.exceptionOptions.breakMode", mode);
        }
        if (!is_all_of_python(path)) {
            return cd_error_set(reterr, CD_E_BAD_VALUE,
                                "arguments.exceptionOptions.path may only be 'Python Exceptions': "
                                "for one type use filterOptions with a condition");
        }
        if (MODES[k][1] &&
            turn_on(f, MODES[k][1], NULL, "arguments.exceptionOptions", reterr) != CD_OK) {
            return CD_ERR;
        }
    }
    return CD_OK;
}

void dbg__req_set_exception_breakpoints(struct dbg_session *s, struct dbg_client *c,
                                        struct dbg_request *r)
{
    struct cd_error err = CD_ERROR_INIT;
    struct engine_exception_filters f = {0};
    json_t *lists[3] = {NULL, NULL, NULL};
    const json_t *args = r->dap.arguments;
    if (cd_json_arr_opt(args, "arguments.filters", &lists[0], &err) != CD_OK ||
        cd_json_arr_opt(args, "arguments.filterOptions", &lists[1], &err) != CD_OK ||
        cd_json_arr_opt(args, "arguments.exceptionOptions", &lists[2], &err) != CD_OK ||
        read_filters(lists[0], &f, &err) != CD_OK ||
        read_filter_options(lists[1], &f, &err) != CD_OK ||
        read_exception_options(lists[2], &f, &err) != CD_OK) {
        dbg__exceptions_clear(&f);
        dbg__fail(r, &err);
        return;
    }
    for (struct dbg_client *other = s->clients; other; other = other->next) {
        if (other == c || other->away) {
            dbg__exceptions_clear(&other->exceptions);
        }
    }
    c->exceptions = f;
    json_t *answers = json_array();
    size_t count =
        json_array_size(lists[0]) + json_array_size(lists[1]) + json_array_size(lists[2]);
    for (size_t i = 0; i < count; i++) {
        json_array_append_new(answers, json_pack("{s:b}", "verified", true));
    }
    dbg__arm_exceptions(s, r, json_pack("{s:o}", "breakpoints", answers));
}
