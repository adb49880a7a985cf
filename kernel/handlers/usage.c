/* SPDX-License-Identifier: BSD-3-Clause
 *
 * usage_request (an extension of ipykernel's that JupyterLab shows) and connect_request. Answered
 * by the channel's thread from /proc, without Python: also while a cell runs.
 */
#include "kernel/handlers/handlers.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* A number behind a name in a file of "Name:   123 kB" lines, in bytes. */
static json_int_t kilobytes(const char *path, const char *name)
{
    char line[256];
    unsigned long long kb = 0;
    FILE *f = fopen(path, "re");
    while (f && fgets(line, sizeof line, f)) {
        const size_t n = strlen(name);
        if (strncmp(line, name, n) == 0 && line[n] == ':') {
            char *end;
            kb = strtoull(line + n + 1, &end, 10);
            break;
        }
    }
    if (f) {
        (void)fclose(f);
    }
    return (json_int_t)(kb * 1024);
}

struct cpu_times {
    double busy, all; /* seconds */
};

/* The machine's, since it started. */
static struct cpu_times host_times(void)
{
    struct cpu_times t = {0};
    char line[512] = "";
    FILE *f = fopen("/proc/stat", "re");
    const char *got = f ? fgets(line, sizeof line, f) : NULL;
    if (f) {
        (void)fclose(f);
    }
    char *at = line + (got ? strcspn(line, " ") : 0);
    for (int i = 0; got && i < 8; i++) {
        const double v = (double)strtoull(at, &at, 10);
        t.all += v;
        t.busy += i == 3 || i == 4 ? 0 : v; /* idle and iowait */
    }
    return t;
}

static double seconds(clockid_t clock)
{
    struct timespec t = {0};
    (void)clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Per cent since the last request; two threads may ask at once, and no harm is done. */
static double percent(_Atomic double *last_part, _Atomic double *last_all, double part, double all)
{
    const double before = *last_all;
    const double share = all > before ? 100 * (part - *last_part) / (all - before) : 0;
    *last_part = part;
    *last_all = all;
    return before > 0 && share > 0 ? share : 0;
}

static json_t *memory_new(void)
{
    static const char info[] = "/proc/meminfo";
    const json_int_t total = kilobytes(info, "MemTotal");
    const json_int_t available = kilobytes(info, "MemAvailable");
    return json_pack("{s:I, s:I, s:f, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "total", total,
                     "available", available, "percent",
                     total > 0 ? 100.0 * (double)(total - available) / (double)total : 0.0, "used",
                     total - available, "free", kilobytes(info, "MemFree"), "active",
                     kilobytes(info, "Active"), "inactive", kilobytes(info, "Inactive"), "buffers",
                     kilobytes(info, "Buffers"), "cached", kilobytes(info, "Cached"), "shared",
                     kilobytes(info, "Shmem"), "slab", kilobytes(info, "Slab"));
}

static json_t *usage_new(const struct kernel *k)
{
    static _Atomic double own_part, own_all, host_part, host_all;
    char host[256] = "";
    (void)gethostname(host, sizeof host - 1);
    const struct cpu_times all = host_times();
    json_int_t memory = kilobytes("/proc/self/smaps_rollup", "Pss");
    if (memory == 0) {
        memory = kilobytes("/proc/self/status", "VmRSS");
    }
    const double cpu =
        percent(&own_part, &own_all, seconds(CLOCK_PROCESS_CPUTIME_ID), seconds(CLOCK_MONOTONIC));
    return json_pack("{s:s, s:i, s:f, s:I, s:f, s:i, s:o}", "hostname", host, "pid", (int)k->pid,
                     "kernel_cpu", cpu, "kernel_memory", memory, "host_cpu_percent",
                     percent(&host_part, &host_all, all.busy, all.all), "cpu_count",
                     (int)sysconf(_SC_NPROCESSORS_ONLN), "host_virtual_memory", memory_new());
}

void kernel_handle_usage(struct kernel *k, enum wire_channel channel, struct wire_msg *m_owned)
{
    wire_automsg struct wire_msg *m = m_owned;
    kernel_publish_status(k, m, "busy");
    kernel_reply(k, channel, m, "usage_reply", usage_new(k));
    kernel_publish_status(k, m, "idle");
}

void kernel_handle_connect(struct kernel *k, enum wire_channel channel, struct wire_msg *m_owned)
{
    wire_automsg struct wire_msg *m = m_owned;
    const int *port = k->connection.port;
    kernel_publish_status(k, m, "busy");
    kernel_reply(k, channel, m, "connect_reply",
                 json_pack("{s:s, s:i, s:i, s:i, s:i, s:i}", "status", "ok", "shell_port",
                           port[WIRE_SHELL], "iopub_port", port[WIRE_IOPUB], "stdin_port",
                           port[WIRE_STDIN], "hb_port", port[WIRE_HB], "control_port",
                           port[WIRE_CONTROL]));
    kernel_publish_status(k, m, "idle");
}
