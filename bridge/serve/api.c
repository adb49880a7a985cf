/* SPDX-License-Identifier: BSD-3-Clause
 *
 * /api/…: what the page needs beside DAP. Who asks has shown the token.
 */
#include "bridge/kernel_spawn.h"
#include "bridge/rooms/rooms.h"
#include "bridge/serve/http.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

static void info(struct http_call *c)
{
    const struct bridge_web_config *config = bridge_web_config(c->web);

    http_json(c, 200,
              json_pack("{s:s, s:o, s:o}", "version", CELLDAP_VERSION, "root",
                        cd_json_textz(config->root), "open",
                        config->open ? cd_json_textz(config->open) : json_null()));
}

/* `celldap kernels --json`, run as a process of its own: it waits for kernels that may be dead. */
struct listing {
    struct http_call *call;
    uv_process_t process;
    uv_pipe_t out;
    struct cd_buf text;
    int open_handles;
    bool eof, ended;
};

static void on_closed(uv_handle_t *h)
{
    struct listing *l = h->data;

    if (--l->open_handles == 0) {
        cd_buf_done(&l->text);
        free(l);
    }
}

/* Which notebook a kernel that we started runs. */
static void add_notebooks(const struct http_call *c, json_t *list)
{
    json_auto_t *notebooks =
        bridge_rooms_notebooks(bridge_hub_rooms(bridge_web_config(c->web)->hub));
    json_t *kernel;
    size_t i;

    json_array_foreach(json_object_get(list, "running"), i, kernel)
    {
        const char *file = json_string_value(json_object_get(kernel, "file"));
        json_t *notebook = file ? json_object_get(notebooks, file) : NULL;

        if (notebook) {
            json_object_set(kernel, "notebook", notebook);
        }
    }
}

static void maybe_answer(struct listing *l)
{
    struct cd_error err = CD_ERROR_INIT;
    json_t *list = NULL;

    if (!l->eof || !l->ended) {
        return;
    }
    if (cd_json_load(l->text.data, l->text.len, &list, &err) != CD_OK) {
        http_fail(l->call, 500, "the kernels cannot be listed: %s", err.text);
    } else {
        add_notebooks(l->call, list);
        http_json(l->call, 200, list);
    }
    http_call_unref(l->call);
    uv_close((uv_handle_t *)&l->process, on_closed);
    uv_close((uv_handle_t *)&l->out, on_closed);
}

static void on_alloc(uv_handle_t *h, size_t suggested, uv_buf_t *buf)
{
    static char bytes[65536]; /* one loop, used before the next read */

    (void)h;
    (void)suggested;
    *buf = uv_buf_init(bytes, sizeof bytes);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    struct listing *l = stream->data;

    if (n > 0 && cd_buf_append(&l->text, buf->base, (size_t)n, NULL) == CD_OK) {
        return;
    }
    if (n != 0) {
        uv_read_stop(stream);
        l->eof = true;
        maybe_answer(l);
    }
}

static void on_ended(uv_process_t *process, int64_t status, int signal)
{
    struct listing *l = process->data;

    (void)status;
    (void)signal;
    l->ended = true;
    maybe_answer(l);
}

static void kernels(struct http_call *c)
{
    char folder[PATH_MAX - 16], program[PATH_MAX];
    char *argv[] = {program, "kernels", "--json", NULL};
    struct listing *l = calloc(1, sizeof *l);
    uv_loop_t *loop = bridge_hub_loop(bridge_web_config(c->web)->hub);
    uv_stdio_container_t stdio[3] = {{.flags = UV_IGNORE},
                                     {.flags = (uv_stdio_flags)(UV_CREATE_PIPE | UV_WRITABLE_PIPE)},
                                     {.flags = UV_IGNORE}};
    uv_process_options_t options = {.exit_cb = on_ended, .stdio_count = 3, .stdio = stdio};

    if (!l || bridge_own_folder(folder, sizeof folder, NULL) != CD_OK) {
        free(l);
        http_fail(c, 500, "the kernels cannot be listed");
        return;
    }
    (void)snprintf(program, sizeof program, "%s/celldap", folder);
    options.file = program;
    options.args = argv;
    cd_buf_init(&l->text, 8u * 1024 * 1024);
    uv_pipe_init(loop, &l->out, 0);
    stdio[1].data.stream = (uv_stream_t *)&l->out;
    l->call = c;
    l->process.data = l->out.data = l;
    l->open_handles = 2;
    if (uv_spawn(loop, &l->process, &options) != 0) {
        http_fail(c, 500, "'%s' cannot be run", program);
        uv_close((uv_handle_t *)&l->process, on_closed);
        uv_close((uv_handle_t *)&l->out, on_closed);
        return;
    }
    c->refs++;
    uv_read_start((uv_stream_t *)&l->out, on_alloc, on_read);
}

/* /api/kernels/ID/shutdown, of a kernel that this server started. */
static void end_kernel(struct http_call *c)
{
    static const char before[] = "/api/kernels/", after[] = "/shutdown";
    const char *id = c->path + sizeof before - 1;
    const size_t n = strlen(id);
    struct bridge_room *room = NULL;

    if (n > sizeof after - 1 && strcmp(id + n - (sizeof after - 1), after) == 0) {
        room = bridge_rooms_by_id(bridge_hub_rooms(bridge_web_config(c->web)->hub), id,
                                  n - (sizeof after - 1));
    }
    if (!room) {
        http_fail(c, 404, "this server started no such kernel");
        return;
    }
    bridge_room_shutdown(room);
    http_json(c, 200, json_object());
}

void http_serve_api(struct http_call *c)
{
    static const struct {
        const char *path;
        enum http_method method;
        void (*serve)(struct http_call *c);
    } rows[] = {
        {"/api/info", HTTP_GET, info},
        {"/api/list", HTTP_GET, http_api_list},
        {"/api/file", HTTP_GET, http_api_file_get},
        {"/api/file", HTTP_PUT, http_api_file_put},
        {"/api/kernels", HTTP_GET, kernels},
    };
    bool known = false;

    for (size_t i = 0; i < CD_ARRAY_LEN(rows); i++) {
        if (strcmp(c->path, rows[i].path) == 0) {
            known = true;
            if (c->method == rows[i].method) {
                if (!c->wants_body) { /* else once it is here */
                    rows[i].serve(c);
                }
                return;
            }
        }
    }
    if (c->method == HTTP_POST && strncmp(c->path, "/api/kernels/", 13) == 0) {
        if (!c->wants_body) {
            end_kernel(c);
        }
        return;
    }
    http_fail(c, known ? 405 : 404, known ? "'%s' does not take this method" : "there is no '%s'",
              c->path);
}
