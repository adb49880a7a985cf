/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Checks a launch's arguments: every type is checked with its field's name, what celldap does not
 * offer is named to the user, what it does not know is ignored (editors add keys of their own).
 */
#include "bridge/launch_config.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void bridge_launch_free(struct bridge_launch *l)
{
    if (!l) {
        return;
    }
    free(l->program);
    free(l->module);
    free(l->type);
    free(l->connection_file);
    free(l->cwd);
    free(l->python);
    free(l->kernel);
    json_decref(l->args);
    json_decref(l->env);
    json_decref(l->cells);
    json_decref(l->rules);
    json_decref(l->presentation);
    free(l);
}

static cd_result dup_opt(const json_t *args, const char *path, char **ret, struct cd_error *reterr)
{
    const char *text = NULL;

    if (cd_json_str_opt(args, path, &text, reterr) != CD_OK) {
        return CD_ERR;
    }
    if (text && text[0]) {
        *ret = strdup(text);
        return *ret ? CD_OK : cd_oom(reterr);
    }
    return CD_OK;
}

/* *io becomes absolute, against base (or where we are). */
static cd_result make_absolute(char **io, const char *base, struct cd_error *reterr)
{
    char here[PATH_MAX];
    char *out = NULL;

    if (!*io || (*io)[0] == '/') {
        return CD_OK;
    }
    if (!base && !getcwd(here, sizeof here)) {
        return cd_error_set(reterr, CD_E_SYSTEM, "the current folder is gone");
    }
    if (asprintf(&out, "%s/%s", base ? base : here, *io) < 0) {
        return cd_oom(reterr);
    }
    free(*io);
    *io = out;
    return CD_OK;
}

/* debugpy's: how the kinds of variables are shown. */
static cd_result read_presentation(const json_t *args, struct bridge_launch *l,
                                   struct cd_error *reterr)
{
    static const char *const paths[] = {
        "arguments.variablePresentation.all", "arguments.variablePresentation.special",
        "arguments.variablePresentation.function", "arguments.variablePresentation.class",
        "arguments.variablePresentation.protected"};
    json_t *given = NULL;

    if (cd_json_obj_opt(args, "arguments.variablePresentation", &given, reterr) != CD_OK) {
        return CD_ERR;
    }
    for (size_t i = 0; i < CD_ARRAY_LEN(paths); i++) {
        const char *mode = "group";

        if (cd_json_str_opt(given, paths[i], &mode, reterr) != CD_OK) {
            return CD_ERR;
        }
        if (strcmp(mode, "group") != 0 && strcmp(mode, "inline") != 0 &&
            strcmp(mode, "hide") != 0) {
            return cd_error_set(reterr, CD_E_BAD_VALUE,
                                "'%.40s' at %s is none of group, inline, hide", mode, paths[i]);
        }
    }
    l->presentation = json_deep_copy(given);
    return CD_OK;
}

static cd_result read_switches(const json_t *args, struct bridge_launch *l, struct cd_error *reterr)
{
    const struct {
        const char *path;
        bool *value;
    } rows[] = {{"arguments.stopOnEntry", &l->stop_on_entry},
                {"arguments.subProcess", &l->sub_process},
                {"arguments.noDebug", &l->no_debug},
                {"arguments.justMyCode", &l->just_my_code},
                {"arguments.exitWhenDone", &l->exit_when_done},
                {"arguments.continueOnError", &l->continue_on_error},
                {"arguments.keepKernel", &l->keep_kernel}};

    l->just_my_code = l->sub_process = true;
    for (size_t i = 0; i < CD_ARRAY_LEN(rows); i++) {
        if (cd_json_bool_opt(args, rows[i].path, rows[i].value, reterr) != CD_OK) {
            return CD_ERR;
        }
    }
    json_t *rules = NULL;
    if (cd_json_arr_opt(args, "arguments.rules", &rules, reterr) != CD_OK) {
        return CD_ERR;
    }
    l->rules = json_deep_copy(rules);
    if (read_presentation(args, l, reterr) != CD_OK) {
        return CD_ERR;
    }
    return CD_OK;
}

static cd_result read_args(const json_t *args, struct bridge_launch *l, struct cd_error *reterr)
{
    json_t *list = NULL, *item;
    size_t i;

    if (cd_json_arr_opt(args, "arguments.args", &list, reterr) != CD_OK) {
        return CD_ERR;
    }
    json_array_foreach(list, i, item)
    {
        if (!json_is_string(item) || strlen(json_string_value(item)) != json_string_length(item)) {
            return cd_error_set(reterr, CD_E_BAD_TYPE, "expected string at arguments.args[%zu]", i);
        }
    }
    l->args = list ? json_deep_copy(list) : json_array();
    return l->args ? CD_OK : cd_oom(reterr);
}

static cd_result read_env(const json_t *args, struct bridge_launch *l, struct cd_error *reterr)
{
    json_t *env = NULL, *value;
    const char *name;

    if (cd_json_obj_opt(args, "arguments.env", &env, reterr) != CD_OK) {
        return CD_ERR;
    }
    json_object_foreach(env, name, value)
    {
        if (!json_is_null(value) && (!json_is_string(value) || strlen(json_string_value(value)) !=
                                                                   json_string_length(value))) {
            return cd_error_set(reterr, CD_E_BAD_TYPE,
                                "expected string or null at arguments.env.%s", name);
        }
        if (!name[0] || strchr(name, '=')) {
            return cd_error_set(reterr, CD_E_BAD_VALUE, "bad name '%s' in arguments.env", name);
        }
    }
    l->env = env ? json_deep_copy(env) : NULL;
    return CD_OK;
}

static cd_result read_cells(const json_t *args, struct bridge_launch *l, struct cd_error *reterr)
{
    json_t *cells = NULL, *item;
    size_t i;

    if (cd_json_arr_opt(args, "arguments.cells", &cells, reterr) != CD_OK) {
        return CD_ERR;
    }
    json_array_foreach(cells, i, item)
    {
        if (!json_is_string(item) && !json_is_integer(item)) {
            return cd_error_set(reterr, CD_E_BAD_TYPE,
                                "expected integer or string at arguments.cells[%zu]", i);
        }
    }
    l->cells = cells ? json_deep_copy(cells) : NULL;
    return CD_OK;
}

static bool asked_for(const json_t *v)
{
    return v && !json_is_null(v) && !json_is_false(v) &&
           !(json_is_array(v) && json_array_size(v) == 0) &&
           !(json_is_object(v) && json_object_size(v) == 0);
}

/* debugpy's options that would change what happens, and do not here. */
static void note_unsupported(const json_t *args, struct bridge_launch *l)
{
    static const char *const names[] = {"autoReload",
                                        "breakOnSystemExit",
                                        "code",
                                        "django",
                                        "gevent",
                                        "guiEventLoop",
                                        "jinja",
                                        "logToFile",
                                        "notebook",
                                        "onTerminate",
                                        "pathMappings",
                                        "pyramid",
                                        "qt",
                                        "sudo",
                                        "variablePresentation"};
    const char *console = json_string_value(json_object_get(args, "console"));
    size_t used = 0;

    for (size_t i = 0; i < CD_ARRAY_LEN(names); i++) {
        if (asked_for(json_object_get(args, names[i])) && used < sizeof l->notes) {
            used += (size_t)snprintf(l->notes + used, sizeof l->notes - used, "%soption '%s'",
                                     used ? ", " : "", names[i]);
        }
    }
    if (console && strcmp(console, "internalConsole") != 0 && used < sizeof l->notes) {
        (void)snprintf(l->notes + used, sizeof l->notes - used, "%sconsole '%.40s'",
                       used ? ", " : "", console);
    }
}

static cd_result check_program(struct bridge_launch *l, struct cd_error *reterr)
{
    struct stat st;
    size_t n;

    if (l->program && l->module) {
        return cd_error_set(reterr, CD_E_BAD_VALUE,
                            "both arguments.program and arguments.module are given: leave one out");
    }
    if (l->module) {
        l->kind = BRIDGE_LAUNCH_MODULE;
        return CD_OK;
    }
    if (!l->program) {
        return cd_error_set(reterr, CD_E_MISSING,
                            "missing arguments.program (a .ipynb or .py file) or arguments.module");
    }
    if (stat(l->program, &st) != 0 || !S_ISREG(st.st_mode)) {
        return cd_error_set(reterr, CD_E_NOT_FOUND, "arguments.program: there is no file '%s'",
                            l->program);
    }
    n = strlen(l->program);
    l->kind = n > 6 && strcmp(l->program + n - 6, ".ipynb") == 0 ? BRIDGE_LAUNCH_NOTEBOOK
                                                                 : BRIDGE_LAUNCH_FILE;
    return CD_OK;
}

/* cwd defaults to the file's folder (contracts.md §4). */
static cd_result check_cwd(struct bridge_launch *l, struct cd_error *reterr)
{
    struct stat st;

    if (!l->cwd && l->program) {
        const char *slash = strrchr(l->program, '/');
        size_t n = slash == l->program ? 1 : (size_t)(slash - l->program);

        l->cwd = strndup(l->program, n);
        if (!l->cwd) {
            return cd_oom(reterr);
        }
    }
    if (l->cwd && (stat(l->cwd, &st) != 0 || !S_ISDIR(st.st_mode))) {
        return cd_error_set(reterr, CD_E_NOT_FOUND, "arguments.cwd: there is no folder '%s'",
                            l->cwd);
    }
    return CD_OK;
}

/* debugpy has "python" as a string or an array with arguments, and "pythonPath". */
static cd_result read_python(const json_t *args, struct bridge_launch *l, struct cd_error *reterr)
{
    const json_t *python = json_object_get(args, "python");

    if (json_is_array(python) && json_array_size(python) == 1 &&
        json_is_string(json_array_get(python, 0))) {
        l->python = strdup(json_string_value(json_array_get(python, 0)));
        return l->python ? CD_OK : cd_oom(reterr);
    }
    if (dup_opt(args, "arguments.python", &l->python, reterr) != CD_OK) {
        return CD_ERR;
    }
    return l->python ? CD_OK : dup_opt(args, "arguments.pythonPath", &l->python, reterr);
}

cd_result bridge_launch_read_shared(const json_t *args, struct bridge_launch *l,
                                    struct cd_error *reterr)
{
    if (dup_opt(args, "arguments.program", &l->program, reterr) != CD_OK ||
        dup_opt(args, "arguments.cwd", &l->cwd, reterr) != CD_OK ||
        dup_opt(args, "arguments.type", &l->type, reterr) != CD_OK ||
        read_switches(args, l, reterr) != CD_OK || make_absolute(&l->cwd, NULL, reterr) != CD_OK ||
        make_absolute(&l->program, l->cwd, reterr) != CD_OK) {
        return CD_ERR;
    }
    return CD_OK;
}

static cd_result parse(const json_t *args, struct bridge_launch *l, struct cd_error *reterr)
{
    const char *console = NULL;

    if (bridge_launch_read_shared(args, l, reterr) != CD_OK ||
        dup_opt(args, "arguments.module", &l->module, reterr) != CD_OK ||
        read_python(args, l, reterr) != CD_OK ||
        dup_opt(args, "arguments.kernel", &l->kernel, reterr) != CD_OK ||
        cd_json_str_opt(args, "arguments.console", &console, reterr) != CD_OK ||
        read_args(args, l, reterr) != CD_OK || read_env(args, l, reterr) != CD_OK ||
        read_cells(args, l, reterr) != CD_OK) {
        return CD_ERR;
    }
    if (check_program(l, reterr) != CD_OK || check_cwd(l, reterr) != CD_OK) {
        return CD_ERR;
    }
    note_unsupported(args, l);
    return CD_OK;
}

cd_result bridge_launch_parse(const json_t *arguments, struct bridge_launch **ret,
                              struct cd_error *reterr)
{
    struct bridge_launch *l = calloc(1, sizeof *l);

    if (!l) {
        return cd_oom(reterr);
    }
    if (parse(arguments, l, reterr) != CD_OK) {
        bridge_launch_free(l);
        return CD_ERR;
    }
    *ret = l;
    return CD_OK;
}
