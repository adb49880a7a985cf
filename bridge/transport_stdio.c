/* SPDX-License-Identifier: BSD-3-Clause
 *
 * DAP on stdin and stdout: pipes, terminals, sockets, and files (tests, `celldap < file`). Messages
 * are written whole, queued by libuv; while the client does not read, it is not read from.
 */
#include "bridge/transport_stdio.h"

#include "dap/base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define READ_BYTES 65536

struct stdio_transport {
    struct bridge_transport base;
    struct bridge_transport_events events;
    uv_loop_t *loop;
    struct dap_framing *framing;
    union uv_any_handle in, out;
    bool in_is_file, out_is_file;
    int in_fd, out_fd; /* where they are files, else -1 */
    uv_fs_t read;
    bool reading_file; /* read is under way */
    bool input_over, told_gone, closing, freed, paused;
    int open_handles;
    char *file_bytes; /* READ_BYTES, where the input is a file */
};

struct write {
    uv_write_t req;
    struct cd_buf bytes;
};

int bridge_stdio_claim(struct cd_error *reterr)
{
    int fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);

    if (fd < 0) {
        cd_error_errno(reterr, errno, "standard output is not open");
        return -1;
    }
    if (dup2(STDERR_FILENO, STDOUT_FILENO) < 0) {
        int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

        if (null < 0 || dup2(null, STDOUT_FILENO) < 0) {
            cd_error_errno(reterr, errno, "cannot move standard output away");
            close(fd);
            return -1;
        }
        close(null);
    }
    return fd;
}

static void maybe_free(struct stdio_transport *t)
{
    if (t->freed && t->open_handles == 0 && !t->reading_file) {
        if (t->in_fd >= 0) {
            close(t->in_fd);
        }
        if (t->out_fd >= 0) {
            close(t->out_fd);
        }
        dap_framing_free(t->framing);
        free(t->file_bytes);
        free(t);
    }
}

static void on_closed(uv_handle_t *h)
{
    struct stdio_transport *t = h->data;

    t->open_handles--;
    maybe_free(t);
}

static void tell_gone(struct stdio_transport *t)
{
    if (!t->told_gone && !t->freed) {
        t->told_gone = true;
        t->events.gone(t->events.ctx);
    }
}

static void take_bodies(struct stdio_transport *t)
{
    struct cd_error err = CD_ERROR_INIT;
    const char *body;
    size_t len;
    int r = 0;

    while (!t->closing && (r = dap_framing_next(t->framing, &body, &len, &err)) > 0) {
        t->events.message(t->events.ctx, body, len);
    }
    if (r < 0 && !t->closing) {
        t->input_over = true;
        t->events.broken(t->events.ctx, &err);
    }
}

static void take_bytes(struct stdio_transport *t, const char *bytes, size_t len)
{
    struct cd_error err = CD_ERROR_INIT;

    if (t->input_over || t->closing) {
        return;
    }
    if (dap_framing_feed(t->framing, bytes, len, &err) != CD_OK) {
        t->input_over = true;
        t->events.broken(t->events.ctx, &err);
        return;
    }
    take_bodies(t);
}

static void take_end(struct stdio_transport *t)
{
    struct cd_error err = CD_ERROR_INIT;

    if (t->input_over || t->closing) {
        return;
    }
    t->input_over = true;
    if (dap_framing_eof(t->framing, &err) != CD_OK) {
        t->events.broken(t->events.ctx, &err);
    } else {
        tell_gone(t);
    }
}

static void on_alloc(uv_handle_t *h, size_t suggested, uv_buf_t *buf)
{
    static char bytes[READ_BYTES]; /* one loop, used before the next read */

    (void)h;
    (void)suggested;
    *buf = uv_buf_init(bytes, sizeof bytes);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    struct stdio_transport *t = stream->data;

    if (n > 0) {
        take_bytes(t, buf->base, (size_t)n);
    } else if (n < 0) {
        uv_read_stop(stream);
        take_end(t);
    }
}

static void read_file(struct stdio_transport *t);

static void on_file_read(uv_fs_t *req)
{
    struct stdio_transport *t = req->data;
    ssize_t n = req->result;

    uv_fs_req_cleanup(req);
    t->reading_file = false;
    if (t->freed) {
        maybe_free(t);
        return;
    }
    if (n <= 0) {
        take_end(t);
        return;
    }
    take_bytes(t, t->file_bytes, (size_t)n);
    read_file(t);
}

static void read_file(struct stdio_transport *t)
{
    uv_buf_t buf;

    if (t->input_over || t->closing || t->paused ||
        (!t->file_bytes && !(t->file_bytes = malloc(READ_BYTES)))) {
        return;
    }
    buf = uv_buf_init(t->file_bytes, READ_BYTES);
    t->read.data = t;
    t->reading_file = uv_fs_read(t->loop, &t->read, t->in_fd, &buf, 1, -1, on_file_read) == 0;
}

static void start_reading(struct stdio_transport *t)
{
    if (t->in_is_file) {
        read_file(t);
    } else {
        uv_read_start(&t->in.stream, on_alloc, on_read);
    }
}

static void stdio_pause(struct bridge_transport *base, bool paused)
{
    struct stdio_transport *t = (struct stdio_transport *)base;

    if (paused == t->paused || t->input_over || t->closing) {
        return;
    }
    t->paused = paused;
    if (!paused) {
        start_reading(t);
    } else if (!t->in_is_file) {
        uv_read_stop(&t->in.stream);
    }
}

static void on_written(uv_write_t *req, int status)
{
    struct write *w = req->data;
    struct stdio_transport *t = req->handle->data; /* req is a part of w */

    cd_buf_done(&w->bytes);
    free(w);
    if (status < 0 && status != UV_ECANCELED) {
        tell_gone(t);
    } else if (!t->closing && !t->freed) {
        t->events.written(t->events.ctx);
    }
}

static size_t stdio_waiting(const struct bridge_transport *base)
{
    const struct stdio_transport *t = (const struct stdio_transport *)base;

    return t->out_is_file ? 0 : uv_stream_get_write_queue_size(&t->out.stream);
}

static void write_file(struct stdio_transport *t, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t n = write(t->out_fd, bytes, len);

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            cd_log(CD_LOG_ERROR, "dap", "cannot write: %s", strerror(errno));
            return;
        }
        bytes += n;
        len -= (size_t)n;
    }
}

static void stdio_send(struct bridge_transport *base, const char *body, size_t len)
{
    struct stdio_transport *t = (struct stdio_transport *)base;
    struct cd_error err = CD_ERROR_INIT;
    struct write *w;
    uv_buf_t buf;

    if (t->closing) {
        return;
    }
    w = calloc(1, sizeof *w);
    if (!w) {
        return;
    }
    cd_buf_init(&w->bytes, len + 64);
    if (dap_framing_write(&w->bytes, body, len, &err) != CD_OK) {
        cd_log(CD_LOG_ERROR, "dap", "a message was not sent: %s", err.text);
    } else if (t->out_is_file) {
        write_file(t, w->bytes.data, w->bytes.len);
    } else {
        buf = uv_buf_init(w->bytes.data, (unsigned)w->bytes.len);
        w->req.data = w;
        if (uv_write(&w->req, &t->out.stream, &buf, 1, on_written) == 0) {
            return;
        }
    }
    cd_buf_done(&w->bytes);
    free(w);
}

static void on_shutdown(uv_shutdown_t *req, int status)
{
    (void)status;
    if (!uv_is_closing((uv_handle_t *)req->handle)) {
        uv_close((uv_handle_t *)req->handle, on_closed);
    }
    free(req);
}

static void stdio_close(struct bridge_transport *base)
{
    struct stdio_transport *t = (struct stdio_transport *)base;
    uv_shutdown_t *req;

    if (t->closing) {
        return;
    }
    t->closing = true;
    if (!t->in_is_file) {
        uv_close(&t->in.handle, on_closed);
    }
    if (t->out_is_file) {
        return;
    }
    req = calloc(1, sizeof *req);
    /* a terminal cannot be shut down: what is queued there was written at once */
    if (!req || uv_shutdown(req, &t->out.stream, on_shutdown) != 0) {
        free(req);
        uv_close(&t->out.handle, on_closed);
    }
}

void bridge_stdio_free(struct bridge_transport *base)
{
    struct stdio_transport *t = (struct stdio_transport *)base;

    if (t) {
        stdio_close(base);
        t->freed = true;
        maybe_free(t);
    }
}

/* ret_is_file: no stream, to be read and written by plain calls. */
static cd_result open_stream(struct stdio_transport *t, int fd, union uv_any_handle *h,
                             bool *ret_is_file, struct cd_error *reterr)
{
    uv_handle_type type = uv_guess_handle(fd);
    int rc = 0;

    h->handle.data = t;
    if (type == UV_NAMED_PIPE || type == UV_TCP) {
        uv_pipe_init(t->loop, &h->pipe, 0);
        t->open_handles++;
        rc = uv_pipe_open(&h->pipe, fd);
        h->handle.data = t;
        if (rc != 0) {
            uv_close(&h->handle, on_closed);
        }
    } else if (type == UV_TTY) {
        rc = uv_tty_init(t->loop, &h->tty, fd, 0);
        h->handle.data = t;
        t->open_handles += rc == 0;
    } else {
        *ret_is_file = true;
    }
    if (rc != 0) {
        *ret_is_file = true; /* nothing of libuv's to close */
        return cd_error_set(reterr, CD_E_SYSTEM, "cannot use fd %d: %s", fd, uv_strerror(rc));
    }
    return CD_OK;
}

static const struct bridge_transport_ops stdio_ops = {
    .send = stdio_send, .waiting = stdio_waiting, .pause = stdio_pause, .close = stdio_close};

cd_result bridge_stdio_new(uv_loop_t *loop, int in_fd, int out_fd, enum dap_framing_mode mode,
                           const struct bridge_transport_events *events,
                           struct bridge_transport **ret, struct cd_error *reterr)
{
    struct stdio_transport *t = calloc(1, sizeof *t);

    if (!t || !(t->framing = dap_framing_new(mode))) {
        free(t);
        return cd_oom(reterr);
    }
    t->base.ops = &stdio_ops;
    t->events = *events;
    t->loop = loop;
    t->in_fd = t->out_fd = -1;
    t->in_is_file = t->out_is_file = true; /* until they are open */
    bool in_file = false, out_file = false;
    if (open_stream(t, in_fd, &t->in, &in_file, reterr) != CD_OK) {
        bridge_stdio_free(&t->base);
        return CD_ERR;
    }
    t->in_is_file = in_file;
    t->in_fd = in_file ? in_fd : -1;
    if (open_stream(t, out_fd, &t->out, &out_file, reterr) != CD_OK) {
        bridge_stdio_free(&t->base);
        return CD_ERR;
    }
    t->out_is_file = out_file;
    t->out_fd = out_file ? out_fd : -1;
    *ret = &t->base;
    start_reading(t);
    return CD_OK;
}
