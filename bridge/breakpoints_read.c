/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What a client asks for in setBreakpoints, setFunctionBreakpoints and setDataBreakpoints: checked
 * as a whole before anything is changed.
 */
#include "bridge/breakpoints_impl.h"
#include "dap/base/limits.h"

#include <stdio.h>
#include <stdlib.h>

static cd_result check_text(const json_t *item, size_t i, const char *key, bool required,
                            struct cd_error *reterr)
{
    const char *text = NULL;
    char path[80];

    (void)snprintf(path, sizeof path, "arguments.breakpoints[%zu].%s", i, key);
    return required ? cd_json_str(item, path, &text, reterr)
                    : cd_json_str_opt(item, path, &text, reterr);
}

static cd_result check_item(const json_t *item, size_t i, enum bp_where where,
                            struct cd_error *reterr)
{
    int64_t n = 0;
    char path[80];

    if (!json_is_object(item)) {
        return cd_error_set(reterr, CD_E_BAD_TYPE, "expected object at arguments.breakpoints[%zu]",
                            i);
    }
    if (where == BP_FUNCTION) {
        if (check_text(item, i, "name", true, reterr) != CD_OK) {
            return CD_ERR;
        }
    } else if (where == BP_DATA) {
        if (check_text(item, i, "dataId", true, reterr) != CD_OK ||
            check_text(item, i, "accessType", false, reterr) != CD_OK) {
            return CD_ERR;
        }
    } else {
        (void)snprintf(path, sizeof path, "arguments.breakpoints[%zu].line", i);
        if (cd_json_int(item, path, 0, INT32_MAX, &n, reterr) != CD_OK) {
            return CD_ERR;
        }
        (void)snprintf(path, sizeof path, "arguments.breakpoints[%zu].column", i);
        if (cd_json_int_opt(item, path, 0, INT32_MAX, &n, reterr) != CD_OK ||
            check_text(item, i, "logMessage", false, reterr) != CD_OK) {
            return CD_ERR;
        }
    }
    if (check_text(item, i, "condition", false, reterr) != CD_OK) {
        return CD_ERR;
    }
    return check_text(item, i, "hitCondition", false, reterr);
}

/* `breakpoints`, or the old `lines` as breakpoints. New. */
static cd_result wanted(const json_t *arguments, bool lines_too, json_t **ret,
                        struct cd_error *reterr)
{
    json_t *list = NULL, *lines = NULL, *line;
    size_t i;

    if (!lines_too) {
        if (cd_json_arr(arguments, "arguments.breakpoints", &list, reterr) != CD_OK) {
            return CD_ERR;
        }
    } else if (cd_json_arr_opt(arguments, "arguments.breakpoints", &list, reterr) != CD_OK ||
               cd_json_arr_opt(arguments, "arguments.lines", &lines, reterr) != CD_OK) {
        return CD_ERR;
    }
    if (list) {
        *ret = json_incref(list);
        return CD_OK;
    }
    *ret = json_array();
    json_array_foreach(lines, i, line)
    {
        json_array_append_new(*ret, json_pack("{s:O}", "line", line));
    }
    return *ret ? CD_OK : cd_oom(reterr);
}

/* The id of an old one that asks for the same, and that no other new one has taken. */
static int keep_id(const struct bp_list *old, const json_t *spec, const struct bp *items,
                   size_t count, int *ret_kernel_id)
{
    for (size_t i = 0; i < old->count; i++) {
        bool taken = !json_equal(old->items[i].spec, spec);

        for (size_t k = 0; k < count && !taken; k++) {
            taken = items[k].id == old->items[i].id;
        }
        if (!taken) {
            *ret_kernel_id = old->items[i].kernel_id;
            return old->items[i].id;
        }
    }
    *ret_kernel_id = BP_NO_ID;
    return 0;
}

cd_result bp_read(struct bridge_breakpoints *b, const json_t *arguments, const struct bp_list *old,
                  enum bp_where where, struct bp **ret, size_t *ret_count, struct cd_error *reterr)
{
    json_auto_t *list = NULL;
    struct bp *items;
    size_t i;
    json_t *item;

    if (wanted(arguments, where != BP_FUNCTION && where != BP_DATA, &list, reterr) != CD_OK) {
        return CD_ERR;
    }
    if (json_array_size(list) > CD_MAX_BREAKPOINTS) {
        return cd_error_set(reterr, CD_E_LIMIT, "more than %u breakpoints in one source",
                            CD_MAX_BREAKPOINTS);
    }
    json_array_foreach(list, i, item)
    {
        if (check_item(item, i, where, reterr) != CD_OK) {
            return CD_ERR;
        }
    }
    items = calloc(json_array_size(list) + 1, sizeof *items);
    if (!items) {
        return cd_oom(reterr);
    }
    json_array_foreach(list, i, item)
    {
        items[i].id = keep_id(old, item, items, i, &items[i].kernel_id);
        if (items[i].id == 0) {
            items[i].id = ++b->last_id;
        }
        items[i].spec = json_deep_copy(item);
    }
    *ret = items;
    *ret_count = json_array_size(list);
    return CD_OK;
}
