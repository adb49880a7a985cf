/* SPDX-License-Identifier: BSD-3-Clause
 *
 * See running.h. A kernel is alive when it answers kernel_info on control, which kernels do while
 * they run a cell too. Never prints a key.
 */
#include "bridge/cli/running.h"

#include "bridge/connection_files.h"
#include "kernel/wire/zmq_socket.h"

#include <string.h>
#include <time.h>

#define ANSWER_MS 1000
#define AT_ONCE   16 /* what wire_poll takes */

struct probe {
    json_t *entry; /* borrowed from the list */
    struct wire_socket *socket;
    struct wire_signer *signer;
};

static void probe_done(struct probe *p)
{
    wire_socket_free(p->socket);
    wire_signer_free(p->signer);
    *p = (struct probe){0};
}

/* What is wrong with the file or the connection. */
static void mark_unknown(json_t *entry, const struct cd_error *err)
{
    (void)json_object_set_new(entry, "state", json_string("unknown"));
    (void)json_object_set_new(entry, "error", cd_json_textz(err->text));
}

/* Leaves p without a socket where nobody can answer. */
static cd_result ask(struct probe *p, struct wire_context *zmq, struct cd_error *reterr)
{
    struct wire_connection c;
    const char *file = json_string_value(json_object_get(p->entry, "file"));

    if (wire_connection_read(file, &c, reterr)) {
        return CD_ERR;
    }
    (void)json_object_set_new(p->entry, "kernel_name", cd_json_textz(c.kernel_name));
    if (c.port[WIRE_CONTROL] == 0) {
        return cd_error_set(reterr, CD_E_MISSING, "'%s' names no control port", file);
    }
    if (!bridge_connection_listens(&c)) {
        return CD_OK;
    }
    p->signer = wire_signer_new(c.key, reterr);
    p->socket = p->signer ? wire_socket_new(zmq, WIRE_DEALER, reterr) : NULL;
    if (!p->socket || wire_socket_connect(p->socket, &c, WIRE_CONTROL, reterr)) {
        return CD_ERR;
    }
    struct wire_msg *m = wire_msg_new("kernel_info_request", NULL, json_object());
    return m ? wire_socket_send(p->socket, p->signer, m, reterr) : cd_oom(reterr);
}

/* true: it answered. */
static bool answered(struct probe *p)
{
    struct wire_msg *raw = NULL;
    const json_t *value;

    if (wire_socket_recv(p->socket, p->signer, &raw, NULL) != 1) {
        return false;
    }
    wire_automsg struct wire_msg *m = raw;
    if (strcmp(wire_msg_type(m), "kernel_info_reply") != 0) {
        return false;
    }
    (void)json_object_set_new(p->entry, "state", json_string("alive"));
    value = json_object_get(m->content, "implementation");
    (void)json_object_set_new(p->entry, "implementation", json_deep_copy(value));
    value = json_object_get(m->content, "implementation_version");
    (void)json_object_set_new(p->entry, "version", json_deep_copy(value));
    const json_t *ours = json_object_get(m->content, "celldap");
    (void)json_object_set_new(p->entry, "celldap", json_boolean(ours));
    value = json_object_get(ours, "execution_state");
    if (json_is_string(value)) {
        (void)json_object_set_new(p->entry, "execution_state", json_deep_copy(value));
    }
    value = json_object_get(ours, "last_activity");
    if (json_is_integer(value)) {
        (void)json_object_set_new(p->entry, "last_activity", json_deep_copy(value));
    }
    return true;
}

static int64_t now_ms(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Waits for those that have a socket. */
static void wait_for(struct probe *probes, size_t count)
{
    const int64_t end = now_ms() + ANSWER_MS;

    for (;;) {
        struct wire_socket *sockets[AT_ONCE];
        struct probe *of[AT_ONCE];
        size_t open = 0;
        const int64_t left = end - now_ms();
        for (size_t i = 0; i < count; i++) {
            if (probes[i].socket) {
                of[open] = &probes[i];
                sockets[open++] = probes[i].socket;
            }
        }
        if (open == 0 || left <= 0) {
            return;
        }
        const unsigned ready = wire_poll(sockets, open, NULL, 0, (int)left);
        for (size_t i = 0; i < open; i++) {
            if ((ready & (1u << i)) && answered(of[i])) {
                probe_done(of[i]);
            }
        }
    }
}

static void probe_group(json_t *list, size_t first, struct wire_context *zmq)
{
    struct probe probes[AT_ONCE] = {0};
    size_t count = 0;

    for (size_t i = first; i < json_array_size(list) && count < AT_ONCE; i++, count++) {
        struct cd_error err = CD_ERROR_INIT;
        probes[count].entry = json_array_get(list, i);
        if (ask(&probes[count], zmq, &err)) {
            mark_unknown(probes[count].entry, &err);
            probe_done(&probes[count]);
        }
    }
    wait_for(probes, count);
    for (size_t i = 0; i < count; i++) {
        probe_done(&probes[i]);
    }
}

cd_result bridge_running_kernels(json_t **ret, struct cd_error *reterr)
{
    json_auto_t *list = NULL;

    if (bridge_connection_files(&list, reterr)) {
        return CD_ERR;
    }
    struct wire_context *zmq = wire_context_new(reterr);
    if (!zmq) {
        return CD_ERR;
    }
    for (size_t i = 0; i < json_array_size(list); i += AT_ONCE) {
        probe_group(list, i, zmq);
    }
    wire_context_free(zmq);
    *ret = cd_take(list);
    return CD_OK;
}
