/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The clock of deadlines. Any thread.
 */
#include "kernel/channels/channels.h"

#include <time.h>

int64_t kernel_now_ms(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}
