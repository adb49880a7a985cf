/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A line with breakpoints is reached: conditions, hit counts, log messages. The hot path of a
 * breakpoint that does not stop. Inside a monitoring callback: nothing here is traced, nothing
 * waits.
 */
#include "dap/base/limits.h"
#include "kernel/python/control.h"

json_t *pyx_output_body(PyFrameObject *frame, const char *category, PyObject *text)
{
    pyx_auto PyObject *code = (PyObject *)PyFrame_GetCode(frame); /* new */
    pyx_auto PyObject *bytes =
        text != NULL ? PyUnicode_AsEncodedString(text, "utf-8", "surrogatepass") : NULL;
    if (text != NULL && bytes == NULL) {
        pyx_error_drop();
        return NULL;
    }
    json_t *output = bytes != NULL
                         ? cd_json_text(PyBytes_AS_STRING(bytes), (size_t)PyBytes_GET_SIZE(bytes))
                         : NULL;
    return json_pack("{s:s, s:o*, s:o, s:i}", "category", category, "output", output, "source",
                     pyx_source_json(((PyCodeObject *)code)->co_filename), "line",
                     PyFrame_GetLineNumber(frame));
}

/* Once for each breakpoint: a broken condition in a loop must not flood the console. */
static void tell_error(struct pyx_bp *bp, PyFrameObject *frame)
{
    struct cd_error err = CD_ERROR_INIT;
    pyx_error_fetch(&err, CD_E_EVALUATE);
    if (bp->error_told) {
        return;
    }
    bp->error_told = true;
    pyx_auto PyObject *text =
        PyUnicode_FromFormat("the condition '%s' of a breakpoint failed, so it does not stop: %s\n",
                             bp->condition_text != NULL ? bp->condition_text : "", err.text);
    if (text != NULL) {
        pyx_note(ENGINE_OUTPUT, bp->owner, pyx_output_body(frame, "important", text));
    }
    pyx_error_drop();
}

static bool condition_holds(struct pyx_bp *bp, PyFrameObject *frame, PyCodeObject *code)
{
    if (bp->condition == NULL) {
        return true;
    }
    pyx_auto PyObject *value = pyx_expr_eval(bp->condition, frame, code);
    const int truth = value != NULL ? PyObject_IsTrue(value) : -1;
    if (truth < 0) {
        tell_error(bp, frame);
    }
    return truth == 1;
}

static void log_hit(struct pyx_bp *bp, PyFrameObject *frame, PyCodeObject *code)
{
    cd_autobuf struct cd_buf text;
    cd_buf_init(&text, CD_MAX_WIRE_BYTES);
    if (pyx_log_write(bp->log, frame, code, &text) == CD_OK &&
        cd_buf_append(&text, "\n", 1, NULL) == CD_OK) {
        pyx_log_say(bp, frame, code, text.data, text.len);
    }
    pyx_error_drop();
}

bool pyx_bp_counts(struct pyx_bp *bp, PyFrameObject *frame, PyCodeObject *code)
{
    return condition_holds(bp, frame, code) && dbg_hit_matches(&bp->hit, ++bp->hits);
}

static bool is_at(const struct pyx_line_bp *b, int line, int offset)
{
    return b->offset < 0 ? b->line == line : b->offset == offset;
}

bool pyx_breakpoints_at(const struct pyx_code *entry, int line, int offset)
{
    for (size_t i = 0; i < entry->bp_count; i++) {
        if (is_at(&entry->bps[i], line, offset)) {
            return true;
        }
    }
    return false;
}

size_t pyx_breakpoints_hit(struct pyx_code *entry, int line, int offset, PyFrameObject *frame,
                           int *ret_ids, size_t max, bool *ret_function)
{
    size_t n = 0;
    PyCodeObject *code = entry->code; /* alive: it is running */
    for (size_t i = 0; i < entry->bp_count && n < max; i++) {
        if (!is_at(&entry->bps[i], line, offset)) {
            continue;
        }
        struct pyx_bp *bp = entry->bps[i].bp;
        bp->refs++; /* conditions and log messages run code: the list may be set anew meanwhile */
        const bool counts = pyx_bp_counts(bp, frame, code);
        if (counts && bp->log != NULL) {
            log_hit(bp, frame, code);
        } else if (counts) {
            ret_ids[n++] = bp->id;
            *ret_function = bp->is_function;
        }
        pyx_bp_free(bp);
    }
    return n;
}
