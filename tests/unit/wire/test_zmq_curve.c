/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Encrypted sockets: the pair of the connection file opens them, nothing else does.
 */
#include "kernel/wire/zmq_socket.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define GUARD_MS 60000

/* The pairs of zeromq's manual. */
static const char public_key[] = "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7";
static const char secret_key[] = "JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6";
static const char other_public[] = "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID";
static const char other_secret[] = "D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs";

struct fixture {
    struct wire_context *context;
    struct wire_connection c;
    struct wire_signer *signer;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    assert_non_null(f);
    f->context = wire_context_new(NULL);
    f->signer = wire_signer_new("key", NULL);
    (void)snprintf(f->c.ip, sizeof f->c.ip, "127.0.0.1");
    (void)snprintf(f->c.curve_public, sizeof f->c.curve_public, "%s", public_key);
    (void)snprintf(f->c.curve_secret, sizeof f->c.curve_secret, "%s", secret_key);
    wire_msg_session("session", "tester");
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    wire_context_free(f->context);
    wire_signer_free(f->signer);
    free(f);
    return 0;
}

static struct wire_socket *client(struct fixture *f, const struct wire_connection *c,
                                  const char *says)
{
    struct cd_error err = CD_ERROR_INIT;
    struct wire_socket *s = wire_socket_new(f->context, WIRE_DEALER, &err);
    assert_non_null(s);
    if (wire_socket_connect(s, c, WIRE_SHELL, &err)) {
        fail_msg("%s", err.text);
    }
    struct wire_msg *m = wire_msg_new(says, NULL, json_object());
    assert_int_equal(wire_socket_send(s, f->signer, m, NULL), CD_OK);
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

static void only_a_client_with_the_keys_is_heard(void **state)
{
    struct fixture *f = *state;
    struct wire_socket *router = wire_socket_new(f->context, WIRE_ROUTER, NULL);
    assert_int_equal(wire_socket_bind(router, &f->c, WIRE_SHELL, NULL), CD_OK);
    struct wire_connection none = f->c, wrong = f->c;
    none.curve_public[0] = none.curve_secret[0] = 0;
    (void)snprintf(wrong.curve_public, sizeof wrong.curve_public, "%s", other_public);
    (void)snprintf(wrong.curve_secret, sizeof wrong.curve_secret, "%s", other_secret);
    struct wire_socket *plain = client(f, &none, "plain");
    struct wire_socket *stranger = client(f, &wrong, "stranger");
    for (int i = 0; i < 3; i++) {
        struct wire_socket *good = client(f, &f->c, "good");
        struct wire_msg *request = receive(f, router);
        assert_string_equal(wire_msg_type(request), "good");
        struct wire_msg *reply = wire_msg_reply_new("reply", request, json_object());
        assert_int_equal(wire_socket_send(router, f->signer, reply, NULL), CD_OK);
        struct wire_msg *got = receive(f, good);
        assert_string_equal(wire_msg_type(got), "reply");
        wire_msg_free(got);
        wire_msg_free(request);
        wire_socket_free(good);
    }
    wire_socket_free(stranger);
    wire_socket_free(plain);
    wire_socket_free(router);
}

static void a_key_that_is_none_is_named(void **state)
{
    struct fixture *f = *state;
    struct cd_error err = CD_ERROR_INIT;
    struct wire_socket *router = wire_socket_new(f->context, WIRE_ROUTER, NULL);
    f->c.curve_secret[8] = 0;
    assert_int_equal(wire_socket_bind(router, &f->c, WIRE_SHELL, &err), CD_ERR);
    assert_non_null(strstr(err.text, "curve_secretkey"));
    assert_null(strstr(err.text, f->c.curve_secret));
    wire_socket_free(router);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(only_a_client_with_the_keys_is_heard),
        TEST(a_key_that_is_none_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
