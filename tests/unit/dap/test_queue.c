/* SPDX-License-Identifier: BSD-3-Clause
 *
 * cd_queue: order, ownership, the eventfd, several producers.
 */
#include "dap/base/queue.h"
#include "unit/dap/unit.h"

#include <poll.h>
#include <pthread.h>

#define GUARD_MS 60000
#define EACH     20000

static int readable(const struct cd_queue *q, int timeout_ms)
{
    struct pollfd p = {.fd = cd_queue_fd(q), .events = POLLIN};

    return poll(&p, 1, timeout_ms);
}

static char *item(const char *text)
{
    char *s = strdup(text);

    assert_non_null(s);
    return s;
}

static void expect(struct cd_queue *q, const char *text)
{
    char *s = cd_queue_pop(q);

    assert_non_null(s);
    assert_string_equal(s, text);
    free(s);
}

static void queue_keeps_order_and_front_goes_first(void **state)
{
    struct cd_queue *q = cd_queue_new(0, free);

    (void)state;
    assert_non_null(q);
    assert_null(cd_queue_pop(q));
    assert_int_equal(cd_queue_push_front(q, item("a")), CD_OK);
    assert_int_equal(cd_queue_push(q, item("b")), CD_OK);
    assert_int_equal(cd_queue_push_front(q, item("c")), CD_OK);
    assert_int_equal(cd_queue_len(q), 3);
    expect(q, "c");
    expect(q, "a");
    expect(q, "b");
    assert_null(cd_queue_pop(q));
    assert_int_equal(cd_queue_push(q, item("d")), CD_OK);
    expect(q, "d");
    cd_queue_free(q);
}

static void queue_fd_is_readable_while_there_is_something(void **state)
{
    struct cd_queue *q = cd_queue_new(0, free);

    (void)state;
    assert_int_equal(readable(q, 0), 0);
    assert_int_equal(cd_queue_push(q, item("a")), CD_OK);
    assert_int_equal(cd_queue_push(q, item("b")), CD_OK);
    assert_int_equal(readable(q, 0), 1);
    free(cd_queue_pop(q));
    assert_int_equal(readable(q, 0), 1);
    free(cd_queue_pop(q));
    assert_int_equal(readable(q, 0), 0);
    cd_queue_close(q);
    assert_int_equal(readable(q, 0), 1);
    assert_null(cd_queue_pop(q));
    assert_int_equal(readable(q, 0), 1);
    cd_queue_free(q);
}

static void queue_pushes_for_later_wake_nobody(void **state)
{
    struct cd_queue *q = cd_queue_new(0, free);

    (void)state;
    cd_queue_wake(q); /* there is nothing to wake for */
    assert_int_equal(readable(q, 0), 0);
    assert_int_equal(cd_queue_push_later(q, item("a")), CD_OK);
    assert_int_equal(readable(q, 0), 0);
    cd_queue_wake(q);
    assert_int_equal(readable(q, 0), 1);
    expect(q, "a");
    assert_int_equal(readable(q, 0), 0);
    assert_int_equal(cd_queue_push_later(q, item("b")), CD_OK);
    assert_int_equal(cd_queue_push(q, item("c")), CD_OK);
    assert_int_equal(readable(q, 0), 1);
    expect(q, "b");
    expect(q, "c");
    cd_queue_free(q);
}

static int freed;

static void count_free(void *p)
{
    (void)p;
    freed++;
}

static void queue_takes_items_also_when_it_fails(void **state)
{
    struct cd_queue *q = cd_queue_new(2, count_free);
    int one = 1;

    (void)state;
    freed = 0;
    assert_int_equal(cd_queue_push(q, &one), CD_OK);
    assert_int_equal(cd_queue_push(q, &one), CD_OK);
    assert_int_equal(cd_queue_push(q, &one), CD_ERR); /* full */
    assert_int_equal(cd_queue_push_front(q, &one), CD_ERR);
    assert_int_equal(freed, 2);
    cd_queue_close(q);
    assert_true(cd_queue_closed(q));
    assert_ptr_equal(cd_queue_pop(q), &one);          /* what was queued stays */
    assert_int_equal(cd_queue_push(q, &one), CD_ERR); /* closed */
    assert_int_equal(freed, 3);
    cd_queue_free(q);
    assert_int_equal(freed, 4);
}

struct producer {
    struct cd_queue *q;
    int base;
};

static void *produce(void *arg)
{
    struct producer *p = arg;

    for (int i = 0; i < EACH; i++) {
        int *n = malloc(sizeof(*n));

        if (!n) {
            break;
        }
        *n = p->base + i;
        if (cd_queue_push(p->q, n) < 0) {
            break;
        }
    }
    return NULL;
}

static void queue_gets_everything_from_two_producers_in_their_order(void **state)
{
    struct cd_queue *q = cd_queue_new(0, free);
    struct producer p[2] = {{q, 0}, {q, EACH}};
    int next[2] = {0, EACH};
    pthread_t t[2];

    (void)state;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(pthread_create(&t[i], NULL, produce, &p[i]), 0);
    }
    for (int got = 0; got < 2 * EACH;) {
        int *n;

        assert_int_equal(readable(q, GUARD_MS), 1);
        while ((n = cd_queue_pop(q)) != NULL) {
            int who = *n >= EACH;

            assert_int_equal(*n, next[who]);
            next[who]++;
            got++;
            free(n);
        }
    }
    for (int i = 0; i < 2; i++) {
        pthread_join(t[i], NULL);
    }
    assert_null(cd_queue_pop(q)); /* takes back a wake-up that came after its item was popped */
    assert_int_equal(readable(q, 0), 0);
    cd_queue_free(q);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(queue_keeps_order_and_front_goes_first),
        cmocka_unit_test(queue_fd_is_readable_while_there_is_something),
        cmocka_unit_test(queue_pushes_for_later_wake_nobody),
        cmocka_unit_test(queue_takes_items_also_when_it_fails),
        cmocka_unit_test(queue_gets_everything_from_two_producers_in_their_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
