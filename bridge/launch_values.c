/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The values of a launch that take more than a look: args, env, code and console, out of a checked
 * configuration (bridge/options.h). See launch_config.h.
 */
#include "bridge/env_file.h"
#include "bridge/launch_config.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wordexp.h>

static json_t *words_of(const wordexp_t *words)
{
    json_t *list = json_array();

    for (size_t i = 0; i < words->we_wordc; i++) {
        json_array_append_new(list, cd_json_textz(words->we_wordv[i]));
    }
    return list;
}

/* As a shell does it, but for $(commands); patterns are matched in cwd. */
static cd_result split(const char *text, const char *cwd, json_t **ret, struct cd_error *reterr)
{
    cd_autofd int here = open(".", O_PATH | O_CLOEXEC);
    wordexp_t words = {0};
    bool moved = here >= 0 && cwd && chdir(cwd) == 0;
    int rc = wordexp(text, &words, WRDE_NOCMD);

    if (moved && fchdir(here) != 0) {
        rc = WRDE_NOSPACE;
    }
    switch (rc) {
    case 0:
        *ret = words_of(&words);
        wordfree(&words);
        return *ret ? CD_OK : cd_oom(reterr);
    case WRDE_SYNTAX:
        return cd_error_set(reterr, CD_E_BAD_VALUE, "arguments.args: a quote is not closed");
    case WRDE_CMDSUB:
        return cd_error_set(reterr, CD_E_BAD_VALUE,
                            "arguments.args: commands in it are not run; give a list of strings");
    case WRDE_BADCHAR:
        return cd_error_set(reterr, CD_E_BAD_VALUE,
                            "arguments.args: one of |&;<>(){} or a line end is not quoted");
    default:
        return cd_oom(reterr);
    }
}

static cd_result read_args(const json_t *args, struct bridge_launch *l, struct cd_error *reterr)
{
    const json_t *given = json_object_get(args, "args");

    if (json_is_string(given)) {
        return split(json_string_value(given), l->cwd, &l->args, reterr);
    }
    l->args = json_is_array(given) ? json_deep_copy(given) : json_array();
    return l->args ? CD_OK : cd_oom(reterr);
}

/* The file's names, with env's over them. */
static cd_result read_env(const json_t *args, struct bridge_launch *l, struct cd_error *reterr)
{
    const char *file = bridge_option_str(args, "envFile");
    json_t *env = json_object_get(args, "env");
    cd_autofree char *path = NULL;
    const char *name;
    json_t *value;

    if (!json_is_object(env)) {
        env = NULL;
    }
    json_object_foreach(env, name, value)
    {
        if (!name[0] || strchr(name, '=')) {
            return cd_error_set(reterr, CD_E_BAD_VALUE, "bad name '%s' in arguments.env", name);
        }
    }
    if (!file) {
        l->env = json_deep_copy(env);
        return CD_OK;
    }
    if (asprintf(&path, "%s%s%s", file[0] != '/' && l->cwd ? l->cwd : "",
                 file[0] != '/' && l->cwd ? "/" : "", file) < 0) {
        path = NULL;
        return cd_oom(reterr);
    }
    if (bridge_env_load(path, &l->env, reterr) != CD_OK) {
        cd_error_prefix(reterr, "arguments.envFile");
        return CD_ERR;
    }
    return json_object_update(l->env, env ? env : l->env) == 0 ? CD_OK : cd_oom(reterr);
}

/* A list of lines, or the whole text. */
cd_result bridge_launch_read_code(const json_t *args, struct bridge_launch *l,
                                  struct cd_error *reterr)
{
    const json_t *given = json_object_get(args, "code");
    cd_autobuf struct cd_buf text;
    size_t i;
    json_t *line;

    cd_buf_init(&text, (size_t)64 * 1024 * 1024);
    if (json_is_string(given)) {
        l->code = strdup(json_string_value(given));
        return l->code ? CD_OK : cd_oom(reterr);
    }
    if (json_array_size(given) == 0) {
        return CD_OK;
    }
    json_array_foreach(given, i, line)
    {
        if (cd_buf_appendf(&text, reterr, "%s%s", i ? "\n" : "", json_string_value(line))) {
            return CD_ERR;
        }
    }
    l->code = cd_buf_steal(&text);
    return l->code ? CD_OK : cd_oom(reterr);
}

static void read_console(const json_t *args, struct bridge_launch *l)
{
    const char *console = bridge_option_str(args, "console");
    const char *end = bridge_option_str(args, "onTerminate");
    const json_t *redirect = json_object_get(args, "redirectOutput");

    if (console && strcmp(console, "integratedTerminal") == 0) {
        l->console = BRIDGE_CONSOLE_TERMINAL;
    } else if (console && strcmp(console, "externalTerminal") == 0) {
        l->console = BRIDGE_CONSOLE_EXTERNAL;
    }
    l->show_output =
        json_is_boolean(redirect) ? json_is_true(redirect) : l->console == BRIDGE_CONSOLE_INTERNAL;
    l->kill_at_once = end && strcmp(end, "kill") == 0;
}

/* A program among them would be run in place of ours. */
static cd_result check_python_args(const json_t *list, struct cd_error *reterr)
{
    bool value = false; /* of the option before */
    size_t i;
    json_t *item;

    json_array_foreach(list, i, item)
    {
        const char *text = json_string_value(item);

        if (!value && (text[0] != '-' || strncmp(text, "-c", 2) == 0 || text[1] == 'm')) {
            return cd_error_set(reterr, CD_E_BAD_VALUE,
                                "arguments.pythonArgs: '%.60s' is no option of the interpreter; a "
                                "program is named by program, module or code",
                                text);
        }
        value = !value && (strcmp(text, "-X") == 0 || strcmp(text, "-W") == 0 ||
                           strcmp(text, "--check-hash-based-pycs") == 0);
    }
    return CD_OK;
}

/* What follows the interpreter in "python", then "pythonArgs". */
static cd_result read_python_args(const json_t *args, struct bridge_launch *l,
                                  struct cd_error *reterr)
{
    json_t *python = json_object_get(args, "python");
    json_t *more = json_object_get(args, "pythonArgs");

    l->python_args = json_is_array(python) ? json_copy(python) : json_array();
    if (!l->python_args || (json_is_array(more) && json_array_extend(l->python_args, more))) {
        return cd_oom(reterr);
    }
    if (json_is_array(python)) {
        json_array_remove(l->python_args, 0);
    }
    return check_python_args(l->python_args, reterr);
}

cd_result bridge_launch_read_values(const json_t *args, struct bridge_launch *l,
                                    struct cd_error *reterr)
{
    const json_t *cells = json_object_get(args, "cells");

    l->cells = json_is_array(cells) ? json_deep_copy(cells) : NULL;
    read_console(args, l);
    return read_args(args, l, reterr) || read_env(args, l, reterr) ||
                   read_python_args(args, l, reterr)
               ? CD_ERR
               : CD_OK;
}
