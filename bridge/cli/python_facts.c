/* SPDX-License-Identifier: BSD-3-Clause
 *
 * See python_facts.h. The interpreter is a program of the user's: it is run with a limit of time,
 * and its answer is checked.
 */
#include "bridge/cli/python_facts.h"

#include "bridge/python_choice.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define ANSWER_MS    30000
#define ANSWER_BYTES (64u * 1024)

/* The current folder is no place to import from. */
static const char question[] =
    "import sys\n"
    "del sys.path[0]\n"
    "import json, os, sysconfig\n"
    "from importlib.metadata import PackageNotFoundError, version\n"
    "def package(name):\n"
    "    try:\n"
    "        return version(name)\n"
    "    except PackageNotFoundError:\n"
    "        return None\n"
    "c = sysconfig.get_config_var\n"
    "library = ''\n"
    "if c('Py_ENABLE_SHARED') and c('INSTSONAME'):\n"
    "    name = os.path.basename(c('INSTSONAME'))\n"
    "    for folder in (c('LIBDIR') or '', sys.base_prefix + '/lib', sys.base_prefix + '/lib64'):\n"
    "        if not library and os.path.exists(os.path.join(folder, name)):\n"
    "            library = os.path.join(folder, name)\n"
    "names = ('ipython', 'ipykernel', 'debugpy', 'comm', 'ipywidgets', 'matplotlib-inline')\n"
    "print(json.dumps({\n"
    "    'major': sys.version_info[0], 'minor': sys.version_info[1],\n"
    "    'release': '.'.join(map(str, sys.version_info[:3])), 'prefix': sys.prefix,\n"
    "    'library': library, 'free_threaded': bool(c('Py_GIL_DISABLED')),\n"
    "    'packages': {name: package(name) for name in names}}))\n";

static cd_result absolute(char **path, struct cd_error *reterr)
{
    char cwd[PATH_MAX], *whole = NULL;

    if ((*path)[0] == '/') {
        return CD_OK;
    }
    if (!getcwd(cwd, sizeof cwd)) {
        return cd_error_errno(reterr, errno, "cannot tell the current folder");
    }
    if (asprintf(&whole, "%s/%s", cwd, *path) < 0) {
        return cd_oom(reterr);
    }
    free(*path);
    *path = whole;
    return CD_OK;
}

cd_result bridge_python_pick(const char *asked, char **ret, struct cd_error *reterr)
{
    cd_autofree char *python = NULL;

    if (asked) {
        python = bridge_python_on_path(asked);
        if (!python) {
            return cd_error_set(reterr, CD_E_NOT_FOUND,
                                "there is no program '%.200s'; --python wants an interpreter",
                                asked);
        }
    } else {
        const struct bridge_python_wish none = {0};
        if (bridge_python_choose(&none, &python, reterr)) {
            return CD_ERR;
        }
        if (!python) {
            python = bridge_python_on_path("python3");
        }
    }
    if (!python) {
        return cd_error_set(reterr, CD_E_NOT_FOUND,
                            "no Python was found: name one with --python PATH");
    }
    if (absolute(&python, reterr)) {
        return CD_ERR;
    }
    *ret = cd_take(python);
    return CD_OK;
}

static pid_t start(const char *python, int out)
{
    const pid_t child = fork();

    if (child == 0) {
        char *const argv[] = {(char *)(uintptr_t)python, "-c", (char *)(uintptr_t)question, NULL};
        const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
        if (dup2(null, STDIN_FILENO) >= 0 && dup2(out, STDOUT_FILENO) >= 0 &&
            dup2(null, STDERR_FILENO) >= 0) {
            (void)execv(python, argv);
        }
        _exit(127);
    }
    return child;
}

/* Until the end of the answer, or the time is over. */
static cd_result read_answer(int fd, struct cd_buf *out, struct cd_error *reterr)
{
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    char chunk[4096];

    for (;;) {
        const int ready = poll(&wait, 1, ANSWER_MS);
        const ssize_t n = ready > 0 ? read(fd, chunk, sizeof chunk) : -1;
        if (ready == 0) {
            return cd_error_set(reterr, CD_E_TIMEOUT, "it does not answer");
        }
        if (n == 0) {
            return CD_OK;
        }
        if (n < 0 && errno != EINTR) {
            return cd_error_errno(reterr, errno, "cannot read its answer");
        }
        if (n > 0 && cd_buf_append(out, chunk, (size_t)n, reterr)) {
            return CD_ERR;
        }
    }
}

static cd_result ask(const char *python, struct cd_buf *answer, struct cd_error *reterr)
{
    int fds[2], status = 0;

    if (pipe2(fds, O_CLOEXEC)) {
        return cd_error_errno(reterr, errno, "no pipe");
    }
    const pid_t child = start(python, fds[1]);
    close(fds[1]);
    const cd_result r = child > 0 ? read_answer(fds[0], answer, reterr)
                                  : cd_error_errno(reterr, errno, "cannot start it");
    close(fds[0]);
    if (child > 0 && r != CD_OK) {
        (void)kill(child, SIGKILL);
    }
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (r == CD_OK && (status != 0 || answer->len == 0)) {
        return cd_error_set(reterr, CD_E_SYSTEM,
                            "it does not answer as a Python 3.8 or newer does");
    }
    return r;
}

cd_result bridge_python_facts(const char *python, json_t **ret, struct cd_error *reterr)
{
    cd_autobuf struct cd_buf answer;
    json_auto_t *facts = NULL;

    cd_buf_init(&answer, ANSWER_BYTES);
    if (ask(python, &answer, reterr) || cd_json_load(answer.data, answer.len, &facts, reterr)) {
        cd_error_prefix(reterr, "'%.200s'", python);
        return CD_ERR;
    }
    if (!json_is_object(json_object_get(facts, "packages")) ||
        !json_is_string(json_object_get(facts, "release")) ||
        !json_is_string(json_object_get(facts, "prefix")) ||
        !json_is_string(json_object_get(facts, "library"))) {
        return cd_error_set(reterr, CD_E_BAD_TYPE, "'%.200s' answers oddly", python);
    }
    if (json_object_set_new(facts, "path", cd_json_textz(python))) {
        return cd_oom(reterr);
    }
    *ret = cd_take(facts);
    return CD_OK;
}

cd_result bridge_python_fits(const json_t *facts, struct cd_error *reterr)
{
    const char *path = json_string_value(json_object_get(facts, "path"));
    const char *release = json_string_value(json_object_get(facts, "release"));
    const json_int_t major = json_integer_value(json_object_get(facts, "major"));
    const json_int_t minor = json_integer_value(json_object_get(facts, "minor"));

    if (major != 3 || minor < 12) {
        return cd_error_set(reterr, CD_E_UNSUPPORTED,
                            "'%s' is Python %s; 3.12 or newer is needed: choose one with --python "
                            "PATH",
                            path, release);
    }
    if (json_is_true(json_object_get(facts, "free_threaded"))) {
        return cd_error_set(reterr, CD_E_UNSUPPORTED,
                            "'%s' is a free-threaded build of Python %s, which is not supported: "
                            "choose one with a GIL with --python PATH",
                            path, release);
    }
    if (minor > 99 || !bridge_python_have_module((int)minor)) {
        return cd_error_set(reterr, CD_E_NOT_FOUND,
                            "celldap has no kernel for Python 3.%d here: build it with "
                            "-DCELLDAP_PYTHON=%s, or choose another with --python PATH",
                            (int)minor, path);
    }
    return CD_OK;
}
