/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What an interpreter answered the last time: $XDG_CACHE_HOME/celldap/interpreter-HASH, a file that
 * begins with the program's identity (path, file times and sizes, its pyvenv.cfg's too). It says
 * which library gets loaded, so a file or folder that others may write to is not believed. A shim
 * script answers by its surroundings: only a real program's answer is kept. One thread.
 */
#include "kernel/loader/answer_cache.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define IDENTITY_BYTES (PATH_MAX + 256)
#define FILE_BYTES     (8 * PATH_MAX)

static int is_elf(const char *path)
{
    char magic[4] = "";
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    const ssize_t n = fd >= 0 ? read(fd, magic, sizeof magic) : -1;
    if (fd >= 0) {
        close(fd);
    }
    return n == sizeof magic && memcmp(magic, "\177ELF", sizeof magic) == 0;
}

static int print_stat(const char *path, char *out, size_t bytes)
{
    struct stat st;
    if (stat(path, &st) != 0) {
        return snprintf(out, bytes, "-");
    }
    return snprintf(out, bytes, "%llu:%llu:%lld:%lld.%09ld:%lld.%09ld",
                    (unsigned long long)st.st_dev, (unsigned long long)st.st_ino,
                    (long long)st.st_size, (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec,
                    (long long)st.st_ctim.tv_sec, st.st_ctim.tv_nsec);
}

static uint64_t hash(const char *text)
{
    uint64_t h = 14695981039346656037u;
    for (; *text; text++) {
        h = (h ^ (unsigned char)*text) * 1099511628211u;
    }
    return h;
}

/* One line that changes when the program, its environment or what we ask is another one. */
static int identity(const char *python, const char *question, char ret[IDENTITY_BYTES])
{
    char config[PATH_MAX], program[120], environment[120];
    const char *slash = strrchr(python, '/');
    if (!slash || strchr(python, '\n') || !is_elf(python)) {
        return -1;
    }
    const int n =
        snprintf(config, sizeof config, "%.*s/../pyvenv.cfg", (int)(slash - python), python);
    if (n < 0 || n >= PATH_MAX || print_stat(python, program, sizeof program) < 0 ||
        print_stat(config, environment, sizeof environment) < 0) {
        return -1;
    }
    const int len = snprintf(ret, IDENTITY_BYTES, "%016llx %s %s %s\n",
                             (unsigned long long)hash(question), program, environment, python);
    return len > 0 && len < IDENTITY_BYTES ? 0 : -1;
}

/* The file of an interpreter; make: its folders too. */
static int cache_path(const char *python, int make, char ret[PATH_MAX])
{
    const char *cache = getenv("XDG_CACHE_HOME");
    const char *home = getenv("HOME");
    const int given = cache && cache[0] == '/';
    if (!given && (!home || home[0] != '/')) {
        return -1;
    }
    char folder[PATH_MAX];
    int n = snprintf(folder, sizeof folder, "%s%s", given ? cache : home, given ? "" : "/.cache");
    for (int level = 0; level < 2; level++) {
        if (n < 0 || n >= PATH_MAX - 64) {
            return -1;
        }
        if (make && mkdir(folder, 0700) != 0 && errno != EEXIST) {
            return -1;
        }
        if (level == 0) {
            n += snprintf(folder + n, sizeof folder - (size_t)n, "/celldap");
        }
    }
    n = snprintf(ret, PATH_MAX, "%s/interpreter-%016llx", folder, (unsigned long long)hash(python));
    struct stat st;
    return n > 0 && n < PATH_MAX && stat(folder, &st) == 0 && st.st_uid == geteuid() &&
                   !(st.st_mode & (S_IWGRP | S_IWOTH))
               ? 0
               : -1;
}

static ssize_t read_own(const char *path, char *out, size_t bytes)
{
    struct stat st;
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) {
        return -1;
    }
    ssize_t n = -1;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == geteuid() &&
        !(st.st_mode & (S_IWGRP | S_IWOTH))) {
        n = read(fd, out, bytes - 1);
    }
    close(fd);
    out[n > 0 ? n : 0] = '\0';
    return n;
}

int answer_cache_read(const char *python, const char *question, char *answer, size_t bytes)
{
    static char text[FILE_BYTES], known[IDENTITY_BYTES];
    char path[PATH_MAX];
    if (identity(python, question, known) || cache_path(python, 0, path) ||
        read_own(path, text, sizeof text) <= 0) {
        return -1;
    }
    const size_t len = strlen(known);
    if (strncmp(text, known, len) != 0 || strlen(text + len) >= bytes) {
        return -1;
    }
    memcpy(answer, text + len, strlen(text + len) + 1);
    return 0;
}

void answer_cache_write(const char *python, const char *question, const char *answer)
{
    static char known[IDENTITY_BYTES];
    char path[PATH_MAX], made[PATH_MAX + 16];
    if (identity(python, question, known) || cache_path(python, 1, path)) {
        return;
    }
    (void)snprintf(made, sizeof made, "%s.%ld", path, (long)getpid());
    const int fd = open(made, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        return;
    }
    const int written = dprintf(fd, "%s%s", known, answer);
    const int whole = written == (int)(strlen(known) + strlen(answer));
    if (close(fd) != 0 || !whole || rename(made, path) != 0) {
        (void)unlink(made);
    }
}
