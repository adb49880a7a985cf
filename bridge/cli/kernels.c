/* SPDX-License-Identifier: BSD-3-Clause
 *
 * `celldap kernels`: what is installed and what runs.
 */
#include "bridge/cli/cli.h"
#include "bridge/cli/commands.h"
#include "bridge/cli/running.h"
#include "bridge/kernelspec.h"
#include "bridge/remote/remote.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static const char *text(const json_t *entry, const char *key)
{
    const char *value = json_string_value(json_object_get(entry, key));
    return value ? value : "";
}

/* What other programs read: the facts of kernel.json that they ask for, under one name each. */
static json_t *installed_entry(const json_t *entry)
{
    const json_t *spec = json_object_get(entry, "spec");
    const json_t *metadata = json_object_get(spec, "metadata");
    const json_t *debugger = json_object_get(metadata, "debugger");
    json_t *argv = json_object_get(spec, "argv");

    if (!spec) {
        return json_deep_copy(entry);
    }
    return json_pack("{s:O, s:O, s:O*, s:O*, s:b, s:O*}", "name", json_object_get(entry, "name"),
                     "path", json_object_get(entry, "path"), "display_name",
                     json_object_get(spec, "display_name"), "language",
                     json_object_get(spec, "language"), "debugger",
                     debugger && !json_is_false(debugger) && !json_is_null(debugger), "argv", argv);
}

static json_t *installed(void)
{
    json_auto_t *all = bridge_kernelspec_list();
    json_t *list = all ? json_array() : NULL, *entry;
    size_t i;

    json_array_foreach(all, i, entry)
    {
        (void)json_array_append_new(list, installed_entry(entry));
    }
    return list;
}

static void print_installed(const json_t *list)
{
    size_t i;
    json_t *entry;

    (void)printf("Installed kernels\n");
    json_array_foreach(list, i, entry)
    {
        (void)printf("  %-20s %-28s %-9s %s\n", text(entry, "name"),
                     json_object_get(entry, "error") ? text(entry, "error")
                                                     : text(entry, "display_name"),
                     json_is_true(json_object_get(entry, "debugger")) ? "debugger" : "-",
                     text(entry, "path"));
    }
    if (json_array_size(list) == 0) {
        (void)printf("  none; celldap install makes celldap's known to Jupyter\n");
    }
}

/* A time of this entry in local time, "" where it has none. */
static const char *when(const json_t *entry, const char *key, char text_own[32])
{
    const json_t *value = json_object_get(entry, key);
    const time_t at = (time_t)json_integer_value(value);
    struct tm tm;
    text_own[0] = '\0';
    if (json_is_integer(value) && localtime_r(&at, &tm)) {
        (void)strftime(text_own, 32, "%Y-%m-%d %H:%M", &tm);
    }
    return text_own;
}

static void print_running(const json_t *list)
{
    size_t i;
    json_t *entry;

    (void)printf("Running kernels\n");
    json_array_foreach(list, i, entry)
    {
        const json_t *pid = json_object_get(entry, "pid");
        char since[32], used[32], number[24] = "-";
        if (json_is_integer(pid)) {
            (void)snprintf(number, sizeof number, "%lld", (long long)json_integer_value(pid));
        }
        const char *active = when(entry, "last_activity", used);
        const char *state = text(entry, "execution_state");
        (void)printf("  %-38s %-8s pid %-8s since %-17s %s%s%s%s %s%s\n", text(entry, "id"),
                     *state ? state : text(entry, "state"), number, when(entry, "since", since),
                     *active ? "used " : "", active, *active ? "  " : "",
                     text(entry, "implementation"), text(entry, "version"), text(entry, "error"));
    }
    if (json_array_size(list) == 0) {
        (void)printf("  none\n");
    }
}

static void print_server(const json_t *entry)
{
    size_t i;
    const json_t *kernel, *kernels = json_object_get(entry, "kernels");

    (void)printf("Kernels of %s\n", text(entry, "server"));
    json_array_foreach(kernels, i, kernel)
    {
        (void)printf("  %-38s %-8s %-16s used %-28s %s\n", text(kernel, "id"),
                     text(kernel, "execution_state"), text(kernel, "name"),
                     text(kernel, "last_activity"), text(kernel, "notebook"));
    }
    if (json_array_size(kernels) == 0) {
        (void)printf("  %s\n", json_object_get(entry, "error") ? text(entry, "error") : "none");
    }
}

struct options {
    bool json;
    struct bridge_remote_wish wish;
};

static bool take(void *ctx, const char *name, const char *value)
{
    struct options *o = ctx;
    const struct {
        const char *name;
        const char **value;
    } rows[] = {{"server", &o->wish.server},
                {"token", &o->wish.token},
                {"password", &o->wish.password},
                {"cacert", &o->wish.cacert}};

    o->json = o->json || strcmp(name, "json") == 0;
    for (size_t i = 0; i < CD_ARRAY_LEN(rows); i++) {
        if (strcmp(name, rows[i].name) == 0) {
            *rows[i].value = value;
        }
    }
    return true;
}

/* What a server wants is nothing without one. */
static bool makes_sense(const struct options *o)
{
    if (o->wish.server || !(o->wish.token || o->wish.password || o->wish.cacert)) {
        return true;
    }
    bridge_cli_say("kernels: --token, --password and --cacert go with --server");
    return false;
}

/* The server that was named has to answer; those that are there by chance need not. */
static int status_of(const struct options *o, const json_t *servers)
{
    return o->wish.server && json_object_get(json_array_get(servers, 0), "error") ? 1 : 0;
}

int bridge_kernels_main(int argc, char **argv)
{
    struct cd_error err = CD_ERROR_INIT;
    json_auto_t *specs = NULL, *running = NULL, *servers = NULL;
    struct options o = {0};
    int first;
    const int status = bridge_cli_read(argv[0], argc, argv, take, &o, &first);
    size_t i;
    const json_t *entry;

    if (status >= 0 || !makes_sense(&o)) {
        return status >= 0 ? status : 2;
    }
    specs = installed();
    if (!specs || bridge_cli_identity(&err) || bridge_running_kernels(&running, &err) ||
        bridge_remote_list(&o.wish, &servers, &err)) {
        bridge_cli_say("kernels: %s", err.id ? err.text : "out of memory");
        return 1;
    }
    if (o.json) {
        (void)bridge_cli_print_json(json_pack("{s:O, s:O, s:O}", "installed", specs, "running",
                                              running, "servers", servers));
        return status_of(&o, servers);
    }
    print_installed(specs);
    print_running(running);
    json_array_foreach(servers, i, entry)
    {
        print_server(entry);
    }
    return status_of(&o, servers);
}
