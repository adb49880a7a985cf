/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What C code and child processes write to the file descriptors 1 and 2.
 */
#ifndef KERNEL_CAPTURE_H
#define KERNEL_CAPTURE_H

#include "dap/base/error.h"

#include <stddef.h>
#include <sys/types.h>

struct kernel_capture {
    int read_fd[2];  /* of 1 and 2; -1: not captured */
    int saved_fd[2]; /* where they went before */
    char tail[2][4]; /* bytes of a character that is not complete yet */
    size_t tail_len[2];
};

void kernel_capture_init(struct kernel_capture *c);
/* 1 and 2 lead to pipes from now on. On a crash what is still in them goes where it went before. */
cd_result kernel_capture_start(struct kernel_capture *c, struct cd_error *reterr);
/* Is anything there? One system call, a third of what two reads take. */
bool kernel_capture_waits(const struct kernel_capture *c);
/* What is there of one of them, whole characters only; 0: nothing. Never waits. */
size_t kernel_capture_read(struct kernel_capture *c, int which, char *out, size_t size);
/* 1 and 2 lead where they did before; what was written can still be read. */
void kernel_capture_restore(struct kernel_capture *c);
void kernel_capture_done(struct kernel_capture *c);

#endif
