/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The two threads of ours that run Python. arm: the debugger's tables, short, never the user's
 * code. assist: complete, inspect, history and the debugger's evaluations without a frame, which
 * may run the user's code and take long. Both hold the GIL only inside call_locked.
 */
#include "dap/base/log.h"
#include "kernel/channels/channels.h"
#include "kernel/handlers/handlers.h"

#include <poll.h>
#include <stdlib.h>
#include <sys/eventfd.h>

void kernel_python_job_free(void *arg)
{
    struct kernel_python_job *job = arg;
    if (!job) {
        return;
    }
    wire_msg_free(job->query);
    if (job->job) { /* a note owns its job: freed as one that came back */
        struct engine_note *note = calloc(1, sizeof *note);
        if (note) {
            *note = (struct engine_note){.kind = ENGINE_JOB_DONE, .job = job->job};
            engine_note_free(note);
        }
    }
    free(job);
}

static cd_result push(struct cd_queue *queue, struct kernel_python_job job)
{
    struct kernel_python_job *item = malloc(sizeof *item);
    if (!item) {
        cd_log(CD_LOG_ERROR, "python", "out of memory: a job is lost");
        return CD_ERR;
    }
    *item = job;
    return cd_queue_push(queue, item);
}

static void arm_job_done(struct kernel *k)
{
    if (atomic_fetch_sub(&k->arm_jobs, 1) == 1) {
        (void)eventfd_write(k->settled_fd, 1);
    }
}

void kernel_python_settle(struct kernel *k)
{
    while (atomic_load(&k->arm_jobs) > 0) {
        struct pollfd fd = {.fd = k->settled_fd, .events = POLLIN};
        eventfd_t drained;
        (void)poll(&fd, 1, -1);
        (void)eventfd_read(k->settled_fd, &drained);
    }
}

void kernel_python_query(struct kernel *k, struct wire_msg *m_owned)
{
    kernel_thread_need(k, KERNEL_ASSIST);
    (void)push(k->assist, (struct kernel_python_job){.query = m_owned});
}

void kernel_python_dbg_job(struct kernel *k, struct cd_queue *queue, struct dbg_job *job_owned)
{
    kernel_thread_need(k, queue == k->arm ? KERNEL_ARM : KERNEL_ASSIST);
    if (queue == k->arm) {
        atomic_fetch_add(&k->arm_jobs, 1);
    }
    if (push(queue, (struct kernel_python_job){.job = job_owned}) && queue == k->arm) {
        arm_job_done(k);
    }
}

static void run_locked(void *arg)
{
    struct dbg_job *job = arg;
    job->run(job);
}

static void run(struct kernel *k, struct kernel_python_job *item)
{
    const bool ending = atomic_load(&k->stopping);
    if (item->query && !ending) {
        kernel_answer_query(k, item->query);
    }
    if (item->job) {
        struct engine_note *note = calloc(1, sizeof *note);
        if (!note) {
            cd_log(CD_LOG_ERROR, "python", "out of memory: a job is lost");
            return;
        }
        if (!ending) {
            item->job->ran = true;
            k->interp->call_locked(run_locked, item->job);
        }
        *note = (struct engine_note){.kind = ENGINE_JOB_DONE, .job = cd_take(item->job)};
        kernel_debug_note(k, note);
    }
}

static void loop(struct kernel *k, struct cd_queue *queue)
{
    while (!kernel_drained(queue)) {
        struct pollfd fd = {.fd = cd_queue_fd(queue), .events = POLLIN};
        (void)poll(&fd, 1, -1);
        struct kernel_python_job *item;
        while ((item = cd_queue_pop(queue))) {
            run(k, item);
            kernel_python_job_free(item);
            if (queue == k->arm) {
                arm_job_done(k);
            }
        }
    }
}

void kernel_arm_loop(struct kernel *k)
{
    loop(k, k->arm);
}

void kernel_assist_loop(struct kernel *k)
{
    loop(k, k->assist);
}
