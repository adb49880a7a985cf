/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Sockets over tcp loopback and ipc: routing, signatures, events, heartbeat, the end of a context.
 */
#include "kernel/wire/zmq_socket.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cmocka.h>

#define GUARD_MS 60000

struct fixture {
    struct wire_context *context;
    struct wire_connection c;
    struct wire_signer *signer;
    char dir[64];
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    assert_non_null(f);
    f->context = wire_context_new(NULL);
    f->signer = wire_signer_new("key", NULL);
    (void)snprintf(f->c.ip, sizeof f->c.ip, "127.0.0.1");
    (void)snprintf(f->dir, sizeof f->dir, "/tmp/celldap-test-XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    wire_msg_session("session", "tester");
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    wire_context_free(f->context);
    wire_signer_free(f->signer);
    assert_int_equal(rmdir(f->dir), 0); /* ipc sockets are gone */
    free(f);
    return 0;
}

static struct wire_socket *bound(struct fixture *f, enum wire_socket_type type,
                                 enum wire_channel channel)
{
    struct cd_error err = CD_ERROR_INIT;
    struct wire_socket *s = wire_socket_new(f->context, type, &err);
    assert_non_null(s);
    if (wire_socket_bind(s, &f->c, channel, &err)) {
        fail_msg("%s", err.text);
    }
    assert_true(f->c.port[channel] > 0);
    return s;
}

static struct wire_socket *connected(struct fixture *f, enum wire_socket_type type,
                                     enum wire_channel channel, const char *identity)
{
    struct cd_error err = CD_ERROR_INIT;
    struct wire_socket *s = wire_socket_new(f->context, type, &err);
    assert_non_null(s);
    if (identity) {
        assert_int_equal(wire_socket_identity(s, identity, strlen(identity), NULL), CD_OK);
    }
    if (wire_socket_connect(s, &f->c, channel, &err)) {
        fail_msg("%s", err.text);
    }
    return s;
}

static struct wire_msg *receive(struct fixture *f, struct wire_socket *s)
{
    struct wire_msg *m = NULL;
    struct cd_error err = CD_ERROR_INIT;
    int got = 0;
    while (got == 0) {
        assert_int_equal(wire_poll(&s, 1, NULL, 0, GUARD_MS), 1);
        got = wire_socket_recv(s, f->signer, &m, &err);
    }
    if (got < 0) {
        fail_msg("%s", err.text);
    }
    return m;
}

static void send_request(struct fixture *f, struct wire_socket *s, const char *type)
{
    struct wire_msg *m = wire_msg_new(type, NULL, json_pack("{s:i}", "n", 1));
    assert_int_equal(wire_msg_add_buffer(m, "buf", 3, NULL), CD_OK);
    assert_int_equal(wire_socket_send(s, f->signer, m, NULL), CD_OK);
}

static void request_and_reply(struct fixture *f)
{
    struct wire_socket *router = bound(f, WIRE_ROUTER, WIRE_SHELL);
    struct wire_socket *a = connected(f, WIRE_DEALER, WIRE_SHELL, "client-a");
    struct wire_socket *b = connected(f, WIRE_DEALER, WIRE_SHELL, "client-b");
    send_request(f, a, "from_a");
    struct wire_msg *request = receive(f, router);
    assert_string_equal(wire_msg_type(request), "from_a");
    assert_int_equal(request->ident_count, 1);
    assert_memory_equal(request->idents[0].data, "client-a", 8);
    assert_int_equal(request->buffer_count, 1);
    struct wire_msg *reply = wire_msg_reply_new("reply_to_a", request, json_object());
    assert_int_equal(wire_socket_send(router, f->signer, reply, NULL), CD_OK);
    struct wire_msg *got = receive(f, a);
    assert_string_equal(wire_msg_type(got), "reply_to_a");
    assert_true(json_equal(got->parent, request->header));
    struct wire_msg *none = NULL;
    assert_int_equal(wire_socket_recv(b, f->signer, &none, NULL), 0);
    wire_msg_free(got);
    wire_msg_free(request);
    wire_socket_free(a);
    wire_socket_free(b);
    wire_socket_free(router);
}

static void a_reply_goes_to_the_client_that_asked_over_tcp(void **state)
{
    request_and_reply(*state);
}

static void a_reply_goes_to_the_client_that_asked_over_ipc(void **state)
{
    struct fixture *f = *state;
    f->c.transport = WIRE_IPC;
    (void)snprintf(f->c.ip, sizeof f->c.ip, "%s/k", f->dir);
    f->c.port[WIRE_HB] = 1;
    request_and_reply(f);
    assert_int_equal(f->c.port[WIRE_SHELL], 2); /* 1 is another channel's */
}

static void a_bad_signature_is_dropped_and_the_socket_goes_on(void **state)
{
    struct fixture *f = *state;
    struct wire_socket *router = bound(f, WIRE_ROUTER, WIRE_CONTROL);
    struct wire_socket *client = connected(f, WIRE_DEALER, WIRE_CONTROL, NULL);
    struct wire_signer *other = wire_signer_new("another key", NULL);
    struct wire_msg *forged = wire_msg_new("forged", NULL, json_object());
    assert_int_equal(wire_socket_send(client, other, forged, NULL), CD_OK);
    send_request(f, client, "honest");
    int refused = 0;
    struct wire_msg *m = NULL;
    while (!m) {
        struct cd_error err = CD_ERROR_INIT;
        assert_int_equal(wire_poll(&router, 1, NULL, 0, GUARD_MS), 1);
        if (wire_socket_recv(router, f->signer, &m, &err) < 0) {
            assert_int_equal(err.id, CD_E_BAD_SIGNATURE);
            refused++;
        }
    }
    assert_int_equal(refused, 1);
    assert_string_equal(wire_msg_type(m), "honest");
    wire_msg_free(m);
    wire_signer_free(other);
    wire_socket_free(client);
    wire_socket_free(router);
}

static void a_new_socket_takes_over_an_identity(void **state)
{
    struct fixture *f = *state;
    struct wire_socket *router = bound(f, WIRE_ROUTER, WIRE_SHELL);
    struct wire_socket *old = connected(f, WIRE_DEALER, WIRE_SHELL, "same");
    send_request(f, old, "first");
    wire_msg_free(receive(f, router));
    struct wire_socket *fresh = connected(f, WIRE_DEALER, WIRE_SHELL, "same");
    send_request(f, fresh, "second");
    struct wire_msg *request = receive(f, router);
    assert_string_equal(wire_msg_type(request), "second");
    struct wire_msg *reply = wire_msg_reply_new("answer", request, json_object());
    assert_int_equal(wire_socket_send(router, f->signer, reply, NULL), CD_OK);
    wire_msg_free(receive(f, fresh));
    wire_msg_free(request);
    wire_socket_free(old);
    wire_socket_free(fresh);
    wire_socket_free(router);
}

static void publish(struct fixture *f, struct wire_socket *xpub, const char *type)
{
    struct wire_msg *m = wire_msg_text_new(type, NULL, "{}", 2);
    assert_int_equal(wire_msg_add_ident(m, type, strlen(type), NULL), CD_OK);
    assert_int_equal(wire_socket_send(xpub, f->signer, m, NULL), CD_OK);
}

/* A subscription or its end that came; its length. */
static size_t subscription(struct wire_socket *xpub, char frame[8])
{
    size_t len = 0;
    int got = 0;
    while (got == 0) {
        assert_int_equal(wire_poll(&xpub, 1, NULL, 0, GUARD_MS), 1);
        got = wire_socket_recv_raw(xpub, frame, 8, &len, NULL);
    }
    assert_int_equal(got, 1);
    return len;
}

static void a_subscriber_is_let_in_when_it_is_answered(void **state)
{
    struct fixture *f = *state;
    struct wire_socket *xpub = bound(f, WIRE_XPUB, WIRE_IOPUB);
    for (int round = 0; round < 3; round++) { /* each after the one before it has gone */
        struct wire_socket *sub = connected(f, WIRE_SUB, WIRE_IOPUB, NULL);
        char frame[8] = {0};
        assert_int_equal(subscription(xpub, frame), 1);
        assert_int_equal(frame[0], 1);
        publish(f, xpub, "early");
        assert_int_equal(wire_socket_answer_subscription(xpub, frame, 1, NULL), CD_OK);
        publish(f, xpub, "late");
        struct wire_msg *back = receive(f, sub);
        assert_string_equal(wire_msg_type(back), "late");
        assert_memory_equal(back->idents[0].data, "late", 4);
        wire_msg_free(back);
        wire_socket_free(sub);
        assert_int_equal(subscription(xpub, frame), 1); /* its end, sent by zeromq */
        assert_int_equal(frame[0], 0);
        assert_int_equal(wire_socket_answer_subscription(xpub, frame, 1, NULL), CD_OK);
    }
    wire_socket_free(xpub);
}

static void an_answer_means_the_subscriber_that_was_read_last(void **state)
{
    struct fixture *f = *state;
    struct wire_socket *xpub = bound(f, WIRE_XPUB, WIRE_IOPUB);
    struct wire_socket *first = connected(f, WIRE_SUB, WIRE_IOPUB, NULL);
    char frame[8] = {0};
    assert_int_equal(subscription(xpub, frame), 1);
    assert_int_equal(wire_socket_answer_subscription(xpub, frame, 1, NULL), CD_OK);
    struct wire_socket *second = connected(f, WIRE_SUB, WIRE_IOPUB, NULL);
    assert_int_equal(subscription(xpub, frame), 1);
    publish(f, xpub, "one");
    assert_int_equal(wire_socket_answer_subscription(xpub, "no subscription", 15, NULL), CD_OK);
    publish(f, xpub, "two");
    assert_int_equal(wire_socket_answer_subscription(xpub, frame, 1, NULL), CD_OK);
    publish(f, xpub, "three");
    static const char *const firsts[] = {"one", "two", "three"};
    for (size_t i = 0; i < 3; i++) {
        struct wire_msg *m = receive(f, first);
        assert_string_equal(wire_msg_type(m), firsts[i]);
        wire_msg_free(m);
    }
    struct wire_msg *m = receive(f, second);
    assert_string_equal(wire_msg_type(m), "three");
    wire_msg_free(m);
    wire_socket_free(first);
    wire_socket_free(second);
    wire_socket_free(xpub);
}

static void the_heartbeat_is_echoed(void **state)
{
    struct fixture *f = *state;
    struct wire_socket *rep = bound(f, WIRE_REP, WIRE_HB);
    struct wire_socket *req = connected(f, WIRE_REQ, WIRE_HB, NULL);
    wire_echo_all(rep); /* nothing there: does not wait */
    for (int i = 0; i < 3; i++) {
        char answer[8];
        size_t len = 0;
        assert_int_equal(wire_socket_send_raw(req, "ping", 4, NULL), CD_OK);
        int got = 0;
        while (got == 0) {
            struct wire_socket *const both[] = {rep, req};
            assert_int_not_equal(wire_poll(both, 2, NULL, 0, GUARD_MS), 0);
            wire_echo_all(rep);
            got = wire_socket_recv_raw(req, answer, sizeof answer, &len, NULL);
        }
        assert_int_equal(len, 4);
        assert_memory_equal(answer, "ping", 4);
    }
    wire_socket_free(req);
    wire_socket_free(rep);
}

static void poll_tells_sockets_and_fds_apart(void **state)
{
    struct fixture *f = *state;
    struct wire_socket *router = bound(f, WIRE_ROUTER, WIRE_SHELL);
    const int fd = eventfd(1, EFD_CLOEXEC);
    const int quiet = eventfd(0, EFD_CLOEXEC);
    const int fds[] = {quiet, fd};
    assert_int_equal(wire_poll(&router, 1, fds, 2, GUARD_MS), 1u << 2);
    assert_int_equal(wire_poll(&router, 1, &quiet, 1, 0), 0);
    assert_true(wire_socket_fd(router) >= 0);
    close(fd);
    close(quiet);
    wire_socket_free(router);
}

static void an_ended_context_is_an_error_not_a_wait(void **state)
{
    struct fixture *f = *state;
    struct wire_socket *router = bound(f, WIRE_ROUTER, WIRE_SHELL);
    struct wire_msg *m = NULL;
    struct cd_error err = CD_ERROR_INIT;
    wire_context_shutdown(f->context);
    assert_int_equal(wire_poll(&router, 1, NULL, 0, GUARD_MS), 1);
    assert_int_equal(wire_socket_recv(router, f->signer, &m, &err), -1);
    assert_int_equal(err.id, CD_E_SYSTEM);
    wire_socket_free(router);
}

static void binding_a_taken_port_names_the_address(void **state)
{
    struct fixture *f = *state;
    struct wire_socket *first = bound(f, WIRE_ROUTER, WIRE_SHELL);
    struct wire_socket *second = wire_socket_new(f->context, WIRE_ROUTER, NULL);
    struct cd_error err = CD_ERROR_INIT;
    assert_int_equal(wire_socket_bind(second, &f->c, WIRE_SHELL, &err), CD_ERR);
    assert_non_null(strstr(err.text, "tcp://127.0.0.1:"));
    assert_non_null(strstr(err.text, "in use"));
    wire_socket_free(first);
    wire_socket_free(second);
}

static void identities_have_1_to_255_bytes(void **state)
{
    struct fixture *f = *state;
    struct wire_socket *s = wire_socket_new(f->context, WIRE_DEALER, NULL);
    char id[256];
    memset(id, 'x', sizeof id);
    assert_int_equal(wire_socket_identity(s, id, 0, NULL), CD_ERR);
    assert_int_equal(wire_socket_identity(s, id, 256, NULL), CD_ERR);
    assert_int_equal(wire_socket_identity(s, id, 255, NULL), CD_OK);
    wire_socket_free(s);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_reply_goes_to_the_client_that_asked_over_tcp),
        TEST(a_reply_goes_to_the_client_that_asked_over_ipc),
        TEST(a_bad_signature_is_dropped_and_the_socket_goes_on),
        TEST(a_new_socket_takes_over_an_identity),
        TEST(a_subscriber_is_let_in_when_it_is_answered),
        TEST(an_answer_means_the_subscriber_that_was_read_last),
        TEST(the_heartbeat_is_echoed),
        TEST(poll_tells_sockets_and_fds_apart),
        TEST(an_ended_context_is_an_error_not_a_wait),
        TEST(binding_a_taken_port_names_the_address),
        TEST(identities_have_1_to_255_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
