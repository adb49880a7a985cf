/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Log messages on their way to the debug thread: the texts of one breakpoint go into one note for
 * as long as the debug thread has not taken it and nothing else was said or printed in between, so
 * that the order holds. Guarded by the GIL; inside a monitoring callback: nothing here waits.
 */
#include "dap/base/texts.h"
#include "kernel/python/control.h"

#include <stdlib.h>

uint64_t pyx_printed;

static struct {
    struct cd_texts *texts; /* a reference; NULL: none is open */
    PyCodeObject *code;     /* strong */
    int bp;
    uint64_t printed;
} batch;

void pyx_log_close(void)
{
    cd_texts_unref(batch.texts);
    batch.texts = NULL;
    Py_CLEAR(batch.code);
}

static struct engine_note *note_new(int owner, json_t *body_owned, struct cd_texts *texts)
{
    struct engine_note *n = body_owned ? calloc(1, sizeof *n) : NULL;
    if (!n) {
        json_decref(body_owned);
        return NULL;
    }
    n->kind = ENGINE_OUTPUT;
    n->owner = owner;
    n->body = body_owned;
    n->texts = cd_texts_ref(texts);
    n->iopub_count = pyx_control.host->output_mark(pyx_control.host->ctx);
    return n;
}

void pyx_log_say(const struct pyx_bp *bp, PyFrameObject *frame, PyCodeObject *code,
                 const char *text, size_t len)
{
    if (batch.texts && batch.bp == bp->id && batch.code == code && batch.printed == pyx_printed &&
        cd_texts_add(batch.texts, text, len)) {
        return;
    }
    pyx_log_close();
    struct cd_texts *texts = cd_texts_new();
    struct engine_note *n = NULL;
    if (texts && cd_texts_add(texts, text, len)) {
        n = note_new(bp->owner, pyx_output_body(frame, "console", NULL), texts);
    }
    if (!n) {
        cd_texts_unref(texts);
        return;
    }
    batch.texts = texts;
    batch.code = (PyCodeObject *)Py_NewRef(code);
    batch.bp = bp->id;
    batch.printed = pyx_printed;
    pyx_control.host->note(pyx_control.host->ctx, n);
}
