/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Data breakpoints as they are asked for: dataBreakpointInfo gives a variable an id, and
 * setDataBreakpoints finds it by that id. An id is a path, so it means the same at the next stop:
 * "global:module:name", "ref:variablesReference:name", "expr:frameId:text". One that is set already
 * keeps its variable. Guarded by the GIL; runs on the arm thread or in a job of a stop.
 */
#include "kernel/python/data.h"
#include "kernel/python/inspect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct pyx_data **pyx_data_list;
size_t pyx_data_count;

#define MAX_ID 4000 /* bytes */

/* ---- ids ---- */

/* kind, number or module, the rest: into the place it means. */
static bool place_of_id(const char *id, struct pyx_data_place *ret, struct cd_error *reterr)
{
    char module[256];
    const char *first = strchr(id, ':');
    const char *second = first != NULL ? strchr(first + 1, ':') : NULL;
    if (second == NULL || (size_t)(second - first) > sizeof module) {
        cd_error_set(reterr, CD_E_NOT_FOUND,
                     "'%.80s' is no dataId: ask for one with dataBreakpointInfo", id);
        return false;
    }
    const long number = strtol(first + 1, NULL, 10);
    if (strncmp(id, "ref:", 4) == 0) {
        return pyx_data_place_of_child((int)number, second + 1, ret, reterr);
    }
    if (strncmp(id, "expr:", 5) == 0) {
        return pyx_data_place_of_expression((int)number, second + 1, ret, reterr);
    }
    (void)snprintf(module, sizeof module, "%.*s", (int)(second - first - 1), first + 1);
    return pyx_data_place_of_global(module, second + 1, ret, reterr);
}

static const char *label_of_id(const char *id)
{
    const char *first = strchr(id, ':');
    const char *second = first != NULL ? strchr(first + 1, ':') : NULL;
    return second != NULL ? second + 1 : id;
}

static json_t *refused(const struct cd_error *err)
{
    return json_pack("{s:n, s:o}", "dataId", "description", cd_json_textz(err->text));
}

static json_t *info_body(const struct pyx_data_place *place, const char *how, int number,
                         const char *name)
{
    char id[MAX_ID];
    pyx_auto PyObject *module = pyx_data_module_of(place);
    const char *module_name = module != NULL ? PyUnicode_AsUTF8(module) : NULL;
    const char *key = module_name != NULL ? PyUnicode_AsUTF8(place->key) : NULL;
    pyx_error_drop();
    const bool global = key != NULL && strlen(module_name) < 250;
    const int length = global ? snprintf(id, sizeof id, "global:%s:%s", module_name, key)
                              : snprintf(id, sizeof id, "%s:%d:%s", how, number, name);
    if (length >= (int)sizeof id) {
        const struct cd_error err = {.text = "its name is too long to be watched"};
        return refused(&err);
    }
    return json_pack("{s:o, s:o, s:[s], s:b}", "dataId", cd_json_textz(id), "description",
                     cd_json_textz(name), "accessTypes", "write", "canPersist", global ? 1 : 0);
}

cd_result pyx_data_breakpoint_info(const json_t *args, json_t **ret, struct cd_error *reterr)
{
    int64_t ref = 0;
    int64_t frame = 0;
    const char *name = NULL;
    bool as_address = false;
    struct cd_error why = CD_ERROR_INIT;
    struct pyx_data_place place = {0};
    if (cd_json_str(args, "arguments.name", &name, reterr) != CD_OK ||
        cd_json_int_opt(args, "arguments.variablesReference", 0, INT32_MAX, &ref, reterr) !=
            CD_OK ||
        cd_json_int_opt(args, "arguments.frameId", 0, INT32_MAX, &frame, reterr) != CD_OK ||
        cd_json_bool_opt(args, "arguments.asAddress", &as_address, reterr) != CD_OK) {
        return CD_ERR;
    }
    if (as_address) {
        return cd_error_set(
            reterr, CD_E_UNSUPPORTED,
            "true at arguments.asAddress is not supported: Python has no addresses");
    }
    const bool found = ref > 0 ? pyx_data_place_of_child((int)ref, name, &place, &why)
                               : pyx_data_place_of_expression((int)frame, name, &place, &why);
    *ret = !found ? refused(&why)
                  : info_body(&place, ref > 0 ? "ref" : "expr", (int)(ref > 0 ? ref : frame), name);
    pyx_data_place_done(&place);
    return *ret != NULL ? CD_OK : cd_oom(reterr);
}

/* ---- setting ---- */

static void data_free(struct pyx_data *d)
{
    if (d != NULL) {
        pyx_data_unwatch(d);
        pyx_bp_free(d->bp);
        free(d->id);
        free(d->label);
        free(d);
    }
}

void pyx_data_gone(struct pyx_data *d, const char *why)
{
    d->gone = true;
    pyx_data_unwatch(d);
    pyx_note(ENGINE_BREAKPOINT, d->bp->owner,
             json_pack("{s:s, s:{s:i, s:b, s:s, s:o}}", "reason", "changed", "breakpoint", "id",
                       d->bp->id, "verified", 0, "reason", "failed", "message",
                       json_sprintf("'%s' is watched no more: %s", d->label, why)));
}

/* The one of this id that is set already, taken out of the list. */
static struct pyx_data *take(struct pyx_data **list, size_t count, const char *id)
{
    for (size_t i = 0; i < count; i++) {
        if (list[i] != NULL && !list[i]->gone && strcmp(list[i]->id, id) == 0) {
            struct pyx_data *d = list[i];
            list[i] = NULL;
            return d;
        }
    }
    return NULL;
}

static struct pyx_data *make(const char *id, struct cd_error *reterr)
{
    struct pyx_data *d = calloc(1, sizeof *d);
    if (d == NULL || (d->id = strdup(id)) == NULL || (d->label = strdup(label_of_id(id))) == NULL) {
        data_free(d);
        cd_oom(reterr);
        return NULL;
    }
    if (!place_of_id(id, &d->place, reterr) || !pyx_data_watch(d, reterr)) {
        d->place.kind = PYX_DATA_ITEM; /* nothing is watched: its holder is still ours */
        data_free(d);
        return NULL;
    }
    return d;
}

static void set_one(const char *id, struct engine_breakpoint *out, struct pyx_data **old,
                    size_t old_count)
{
    struct cd_error err = CD_ERROR_INIT;
    struct pyx_data *kept = take(old, old_count, id);
    struct pyx_data *d = kept != NULL ? kept : make(id, &err);
    struct pyx_bp *bp =
        d != NULL ? pyx_bp_new(out, kept != NULL && kept->bp->id == out->id ? kept->bp : NULL)
                  : NULL;
    if (d == NULL) {
        pyx_bp_fail(out, "failed", err.text);
        return;
    }
    if (bp == NULL) {
        data_free(d);
        return;
    }
    pyx_bp_free(d->bp);
    d->bp = bp;
    pyx_data_list[pyx_data_count++] = d;
    out->verified = true;
    memset(out->reason, 0, sizeof out->reason);
    memset(out->message, 0, sizeof out->message);
}

void pyx_set_data_breakpoints(char *const *ids, struct engine_breakpoint *list, size_t count)
{
    struct pyx_data **old = pyx_data_list;
    const size_t old_count = pyx_data_count;
    struct pyx_data **fresh = calloc(count + 1, sizeof(struct pyx_data *));
    if (fresh == NULL) {
        for (size_t i = 0; i < count; i++) {
            pyx_bp_fail(&list[i], "failed", "out of memory");
        }
        return;
    }
    pyx_data_list = fresh;
    pyx_data_count = 0;
    for (size_t i = 0; i < count; i++) {
        set_one(ids[i], &list[i], old, old_count);
    }
    for (size_t i = 0; i < old_count; i++) {
        data_free(old[i]);
    }
    free(old);
    pyx_data_arm();
}
