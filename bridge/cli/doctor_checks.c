/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The doctor's looks at this installation, at Python, at kernelspecs, folders and ports.
 */
#include "bridge/cli/doctor.h"
#include "bridge/cli/python_facts.h"
#include "bridge/cli/running.h"
#include "bridge/jupyter_paths.h"
#include "bridge/kernelspec.h"
#include "bridge/python_choice.h"
#include "kernel/wire/zmq_socket.h"

#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uv.h>

void doctor_check_installation(struct doctor *d)
{
    char folder[PATH_MAX], kernel[PATH_MAX + 64], package[PATH_MAX + 64], minors[256] = "";
    struct cd_error err = CD_ERROR_INIT;
    char zmq[24];

    if (bridge_own_folder(folder, sizeof folder, &err)) {
        doctor_add(d, DOCTOR_FAIL, "installation", "is /proc mounted?", "%s", err.text);
        return;
    }
    (void)snprintf(kernel, sizeof kernel, "%s/celldap-kernel", folder);
    (void)snprintf(package, sizeof package, "%s/../share/celldap/python/celldap/__init__.py",
                   folder);
    for (int minor = 12; minor < 30; minor++) {
        const size_t n = strlen(minors);
        if (bridge_python_have_module(minor)) {
            (void)snprintf(minors + n, sizeof minors - n, "%s3.%d", n ? ", " : "", minor);
        }
    }
    if (access(kernel, X_OK) != 0 || access(package, R_OK) != 0 || !minors[0]) {
        doctor_add(d, DOCTOR_FAIL, "installation", "build or install celldap again",
                   "celldap %s in %s is not whole: no %s", CELLDAP_VERSION, folder,
                   !minors[0]                  ? "lib/celldap/kernel-3.X.so"
                   : access(kernel, X_OK) != 0 ? "bin/celldap-kernel"
                                               : "share/celldap/python");
        return;
    }
    doctor_add(d, DOCTOR_OK, "installation", NULL, "celldap %s in %s, for Python %s",
               CELLDAP_VERSION, folder, minors);
    wire_zmq_version(zmq, sizeof zmq);
    doctor_add(d, DOCTOR_OK, "libraries", NULL, "libzmq %s, libuv %s, jansson %s, %s", zmq,
               uv_version_string(), jansson_version_str(), wire_crypto_version());
}

static const char *package(const json_t *facts, const char *name)
{
    return json_string_value(json_object_get(json_object_get(facts, "packages"), name));
}

void doctor_check_python(struct doctor *d, const char *asked, char **ret_python)
{
    struct cd_error err = CD_ERROR_INIT;
    cd_autofree char *python = NULL;
    json_auto_t *facts = NULL;

    if (bridge_python_pick(asked, &python, &err) || bridge_python_facts(python, &facts, &err)) {
        doctor_add(d, DOCTOR_FAIL, "python", "name a Python from 3.12 on with --python PATH", "%s",
                   err.text);
        return;
    }
    const char *release = json_string_value(json_object_get(facts, "release"));
    const char *library = json_string_value(json_object_get(facts, "library"));
    const char *ipython = package(facts, "ipython");
    if (bridge_python_fits(facts, &err)) {
        doctor_add(d, DOCTOR_FAIL, "python", NULL, "%s", err.text);
        return;
    }
    doctor_add(d, DOCTOR_OK, "python", NULL, "Python %s: %s", release, python);
    if (library[0]) {
        doctor_add(d, DOCTOR_OK, "libpython", NULL, "%s", library);
    } else {
        doctor_add(d, DOCTOR_OK, "libpython", NULL,
                   "this Python has no shared library, the kernel runs inside the interpreter");
    }
    if (ipython) {
        doctor_add(d, DOCTOR_OK, "IPython", NULL, "IPython %s", ipython);
    } else {
        doctor_add(d, DOCTOR_WARN, "IPython",
                   "install it into that environment: pip install ipython",
                   "it is not there: cells run, but without magics and rich displays");
    }
    if (!package(facts, "comm")) {
        doctor_add(d, DOCTOR_WARN, "widgets",
                   "install it into that environment: pip install comm ipywidgets",
                   "the package comm is not there: widgets will not work");
    }
    *ret_python = cd_take(python);
}

/* Whether the program that a kernelspec starts is there. */
static bool program_is_there(const json_t *value, char *out, size_t out_bytes)
{
    const char *name = json_string_value(value);
    cd_autofree char *path = name ? bridge_python_on_path(name) : NULL;

    (void)snprintf(out, out_bytes, "%s", name ? name : "(nothing)");
    return path != NULL;
}

static bool is_ours(const json_t *spec)
{
    const char *program = json_string_value(json_array_get(json_object_get(spec, "argv"), 0));
    const char *slash = program ? strrchr(program, '/') : NULL;
    return program && strcmp(slash ? slash + 1 : program, "celldap-kernel") == 0;
}

static void check_spec(struct doctor *d, const json_t *entry, const json_t *spec)
{
    const char *name = json_string_value(json_object_get(entry, "name"));
    const char *path = json_string_value(json_object_get(entry, "path"));
    const char *python = bridge_kernelspec_interpreter(spec);
    json_auto_t *interpreter = python ? json_string(python) : NULL;
    char missing[PATH_MAX];

    if (!program_is_there(json_array_get(json_object_get(spec, "argv"), 0), missing,
                          sizeof missing)) {
        doctor_add(d, DOCTOR_FAIL, "kernelspec", "write it again with celldap install",
                   "'%s' in %s starts '%s', which is not there", name, path, missing);
    } else if (!program_is_there(interpreter, missing, sizeof missing)) {
        doctor_add(d, DOCTOR_FAIL, "kernelspec",
                   "write it again with celldap install --python PATH",
                   "'%s' in %s runs in '%s', which is not there", name, path, missing);
    } else {
        doctor_add(d, DOCTOR_OK, "kernelspec", NULL, "'%s' in %s runs in %s", name, path, missing);
    }
}

void doctor_check_kernelspecs(struct doctor *d)
{
    json_auto_t *all = bridge_kernelspec_list();
    size_t i;
    json_t *entry;
    bool any = false;

    json_array_foreach(all, i, entry)
    {
        const json_t *spec = json_object_get(entry, "spec");
        if (!spec) {
            doctor_add(d, DOCTOR_WARN, "kernelspec", "repair or remove it",
                       "'%s' cannot be read: %s", json_string_value(json_object_get(entry, "name")),
                       json_string_value(json_object_get(entry, "error")));
        } else if (is_ours(spec)) {
            any = true;
            check_spec(d, entry, spec);
        }
    }
    if (!any) {
        doctor_add(d, DOCTOR_WARN, "kernelspec",
                   "celldap install makes the kernel known (editors that start celldap need none)",
                   "Jupyter knows no kernel of celldap's");
    }
}

static void check_stale_files(struct doctor *d, const char *folder)
{
    json_auto_t *running = NULL;
    struct cd_error err = CD_ERROR_INIT;
    size_t i, alive = 0, stale = 0, unknown = 0;
    json_t *entry;

    if (bridge_running_kernels(&running, &err)) {
        doctor_add(d, DOCTOR_WARN, "running kernels", NULL, "%s", err.text);
        return;
    }
    json_array_foreach(running, i, entry)
    {
        const char *state = json_string_value(json_object_get(entry, "state"));
        alive += strcmp(state, "alive") == 0;
        stale += strcmp(state, "stale") == 0;
        unknown += strcmp(state, "unknown") == 0;
    }
    if (stale + unknown > 0) {
        doctor_add(d, DOCTOR_WARN, "running kernels",
                   "celldap kernels names them; the files of dead kernels can be removed",
                   "%zu alive, %zu connection files without a kernel, %zu unreadable, in %s", alive,
                   stale, unknown, folder);
    } else {
        doctor_add(d, DOCTOR_OK, "running kernels", NULL, "%zu alive, no file left behind", alive);
    }
}

void doctor_check_runtime(struct doctor *d)
{
    struct cd_error err = CD_ERROR_INIT;
    cd_autofree char *folder = NULL;
    struct stat st;

    if (bridge_jupyter_runtime_folder(&folder, &err)) {
        doctor_add(d, DOCTOR_FAIL, "runtime folder", NULL, "%s", err.text);
        return;
    }
    if (stat(folder, &st) != 0) {
        if (errno == ENOENT) {
            doctor_add(d, DOCTOR_OK, "runtime folder", NULL, "%s will be made when it is needed",
                       folder);
        } else {
            doctor_add(d, DOCTOR_FAIL, "runtime folder", "give yourself the right to read it",
                       "cannot look at %s: %s", folder, strerror(errno));
        }
        return;
    }
    if (!S_ISDIR(st.st_mode) || access(folder, R_OK | W_OK | X_OK) != 0) {
        doctor_add(d, DOCTOR_FAIL, "runtime folder",
                   "make it a folder that you may write in, or set JUPYTER_RUNTIME_DIR",
                   "%s cannot be written in", folder);
    } else if (st.st_mode & 022) {
        doctor_add(
            d, DOCTOR_FAIL, "runtime folder",
            "chmod go-w it: who writes there can make a front end talk to a kernel of theirs",
            "%s can be written in by others (mode %o)", folder, st.st_mode & 07777);
    } else {
        doctor_add(d, DOCTOR_OK, "runtime folder", NULL, "%s", folder);
    }
    check_stale_files(d, folder);
}

/* Listens on a port of the loopback that the system chooses, and connects to it. */
static cd_result try_port(int *ret_port, struct cd_error *reterr)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    struct sockaddr *const address = (struct sockaddr *)&at;
    socklen_t len = sizeof at;
    cd_autofd int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    cd_autofd int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (listener < 0 || client < 0 || bind(listener, address, sizeof at) || listen(listener, 1) ||
        getsockname(listener, address, &len)) {
        return cd_error_errno(reterr, errno, "cannot listen on 127.0.0.1");
    }
    if (connect(client, address, sizeof at)) {
        return cd_error_errno(reterr, errno, "cannot connect to a port of 127.0.0.1");
    }
    *ret_port = ntohs(at.sin_port);
    return CD_OK;
}

void doctor_check_ports(struct doctor *d)
{
    struct cd_error err = CD_ERROR_INIT;
    int port = 0;

    if (try_port(&port, &err)) {
        doctor_add(d, DOCTOR_FAIL, "ports",
                   "is the loopback interface up, and does no firewall or sandbox forbid it?", "%s",
                   err.text);
    } else {
        doctor_add(d, DOCTOR_OK, "ports", NULL, "127.0.0.1 can be listened on (tried %d)", port);
    }
}
