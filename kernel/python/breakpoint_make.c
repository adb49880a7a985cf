/* SPDX-License-Identifier: BSD-3-Clause
 *
 * One breakpoint of the engine, made from what was asked for: its condition and its log message are
 * compiled here. Arm thread with the GIL.
 */
#include "kernel/python/control.h"

#include <stdlib.h>
#include <string.h>

void pyx_bp_free(struct pyx_bp *b)
{
    if (b != NULL && --b->refs == 0) {
        pyx_expr_free(b->condition);
        pyx_log_free(b->log);
        free(b->condition_text);
        free(b->log_text);
        free(b);
    }
}

static char *copy(const char *text)
{
    return text != NULL ? strdup(text) : NULL;
}

void pyx_bp_fail(struct engine_breakpoint *out, const char *reason, const char *message)
{
    struct cd_error cut = CD_ERROR_INIT;
    cd_error_set(&cut, CD_E_BAD_VALUE, "%.*s", (int)sizeof out->message - 1, message);
    out->verified = false;
    memset(out->reason, 0, sizeof out->reason);
    memcpy(out->reason, reason, strnlen(reason, sizeof out->reason - 1));
    memset(out->message, 0, sizeof out->message);
    memcpy(out->message, cut.text, strnlen(cut.text, sizeof out->message - 1));
}

/* A breakpoint of ours from what was asked; NULL: *out says why. hits of an unchanged one go on. */
struct pyx_bp *pyx_bp_new(struct engine_breakpoint *out, const struct pyx_bp *old)
{
    struct cd_error err = CD_ERROR_INIT;
    struct pyx_bp *b = calloc(1, sizeof *b);
    if (b == NULL) {
        pyx_bp_fail(out, "failed", "out of memory");
        return NULL;
    }
    b->refs = 1;
    b->id = out->id;
    b->owner = out->owner;
    b->hit = out->hit;
    b->condition_text = copy(out->condition);
    b->log_text = copy(out->log_message);
    b->hits = old != NULL ? old->hits : 0;
    const bool has_condition = out->condition != NULL && out->condition[0] != '\0';
    const bool has_log = out->log_message != NULL && out->log_message[0] != '\0';
    if ((has_condition && (b->condition = pyx_expr_new(out->condition, &err)) == NULL) ||
        (has_log && (b->log = pyx_log_new(out->log_message, &err)) == NULL)) {
        pyx_bp_fail(out, "failed", err.text);
        pyx_bp_free(b);
        return NULL;
    }
    return b;
}

void pyx_bp_put(struct pyx_code *entry, int line, int offset, struct pyx_bp *bp)
{
    struct pyx_line_bp *p = realloc(entry->bps, (entry->bp_count + 1) * sizeof *p);
    if (p == NULL) {
        return;
    }
    entry->bps = p;
    size_t i = entry->bp_count++;
    for (; i > 0 && p[i - 1].line > line; i--) {
        p[i] = p[i - 1];
    }
    p[i] = (struct pyx_line_bp){line, offset, bp};
}
