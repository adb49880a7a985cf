/* SPDX-License-Identifier: BSD-3-Clause
 *
 * See children.h. Reads /proc; a pid is held by a pidfd before it is looked at again, so that no
 * signal hits a process that took the number over. Must never touch Python.
 */
#include "kernel/children.h"

#include "kernel/channels/channels.h"

#include <ctype.h>
#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PROCESSES_MAX = 65536 };

struct process {
    pid_t pid, parent, group;
    bool ours;
};

struct table {
    struct process *rows; /* owned */
    size_t count, room;
};

static bool read_stat(pid_t pid, struct process *ret)
{
    char path[64], text[1024];
    (void)snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *f = fopen(path, "re");
    const size_t n = f ? fread(text, 1, sizeof text - 1, f) : 0;
    if (f) {
        (void)fclose(f);
    }
    text[n] = '\0';
    char *at = strrchr(text, ')'); /* "pid (name) state ppid pgrp …"; the name may hold anything */
    if (!at || strlen(at) < 5 || at[2] == 'Z') {
        return false;
    }
    at += 4;
    const pid_t parent = (pid_t)strtol(at, &at, 10);
    *ret = (struct process){.pid = pid, .parent = parent, .group = (pid_t)strtol(at, NULL, 10)};
    return true;
}

static void read_table(struct table *t)
{
    DIR *dir = opendir("/proc");
    for (const struct dirent *e; dir && (e = readdir(dir)) && t->count < PROCESSES_MAX;) {
        if (!isdigit((unsigned char)e->d_name[0])) {
            continue;
        }
        if (t->count == t->room) {
            const size_t room = t->room ? 2 * t->room : 256;
            struct process *rows = realloc(t->rows, room * sizeof *rows);
            if (!rows) {
                break;
            }
            t->rows = rows;
            t->room = room;
        }
        t->count += read_stat((pid_t)strtol(e->d_name, NULL, 10), &t->rows[t->count]);
    }
    if (dir) {
        (void)closedir(dir);
    }
}

static bool is_ours(const struct table *t, pid_t pid)
{
    for (size_t i = 0; i < t->count; i++) {
        if (t->rows[i].pid == pid) {
            return t->rows[i].ours;
        }
    }
    return false;
}

static void mark_ours(struct table *t)
{
    const pid_t self = getpid();
    for (bool more = true; more;) {
        more = false;
        for (size_t i = 0; i < t->count; i++) {
            struct process *p = &t->rows[i];
            if (!p->ours && (p->parent == self || is_ours(t, p->parent))) {
                p->ours = more = true;
            }
        }
    }
}

static bool ignores(pid_t pid, int sig)
{
    static const char label[] = "SigIgn:";
    char path[64], line[256];
    unsigned long long ignored = 0;
    (void)snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    FILE *f = fopen(path, "re");
    while (f && fgets(line, sizeof line, f)) {
        if (strncmp(line, label, sizeof label - 1) == 0) {
            ignored = strtoull(line + sizeof label - 1, NULL, 16);
            break;
        }
    }
    if (f) {
        (void)fclose(f);
    }
    return ignored >> (sig - 1) & 1;
}

/* The user's processes that do not ignore sig, in pollfds that hold a pidfd each; their number. */
static size_t children_open(int sig, struct pollfd **ret)
{
    struct table t = {0};
    siginfo_t info;
    size_t n = 0;
    *ret = NULL;
    if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0) {
        return 0; /* there is no child at all, as mostly */
    }
    read_table(&t);
    mark_ours(&t);
    struct pollfd *fds = t.count ? calloc(t.count, sizeof *fds) : NULL;
    for (size_t i = 0; fds && i < t.count; i++) {
        struct process *p = &t.rows[i];
        if (!p->ours || p->group != getpgrp() || ignores(p->pid, sig)) {
            continue;
        }
        const int fd = (int)syscall(SYS_pidfd_open, p->pid, 0u);
        struct process now;
        if (fd >= 0 && read_stat(p->pid, &now) && now.parent == p->parent) {
            fds[n++] = (struct pollfd){.fd = fd, .events = POLLIN};
        } else if (fd >= 0) {
            close(fd);
        }
    }
    free(t.rows);
    *ret = fds;
    return n;
}

static void children_close(struct pollfd *fds_owned, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        close(fds_owned[i].fd);
    }
    free(fds_owned);
}

static void signal_all(const struct pollfd *fds, size_t n, int sig)
{
    for (size_t i = 0; i < n; i++) {
        (void)syscall(SYS_pidfd_send_signal, fds[i].fd, sig, NULL, 0u);
    }
}

void kernel_children_interrupt(void)
{
    struct pollfd *fds;
    const size_t n = children_open(SIGINT, &fds);
    signal_all(fds, n, SIGINT);
    children_close(fds, n);
}

/* How many have not ended; those come first. */
static size_t still_there(struct pollfd *fds, size_t n)
{
    size_t left = 0;
    for (size_t i = 0; i < n; i++) {
        if (fds[i].revents == 0) {
            const struct pollfd alive = fds[i];
            fds[i] = fds[left];
            fds[left++] = alive;
        }
    }
    return left;
}

void kernel_children_end(int grace_ms)
{
    const int64_t deadline = kernel_now_ms() + grace_ms;
    struct pollfd *fds;
    const size_t n = children_open(SIGTERM, &fds);
    size_t left = n;
    signal_all(fds, n, SIGTERM);
    signal_all(fds, n, SIGCONT);
    for (int64_t wait_ms; left > 0 && (wait_ms = deadline - kernel_now_ms()) > 0;) {
        if (poll(fds, left, (int)wait_ms) > 0) {
            left = still_there(fds, left);
        }
    }
    signal_all(fds, left, SIGKILL);
    children_close(fds, n);
}
