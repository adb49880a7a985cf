/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The list of shells and the loop that each of them runs. Main's thread is the process's own; a
 * subshell has a thread of Python's and ours at once: it is the user's for the debugger.
 * A subshell is freed by its own thread, after it left the list.
 */
#include "kernel/shells.h"

#include "dap/base/log.h"
#include "kernel/handlers/handlers.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

static _Thread_local struct kernel_shell *current;

static void free_msg(void *m)
{
    wire_msg_free(m);
}

static void shell_free(struct kernel_shell *s)
{
    if (!s) {
        return;
    }
    cd_queue_free(s->run);
    kernel_input_free(s->input);
    if (s->comm_fd >= 0) {
        close(s->comm_fd);
    }
    wire_msg_free(s->created);
    wire_msg_free(s->deleted);
    free(s);
}

static struct kernel_shell *shell_new(struct kernel *k, const char *id, struct cd_error *reterr)
{
    struct kernel_shell *s = calloc(1, sizeof *s);
    if (!s) {
        (void)cd_oom(reterr);
        return NULL;
    }
    s->kernel = k;
    (void)snprintf(s->id, sizeof s->id, "%s", id);
    s->run = cd_queue_new(0, free_msg);
    s->comm_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    s->input = kernel_input_new(reterr);
    if (!s->run || s->comm_fd < 0 || !s->input) {
        (void)cd_error_errno(reterr, errno, "cannot make a shell");
        shell_free(s);
        return NULL;
    }
    return s;
}

cd_result kernel_shells_init(struct kernel *k, struct cd_error *reterr)
{
    k->main = shell_new(k, "", reterr);
    k->comm_routes = json_object();
    current = k->main;
    return k->main && k->comm_routes ? CD_OK : cd_oom(reterr);
}

void kernel_shells_done(struct kernel *k)
{
    current = NULL;
    shell_free(k->main);
    json_decref(k->comm_routes);
    kernel_parent_unref(k->control_parent);
}

void kernel_shells_close(struct kernel *k)
{
    (void)pthread_mutex_lock(&k->shells_mu);
    for (struct kernel_shell *s = k->main; s; s = s->next) {
        cd_queue_close(s->run);
    }
    (void)pthread_mutex_unlock(&k->shells_mu);
}

struct kernel_shell *kernel_shell_current(struct kernel *k)
{
    return current ? current : k->main;
}

/* ---- the list ---- */

/* Deleted, but its last cell still runs. */
static bool is_leaving(const struct kernel_shell *s)
{
    return s != s->kernel->main && cd_queue_closed(s->run);
}

/* Under shells_mu. */
static struct kernel_shell *find(struct kernel *k, const char *id)
{
    struct kernel_shell *s = k->main;
    while (s && (strcmp(s->id, id ? id : "") != 0 || is_leaving(s))) {
        s = s->next;
    }
    return s;
}

bool kernel_shell_exists(struct kernel *k, const char *id)
{
    (void)pthread_mutex_lock(&k->shells_mu);
    const bool there = find(k, id) != NULL;
    (void)pthread_mutex_unlock(&k->shells_mu);
    return there;
}

static bool is_comm(const void *m)
{
    return strncmp(wire_msg_type(m), "comm_", 5) == 0;
}

bool kernel_shell_push(struct kernel *k, const char *id, struct wire_msg *m_owned)
{
    const bool comm = is_comm(m_owned);
    (void)pthread_mutex_lock(&k->shells_mu);
    struct kernel_shell *s = find(k, id);
    if (s) {
        atomic_fetch_add(&s->pending, 1);
        (void)cd_queue_push(s->run, m_owned);
        if (comm) {
            (void)eventfd_write(s->comm_fd, 1);
        }
    }
    (void)pthread_mutex_unlock(&k->shells_mu);
    return s != NULL;
}

void kernel_shells_mark_abort_end(struct kernel *k)
{
    (void)pthread_mutex_lock(&k->shells_mu);
    for (struct kernel_shell *s = k->main; s; s = s->next) {
        struct wire_msg *mark = atomic_exchange(&s->drain, false)
                                    ? wire_msg_new(KERNEL_ABORT_END, NULL, json_object())
                                    : NULL;
        if (mark) {
            (void)cd_queue_push(s->run, mark);
        }
    }
    (void)pthread_mutex_unlock(&k->shells_mu);
}

bool kernel_shells_busy(struct kernel *k)
{
    bool busy = false;
    (void)pthread_mutex_lock(&k->shells_mu);
    for (const struct kernel_shell *s = k->main; s && !busy; s = s->next) {
        busy = atomic_load(&s->busy);
    }
    (void)pthread_mutex_unlock(&k->shells_mu);
    return busy;
}

json_t *kernel_shell_list(struct kernel *k)
{
    json_t *list = json_array();
    (void)pthread_mutex_lock(&k->shells_mu);
    for (const struct kernel_shell *s = k->main->next; s; s = s->next) {
        if (!s->hidden && !is_leaving(s)) {
            (void)json_array_append_new(list, json_string(s->id));
        }
    }
    (void)pthread_mutex_unlock(&k->shells_mu);
    return list;
}

/* ---- where comm messages go ---- */

static const char *request_id(const json_t *content)
{
    const json_t *data = json_object_get(content, "data");
    return json_string_value(json_object_get(json_object_get(data, "content"), "id"));
}

/* Requests that nobody ever answered are forgotten, rather than kept for ever. */
#define MAX_ROUTES 10000

void kernel_shell_comm_sent(struct kernel *k, const char *id)
{
    const struct kernel_shell *s = kernel_shell_current(k);
    (void)pthread_mutex_lock(&k->shells_mu);
    if (json_object_size(k->comm_routes) >= MAX_ROUTES) {
        (void)json_object_clear(k->comm_routes);
    }
    (void)json_object_set_new_nocheck(k->comm_routes, id, json_string(s->id));
    (void)pthread_mutex_unlock(&k->shells_mu);
}

void kernel_shell_of(struct kernel *k, const struct wire_msg *m, char *ret)
{
    const char *asked = json_string_value(json_object_get(m->header, "subshell_id"));
    const char *answers = is_comm(m) ? request_id(m->content) : NULL;
    (void)snprintf(ret, 40, "%s", asked ? asked : "");
    if (!answers) {
        return;
    }
    (void)pthread_mutex_lock(&k->shells_mu);
    const char *from = json_string_value(json_object_get(k->comm_routes, answers));
    if (from) {
        (void)snprintf(ret, 40, "%s", from);
        (void)json_object_del(k->comm_routes, answers);
    }
    (void)pthread_mutex_unlock(&k->shells_mu);
}

/* ---- running ---- */

static void set_running(struct kernel_shell *s, bool running)
{
    struct kernel *k = s->kernel;
    if (s == k->main) {
        (void)pthread_mutex_lock(&k->run_mu);
        k->running = running;
        (void)pthread_mutex_unlock(&k->run_mu);
    }
    atomic_store(&s->busy, running);
    atomic_store(&k->last_active, (long long)time(NULL));
}

void kernel_shell_interrupt(struct kernel *k)
{
    atomic_store(&k->idle_interrupt, atomic_load(&k->main->pending) == 0);
    k->interp->interrupt();
}

static void take_request(struct kernel_shell *s, struct wire_msg *m_owned)
{
    struct kernel *k = s->kernel;
    if (strcmp(wire_msg_type(m_owned), KERNEL_ABORT_END) == 0) {
        s->aborting = false;
        wire_msg_free(m_owned);
        return;
    }
    if ((s->aborting && !is_comm(m_owned)) || atomic_load(&k->stopping)) {
        kernel_abort_request(k, m_owned);
        wire_msg_free(m_owned);
    } else {
        if (s == k->main) {
            k->interp->warm_up();
        }
        set_running(s, true);
        kernel_run_request(k, m_owned);
        set_running(s, false);
    }
    atomic_fetch_sub(&s->pending, 1);
    if (atomic_exchange(&k->exit_asked, false)) {
        kernel_ask_stop(k);
    }
}

void kernel_shell_run(struct kernel_shell *s)
{
    struct kernel *k = s->kernel;
    current = s;
    while (!kernel_drained(s->run)) {
        k->interp->idle(cd_queue_fd(s->run));
        kernel_leave_fork(k);
        struct wire_msg *m = cd_queue_pop(s->run);
        if (m) {
            take_request(s, m);
        }
    }
    k->interp->idle(cd_queue_fd(s->run)); /* swallows an interrupt that came at the last moment */
}

void kernel_shell_run_comms(struct kernel_shell *s)
{
    struct wire_msg *m;
    eventfd_t drained;
    (void)eventfd_read(s->comm_fd, &drained);
    while ((m = cd_queue_pop_if(s->run, is_comm))) {
        kernel_run_beside(s->kernel, m);
        atomic_fetch_sub(&s->pending, 1);
    }
}

/* ---- a subshell's thread ---- */

static void answer_created(struct kernel_shell *s)
{
    if (!s->created) {
        return;
    }
    wire_automsg struct wire_msg *m = cd_take(s->created);
    kernel_reply(s->kernel, WIRE_CONTROL, m, "create_subshell_reply",
                 json_pack("{s:s, s:s}", "status", "ok", "subshell_id", s->id));
    kernel_publish_status(s->kernel, m, "idle");
}

static void answer_deleted(struct kernel *k, struct wire_msg *request_owned)
{
    wire_automsg struct wire_msg *m = request_owned;
    if (m) {
        kernel_reply(k, WIRE_CONTROL, m, "delete_subshell_reply",
                     json_pack("{s:s}", "status", "ok"));
        kernel_publish_status(k, m, "idle");
    }
}

static void unlist(struct kernel_shell *s)
{
    struct kernel *k = s->kernel;
    (void)pthread_mutex_lock(&k->shells_mu);
    struct kernel_shell **at = &k->main;
    while (*at && *at != s) {
        at = &(*at)->next;
    }
    if (*at) {
        *at = s->next;
    }
    (void)pthread_mutex_unlock(&k->shells_mu);
}

static void *subshell_main(void *arg)
{
    struct kernel_shell *s = arg;
    struct kernel *k = s->kernel;
    char name[64];
    kernel_role_enter("celldap-sub");
    (void)snprintf(name, sizeof name, "subshell-%s", s->id);
    k->interp->thread_begin(name);
    answer_created(s);
    kernel_shell_run(s);
    unlist(s);
    k->interp->thread_end();
    answer_deleted(k, cd_take(s->deleted));
    shell_free(s);
    atomic_fetch_sub(&k->subshells_busy, 1);
    return NULL;
}

static void list_last(struct kernel *k, struct kernel_shell *s)
{
    (void)pthread_mutex_lock(&k->shells_mu);
    struct kernel_shell *last = k->main;
    while (last->next) {
        last = last->next;
    }
    last->next = s;
    (void)pthread_mutex_unlock(&k->shells_mu);
}

cd_result kernel_shell_create(struct kernel *k, const char *id, struct wire_msg *request_owned)
{
    struct cd_error err = CD_ERROR_INIT;
    pthread_t thread;
    struct kernel_shell *s = shell_new(k, id, &err);
    if (!s) {
        cd_log(CD_LOG_ERROR, "kernel", "%s", err.text);
        return CD_ERR;
    }
    s->created = request_owned;
    s->hidden = request_owned == NULL;
    list_last(k, s);
    atomic_fetch_add(&k->subshells_busy, 1);
    const int failed = pthread_create(&thread, NULL, subshell_main, s);
    if (failed) {
        cd_log(CD_LOG_ERROR, "kernel", "no thread for a subshell: %s", strerror(failed));
        atomic_fetch_sub(&k->subshells_busy, 1);
        unlist(s);
        s->created = NULL;
        shell_free(s);
        return CD_ERR;
    }
    (void)pthread_detach(thread);
    return CD_OK;
}

bool kernel_shell_delete(struct kernel *k, const char *id, struct wire_msg *request_owned)
{
    struct wire_msg *now = NULL;
    (void)pthread_mutex_lock(&k->shells_mu);
    struct kernel_shell *s = id && *id ? find(k, id) : NULL;
    const bool there = s && !s->hidden;
    if (there) {
        cd_queue_close(s->run);
        if (atomic_load(&s->busy)) { /* its cell may take for ever: the client does not wait */
            now = request_owned;
        } else {
            s->deleted = request_owned;
        }
    }
    (void)pthread_mutex_unlock(&k->shells_mu);
    answer_deleted(k, now);
    return there;
}
