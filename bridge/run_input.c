/* SPDX-License-Identifier: BSD-3-Clause
 *
 * input() of a cell answered from the terminal that `celldap run` was started in: the loop goes on
 * while the user types, so an interrupt or the kernel's end is seen. Run's one thread.
 */
#include "bridge/run_impl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define LINE_BYTES  4096   /* a terminal gives no longer line */
#define END_OF_FILE "\x04" /* what the kernel turns into EOFError */

struct bridge_run_input {
    uv_poll_t poll;
    bridge_run_line_fn fn;
    void *ctx;
    bool asking;
    bool no_echo;
    struct termios before;
};

struct bridge_run_input *bridge_run_input_new(uv_loop_t *loop, bridge_run_line_fn fn, void *ctx)
{
    struct bridge_run_input *in = isatty(STDIN_FILENO) == 1 ? calloc(1, sizeof(*in)) : NULL;
    if (!in) {
        return NULL;
    }
    in->fn = fn;
    in->ctx = ctx;
    if (uv_poll_init(loop, &in->poll, STDIN_FILENO)) {
        free(in);
        return NULL;
    }
    in->poll.data = in;
    return in;
}

void bridge_run_input_stop(struct bridge_run_input *in)
{
    if (!in || !in->asking) {
        return;
    }
    in->asking = false;
    (void)uv_poll_stop(&in->poll);
    if (in->no_echo) {
        in->no_echo = false;
        (void)tcsetattr(STDIN_FILENO, TCSANOW, &in->before);
        (void)putchar('\n');
        (void)fflush(stdout);
    }
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
    struct bridge_run_input *in = poll->data;
    char line[LINE_BYTES + 1];
    (void)events;
    ssize_t n = status < 0 ? 0 : read(STDIN_FILENO, line, LINE_BYTES);
    bridge_run_input_stop(in);
    if (n <= 0) {
        in->fn(in->ctx, END_OF_FILE);
        return;
    }
    line[n] = '\0';
    line[strcspn(line, "\n")] = '\0';
    in->fn(in->ctx, line);
}

void bridge_run_input_ask(struct bridge_run_input *in, const char *prompt, bool password)
{
    (void)fputs(prompt, stdout);
    (void)fflush(stdout);
    if (password && tcgetattr(STDIN_FILENO, &in->before) == 0) {
        struct termios quiet = in->before;
        quiet.c_lflag &= ~(tcflag_t)ECHO;
        in->no_echo = tcsetattr(STDIN_FILENO, TCSANOW, &quiet) == 0;
    }
    in->asking = true;
    if (uv_poll_start(&in->poll, UV_READABLE, on_readable)) {
        bridge_run_input_stop(in);
        in->fn(in->ctx, END_OF_FILE);
    }
}

static void on_closed(uv_handle_t *handle)
{
    free(handle->data);
}

void bridge_run_input_close(struct bridge_run_input *in)
{
    if (in) {
        bridge_run_input_stop(in);
        uv_close((uv_handle_t *)&in->poll, on_closed);
    }
}
