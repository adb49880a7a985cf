/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Parents of output: the header of the request that some output belongs to, as its JSON text.
 * Shared between threads, so it never changes; the last reference frees it. Any thread.
 */
#include "kernel/channels/channels.h"

#include <stdlib.h>
#include <string.h>

struct kernel_parent {
    atomic_uint refs;
    char text[];
};

struct kernel_parent *kernel_parent_new(const char *text, size_t len)
{
    struct kernel_parent *p = malloc(sizeof *p + len + 1);
    if (p) {
        atomic_init(&p->refs, 1);
        memcpy(p->text, text, len);
        p->text[len] = '\0';
    }
    return p;
}

struct kernel_parent *kernel_parent_of(const struct wire_msg *request)
{
    return kernel_parent_new(request->header_text, strlen(request->header_text));
}

struct kernel_parent *kernel_parent_ref(struct kernel_parent *p)
{
    if (p) {
        atomic_fetch_add_explicit(&p->refs, 1, memory_order_relaxed);
    }
    return p;
}

void kernel_parent_unref(struct kernel_parent *p)
{
    if (p && atomic_fetch_sub_explicit(&p->refs, 1, memory_order_acq_rel) == 1) {
        free(p);
    }
}

const char *kernel_parent_text(const struct kernel_parent *p)
{
    return p ? p->text : "{}";
}
