/* SPDX-License-Identifier: BSD-3-Clause
 *
 * `celldap install`: writes a kernelspec for one interpreter. The template is the kernelspec beside
 * our own executable, so that what a kernel can do is said in one place. A reader sees the old
 * kernel.json or the new one, never a part.
 */
#include "bridge/cli/cli.h"
#include "bridge/cli/commands.h"
#include "bridge/cli/python_facts.h"
#include "bridge/jupyter_paths.h"
#include "bridge/kernelspec.h"
#include "bridge/notebook/file_bytes.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct wish {
    const char *prefix, *python, *name, *display_name;
    bool user, sys_prefix;
};

static int usage_error(const char *what, const char *arg)
{
    bridge_cli_say("install: %s%s%s%s; see celldap install --help", arg ? "'" : "", arg ? arg : "",
                   arg ? "' " : "", what);
    return 2;
}

static bool take(void *ctx, const char *name, const char *value)
{
    struct wish *w = ctx;
    const struct {
        const char *name;
        const char **value;
    } rows[] = {{"prefix", &w->prefix},
                {"python", &w->python},
                {"name", &w->name},
                {"display-name", &w->display_name}};

    w->user = w->user || strcmp(name, "user") == 0;
    w->sys_prefix = w->sys_prefix || strcmp(name, "sys-prefix") == 0;
    for (size_t i = 0; i < CD_ARRAY_LEN(rows); i++) {
        if (strcmp(rows[i].name, name) == 0) {
            *rows[i].value = value;
        }
    }
    return true;
}

static int check_wish(const struct wish *w)
{
    if (w->user + w->sys_prefix + (w->prefix != NULL) > 1) {
        return usage_error("take one of --user, --prefix and --sys-prefix", NULL);
    }
    if (!bridge_kernel_name_good(w->name) || strpbrk(w->name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")) {
        return usage_error("is no kernel's name: a-z, 0-9, '.', '_' and '-' are allowed, no dot "
                           "at its beginning",
                           w->name);
    }
    if (strlen(w->name) > 200) {
        return usage_error("--name is longer than 200 letters", NULL);
    }
    if ((w->display_name && !w->display_name[0]) || (w->prefix && !w->prefix[0])) {
        return usage_error("an empty value", NULL);
    }
    return -1;
}

/* -1: go on. */
static int parse(int argc, char **argv, struct wish *w)
{
    int first;

    *w = (struct wish){.name = "celldap"};
    const int status = bridge_cli_read(argv[0], argc, argv, take, w, &first);
    return status >= 0 ? status : check_wish(w);
}

/* The new kernel.json: our own one, for another interpreter. */
static json_t *make_spec(const struct wish *w, const json_t *facts, struct cd_error *reterr)
{
    char folder[PATH_MAX], path[PATH_MAX + 64];
    json_auto_t *spec = NULL;
    json_t *argv;

    if (bridge_own_folder(folder, sizeof folder, reterr)) {
        return NULL;
    }
    (void)snprintf(path, sizeof path, "%s/../share/jupyter/kernels/celldap/kernel.json", folder);
    if (bridge_kernelspec_load(path, &spec, reterr)) {
        cd_error_prefix(reterr, "this installation is not whole");
        return NULL;
    }
    (void)snprintf(path, sizeof path, "%s/celldap-kernel", folder);
    if (access(path, X_OK) != 0) {
        (void)cd_error_errno(reterr, errno, "cannot run '%s'", path);
        return NULL;
    }
    argv = json_pack("[o, s, s, s, O]", cd_json_textz(path), "-f", "{connection_file}", "--python",
                     json_object_get(facts, "path"));
    (void)snprintf(path, sizeof path, "Python 3.%d (celldap)",
                   (int)json_integer_value(json_object_get(facts, "minor")));
    if (!argv || json_object_set_new(spec, "argv", argv) ||
        json_object_set_new(spec, "display_name",
                            cd_json_textz(w->display_name ? w->display_name : path))) {
        (void)cd_oom(reterr);
        return NULL;
    }
    return cd_take(spec);
}

static cd_result choose_folder(const struct wish *w, const json_t *facts, char **ret,
                               struct cd_error *reterr)
{
    const char *prefix =
        w->sys_prefix ? json_string_value(json_object_get(facts, "prefix")) : w->prefix;
    cd_autofree char *data = NULL;

    if (prefix) {
        if (asprintf(&data, "%s/share/jupyter", prefix) < 0) {
            data = NULL;
            return cd_oom(reterr);
        }
    } else if (bridge_jupyter_data_folder(&data, reterr)) {
        return CD_ERR;
    }
    *ret = NULL;
    return asprintf(ret, "%s/kernels/%s", data, w->name) < 0 ? cd_oom(reterr) : CD_OK;
}

static cd_result write_spec(const char *folder, const json_t *spec, struct cd_error *reterr)
{
    char temp[PATH_MAX + 64], file[PATH_MAX + 64];
    int failed;

    (void)snprintf(temp, sizeof temp, "%s/.kernel.json.%ld", folder, (long)getpid());
    (void)snprintf(file, sizeof file, "%s/kernel.json", folder);
    (void)unlink(temp);
    const int fd = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0) {
        return cd_error_errno(reterr, errno, "cannot write in '%.300s'", folder);
    }
    failed = json_dumpfd(spec, fd, JSON_INDENT(1)) || write(fd, "\n", 1) != 1 || fsync(fd);
    failed |= close(fd);
    if (failed || rename(temp, file)) {
        (void)cd_error_errno(reterr, errno, "cannot write '%.300s'", file);
        (void)unlink(temp);
        return CD_ERR;
    }
    return CD_OK;
}

/* Says so when Jupyter will not look where it was written, or finds another one first. */
static void check_found(const struct wish *w, const char *folder)
{
    json_auto_t *all = bridge_kernelspec_list();
    size_t i;
    json_t *entry;

    json_array_foreach(all, i, entry)
    {
        const char *path = json_string_value(json_object_get(entry, "path"));
        struct stat found, ours;
        if (strcmp(json_string_value(json_object_get(entry, "name")), w->name) != 0) {
            continue;
        }
        if (stat(path, &found) == 0 && stat(folder, &ours) == 0 && found.st_ino == ours.st_ino &&
            found.st_dev == ours.st_dev) {
            return;
        }
        (void)printf("note: from here, Jupyter finds another kernel of this name first: %s\n",
                     path);
        return;
    }
    (void)printf("note: from here, Jupyter does not look there; it does when it runs in that "
                 "environment, or with that share/jupyter in JUPYTER_PATH\n");
}

static cd_result install(const struct wish *w, struct cd_error *reterr)
{
    cd_autofree char *python = NULL, *folder = NULL;
    json_auto_t *facts = NULL, *spec = NULL;

    if (bridge_python_pick(w->python, &python, reterr) ||
        bridge_python_facts(python, &facts, reterr) || bridge_python_fits(facts, reterr) ||
        choose_folder(w, facts, &folder, reterr)) {
        return CD_ERR;
    }
    spec = make_spec(w, facts, reterr);
    if (!spec || bridge_make_folders(folder, 0777, reterr) || write_spec(folder, spec, reterr)) {
        return CD_ERR;
    }
    (void)printf("installed the kernel '%s' (%s, %s) in %s\n", w->name,
                 json_string_value(json_object_get(spec, "display_name")), python, folder);
    check_found(w, folder);
    return CD_OK;
}

int bridge_install_main(int argc, char **argv)
{
    struct wish wish;
    struct cd_error err = CD_ERROR_INIT;
    const int status = parse(argc, argv, &wish);

    if (status >= 0) {
        return status;
    }
    if (install(&wish, &err)) {
        bridge_cli_say("install: %s", err.text);
        return 1;
    }
    return 0;
}
