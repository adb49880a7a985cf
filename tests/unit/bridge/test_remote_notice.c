/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What a Jupyter Server says itself, and the cookies that it sets.
 */
#include "bridge/remote/http.h"
#include "bridge/remote/notice.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void the_servers_words_are_told_from_the_kernels(void **state)
{
    static const struct {
        const char *session, *type, *content;
        enum remote_notice notice;
    } rows[] = {
        {"ours", "stream", "{\"text\":\"IOPub message rate exceeded.\\n\"}", REMOTE_NOTICE_GAP},
        {"ours", "stream", "{\"text\":\"IOPub data rate exceeded.\\n\"}", REMOTE_NOTICE_GAP},
        {"kernel", "stream", "{\"text\":\"IOPub message rate exceeded.\\n\"}", REMOTE_NOTICE_NONE},
        {"ours", "status", "{\"execution_state\":\"restarting\"}", REMOTE_NOTICE_GAP},
        {"ours", "status", "{\"execution_state\":\"dead\"}", REMOTE_NOTICE_DEAD},
        {"kernel", "status", "{\"execution_state\":\"dead\"}", REMOTE_NOTICE_NONE},
        {"ours", "status", "{\"execution_state\":\"idle\"}", REMOTE_NOTICE_OTHER},
        {"ours", "stream", "{\"text\":7}", REMOTE_NOTICE_OTHER},
        {"kernel", "shutdown_reply", "{\"restart\":false}", REMOTE_NOTICE_END},
        {"kernel", "execute_result", "{}", REMOTE_NOTICE_NONE},
    };

    (void)state;
    for (size_t i = 0; i < CD_ARRAY_LEN(rows); i++) {
        json_t *content = json_loads(rows[i].content, 0, NULL);
        wire_automsg struct wire_msg *m = wire_msg_new(rows[i].type, NULL, content);

        assert_non_null(m);
        m->header = json_pack("{s:s}", "session", rows[i].session);
        assert_int_equal(remote_notice_of(m, "ours"), rows[i].notice);
    }
}

static void later_cookies_replace_earlier_ones(void **state)
{
    struct remote_server *server = calloc(1, sizeof *server);
    char value[64];

    (void)state;
    assert_non_null(server);
    remote_set_cookie(server, "_xsrf=2|abc; expires=Fri; Path=/");
    remote_set_cookie(server, "username-h-8888=\"2|1:0\"; HttpOnly");
    assert_string_equal(server->cookies, "_xsrf=2|abc; username-h-8888=\"2|1:0\"");
    remote_set_cookie(server, "_xsrf=new");
    remote_cookie(server, "_xsrf", value, sizeof value);
    assert_string_equal(value, "new");
    remote_cookie(server, "xsrf", value, sizeof value);
    assert_string_equal(value, "");
    remote_set_cookie(server, "nonsense");
    remote_set_cookie(server, "=x");
    assert_null(strstr(server->cookies, "nonsense"));
    free(server);
}

static void cookies_that_do_not_fit_are_left_out(void **state)
{
    struct remote_server *server = calloc(1, sizeof *server);
    char cookie[1500];

    (void)state;
    assert_non_null(server);
    memset(cookie, 'x', sizeof cookie);
    cookie[sizeof cookie - 1] = '\0';
    for (int i = 0; i < 4; i++) {
        cookie[0] = (char)('a' + i);
        cookie[1] = '=';
        remote_set_cookie(server, cookie);
    }
    assert_true(strlen(server->cookies) < sizeof server->cookies);
    assert_non_null(strstr(server->cookies, "b=x"));
    assert_null(strstr(server->cookies, "c=x"));
    free(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_servers_words_are_told_from_the_kernels),
        cmocka_unit_test(later_cookies_replace_earlier_ones),
        cmocka_unit_test(cookies_that_do_not_fit_are_left_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
