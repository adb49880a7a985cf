/* SPDX-License-Identifier: BSD-3-Clause
 *
 * See child.h. The parent's debugger answers `celldap/child` at once, whatever its Python does; a
 * parent that is gone or has no debugger costs this process CHILD_WAIT_MS and nothing else.
 */
#include "kernel/child.h"

#include "dap/base/log.h"
#include "kernel/channels/channels.h"
#include "kernel/folders.h"
#include "kernel/host.h"
#include "kernel/main.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* For the parent's answer; the first hit waits as long for a client. */
#define CHILD_WAIT_MS 2000

static struct kernel the_child = {.stop_fd = -1, .settled_fd = -1};

static char connection_file[sizeof the_child.cell_prefix + 32];

static cd_result write_connection(struct kernel *k, const struct wire_connection *parent,
                                  struct cd_error *reterr)
{
    struct wire_connection own = {.transport = WIRE_TCP};

    (void)snprintf(own.ip, sizeof own.ip, "127.0.0.1");
    (void)snprintf(own.kernel_name, sizeof own.kernel_name, "celldap-child");
    memcpy(own.key, parent->key, sizeof own.key);
    memcpy(own.curve_public, parent->curve_public, sizeof own.curve_public);
    memcpy(own.curve_secret, parent->curve_secret, sizeof own.curve_secret);
    k->connection = own;
    if (kernel_cell_folder(k->cell_prefix, sizeof k->cell_prefix, reterr) != CD_OK ||
        kernel_init_debug(k, reterr) != CD_OK) {
        return CD_ERR;
    }
    (void)snprintf(connection_file, sizeof connection_file, "%sconnection.json", k->cell_prefix);
    return wire_connection_write(connection_file, &k->connection, reterr);
}

/* CELLDAP_CHILD_WAIT_MS is for machines where no editor makes it in time. */
static int64_t wait_ms(void)
{
    const char *text = getenv("CELLDAP_CHILD_WAIT_MS");
    const long ms = text ? strtol(text, NULL, 10) : 0;
    return ms > 0 && ms <= 600000 ? ms : CHILD_WAIT_MS;
}

/* Waits for the reply to our one request. New, or NULL. */
static json_t *answer_of(struct wire_socket *socket, struct wire_signer *signer)
{
    const int64_t end = kernel_now_ms() + wait_ms();
    int64_t left;

    while ((left = end - kernel_now_ms()) > 0) {
        struct wire_msg *raw = NULL;
        const int got = wire_socket_recv(socket, signer, &raw, NULL);
        wire_automsg struct wire_msg *m = raw;
        if (got > 0 && strcmp(wire_msg_type(m), "debug_reply") == 0) {
            return json_incref(m->content);
        }
        if (got == 0) {
            (void)wire_poll(&socket, 1, NULL, 0, (int)left);
        }
    }
    return NULL;
}

/* *ret: new, the body of celldap/child's response; NULL: the parent did not answer. */
static cd_result ask_parent(struct kernel *k, const struct wire_connection *parent,
                            const struct kernel_child_config *config, json_t **ret,
                            struct cd_error *reterr)
{
    struct wire_signer *signer = wire_signer_new(parent->key, reterr);
    struct wire_socket *socket = signer ? wire_socket_new(k->context, WIRE_DEALER, reterr) : NULL;
    json_t *request =
        json_pack("{s:i, s:s, s:s, s:{s:i, s:o, s:s}}", "seq", 1, "type", "request", "command",
                  "celldap/child", "arguments", "pid", (int)getpid(), "name",
                  cd_json_textz(config->program), "connectionFile", connection_file);
    struct wire_msg *m = wire_msg_new("debug_request", NULL, request);
    cd_result result = CD_ERR;

    if (socket && m && wire_socket_connect(socket, parent, WIRE_DEBUG, reterr) == CD_OK) {
        result = wire_socket_send(socket, signer, cd_take(m), reterr);
    }
    if (result == CD_OK) {
        json_auto_t *response = answer_of(socket, signer);
        *ret = json_incref(json_object_get(response, "body"));
    }
    wire_msg_free(m);
    wire_socket_free(socket);
    wire_signer_free(signer);
    return result;
}

static cd_result start(struct kernel *k, const struct kernel_child_config *config,
                       struct cd_error *reterr)
{
    kernel_host_fill(k);
    k->interp = pyx_interp_ops();
    k->engine = pyx_engine_ops(&k->engine_host);
    const struct interp_config interp = {.python = "",
                                         .package_dir = k->package_dir,
                                         .cell_prefix = k->cell_prefix,
                                         .session = k->session,
                                         .connection_file = config->parent,
                                         .plain = true,
                                         .child = true,
                                         .fork = config->fork,
                                         .host = &k->interp_host};
    if (k->interp->start(&interp, reterr) != CD_OK) {
        return CD_ERR;
    }
    if (sem_init(&k->inherited_done, 0, 0)) {
        return cd_error_errno(reterr, errno, "cannot make a semaphore");
    }
    kernel_thread_need(k, KERNEL_DEBUG);
    while (sem_wait(&k->inherited_done) && errno == EINTR) {
    }
    kernel_python_settle(k); /* the breakpoints are in place before the program begins */
    return CD_OK;
}

static void give_up(struct kernel *k)
{
    kernel_cell_folder_remove(k->cell_prefix);
    kernel_done(k);
    k->pid = 0;
}

cd_result kernel_child_start(const struct kernel_child_config *config, bool *ret_debugged,
                             struct cd_error *reterr)
{
    struct kernel *k = &the_child;
    struct wire_connection parent;

    *ret_debugged = false;
    if (k->pid != 0) { /* of the process that this one was forked from: its threads are not here */
        const struct kernel blank = {.stop_fd = -1, .settled_fd = -1};

        memcpy(k, &blank, sizeof *k);
    }
    (void)pthread_mutex_init(&k->run_mu, NULL);
    (void)pthread_mutex_init(&k->threads_mu, NULL);
    (void)pthread_mutex_init(&k->shells_mu, NULL);
    if (wire_connection_read(config->parent, &parent, reterr) != CD_OK) {
        return CD_ERR;
    }
    if (parent.port[WIRE_DEBUG] == 0) {
        return cd_error_set(reterr, CD_E_MISSING, "'%s' names no debug_port", config->parent);
    }
    k->pid = getpid();
    json_object_seed(0);
    cd_log_init(-1, CD_LOG_ERROR);
    (void)snprintf(k->session, sizeof k->session, "child-%ld", (long)k->pid);
    wire_msg_session(k->session, "celldap");
    json_t *body = NULL;
    if (kernel_package_dir(k->package_dir, sizeof k->package_dir, reterr) != CD_OK ||
        write_connection(k, &parent, reterr) != CD_OK ||
        ask_parent(k, &parent, config, &body, reterr) != CD_OK) {
        give_up(k);
        return CD_ERR;
    }
    if (!json_is_true(json_object_get(body, "attached"))) {
        json_decref(body);
        give_up(k);
        return CD_OK;
    }
    (void)json_object_set_new(body, "waitMs", json_integer(wait_ms()));
    k->inherited = body;
    if (start(k, config, reterr) != CD_OK) {
        give_up(k);
        return CD_ERR;
    }
    *ret_debugged = true;
    return CD_OK;
}

void kernel_child_stop(void)
{
    struct kernel *k = &the_child;

    if (k->pid != getpid()) {
        return;
    }
    k->pid = 0;
    cd_queue_close(k->arm); /* not joined: what runs there may be the user's and never end */
    cd_queue_close(k->assist);
    cd_queue_close(k->debug);
    kernel_thread_join(k, KERNEL_DEBUG);
    kernel_cell_folder_remove(k->cell_prefix);
}
