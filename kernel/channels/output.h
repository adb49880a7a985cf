/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The buffer of output between its producers (output.c: any thread) and the thread that sends it
 * (iopub.c); for these two files only. Producers may hold the GIL: nothing they call may block.
 * A message counts when it is queued; each queued item is one message on the wire.
 */
#ifndef KERNEL_OUTPUT_H
#define KERNEL_OUTPUT_H

#include "kernel/channels/capture.h"
#include "kernel/channels/channels.h"

#define KERNEL_TOPIC_BYTES 1024

/* One message to be: ready, or stream text that the iopub thread wraps. */
struct kernel_output_item {
    struct wire_msg *msg;
    bool welcome; /* text is the subscription that it answers */
    enum interp_stream which;
    char *text; /* owned */
    size_t len;
    struct kernel_parent *parent; /* a reference */
};

struct kernel_output {
    struct cd_queue *queue; /* struct kernel_output_item */
    pthread_mutex_t mu;     /* rank 1; guards all below; queue's mutex is taken under it */
    struct cd_buf text;     /* stream text not queued yet */
    enum interp_stream which;
    struct kernel_parent *text_parent; /* a reference: of text */
    struct kernel_parent *parent; /* a reference: what runs now; NULL before the first request */
    uint64_t count;
    struct kernel_capture capture;
    int text_fd; /* eventfd: text became non-empty */
};

void kernel_output_item_free(void *item);

/* All under mu. */

/* An item joins the queue. */
void kernel_output_push(struct kernel_output *o, struct kernel_output_item item);
/* The text so far becomes a message. */
void kernel_output_flush(struct kernel_output *o);
/* parent NULL: of what runs now. */
void kernel_output_append(struct kernel_output *o, struct kernel_parent *parent,
                          enum interp_stream which, const char *text, size_t len);
/* Takes in what came by the file descriptors; 256 KB of each at most. */
void kernel_output_collect(struct kernel_output *o);
/* All text so far becomes messages. */
void kernel_output_settle(struct kernel_output *o);

/* Every iopub message has one. */
cd_result kernel_output_add_topic(struct kernel *k, struct wire_msg *m);

#endif
