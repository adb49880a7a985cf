/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What `celldap run` prints: streams as they come, text/plain of results and displays on stdout,
 * tracebacks on stderr (without colours where stderr is no terminal). Run's one thread.
 */
#include "bridge/run_impl.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

void bridge_run_say(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)fflush(stdout);
    (void)fputs("celldap: ", stderr);
    (void)vfprintf(stderr, format, args);
    (void)fputc('\n', stderr);
    va_end(args);
}

/* Colours are ESC [ … letter. */
static void put_plain(const char *text, FILE *out)
{
    while (*text) {
        size_t n = strcspn(text, "\x1b");
        (void)fwrite(text, 1, n, out);
        text += n;
        if (text[0] == '\x1b' && text[1] == '[') {
            text += 2;
            text += strspn(text, "0123456789;:?");
            text += *text != '\0';
        } else if (*text) {
            text++;
        }
    }
}

static void put_traceback(const json_t *lines)
{
    bool colours = isatty(STDERR_FILENO) == 1;
    size_t i;
    json_t *line;
    json_array_foreach(lines, i, line)
    {
        const char *text = json_string_value(line);
        if (!text) {
            continue;
        }
        if (colours) {
            (void)fputs(text, stderr);
        } else {
            put_plain(text, stderr);
        }
        if (!*text || text[strlen(text) - 1] != '\n') {
            (void)fputc('\n', stderr);
        }
    }
}

void bridge_run_print(const char *msg_type, const json_t *content)
{
    if (strcmp(msg_type, "stream") == 0) {
        const char *name = json_string_value(json_object_get(content, "name"));
        const json_t *text = json_object_get(content, "text");
        FILE *out = name && strcmp(name, "stderr") == 0 ? stderr : stdout;
        if (json_is_string(text)) {
            (void)fwrite(json_string_value(text), 1, json_string_length(text), out);
            (void)fflush(out);
        }
    } else if (strcmp(msg_type, "error") == 0) {
        (void)fflush(stdout);
        put_traceback(json_object_get(content, "traceback"));
    } else if (strcmp(msg_type, "execute_result") == 0 || strcmp(msg_type, "display_data") == 0 ||
               strcmp(msg_type, "update_display_data") == 0) {
        const char *text =
            json_string_value(json_object_get(json_object_get(content, "data"), "text/plain"));
        if (text) {
            (void)puts(text);
            (void)fflush(stdout);
        }
    }
}

void bridge_run_say_died(int64_t status, int signal, int cell, const char *last_words)
{
    char how[80];
    if (signal) {
        (void)snprintf(how, sizeof(how), "signal %d, %.40s", signal, strsignal(signal));
    } else {
        (void)snprintf(how, sizeof(how), "exit status %lld", (long long)status);
    }
    if (cell >= 0) {
        bridge_run_say("the kernel died (%s) while cell %d ran", how, cell);
    } else {
        bridge_run_say("the kernel died (%s) before the run was over", how);
    }
    if (*last_words) {
        bridge_run_say("its last words: %s", last_words);
    }
}
