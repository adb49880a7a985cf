/* SPDX-License-Identifier: BSD-3-Clause
 *
 * setExceptionBreakpoints: `filters`, `filterOptions` with conditions, and `exceptionOptions` in
 * the form that front ends of debugpy send ("Python Exceptions", then types). Debug thread only.
 */
#include "dap/base/limits.h"
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

/* What exceptionOptions say of one filter: all exceptions, or lines of type names. */
struct option_texts {
    bool on, all;
    struct cd_buf types;  /* "KeyError, OSError\n…": any of them */
    struct cd_buf except; /* "!KeyError\n…": breakMode never, negated names */
};

/* "prefix A, B\n" of a path segment's names. */
static cd_result put_names(struct cd_buf *out, const char *prefix, const json_t *names,
                           struct cd_error *reterr)
{
    size_t i;
    const json_t *name;
    json_array_foreach(names, i, name)
    {
        if (!json_is_string(name) || strpbrk(json_string_value(name), "\n,!")) {
            return cd_error_set(reterr, CD_E_BAD_TYPE,
                                "expected a type's name at arguments.exceptionOptions.path.names");
        }
        if (cd_buf_appendf(out, reterr, "%s%s", i ? ", " : prefix, json_string_value(name)) !=
            CD_OK) {
            return CD_ERR;
        }
    }
    return i ? cd_buf_appendf(out, reterr, "\n") : CD_OK;
}

/* debugpy's form: [{names: ["Python Exceptions"]}, {names: ["KeyError", …]}]. *ret_types: the
 * second segment, NULL: all exceptions. */
static cd_result read_path(const json_t *path, const json_t **ret_types, struct cd_error *reterr)
{
    const json_t *names = json_object_get(json_array_get(path, 0), "names");
    const char *name = json_string_value(json_array_get(names, 0));
    const json_t *types = json_array_get(path, 1);
    *ret_types = NULL;
    if (json_array_size(path) == 0) {
        return CD_OK;
    }
    if (json_array_size(names) != 1 || !name || strcmp(name, "Python Exceptions") != 0) {
        return cd_error_set(reterr, CD_E_BAD_VALUE,
                            "the first names at arguments.exceptionOptions.path have to be "
                            "'Python Exceptions'");
    }
    if (json_array_size(path) > 2 || (types && !json_is_array(json_object_get(types, "names")))) {
        return cd_error_set(reterr, CD_E_BAD_VALUE,
                            "arguments.exceptionOptions.path has two parts at most: "
                            "'Python Exceptions' and {names} of types");
    }
    *ret_types = types;
    return CD_OK;
}

static cd_result add_option(struct option_texts *to, const json_t *types, struct cd_error *reterr)
{
    const json_t *names = json_object_get(types, "names");
    bool negated = json_is_true(json_object_get(types, "negate"));
    to->on = true;
    to->all = to->all || negated || json_array_size(names) == 0;
    return put_names(negated ? &to->except : &to->types, negated ? "!" : "", names, reterr);
}

static const char *const MODES[][2] = {
    {"always", "raised"}, {"unhandled", "uncaught"}, {"userUnhandled", "userUnhandled"}};
#define MODE_COUNT CD_ARRAY_LEN(MODES)

static cd_result read_option(const json_t *item, struct option_texts texts[MODE_COUNT],
                             struct cd_error *reterr)
{
    const char *mode = NULL;
    json_t *path = NULL;
    const json_t *types = NULL;
    if (cd_json_str(item, "arguments.exceptionOptions.breakMode", &mode, reterr) != CD_OK ||
        cd_json_arr_opt(item, "arguments.exceptionOptions.path", &path, reterr) != CD_OK ||
        read_path(path, &types, reterr) != CD_OK) {
        return CD_ERR;
    }
    bool never = strcmp(mode, "never") == 0;
    bool known = never;
    for (size_t k = 0; k < MODE_COUNT; k++) {
        bool mine = strcmp(MODES[k][0], mode) == 0;
        known = known || mine;
        if (mine && add_option(&texts[k], types, reterr) != CD_OK) {
            return CD_ERR;
        }
        if (never && types &&
            put_names(&texts[k].except, "!", json_object_get(types, "names"), reterr) != CD_OK) {
            return CD_ERR;
        }
    }
    return known ? CD_OK
                 : cd_error_set(reterr, CD_E_BAD_VALUE,
                                "unknown '%.40s' at arguments.exceptionOptions.breakMode", mode);
}

/* The condition of a filter, as celldap/uncaught.py reads it: lines. */
static cd_result use_options(struct engine_exception_filters *f, size_t mode,
                             struct option_texts *t, struct cd_error *reterr)
{
    if (!t->on) {
        return CD_OK;
    }
    if (!t->all && cd_buf_append(&t->except, t->types.data, t->types.len, reterr) != CD_OK) {
        return CD_ERR;
    }
    if (t->except.len > 0) {
        t->except.data[t->except.len - 1] = '\0'; /* the last line's end */
    }
    return turn_on(f, MODES[mode][1], t->except.len > 0 ? t->except.data : NULL,
                   "arguments.exceptionOptions", reterr);
}

static cd_result read_exception_options(const json_t *list, struct engine_exception_filters *f,
                                        struct cd_error *reterr)
{
    struct option_texts texts[MODE_COUNT] = {0};
    cd_result result = CD_OK;
    size_t i;
    const json_t *item;
    for (size_t k = 0; k < MODE_COUNT; k++) {
        cd_buf_init(&texts[k].types, CD_MAX_BODY_BYTES);
        cd_buf_init(&texts[k].except, CD_MAX_BODY_BYTES);
    }
    json_array_foreach(list, i, item)
    {
        if (result == CD_OK && !json_is_object(item)) {
            result = cd_error_set(reterr, CD_E_BAD_TYPE,
                                  "expected object at arguments.exceptionOptions[%zu]", i);
        }
        result = result == CD_OK ? read_option(item, texts, reterr) : result;
    }
    for (size_t k = 0; k < MODE_COUNT; k++) {
        result = result == CD_OK ? use_options(f, k, &texts[k], reterr) : result;
        cd_buf_done(&texts[k].types);
        cd_buf_done(&texts[k].except);
    }
    return result;
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
