/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What a server says itself among the messages of a kernel (facts: jupyter.md §7). Pure.
 */
#ifndef BRIDGE_REMOTE_NOTICE_H
#define BRIDGE_REMOTE_NOTICE_H

#include "kernel/wire/msg.h"

enum remote_notice {
    REMOTE_NOTICE_NONE,  /* the kernel's */
    REMOTE_NOTICE_OTHER, /* the server's, with nothing to do about it */
    REMOTE_NOTICE_GAP,   /* it drops what comes next, or starts the kernel again */
    REMOTE_NOTICE_DEAD,  /* it gave the kernel up */
    REMOTE_NOTICE_END    /* the kernel says itself that it ends */
};

/* m: of iopub. session: ours; the server's own messages carry it. */
enum remote_notice remote_notice_of(const struct wire_msg *m, const char *session);

#endif
