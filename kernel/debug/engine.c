/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Owners' functions of the values that cross the seam engine.h. Any thread: a value is freed by
 * whoever holds it.
 */
#include "kernel/debug/engine.h"

#include "dap/base/texts.h"

#include <stdlib.h>

void dbg_job_free(struct dbg_job *job)
{
    if (!job) {
        return;
    }
    if (job->free_data) {
        job->free_data(job->data);
    }
    json_decref(job->request);
    json_decref(job->response);
    cd_progress_unref(job->progress);
    free(job);
}

void engine_note_free(struct engine_note *n)
{
    if (!n) {
        return;
    }
    json_decref(n->body);
    cd_texts_unref(n->texts);
    dbg_job_free(n->job);
    free(n);
}

void engine_breakpoints_free(struct engine_breakpoint *b, size_t count)
{
    for (size_t i = 0; b && i < count; i++) {
        free(b[i].condition);
        free(b[i].log_message);
    }
    free(b);
}
