/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Finds the interpreter and runs it once to learn its version and its shared library; the answer is
 * kept for the next start (answer_cache.c). One thread, before anything else. The answer comes from
 * a program that the user chose; it is still checked.
 */
#include "kernel/loader/interpreter.h"

#include "kernel/loader/answer_cache.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define ANSWER_BYTES (4 * PATH_MAX)

/* -I keeps PYTHON* variables and the current folder out, -S the user's site packages.
 * sys.executable is not what was run, where that is a shim (pyenv). */
static const char question[] = "import sys, sysconfig\n"
                               "c = sysconfig.get_config_var\n"
                               "print(*sys.version_info[:2], sep='.')\n"
                               "print(*sys.version_info[:3], sep='.')\n"
                               "print(sys.base_prefix)\n"
                               "print(c('LIBDIR') or '')\n"
                               "print((c('INSTSONAME') or '') if c('Py_ENABLE_SHARED') else '')\n"
                               "print(int(bool(c('Py_GIL_DISABLED'))))\n"
                               "print(sys.executable)\n";

static bool is_program(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

static int find_on_path(const char *name, char ret[PATH_MAX])
{
    const char *path = getenv("PATH");
    for (const char *p = path ? path : "/usr/local/bin:/usr/bin:/bin"; *p;) {
        const size_t len = strcspn(p, ":");
        const int n = snprintf(ret, PATH_MAX, "%.*s/%s", len ? (int)len : 1, len ? p : ".", name);
        if (n > 0 && n < PATH_MAX && is_program(ret)) {
            return 0;
        }
        p += len + (p[len] == ':');
    }
    return -1;
}

/* Absolute, with no link resolved. */
static int make_absolute(const char *path, char ret[PATH_MAX])
{
    char cwd[PATH_MAX];
    const int n = path[0] == '/'            ? snprintf(ret, PATH_MAX, "%s", path)
                  : getcwd(cwd, sizeof cwd) ? snprintf(ret, PATH_MAX, "%s/%s", cwd, path)
                                            : -1;
    return n > 0 && n < PATH_MAX ? 0 : -1;
}

static int find(const char *python, char ret[PATH_MAX])
{
    char found[PATH_MAX];
    const char *name = python ? python : "python3";
    if (!strchr(name, '/')) {
        if (find_on_path(name, found)) {
            (void)fprintf(
                stderr,
                "celldap-kernel: no '%s' on PATH; choose an interpreter with --python PATH\n",
                name);
            return -1;
        }
        name = found;
    } else if (!is_program(name)) {
        (void)fprintf(stderr, "celldap-kernel: '%s' is no program; --python wants an interpreter\n",
                      name);
        return -1;
    }
    return make_absolute(name, ret);
}

static void run_question(const char *python, int out)
{
    char *const argv[] = {(char *)(uintptr_t)python,   "-I", "-S", "-c",
                          (char *)(uintptr_t)question, NULL};
    const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (dup2(null, STDIN_FILENO) >= 0 && dup2(out, STDOUT_FILENO) >= 0) {
        (void)execv(python, argv);
    }
    _exit(127);
}

static void read_all(int fd, char *out, size_t bytes)
{
    size_t len = 0;
    while (len < bytes - 1) {
        const ssize_t n = read(fd, out + len, bytes - 1 - len);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            break;
        }
        len += (size_t)n;
    }
    out[len] = '\0';
}

/* The exit status of python, or -1. */
static int run(const char *python, char answer[ANSWER_BYTES])
{
    int pipe_fds[2];
    if (pipe2(pipe_fds, O_CLOEXEC)) {
        return -1;
    }
    const pid_t child = fork();
    if (child == 0) {
        run_question(python, pipe_fds[1]);
    }
    close(pipe_fds[1]);
    read_all(pipe_fds[0], answer, ANSWER_BYTES);
    close(pipe_fds[0]);
    int status = -1;
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return child > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int take_line(char **text, char *out, size_t out_bytes)
{
    char *end = strchr(*text, '\n');
    const size_t len = end ? (size_t)(end - *text) : 0;
    if (!end || len >= out_bytes) {
        return -1;
    }
    memcpy(out, *text, len);
    out[len] = '\0';
    *text = end + 1;
    return 0;
}

/* The library in its recorded folder, or under the prefix when the tree was moved. */
static void find_library(struct interpreter *py, const char *libdir, const char *soname)
{
    const char *slash = strrchr(soname, '/');
    const char *name = slash ? slash + 1 : soname;
    const char *const folders[][2] = {
        {libdir, ""}, {py->base_prefix, "/lib"}, {py->base_prefix, "/lib64"}};
    for (size_t i = 0; *name && i < sizeof folders / sizeof folders[0]; i++) {
        char path[PATH_MAX];
        const int n = snprintf(path, sizeof path, "%s%s/%s", folders[i][0], folders[i][1], name);
        if (n > 0 && n < PATH_MAX && access(path, R_OK) == 0) {
            memcpy(py->libpython, path, (size_t)n + 1);
            return;
        }
    }
}

static int parse(char *answer, struct interpreter *py)
{
    char libdir[PATH_MAX], soname[256], gil[4], executable[PATH_MAX];
    char *rest = answer;
    if (take_line(&rest, py->version, sizeof py->version) ||
        take_line(&rest, py->release, sizeof py->release) ||
        take_line(&rest, py->base_prefix, sizeof py->base_prefix) ||
        take_line(&rest, libdir, sizeof libdir) || take_line(&rest, soname, sizeof soname) ||
        take_line(&rest, gil, sizeof gil) || take_line(&rest, executable, sizeof executable)) {
        return -1;
    }
    if (executable[0] == '/' && is_program(executable)) {
        memcpy(py->path, executable, sizeof executable);
    }
    py->free_threaded = strcmp(gil, "1") == 0;
    find_library(py, libdir, soname);
    return 0;
}

int interpreter_ask(const char *python, struct interpreter *ret)
{
    static char answer[ANSWER_BYTES];
    *ret = (struct interpreter){0};
    if (find(python, ret->path)) {
        return -1;
    }
    if (answer_cache_read(ret->path, question, answer, sizeof answer) == 0 &&
        parse(answer, ret) == 0 && ret->libpython[0]) {
        return 0;
    }
    const int status = run(ret->path, answer);
    if (status == 0) {
        answer_cache_write(ret->path, question, answer);
    }
    if (status != 0 || parse(answer, ret)) {
        (void)fprintf(stderr,
                      "celldap-kernel: '%s' does not answer as a Python does (exit status %d)\n",
                      ret->path, status);
        return -1;
    }
    return 0;
}
