/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Addresses of Jupyter Servers, as people copy them.
 */
#include "bridge/remote/url.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void addresses_are_read_as_people_copy_them(void **state)
{
    static const struct {
        const char *text, *shown, *host, *base, *token;
        int port;
        bool tls;
    } rows[] = {
        {"http://127.0.0.1:8888", "http://127.0.0.1:8888/", "127.0.0.1", "/", "", 8888, false},
        {"http://localhost:8888/?token=abc", "http://localhost:8888/", "localhost", "/", "abc",
         8888, false},
        {"https://hub.example/user/ada/", "https://hub.example:443/user/ada/", "hub.example",
         "/user/ada/", "", 443, true},
        {"https://hub.example/user/ada/lab/tree/x.ipynb?token=t&reset=1#top",
         "https://hub.example:443/user/ada/", "hub.example", "/user/ada/", "t", 443, true},
        {"http://[::1]:9/base", "http://[::1]:9/base/", "::1", "/base/", "", 9, false},
        {"http://h/lab?a=b&token=x", "http://h:80/", "h", "/", "x", 80, false},
        {"http://h/laboratory", "http://h:80/laboratory/", "h", "/laboratory/", "", 80, false},
    };

    (void)state;
    for (size_t i = 0; i < CD_ARRAY_LEN(rows); i++) {
        struct cd_error err = CD_ERROR_INIT;
        struct remote_url url;

        assert_int_equal(remote_url_parse(rows[i].text, &url, &err), CD_OK);
        assert_string_equal(url.text, rows[i].shown);
        assert_string_equal(url.host, rows[i].host);
        assert_string_equal(url.base, rows[i].base);
        assert_string_equal(url.token, rows[i].token);
        assert_int_equal(url.port, rows[i].port);
        assert_int_equal(url.tls, rows[i].tls);
    }
}

static void what_is_no_address_is_refused_without_its_token(void **state)
{
    static const char *const rows[] = {"",
                                       "127.0.0.1:8888",
                                       "ftp://h/",
                                       "http://",
                                       "http://:80/",
                                       "http://[::1",
                                       "http://h:0/",
                                       "http://h:65536/",
                                       "http://h:x/?token=secret",
                                       "http://h:80x/?token=secret",
                                       "http://ada:pw@h/?token=secret",
                                       "http://h/ a",
                                       "http://h/\r\nX: y"};

    (void)state;
    for (size_t i = 0; i < CD_ARRAY_LEN(rows); i++) {
        struct cd_error err = CD_ERROR_INIT;
        struct remote_url url;

        assert_int_equal(remote_url_parse(rows[i], &url, &err), CD_ERR);
        assert_int_equal(err.id, CD_E_BAD_VALUE);
        assert_null(strstr(err.text, "secret"));
    }
}

static void long_parts_are_refused_at_their_caps(void **state)
{
    static const char *const formats[] = {"http://%s/", "http://h/%s", "http://h/?token=%s"};
    char filler[1100], text[1200];

    (void)state;
    memset(filler, 'a', sizeof filler - 1);
    filler[sizeof filler - 1] = '\0';
    for (size_t i = 0; i < CD_ARRAY_LEN(formats); i++) {
        struct cd_error err = CD_ERROR_INIT;
        struct remote_url url;
        const size_t cap = i == 0   ? sizeof url.host - 1
                           : i == 1 ? sizeof url.base - 3
                                    : sizeof url.token - 1;

        for (size_t over = 0; over < 2; over++) {
            const char *before = formats[i], *mark = strchr(before, '%');

            (void)snprintf(text, sizeof text, "%.*s%.*s%s", (int)(mark - before), before,
                           (int)(cap + over), filler, mark + 2);
            assert_int_equal(remote_url_parse(text, &url, &err), over ? CD_ERR : CD_OK);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_read_as_people_copy_them),
        cmocka_unit_test(what_is_no_address_is_refused_without_its_token),
        cmocka_unit_test(long_parts_are_refused_at_their_caps),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
