/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Checks a launch's arguments: every type is checked with its field's name, what celldap does not
 * offer is named to the user, what it does not know is ignored (editors add keys of their own).
 */
#include "bridge/launch_config.h"

#include "bridge/notebook/notebook.h"

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
    free(l->server);
    free(l->server_token);
    free(l->server_password);
    free(l->cacert);
    free(l->kernel_id);
    free(l->server_notebook);
    free(l->kernel_name);
    free(l->cwd);
    free(l->python);
    free(l->kernel);
    json_decref(l->args);
    json_decref(l->env);
    json_decref(l->cells);
    json_decref(l->rules);
    json_decref(l->presentation);
    json_decref(l->python_args);
    json_decref(l->exit_codes);
    bridge_path_map_free(l->paths);
    free(l->console_title);
    free(l->code);
    free(l);
}

static cd_result dup_opt(const json_t *args, const char *name, char **ret, struct cd_error *reterr)
{
    const char *text = bridge_option_str(args, name);

    if (text) {
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

/* debugpy's list, and its shorthand for 0 and None; NULL: it never stops there. */
static cd_result read_exit_codes(const json_t *args, struct bridge_launch *l,
                                 struct cd_error *reterr)
{
    const json_t *given = json_object_get(args, "breakOnSystemExit");
    bool zero = bridge_option_bool(args, "breakOnSystemExitZero");
    size_t i;
    json_t *item;

    json_array_foreach(given, i, item)
    {
        bool range = json_is_integer(json_object_get(item, "from")) &&
                     json_is_integer(json_object_get(item, "to"));

        if (!json_is_null(item) && !json_is_integer(item) && !range) {
            return cd_error_set(reterr, CD_E_BAD_TYPE,
                                "expected integer, null or {from, to} at "
                                "arguments.breakOnSystemExit[%zu]",
                                i);
        }
    }
    if (given || zero) {
        l->exit_codes = given ? json_deep_copy(given) : json_array();
        if (zero) {
            json_array_append_new(l->exit_codes, json_integer(0));
            json_array_append_new(l->exit_codes, json_null());
        }
    }
    return CD_OK;
}

static cd_result read_switches(const json_t *args, struct bridge_launch *l, struct cd_error *reterr)
{
    const struct {
        const char *name;
        bool *value;
    } rows[] = {{"stopOnEntry", &l->stop_on_entry},
                {"subProcess", &l->sub_process},
                {"noDebug", &l->no_debug},
                {"justMyCode", &l->just_my_code},
                {"exitWhenDone", &l->exit_when_done},
                {"continueOnError", &l->continue_on_error},
                {"keepKernel", &l->keep_kernel},
                {"logToFile", &l->log_to_file},
                {"showReturnValue", &l->show_return_value},
                {"steppingResumesAllThreads", &l->step_resumes_all}};

    for (size_t i = 0; i < CD_ARRAY_LEN(rows); i++) {
        *rows[i].value = bridge_option_bool(args, rows[i].name);
    }
    l->rules = json_deep_copy(json_object_get(args, "rules"));
    l->presentation = json_deep_copy(json_object_get(args, "variablePresentation"));
    bridge_options_note(args, l->notes, sizeof l->notes);
    return read_exit_codes(args, l, reterr);
}

static cd_result check_program(const json_t *args, struct bridge_launch *l, struct cd_error *reterr)
{
    struct stat st;
    bool script = false;

    if (cd_json_bool_opt(args, "arguments.notebook", &script, reterr) != CD_OK) {
        return CD_ERR; /* a path is an attach's */
    }
    if ((l->program != NULL) + (l->module != NULL) + (l->code != NULL) > 1) {
        return cd_error_set(reterr, CD_E_BAD_VALUE,
                            "more than one of arguments.program, arguments.module and "
                            "arguments.code is given: leave the others out");
    }
    if (l->module || l->code) {
        l->kind = l->module ? BRIDGE_LAUNCH_MODULE : BRIDGE_LAUNCH_CODE;
        return CD_OK;
    }
    if (!l->program) {
        return cd_error_set(reterr, CD_E_MISSING,
                            "missing arguments.program (a .ipynb or .py file), arguments.module or "
                            "arguments.code");
    }
    if (stat(l->program, &st) != 0 || !S_ISREG(st.st_mode)) {
        return cd_error_set(reterr, CD_E_NOT_FOUND, "arguments.program: there is no file '%s'",
                            l->program);
    }
    l->kind =
        bridge_notebook_is_name(l->program) || script ? BRIDGE_LAUNCH_NOTEBOOK : BRIDGE_LAUNCH_FILE;
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
    const char *first = json_string_value(json_array_get(python, 0));

    if (first) {
        l->python = strdup(first);
        return l->python ? CD_OK : cd_oom(reterr);
    }
    if (dup_opt(args, "python", &l->python, reterr) != CD_OK) {
        return CD_ERR;
    }
    return l->python ? CD_OK : dup_opt(args, "pythonPath", &l->python, reterr);
}

cd_result bridge_launch_read_shared(const json_t *args, struct bridge_launch *l,
                                    struct cd_error *reterr)
{
    if (dup_opt(args, "program", &l->program, reterr) != CD_OK ||
        dup_opt(args, "cwd", &l->cwd, reterr) != CD_OK ||
        dup_opt(args, "type", &l->type, reterr) != CD_OK ||
        read_switches(args, l, reterr) != CD_OK || make_absolute(&l->cwd, NULL, reterr) != CD_OK ||
        make_absolute(&l->program, l->cwd, reterr) != CD_OK) {
        return CD_ERR;
    }
    return CD_OK;
}

static cd_result parse(const json_t *args, struct bridge_launch *l, struct cd_error *reterr)
{
    if (bridge_options_check(args, BRIDGE_OPTION_LAUNCH, reterr) != CD_OK ||
        bridge_launch_read_shared(args, l, reterr) != CD_OK ||
        dup_opt(args, "module", &l->module, reterr) != CD_OK ||
        read_python(args, l, reterr) != CD_OK ||
        dup_opt(args, "kernel", &l->kernel, reterr) != CD_OK ||
        dup_opt(args, "consoleTitle", &l->console_title, reterr) != CD_OK) {
        return CD_ERR;
    }
    if (bridge_launch_read_code(args, l, reterr) != CD_OK ||
        check_program(args, l, reterr) != CD_OK || check_cwd(l, reterr) != CD_OK ||
        bridge_launch_read_values(args, l, reterr) != CD_OK) {
        return CD_ERR;
    }
    return bridge_path_map_new(json_object_get(args, "pathMappings"), l->cwd, &l->paths, reterr);
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
