/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A moment's wait awake before one asleep (ADR 0009). Between two steps of a stopped program some
 * eight threads wake each other, and where each wakes on another core that takes longer than all
 * that they do. Debug thread only; must never keep the core from a thread that wants it.
 */
#include "kernel/channels/channels.h"

#include <sched.h>
#include <time.h>

enum {
    AWAKE_US = 200,     /* from a reply to the client's next request on a quiet machine: 100 */
    LOST_US = 200,      /* yielding took longer: others want the core */
    ASLEEP_WAITS = 1000 /* so many waits after that go to sleep at once */
};

static int64_t now_us(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

bool kernel_awake_poll(struct kernel_awake *a, struct wire_socket *const *socket, int fd)
{
    if (a->asleep > 0) {
        a->asleep--;
        return false;
    }
    const int64_t begin = now_us();
    for (int64_t at = begin; at - begin < AWAKE_US;) {
        if (wire_poll(socket, 1, &fd, 1, 0)) {
            return true;
        }
        const int64_t before = now_us();
        (void)sched_yield();
        at = now_us();
        if (at - before > LOST_US) {
            a->asleep = ASLEEP_WAITS;
            return false;
        }
    }
    return false;
}
