/* SPDX-License-Identifier: BSD-3-Clause
 *
 * iopub to the client: text as output events, figures as files with their path told, errors with
 * the place where they were raised. A client that declared celldap/cellOutput gets cells' outputs
 * as they are instead, once.
 */
#include "bridge/edge.h"
#include "bridge/error_place.h"
#include "bridge/figures.h"
#include "bridge/session_impl.h"
#include "dap/base/log.h"

#include <stdlib.h>
#include <string.h>

static void say_json(struct bridge_session *s, const char *category, const json_t *text)
{
    if (json_is_string(text)) {
        bridge_output(s, category, json_string_value(text), json_string_length(text));
    }
}

static void say_figure(struct bridge_session *s, const json_t *data)
{
    struct cd_error err = CD_ERROR_INIT;
    cd_autofree char *path = NULL;

    if (bridge_figure_write(data, s->folder, s->figures + 1, &path, &err) != CD_OK) {
        bridge_say(s, "stderr", "celldap: %s\n", err.text);
    } else if (path) {
        s->figures++;
        bridge_say(s, "stdout", "figure: %s\n", path);
    }
}

static void show_bundle(struct bridge_session *s, const json_t *content)
{
    const json_t *data = json_object_get(content, "data");
    const json_t *text = json_object_get(data, "text/plain");

    if (json_is_string(text)) {
        bridge_say(s, "stdout", "%s\n", json_string_value(text));
    }
    say_figure(s, data);
}

static void show_error(struct bridge_session *s, const struct bridge_exec *e, const json_t *content)
{
    json_t *body = bridge_error_output(s->cells, e, content);

    if (body && !s->client.ansi) {
        const char *text = json_string_value(json_object_get(body, "output"));
        cd_autofree char *plain = text ? strdup(text) : NULL;

        if (plain) {
            size_t n = bridge_strip_ansi(plain, strlen(plain));
            json_object_set_new(body, "output", cd_json_text(plain, n));
        }
    }
    bridge_event(s, "output", body);
}

/* redirectOutput: a program's streams may be nobody's here. */
static bool shows_streams(const struct bridge_session *s)
{
    return s->launch->show_output || s->launch->kind == BRIDGE_LAUNCH_NOTEBOOK;
}

static void show(struct bridge_session *s, const struct bridge_exec *e, const char *type,
                 const json_t *content)
{
    if (strcmp(type, "stream") == 0 && !shows_streams(s)) {
        return;
    }
    if (strcmp(type, "stream") == 0) {
        const char *name = json_string_value(json_object_get(content, "name"));

        say_json(s, name && strcmp(name, "stderr") == 0 ? "stderr" : "stdout",
                 json_object_get(content, "text"));
    } else if (strcmp(type, "execute_result") == 0 || strcmp(type, "display_data") == 0) {
        show_bundle(s, content);
    } else if (strcmp(type, "error") == 0) {
        show_error(s, e, content);
    }
}

static void cell_output_event(struct bridge_session *s, const struct bridge_exec *e,
                              const struct wire_msg *m)
{
    struct bridge_cell_view cell;

    bridge_cells_view(s->cells, e->cell, &cell);
    bridge_event(s, "celldap/cellOutput",
                 json_pack("{s:{s:i, s:s, s:s*}, s:s, s:O, s:O}", "cell", "index", cell.index, "id",
                           cell.id, "uri", cell.uri, "msgType", wire_msg_type(m), "content",
                           m->content, "metadata", m->metadata));
}

static bool is_output(const char *type)
{
    static const char *const types[] = {"stream", "execute_result",      "display_data",
                                        "error",  "update_display_data", "clear_output"};

    for (size_t i = 0; i < CD_ARRAY_LEN(types); i++) {
        if (strcmp(type, types[i]) == 0) {
            return true;
        }
    }
    return false;
}

static void on_output(struct bridge_session *s, struct bridge_exec *e, const struct wire_msg *m)
{
    const char *type = wire_msg_type(m);

    if (e && e->kind == BRIDGE_EXEC_CELL && s->client.cell_output) {
        cell_output_event(s, e, m);
        return;
    }
    if (e && e->kind == BRIDGE_EXEC_CONSOLE && strcmp(type, "execute_result") == 0) {
        json_decref(e->result);
        e->result = json_incref(json_object_get(m->content, "data"));
        say_figure(s, e->result); /* the text is the reply's */
        return;
    }
    show(s, e, type, m->content);
}

static void on_status(struct bridge_session *s, struct bridge_exec *e, const struct wire_msg *m)
{
    const char *state = json_string_value(json_object_get(m->content, "execution_state"));

    if (!state || strcmp(state, "idle") != 0) {
        return;
    }
    bridge_gap_over(s, m);
    if (e && e == s->exec.running) {
        bridge_exec_idle(s);
    } else if (e && !bridge_others_idle(s, e)) {
        bridge_live_idle(e);
    }
}

void bridge_on_iopub(void *ctx, const struct wire_msg *m)
{
    struct bridge_session *s = ctx;
    const char *type = wire_msg_type(m);
    const char *parent = json_string_value(json_object_get(m->parent, "msg_id"));
    /* NULL: a thread that outlived its cell, or code of another client's that is no cell */
    struct bridge_exec *e = bridge_exec_find(s, parent);

    if (e && e->kind == BRIDGE_EXEC_CELL) {
        bridge_keep_message(s, e, m);
    }
    if (is_output(type)) {
        if (e && strcmp(type, "error") == 0) {
            e->failed = true;
        }
        on_output(s, e, m);
    } else if (strcmp(type, "status") == 0) {
        on_status(s, e, m);
    } else if (strcmp(type, "execute_input") == 0 && e) {
        e->execution_count =
            (int)json_integer_value(json_object_get(m->content, "execution_count"));
    } else if (strcmp(type, "execute_input") == 0) {
        bridge_others_input(s, m);
    }
}

/* What the process writes past Python's streams: C code, children. Kernel's own complaints while
 * it starts are kept for the error of the launch. */
void bridge_on_words(void *ctx, bool is_stderr, const char *bytes, size_t len)
{
    struct bridge_session *s = ctx;

    if (s->kernel_state == BRIDGE_KERNEL_READY && shows_streams(s)) {
        bridge_output(s, is_stderr ? "stderr" : "stdout", bytes, len);
    }
}

void bridge_input_clear(struct bridge_session *s)
{
    free(s->input_prompt);
    s->input_prompt = NULL;
}

void bridge_on_input(void *ctx, const char *prompt, bool password)
{
    struct bridge_session *s = ctx;

    bridge_input_clear(s);
    s->input_prompt = strdup(prompt);
    s->input_password = password;
    if (s->client.input) {
        bridge_event(
            s, "celldap/input",
            json_pack("{s:o, s:b}", "prompt", cd_json_textz(prompt), "password", password));
        return;
    }
    bridge_output(s, "stdout", prompt, strlen(prompt));
    bridge_say(s, "console", "%sThe program waits for input: type it here%s.\n",
               prompt[0] ? "\n" : "", password ? " (it will not be shown)" : "");
}
