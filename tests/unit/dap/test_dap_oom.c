/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Memory runs out at every single allocation in turn, ours and jansson's: each time an error or a
 * NULL, never a crash, a leak (the sanitizer build looks) or half of a value.
 */
#include "dap/base/queue.h"
#include "dap/framing.h"
#include "dap/message.h"
#include "dap/requests.h"
#include "unit/dap/unit.h"

static long left = -1; /* allocations until one fails; -1: never */

static bool fails(void)
{
    if (left < 0) {
        return false;
    }
    return left-- == 0;
}

/* The linker sends our own calls here (-Wl,--wrap, see tests/CMakeLists.txt). */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *p, size_t size);
char *__real_strndup(const char *s, size_t len);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *p, size_t size);
char *__wrap_strndup(const char *s, size_t len);

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *p, size_t size)
{
    return fails() ? NULL : __real_realloc(p, size);
}

char *__wrap_strndup(const char *s, size_t len)
{
    return fails() ? NULL : __real_strndup(s, len);
}

/* Runs step with the first, second, … allocation failing until it succeeds without a failure. */
static void torture(bool (*step)(void))
{
    for (long n = 0; n < 10000; n++) {
        bool done;

        left = n;
        done = step();
        if (left >= 0) { /* none failed */
            left = -1;
            assert_true(done);
            assert_true(n > 0);
            return;
        }
        left = -1;
    }
    fail_msg("this allocates without end");
}

static bool load_and_dump(void)
{
    static const char text[] =
        "{\"a\":[1,2.5,null,\"\\u00e9x\",{\"b\\n\":[]}],\"a\":true,\"c\":{}}";
    struct cd_error err = CD_ERROR_INIT;
    json_auto_t *v = NULL;
    struct cd_buf out;
    bool done;

    cd_buf_init(&out, 1000);
    done = cd_json_load(text, sizeof(text) - 1, &v, &err) == CD_OK &&
           cd_json_dump(v, &out, &err) == CD_OK;
    if (!done) {
        left = -1; /* the assertions may allocate */
        assert_int_equal(err.id, CD_E_OOM);
        assert_int_equal(out.len, 0);
    }
    cd_buf_done(&out);
    return done;
}

static bool repair(void)
{
    json_auto_t *v = cd_json_text("good \xFF bad \xED\xA0\x80 end", 18);

    return v != NULL;
}

static const struct dap_request request = {.seq = 3, .command = "next"};

static bool reply(void)
{
    json_auto_t *v = dap_response_new(&request, NULL);

    return v != NULL;
}

static bool error_reply(void)
{
    struct cd_error err = CD_ERROR_INIT;
    json_auto_t *v = NULL;

    cd_error_set(&err, CD_E_NOT_FOUND, "no such frame");
    v = dap_error_response_new(&request, &err, NULL);
    return v && json_object_get(json_object_get(v, "body"), "error") &&
           json_object_get(v, "message");
}

static bool capabilities(void)
{
    json_auto_t *bridge = dap_capabilities_new();
    json_auto_t *kernel = dap_kernel_capabilities_new();

    return bridge && kernel;
}

static bool frame(void)
{
    static const char text[] = "Content-Length: 2\r\n\r\n{}";
    struct dap_framing *f = dap_framing_new(DAP_FRAMING_STDIO);
    struct cd_error err = CD_ERROR_INIT;
    const char *body;
    bool done = false;
    size_t n;

    if (f && dap_framing_feed(f, text, sizeof(text) - 1, &err) == CD_OK) {
        done = dap_framing_next(f, &body, &n, &err) == 1;
    }
    dap_framing_free(f);
    return done;
}

static bool queue(void)
{
    struct cd_queue *q = cd_queue_new(0, free);
    void *item = __real_malloc(1);
    bool done;

    if (!q) {
        free(item);
        return false;
    }
    done = cd_queue_push(q, item) == CD_OK; /* takes it also when it fails */
    cd_queue_free(q);
    return done;
}

#define TORTURE(step)                                                                              \
    static void oom_in_##step(void **state)                                                        \
    {                                                                                              \
        (void)state;                                                                               \
        torture(step);                                                                             \
    }
TORTURE(load_and_dump)
TORTURE(repair)
TORTURE(reply)
TORTURE(error_reply)
TORTURE(capabilities)
TORTURE(frame)
TORTURE(queue)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(oom_in_load_and_dump), cmocka_unit_test(oom_in_repair),
        cmocka_unit_test(oom_in_reply),         cmocka_unit_test(oom_in_error_reply),
        cmocka_unit_test(oom_in_capabilities),  cmocka_unit_test(oom_in_frame),
        cmocka_unit_test(oom_in_queue),
    };

    json_set_alloc_funcs(__wrap_malloc, free);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
