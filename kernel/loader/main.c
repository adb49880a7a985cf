/* SPDX-License-Identifier: BSD-3-Clause
 *
 * celldap-kernel, the program: finds the interpreter, opens its libpython for all to see and our
 * module for nobody else, and calls it (docs/adr/0001-loader-and-module.md). Links only libc, so
 * that the user's extension modules never meet a library of ours by name. One thread.
 */
#include "kernel/main.h"

#include "kernel/loader/interpreter.h"
#include "kernel/options.h"

#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { EXIT_USAGE = 2 };

/* lib/celldap/kernel-3.X.so of the tree that this program is in. */
static int find_module(const struct interpreter *py, char ret[PATH_MAX])
{
    char self[PATH_MAX];
    const ssize_t len = readlink("/proc/self/exe", self, sizeof self - 1);
    if (len <= 0) {
        (void)fprintf(stderr, "celldap-kernel: cannot read /proc/self/exe\n");
        return -1;
    }
    self[len] = '\0';
    *strrchr(self, '/') = '\0';
    const int n = snprintf(ret, PATH_MAX, "%s/../lib/celldap/kernel-%s.so", self, py->version);
    if (n < 0 || n >= PATH_MAX || access(ret, R_OK) != 0) {
        (void)fprintf(
            stderr,
            "celldap-kernel: no kernel for Python %s here ('%s' is missing); build it with "
            "-DCELLDAP_PYTHON=%s\n",
            py->version, ret, py->path);
        return -1;
    }
    return 0;
}

static int check_version(const struct interpreter *py)
{
    int major = 0, minor = 0;
    char *rest = NULL;
    major = (int)strtol(py->version, &rest, 10);
    minor = *rest == '.' ? (int)strtol(rest + 1, NULL, 10) : 0;
    if (major != 3 || minor < 12) {
        (void)fprintf(stderr,
                      "celldap-kernel: '%s' is Python %s; 3.12 or newer is needed, choose one with "
                      "--python PATH\n",
                      py->path, py->release);
        return -1;
    }
    if (py->free_threaded) {
        (void)fprintf(stderr,
                      "celldap-kernel: '%s' is a free-threaded build of Python %s, which is not "
                      "supported; choose one with a GIL with --python PATH\n",
                      py->path, py->release);
        return -1;
    }
    return 0;
}

/* Our module needs these by the same name as the user's extension modules do: where the environment
 * brings its own (conda), that one must be the one. It stays local. */
static void open_environments_libraries(const struct interpreter *py)
{
    static const char *const names[] = {"libstdc++.so.6", "libgcc_s.so.1", "libcrypto.so.3",
                                        "libzmq.so.5"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char path[PATH_MAX];
        const int n = snprintf(path, sizeof path, "%s/lib/%s", py->base_prefix, names[i]);
        /* The system's own folder is searched anyway. */
        if (n > 0 && n < PATH_MAX && strcmp(py->base_prefix, "/usr") != 0 &&
            access(path, R_OK) == 0) {
            (void)dlopen(path, RTLD_NOW | RTLD_LOCAL);
        }
    }
}

/* No shared libpython: the interpreter runs as itself and imports the module. Returns on failure.
 */
static void become_interpreter(const struct interpreter *py, const char *module, int argc,
                               char **argv)
{
    static char code[] =
        "def run():\n"
        "    import sys\n"
        "    from importlib.machinery import ExtensionFileLoader\n"
        "    from importlib.util import module_from_spec, spec_from_file_location\n"
        "    path = sys.argv[1]\n"
        "    loader = ExtensionFileLoader('_celldap', path)\n"
        "    spec = spec_from_file_location('_celldap', path, loader=loader)\n"
        "    module = sys.modules['_celldap'] = module_from_spec(spec)\n"
        "    loader.exec_module(module)\n"
        "    del globals()['run']\n"
        "    sys.exit(module.main(['celldap-kernel', *sys.argv[2:]]))\n"
        "run()\n";
    char utf8[] = "-Xutf8", c[] = "-c", python[] = "--python";
    char **all = calloc((size_t)argc + 8, sizeof *all);
    if (!all) {
        return;
    }
    size_t n = 0;
    all[n++] = (char *)(uintptr_t)py->path;
    all[n++] = utf8;
    all[n++] = c;
    all[n++] = code;
    all[n++] = (char *)(uintptr_t)module;
    for (int i = 1; i < argc; i++) {
        all[n++] = argv[i];
    }
    all[n++] = python; /* the last one counts, and this is absolute */
    all[n++] = (char *)(uintptr_t)py->path;
    (void)execv(py->path, all);
    perror("celldap-kernel: cannot run the interpreter");
    free(all);
}

static int run_module(const struct interpreter *py, const char *path, int argc, char **argv)
{
    open_environments_libraries(py);
    if (!dlopen(py->libpython, RTLD_NOW | RTLD_GLOBAL)) {
        (void)fprintf(stderr, "celldap-kernel: cannot open libpython: %s\n", dlerror());
        return 1;
    }
    void *module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    void *symbol = module ? dlsym(module, "celldap_kernel_main") : NULL;
    if (!symbol) {
        (void)fprintf(stderr, "celldap-kernel: cannot open the kernel module: %s\n", dlerror());
        return 1;
    }
    int (*entry)(int, char **, const struct kernel_loader_info *);
    memcpy(&entry, &symbol, sizeof entry); /* ISO C has no cast for this */
    const struct kernel_loader_info info = {.version = KERNEL_LOADER_VERSION, .python = py->path};
    return entry(argc, argv, &info);
}

int main(int argc, char **argv)
{
    struct kernel_options options;
    static struct interpreter py;
    char module[PATH_MAX];
    if (kernel_options_parse(argc, argv, &options)) {
        return EXIT_USAGE;
    }
    if (options.help) {
        return fputs(kernel_usage, stdout) < 0;
    }
    if (options.version) {
        return puts("celldap-kernel " CELLDAP_VERSION) < 0;
    }
    if (interpreter_ask(options.python, &py) || check_version(&py) || find_module(&py, module)) {
        return EXIT_USAGE;
    }
    if (py.libpython[0]) {
        return run_module(&py, module, argc, argv);
    }
    become_interpreter(&py, module, argc, argv);
    return 1;
}
