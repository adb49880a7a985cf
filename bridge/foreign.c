/* SPDX-License-Identifier: BSD-3-Clause
 *
 * See foreign.h. ipykernel answers a request of DAP that its debugger does not know with nothing,
 * and then nothing else on control any more: only what it is known to take is sent.
 */
#include "bridge/foreign_impl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What any kernel with Jupyter's debugger takes though no capability says so. */
static const enum dap_command always[] = {DAP_CMD_attach,         DAP_CMD_configurationDone,
                                          DAP_CMD_continue,       DAP_CMD_disconnect,
                                          DAP_CMD_evaluate,       DAP_CMD_initialize,
                                          DAP_CMD_next,           DAP_CMD_pause,
                                          DAP_CMD_scopes,         DAP_CMD_source,
                                          DAP_CMD_setBreakpoints, DAP_CMD_setExceptionBreakpoints,
                                          DAP_CMD_stackTrace,     DAP_CMD_stepIn,
                                          DAP_CMD_stepOut,        DAP_CMD_threads,
                                          DAP_CMD_variables};
/* What the bridge does by itself, whatever the kernel: requests, each with its capability, and
 * flags that belong to no request. */
static const enum dap_command ours[] = {DAP_CMD_cancel, DAP_CMD_loadedSources, DAP_CMD_terminate};
static const char *const our_flags[] = {"supportsANSIStyling", "supportTerminateDebuggee"};

/* Threads that every IPython kernel has; others are found by where their code comes from. */
static const char *const kernel_threads[] = {"IPythonHistorySavingThread", "Control", "IOPub",
                                             "Heartbeat", "Shell channel"};

void bridge_foreign_free(struct bridge_foreign *f)
{
    if (f) {
        json_decref(f->filters);
        json_decref(f->hidden);
        json_decref(f->hidden_ids);
        json_decref(f->refs);
        free(f);
    }
}

struct bridge_foreign *bridge_foreign_new(struct bridge_session *s, const json_t *info)
{
    struct bridge_foreign *f = calloc(1, sizeof *f);
    const char *name = json_string_value(json_object_get(info, "implementation"));
    const char *version =
        json_string_value(json_object_get(json_object_get(info, "language_info"), "version"));
    char *end = NULL;
    long major = version ? strtol(version, &end, 10) : 0;
    long minor = end && *end == '.' ? strtol(end + 1, NULL, 10) : 0;

    if (!f) {
        return NULL;
    }
    f->xeus = name && strncmp(name, "xeus-python", 11) == 0;
    f->helper_values = f->xeus && (major > 3 || (major == 3 && minor >= 13));
    f->global_frame = -1;
    f->hidden = json_array();
    f->hidden_ids = json_object();
    f->refs = json_object();
    for (size_t i = 0; i < CD_ARRAY_LEN(kernel_threads); i++) {
        json_array_append_new(f->hidden, json_string(kernel_threads[i]));
    }
    memset(s->withdrawn, 0, sizeof s->withdrawn);
    return f;
}

static bool among(enum dap_command cmd, const enum dap_command *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (list[i] == cmd) {
            return true;
        }
    }
    return false;
}

static bool is_our_flag(const char *name)
{
    for (size_t i = 0; i < CD_ARRAY_LEN(our_flags); i++) {
        if (strcmp(our_flags[i], name) == 0) {
            return true;
        }
    }
    for (size_t i = 0; i < CD_ARRAY_LEN(ours); i++) {
        if (strcmp(dap_command_row(ours[i])->capability, name) == 0) {
            return true;
        }
    }
    return false;
}

static bool takes(const struct dap_command_row *row, const json_t *capabilities)
{
    enum dap_command cmd = dap_command_id(row);

    return (strncmp(row->name, "celldap/", 8) == 0 && row->bridge == DAP_B_HANDLE) ||
           cmd == DAP_CMD_launch || cmd == DAP_CMD_restart ||
           among(cmd, always, CD_ARRAY_LEN(always)) || among(cmd, ours, CD_ARRAY_LEN(ours)) ||
           (cmd == DAP_CMD_goto &&
            json_is_true(json_object_get(capabilities, "supportsGotoTargetsRequest"))) ||
           (row->capability && json_is_true(json_object_get(capabilities, row->capability)));
}

void bridge_foreign_learn(struct bridge_session *s, const json_t *capabilities)
{
    json_t *shown = dap_capabilities_new(), *changed = json_object(), *value;
    const json_t *filters = json_object_get(capabilities, "exceptionBreakpointFilters");
    const char *name;

    for (int cmd = 0; cmd < DAP_CMD_COUNT; cmd++) {
        s->withdrawn[cmd] = !takes(dap_command_row((enum dap_command)cmd), capabilities);
    }
    json_object_foreach(shown, name, value)
    {
        if (json_is_true(value) && !is_our_flag(name) &&
            !json_is_true(json_object_get(capabilities, name))) {
            json_object_set_new(changed, name, json_false());
        }
    }
    json_decref(s->foreign->filters);
    s->foreign->filters = json_deep_copy(filters);
    if (json_is_array(filters)) {
        json_object_set_new(changed, "exceptionBreakpointFilters", json_deep_copy(filters));
    }
    bridge_event(s, "capabilities", json_pack("{s:o}", "capabilities", changed));
    json_decref(shown);
}

bool bridge_kernel_offers(const struct bridge_session *s, enum dap_command cmd)
{
    return !s->withdrawn[cmd];
}

static void id_key(json_int_t id, char key[24])
{
    (void)snprintf(key, 24, "%lld", (long long)id);
}

static bool is_hidden_id(const struct bridge_foreign *f, json_int_t id)
{
    char key[24];

    id_key(id, key);
    return json_object_get(f->hidden_ids, key) != NULL;
}

static bool is_hidden(const struct bridge_foreign *f, const char *name)
{
    size_t i, len = name ? strlen(name) : 0;
    const json_t *item;
    static const char watcher[] = "(_watch_pipe_fd)";

    json_array_foreach(f->hidden, i, item)
    {
        if (name && strcmp(json_string_value(item), name) == 0) {
            return true;
        }
    }
    return len > sizeof watcher && strcmp(name + len - (sizeof watcher - 1), watcher) == 0;
}

void bridge_foreign_hide_threads(struct bridge_foreign *f, json_t *body)
{
    json_t *list = json_object_get(body, "threads");

    for (size_t i = json_array_size(list); i-- > 0;) {
        const json_t *item = json_array_get(list, i);

        if (is_hidden(f, json_string_value(json_object_get(item, "name")))) {
            char key[24];

            id_key(json_integer_value(json_object_get(item, "id")), key);
            json_object_set_new(f->hidden_ids, key, json_true());
            json_array_remove(list, i);
        }
    }
}

static void on_stopped(struct bridge_foreign *f, const json_t *body)
{
    const char *reason = json_string_value(json_object_get(body, "reason"));

    bridge_foreign_resumed(f);
    f->stopped_thread = json_integer_value(json_object_get(body, "threadId"));
    f->on_exception = reason && strcmp(reason, "exception") == 0;
}

bool bridge_foreign_event(struct bridge_session *s, const char *name, json_t *body)
{
    struct bridge_foreign *f = s->foreign;
    const char *category = json_string_value(json_object_get(body, "category"));

    if (strcmp(name, "stopped") == 0) {
        on_stopped(f, body);
    } else if (strcmp(name, "continued") == 0) {
        if (s->stops == 0) {
            return false; /* told by the reply of what resumed it */
        }
        bridge_foreign_resumed(f);
        /* it names the thread that went first, which may be one of the kernel's own */
        json_object_set_new(body, "threadId", json_integer(f->stopped_thread));
    } else if (strcmp(name, "terminated") == 0) {
        bridge_foreign_ended(s);
    } else if (strcmp(name, "thread") == 0) {
        return !is_hidden_id(f, json_integer_value(json_object_get(body, "threadId")));
    } else if (strcmp(name, "output") == 0) {
        return !category || strcmp(category, "telemetry") != 0;
    }
    return true;
}

bool bridge_foreign_may_interrupt(struct bridge_session *s)
{
    if (s->stops > 0) {
        bridge_say(s, "important",
                   "celldap: this kernel's debugger does not survive an interrupt while it is "
                   "stopped: let it run on first\n");
        return false;
    }
    if (s->foreign->xeus) {
        bridge_say(
            s, "important",
            "celldap: xeus-python answers an interrupt and does nothing: the cell runs on\n");
    }
    return true;
}

static bool has_filter(const struct bridge_foreign *f, const char *name)
{
    size_t i;
    const json_t *item;

    json_array_foreach(f->filters, i, item)
    {
        const char *id = json_string_value(json_object_get(item, "filter"));

        if (id && strcmp(id, name) == 0) {
            return true;
        }
    }
    return false;
}

/* `uncaught` never fires for a cell, since IPython catches; `userUnhandled` is what does. */
json_t *bridge_foreign_filters(const struct bridge_foreign *f, const json_t *arguments)
{
    json_t *filters = json_array(), *item;
    size_t i;

    json_array_foreach(json_object_get(arguments, "filters"), i, item)
    {
        const char *name = json_string_value(item);

        if (name && has_filter(f, name)) {
            json_array_append(filters, item);
        }
        if (name && strcmp(name, "uncaught") == 0 && has_filter(f, "userUnhandled")) {
            json_array_append_new(filters, json_string("userUnhandled"));
        }
    }
    return json_pack("{s:o}", "filters", filters);
}
