/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Checks an attach's arguments: see launch_config.h. debugpy's ways to name a process are answered
 * with what to do instead.
 */
#include "bridge/connection_files.h"
#include "bridge/launch_config.h"
#include "bridge/notebook/notebook.h"

#include <stdlib.h>
#include <string.h>

/* debugpy's keys: there is no debugpy in the process that would listen. */
static cd_result check_debugpys(const json_t *args, struct cd_error *reterr)
{
    static const char *const names[] = {"connect", "listen", "processId", "host", "port"};

    for (size_t i = 0; i < CD_ARRAY_LEN(names); i++) {
        const json_t *v = json_object_get(args, names[i]);

        if (v && !json_is_null(v)) {
            return cd_error_set(reterr, CD_E_UNSUPPORTED,
                                "arguments.%s is debugpy's: launch the program instead, or name a "
                                "Jupyter kernel by arguments.connectionFile (a path, its id, or "
                                "'latest'; 'celldap kernels' lists them)",
                                names[i]);
        }
    }
    return CD_OK;
}

/* The server's fields; each names the one that is wrong. */
static cd_result check_server(const struct bridge_launch *l, struct cd_error *reterr)
{
    const int wishes =
        (l->kernel_id != NULL) + (l->server_notebook != NULL) + (l->kernel_name != NULL);

    if (wishes == 0) {
        return cd_error_set(reterr, CD_E_MISSING,
                            "missing arguments.kernelId, arguments.notebook (a path of the server) "
                            "or arguments.kernelName: which kernel of the server is meant?");
    }
    if (wishes > 1) {
        return cd_error_set(reterr, CD_E_BAD_VALUE,
                            "more than one of arguments.kernelId, arguments.notebook and "
                            "arguments.kernelName is given: leave out all but one");
    }
    if (l->server_token && l->server_password) {
        return cd_error_set(reterr, CD_E_BAD_VALUE,
                            "both arguments.token and arguments.password are given: leave one out");
    }
    if (!l->server && (l->server_token || l->cacert)) {
        return cd_error_set(reterr, CD_E_MISSING,
                            "missing arguments.server: arguments.%s belongs to one",
                            l->server_token ? "token" : "cacert");
    }
    return CD_OK;
}

static cd_result read_server(const json_t *args, struct bridge_launch *l, struct cd_error *reterr)
{
    const struct {
        const char *name;
        char **value;
    } rows[] = {{"server", &l->server},
                {"token", &l->server_token},
                {"password", &l->server_password},
                {"cacert", &l->cacert},
                {"kernelId", &l->kernel_id},
                {"notebook", &l->server_notebook},
                {"kernelName", &l->kernel_name}};

    for (size_t i = 0; i < CD_ARRAY_LEN(rows); i++) {
        const char *text = bridge_option_str(args, rows[i].name);

        if (text) {
            l->remote = true;
            *rows[i].value = strdup(text);
            if (!*rows[i].value) {
                return cd_oom(reterr);
            }
        }
    }
    if (l->server && strcmp(l->server, "auto") == 0) {
        free(cd_take(l->server));
    }
    return l->remote ? check_server(l, reterr) : CD_OK;
}

/* Where the kernel is: a connection file, or a server. */
static cd_result read_place(const json_t *args, struct bridge_launch *l, struct cd_error *reterr)
{
    const char *wish = bridge_option_str(args, "connectionFile");

    if (read_server(args, l, reterr) != CD_OK) {
        return CD_ERR;
    }
    if (l->remote) {
        return wish ? cd_error_set(reterr, CD_E_BAD_VALUE,
                                   "arguments.connectionFile is given with what belongs to a "
                                   "server: leave one out")
                    : CD_OK;
    }
    if (!wish) {
        return check_debugpys(args, reterr) != CD_OK
                   ? CD_ERR
                   : cd_error_set(reterr, CD_E_MISSING,
                                  "missing arguments.connectionFile (a path, a kernel's id, or "
                                  "'latest'; 'celldap kernels' lists them) or arguments.server");
    }
    if (bridge_connection_find(wish, &l->connection_file, reterr) != CD_OK) {
        cd_error_prefix(reterr, "arguments.connectionFile");
        return CD_ERR;
    }
    return CD_OK;
}

static cd_result check_program(const json_t *args, const struct bridge_launch *l,
                               struct cd_error *reterr)
{
    if (l->program && !bridge_notebook_is_name(l->program) &&
        !bridge_option_bool(args, "notebook")) {
        return cd_error_set(reterr, CD_E_BAD_VALUE,
                            "arguments.program of an attach is the notebook whose cells the kernel "
                            "runs (a .ipynb file, or a percent script with \"notebook\": true), or "
                            "left out");
    }
    return CD_OK;
}

cd_result bridge_attach_parse(const json_t *arguments, struct bridge_launch **ret,
                              struct cd_error *reterr)
{
    struct bridge_launch *l = calloc(1, sizeof *l);

    if (!l) {
        return cd_oom(reterr);
    }
    l->kind = BRIDGE_ATTACH;
    if (bridge_options_check(arguments, BRIDGE_OPTION_ATTACH, reterr) != CD_OK ||
        bridge_launch_read_shared(arguments, l, reterr) != CD_OK ||
        check_program(arguments, l, reterr) != CD_OK || read_place(arguments, l, reterr) != CD_OK ||
        bridge_path_map_new(json_object_get(arguments, "pathMappings"), NULL, &l->paths, reterr)) {
        bridge_launch_free(l);
        return CD_ERR;
    }
    l->no_debug = false;
    l->show_output = true;
    *ret = l;
    return CD_OK;
}
