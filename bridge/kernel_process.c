/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A kernel process on the bridge's loop: see kernel_process.h. Its connection file is watched for
 * the ports; its end is reported after its pipes were read empty.
 */
#include "bridge/kernel_process_impl.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DRAIN_MS 100 /* a grandchild may keep the pipes open for ever */

void bridge_process_closed(uv_handle_t *h)
{
    struct bridge_process *p = h->data;

    if (--p->open_handles == 0) {
        json_decref(p->command);
        free(p);
    }
}

static void keep_words(struct bridge_process *p, const char *bytes, size_t len)
{
    if (len > BRIDGE_LAST_WORDS_BYTES) {
        bytes += len - BRIDGE_LAST_WORDS_BYTES;
        len = BRIDGE_LAST_WORDS_BYTES;
    }
    if (p->words_len + len > BRIDGE_LAST_WORDS_BYTES) {
        size_t drop = p->words_len + len - BRIDGE_LAST_WORDS_BYTES;

        memmove(p->words, p->words + drop, p->words_len - drop);
        p->words_len -= drop;
    }
    memcpy(p->words + p->words_len, bytes, len);
    p->words_len += len;
    p->words[p->words_len] = '\0';
}

void bridge_process_report_end(struct bridge_process *p)
{
    if (p->ended && !p->closing && p->events.exited) {
        void (*exited)(void *, int64_t, int) = p->events.exited;

        p->events.exited = NULL;
        uv_timer_stop(&p->drain);
        exited(p->events.ctx, p->status, p->signal);
    }
}

static void on_drained(uv_timer_t *t)
{
    bridge_process_report_end(t->data);
}

static void on_ended(uv_process_t *process, int64_t status, int signal)
{
    struct bridge_process *p = process->data;

    (void)kill(-p->pid, SIGKILL); /* what it left in its group */
    p->pid = 0;
    p->ended = true;
    p->status = status;
    p->signal = signal;
    if (p->closing) {
        return;
    }
    if (p->eof == 2) {
        bridge_process_report_end(p);
    } else {
        uv_timer_start(&p->drain, on_drained, DRAIN_MS, 0);
    }
}

static void on_alloc(uv_handle_t *h, size_t suggested, uv_buf_t *buf)
{
    static char bytes[65536]; /* one loop, used before the next read */

    (void)h;
    (void)suggested;
    *buf = uv_buf_init(bytes, sizeof bytes);
}

static void on_words(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    struct bridge_process *p = stream->data;

    if (n > 0) {
        keep_words(p, buf->base, (size_t)n);
        if (p->events.words && !p->closing) {
            p->events.words(p->events.ctx, stream == (uv_stream_t *)&p->err, buf->base, (size_t)n);
        }
        return;
    }
    if (n < 0) {
        uv_read_stop(stream);
        if (++p->eof == 2) {
            bridge_process_report_end(p);
        }
    }
}

static void on_changed(uv_fs_event_t *watch, const char *file, int events, int status)
{
    struct bridge_process *p = watch->data;
    struct wire_connection c;

    (void)file;
    (void)events;
    (void)status;
    if (p->in_terminal && !p->closing) {
        bridge_terminal_look(p);
    }
    if (p->ports_known || p->closing || wire_connection_read(p->connection_file, &c, NULL)) {
        return;
    }
    for (int i = 0; i < WIRE_CHANNEL_COUNT; i++) {
        if (c.port[i] == 0 && !(p->foreign && i == WIRE_DEBUG)) {
            return;
        }
    }
    p->ports_known = true;
    if (!p->in_terminal) {
        uv_fs_event_stop(watch);
    }
    p->events.ports(p->events.ctx, &c);
}

static void on_ports_chosen(uv_timer_t *t)
{
    struct bridge_process *p = t->data;

    on_changed(&p->watch, NULL, 0, 0);
}

static void init_handles(uv_loop_t *loop, struct bridge_process *p)
{
    uv_pipe_init(loop, &p->out, 0);
    uv_pipe_init(loop, &p->err, 0);
    uv_fs_event_init(loop, &p->watch);
    uv_timer_init(loop, &p->drain);
    p->process.data = p->out.data = p->err.data = p->watch.data = p->drain.data = p;
}

static cd_result spawn(uv_loop_t *loop, struct bridge_process *p,
                       const struct bridge_process_config *config, struct cd_error *reterr)
{
    struct bridge_strings argv = {0}, env = {0};
    uv_stdio_container_t stdio[3] = {
        {.flags = UV_IGNORE},
        {.flags = (uv_stdio_flags)(UV_CREATE_PIPE | UV_WRITABLE_PIPE),
         .data.stream = (uv_stream_t *)&p->out},
        {.flags = (uv_stdio_flags)(UV_CREATE_PIPE | UV_WRITABLE_PIPE),
         .data.stream = (uv_stream_t *)&p->err},
    };
    uv_process_options_t options = {.exit_cb = on_ended,
                                    .flags = UV_PROCESS_DETACHED,
                                    .stdio_count = 3,
                                    .stdio = stdio,
                                    .cwd = config->cwd};
    cd_result r = CD_ERR;
    int rc;

    if (bridge_kernel_arguments(config, p->connection_file, &argv, reterr) != CD_OK ||
        bridge_kernel_environment(config, &env, reterr) != CD_OK) {
        goto out;
    }
    options.file = argv.v[0];
    options.args = argv.v;
    options.env = env.v;
    rc = uv_spawn(loop, &p->process, &options);
    p->spawned = true; /* the handle is initialised even when it fails */
    p->open_handles++;
    if (rc != 0) {
        cd_error_set(reterr, CD_E_KERNEL, "cannot start '%s'%s%s: %s", argv.v[0],
                     config->cwd ? " in " : "", config->cwd ? config->cwd : "", uv_strerror(rc));
        goto out;
    }
    p->pid = p->process.pid;
    r = CD_OK;
out:
    bridge_strings_done(&argv);
    bridge_strings_done(&env);
    return r;
}

cd_result bridge_process_start(uv_loop_t *loop, const struct bridge_process_config *config,
                               const struct bridge_process_events *events,
                               struct bridge_process **ret, struct cd_error *reterr)
{
    struct bridge_process *p = calloc(1, sizeof *p);
    int rc;

    if (!p) {
        return cd_oom(reterr);
    }
    p->events = *events;
    p->runner_fd = -1;
    p->foreign = config->foreign != NULL;
    (void)snprintf(p->folder, sizeof p->folder, "%s", config->folder);
    (void)snprintf(p->connection_file, sizeof p->connection_file, "%s/%s", config->folder,
                   config->file_name ? config->file_name : "connection.json");
    p->ports_known = config->known_connection;
    if (!config->known_connection &&
        bridge_connection_new(p->connection_file, config->foreign != NULL, reterr) != CD_OK) {
        free(p);
        return CD_ERR;
    }
    init_handles(loop, p);
    p->open_handles = 4;
    rc = uv_fs_event_start(&p->watch, on_changed, config->folder, 0);
    if (rc != 0) {
        cd_error_set(reterr, CD_E_SYSTEM, "cannot watch '%s': %s", config->folder, uv_strerror(rc));
    } else if (config->in_terminal) {
        if (bridge_terminal_prepare(p, config, reterr) == CD_OK) {
            *ret = p;
            return CD_OK;
        }
    } else if (spawn(loop, p, config, reterr) == CD_OK) {
        uv_read_start((uv_stream_t *)&p->out, on_alloc, on_words);
        uv_read_start((uv_stream_t *)&p->err, on_alloc, on_words);
        if (config->foreign) { /* its ports are known: look at the file as soon as we can */
            uv_timer_start(&p->drain, on_ports_chosen, 0, 0);
        }
        *ret = p;
        return CD_OK;
    }
    bridge_process_close(p);
    return CD_ERR;
}

int bridge_process_pid(const struct bridge_process *p)
{
    return p->pid;
}

json_t *bridge_process_command(const struct bridge_process *p)
{
    return p->command;
}

const char *bridge_process_connection_file(const struct bridge_process *p)
{
    return p->connection_file;
}

void bridge_process_kill(struct bridge_process *p)
{
    if (p->in_terminal && !p->runner_open) {
        bridge_terminal_give_up(p);
    }
    if (p->pid > 0) {
        (void)kill(-p->pid, SIGKILL);
    }
}

const char *bridge_process_last_words(const struct bridge_process *p)
{
    return p->words;
}

void bridge_process_close(struct bridge_process *p)
{
    p->closing = true;
    uv_close((uv_handle_t *)&p->out, bridge_process_closed);
    uv_close((uv_handle_t *)&p->err, bridge_process_closed);
    uv_close((uv_handle_t *)&p->watch, bridge_process_closed);
    uv_close((uv_handle_t *)&p->drain, bridge_process_closed);
    bridge_terminal_close(p);
    if (p->spawned) {
        uv_close((uv_handle_t *)&p->process, bridge_process_closed);
    }
}
