/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The websocket library on our loop: made when wanted, no reason for the loop to live, and gone
 * without a handle left.
 */
#include "bridge/lws_loop.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void context_is_made_once_and_leaves_nothing(void **state)
{
    struct cd_error err = CD_ERROR_INIT;
    uv_loop_t loop;

    (void)state;
    assert_int_equal(uv_loop_init(&loop), 0);
    for (int i = 0; i < 2; i++) { /* a second one after the first is gone, too */
        struct lws_context *lws = bridge_lws(&loop, &err);

        assert_string_equal(err.text, "");
        assert_non_null(lws);
        assert_ptr_equal(bridge_lws(&loop, &err), lws);
        bridge_lws_done(&loop);
    }
    assert_int_equal(uv_loop_close(&loop), 0);
}

static void context_does_not_keep_the_loop_alive(void **state)
{
    struct cd_error err = CD_ERROR_INIT;
    uv_loop_t loop;

    (void)state;
    assert_int_equal(uv_loop_init(&loop), 0);
    assert_non_null(bridge_lws(&loop, &err));
    assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
    bridge_lws_done(&loop);
    assert_int_equal(uv_loop_close(&loop), 0);
}

static void end_without_a_context_is_nothing(void **state)
{
    uv_loop_t loop;

    (void)state;
    assert_int_equal(uv_loop_init(&loop), 0);
    bridge_lws_done(&loop);
    assert_int_equal(uv_loop_close(&loop), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(context_is_made_once_and_leaves_nothing),
        cmocka_unit_test(context_does_not_keep_the_loop_alive),
        cmocka_unit_test(end_without_a_context_is_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
