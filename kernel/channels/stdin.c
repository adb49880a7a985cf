/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Stdin thread: owns the stdin ROUTER, sends input_requests and takes the answers. And the one
 * outstanding question itself, which the thread that asked waits for by an eventfd. Python's
 * threads call kernel_input_* with the GIL held: nothing here may block.
 */
#include "dap/base/log.h"
#include "kernel/channels/channels.h"
#include "kernel/shells.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct kernel_input {
    pthread_mutex_t mu; /* rank 1; guards all below but fd */
    struct wire_msg
        *client;      /* copy of who may be asked: header and idents of its request, or NULL */
    json_t *question; /* msg_id of the outstanding input_request, or NULL */
    char *answer;
    int fd; /* readable while there is an answer */
    atomic_bool begun;
};

static void receive(struct kernel *k, enum wire_channel channel, struct wire_msg *m_owned);

struct kernel_input *kernel_input_new(struct cd_error *reterr)
{
    struct kernel_input *in = calloc(1, sizeof *in);
    if (!in) {
        (void)cd_oom(reterr);
        return NULL;
    }
    (void)pthread_mutex_init(&in->mu, NULL);
    in->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (in->fd < 0) {
        (void)cd_error_errno(reterr, errno, "cannot make an eventfd");
        kernel_input_free(in);
        return NULL;
    }
    return in;
}

void kernel_input_free(struct kernel_input *in)
{
    if (!in) {
        return;
    }
    if (in->fd >= 0) {
        close(in->fd);
    }
    (void)pthread_mutex_destroy(&in->mu);
    wire_msg_free(in->client);
    json_decref(in->question);
    free(in->answer);
    free(in);
}

/* Under mu. */
static void forget(struct kernel_input *in)
{
    uint64_t n;
    json_decref(in->question);
    in->question = NULL;
    free(in->answer);
    in->answer = NULL;
    (void)!read(in->fd, &n, sizeof n);
}

/* Before the first request that may ask: what came earlier answers nothing, and the thread that
 * would have dropped it does not run yet. */
static void begin(struct kernel *k)
{
    if (atomic_exchange(&k->main->input->begun, true)) {
        return;
    }
    struct wire_signer *signer = kernel_signer(k);
    if (signer) {
        kernel_receive_all(k, WIRE_STDIN, signer, receive);
    }
    wire_signer_free(signer);
    kernel_thread_need(k, KERNEL_STDIN);
}

void kernel_input_client(struct kernel *k, const struct wire_msg *request)
{
    struct kernel_input *in = kernel_shell_current(k)->input;
    if (request) {
        begin(k);
    }
    /* A reply to the request has its header as parent and its identities: what a question needs. */
    struct wire_msg *client =
        request ? wire_msg_reply_new("input_request", request, json_object()) : NULL;
    (void)pthread_mutex_lock(&in->mu);
    struct wire_msg *old = in->client;
    in->client = client;
    forget(in);
    (void)pthread_mutex_unlock(&in->mu);
    wire_msg_free(old);
}

/* New input_request to the client, NULL when there is none. Under mu. */
static struct wire_msg *question_new(const struct kernel_input *in, const char *prompt,
                                     bool password)
{
    if (!in->client || in->question) {
        return NULL;
    }
    struct wire_msg *m = wire_msg_new(
        "input_request", NULL,
        json_pack("{s:o, s:b}", "prompt", cd_json_textz(prompt), "password", password));
    if (!m) {
        return NULL;
    }
    m->parent_text = in->client->parent_text ? strdup(in->client->parent_text) : NULL;
    bool failed = in->client->parent_text && !m->parent_text;
    for (size_t i = 0; !failed && i < in->client->ident_count; i++) {
        const struct wire_blob *ident = &in->client->idents[i];
        failed = wire_msg_add_ident(m, ident->data, ident->len, NULL) != CD_OK;
    }
    if (failed) {
        wire_msg_free(m);
        return NULL;
    }
    return m;
}

int kernel_input_request(struct kernel *k, const char *prompt, bool password)
{
    struct kernel_input *in = kernel_shell_current(k)->input;
    (void)pthread_mutex_lock(&in->mu);
    struct wire_msg *m = question_new(in, prompt, password);
    if (m) {
        in->question = json_string(wire_msg_id(m));
    }
    (void)pthread_mutex_unlock(&in->mu);
    if (!m) {
        return -1;
    }
    (void)kernel_output_mark(k); /* what was printed before the question comes first */
    kernel_send(k, WIRE_STDIN, m);
    return in->fd;
}

int kernel_input_take(struct kernel *k, char **ret)
{
    struct kernel_input *in = kernel_shell_current(k)->input;
    (void)pthread_mutex_lock(&in->mu);
    char *answer = cd_take(in->answer);
    if (answer) {
        forget(in);
    }
    (void)pthread_mutex_unlock(&in->mu);
    *ret = answer ? answer : *ret;
    return answer != NULL;
}

void kernel_input_cancel(struct kernel *k)
{
    struct kernel_input *in = kernel_shell_current(k)->input;
    (void)pthread_mutex_lock(&in->mu);
    forget(in);
    (void)pthread_mutex_unlock(&in->mu);
}

/* An answer counts when a question is open and it names that one, or none (many clients name none).
 */
static bool give(struct kernel_input *in, const json_t *about, char **answer)
{
    (void)pthread_mutex_lock(&in->mu);
    const bool wanted =
        in->question && !in->answer && (!json_is_string(about) || json_equal(about, in->question));
    if (wanted) {
        const uint64_t one = 1;
        in->answer = cd_take(*answer);
        (void)!write(in->fd, &one, sizeof one);
    }
    (void)pthread_mutex_unlock(&in->mu);
    return wanted;
}

static void receive(struct kernel *k, enum wire_channel channel, struct wire_msg *m_owned)
{
    wire_automsg struct wire_msg *m = m_owned;
    const char *value = NULL;
    struct cd_error err = CD_ERROR_INIT;
    (void)channel;
    if (strcmp(wire_msg_type(m), "input_reply") != 0 ||
        cd_json_str(m->content, "content.value", &value, &err)) {
        cd_log(CD_LOG_DEBUG, "stdin", "a '%.40s' is ignored: %s", wire_msg_type(m), err.text);
        return;
    }
    cd_autofree char *answer = strdup(value);
    const json_t *about = json_object_get(m->parent, "msg_id");
    bool given = !answer;
    (void)pthread_mutex_lock(&k->shells_mu);
    for (struct kernel_shell *s = k->main; s && !given; s = s->next) {
        given = give(s->input, about, &answer);
    }
    (void)pthread_mutex_unlock(&k->shells_mu);
    if (!given) {
        cd_log(CD_LOG_DEBUG, "stdin", "an input_reply that nobody waits for is ignored");
    }
}

void kernel_stdin_loop(struct kernel *k)
{
    struct wire_signer *signer = kernel_signer(k);
    const int queue_fd = cd_queue_fd(k->stdin_);
    while (signer && !kernel_drained(k->stdin_)) {
        (void)wire_poll(&k->sockets[WIRE_STDIN], 1, &queue_fd, 1, -1);
        kernel_send_all(k, WIRE_STDIN, signer, k->stdin_);
        kernel_receive_all(k, WIRE_STDIN, signer, receive);
    }
    wire_signer_free(signer);
}
