/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The log: one line, one write(2), so that lines of different threads never mix and no lock is
 * needed. Any thread, with or without the GIL.
 * Must never write to stdout, and never more than one line for an entry.
 */
#include "dap/base/log.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LINE_BYTES 1024

static const char *const words[] = {"error", "warn", "info", "debug", "trace"};

/* Set before the first thread; atomic so that a late cd_log_init is not a data race. */
static atomic_int log_fd = STDERR_FILENO;
static atomic_int log_level = CD_LOG_WARN;

void cd_log_init(int fd, enum cd_log_level level)
{
    atomic_store(&log_fd, fd);
    atomic_store(&log_level, (int)level);
}

int cd_log_level_parse(const char *word, enum cd_log_level *ret)
{
    for (size_t i = 0; i < CD_ARRAY_LEN(words); i++) {
        if (strcmp(word, words[i]) == 0) {
            *ret = (enum cd_log_level)i;
            return 1;
        }
    }
    return 0;
}

int cd_log_on(enum cd_log_level level)
{
    return (int)level <= atomic_load_explicit(&log_level, memory_order_relaxed);
}

/* What snprintf stored, of what it wanted to store. */
static size_t stored(int wanted, size_t room)
{
    if (wanted < 0) {
        return 0;
    }
    return (size_t)wanted < room ? (size_t)wanted : room - 1;
}

static size_t format_head(char *line, size_t room, enum cd_log_level level, const char *category)
{
    char thread[16] = "?";
    char when[32] = "";
    struct timespec now;
    struct tm tm;

    clock_gettime(CLOCK_REALTIME, &now);
    if (gmtime_r(&now.tv_sec, &tm)) {
        strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%S", &tm);
    }
    pthread_getname_np(pthread_self(), thread, sizeof(thread));
    return stored(snprintf(line, room, "%s.%03dZ %s %s %s: ", when, (int)(now.tv_nsec / 1000000),
                           words[level], category, thread),
                  room);
}

void cd_log(enum cd_log_level level, const char *category, const char *format, ...)
{
    char line[LINE_BYTES];
    size_t room = sizeof(line) - 1; /* one for the line feed */
    size_t len;
    va_list args;

    if (!cd_log_on(level)) {
        return;
    }
    len = format_head(line, room, level, category);
    va_start(args, format);
    len += stored(vsnprintf(line + len, room - len, format, args), room - len);
    va_end(args);
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)line[i] < 0x20) {
            line[i] = ' ';
        }
    }
    line[len++] = '\n';
    /* Nobody can be told that the log is gone. */
    if (write(atomic_load(&log_fd), line, len) < 0) {
        return;
    }
}
