/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A stop: the thread waits without the GIL, runs jobs, and goes on when it is told to. Stops nest
 * (a breakpoint hit by an evaluation): they are a stack, and jobs and resumes mean the innermost.
 *
 * Design notes. The stack belongs to the GIL; stops.mu (rank 1, a leaf) guards only `top_box`,
 * which the debug thread uses without the GIL to hand in jobs and the one resume. A box is closed
 * under the mutex before its stop ends, and what is still in it comes back as "not run". Every wait
 * is a ppoll on the box's fd with all signals blocked between the look for signals and the wait, so
 * none is lost (facts: engine.md §13.4-6). The user's signal handlers run in between; what they
 * raise other than KeyboardInterrupt is kept and raised when the stop ends.
 */
#include "dap/base/queue.h"
#include "kernel/python/control.h"
#include "kernel/python/inspect.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum ticket_kind { TICKET_JOB, TICKET_RESUME };

struct ticket {
    enum ticket_kind kind;
    struct dbg_job *job;
    struct engine_step step;
    unsigned releases; /* pyx_park_releases() when it was asked for */
};

struct stop_box {
    struct cd_queue *tickets;
    int thread_id;
    uint64_t number;
    bool resumed;
    struct stop_box *outer;
};

struct running_stop {
    struct pyx_stop pub; /* first: pyx_stop_current() hands it out */
    struct stop_box box;
    enum pyx_stop_place place;
    PyObject *kept; /* strong: what a user's signal handler raised meanwhile */
    bool alone;     /* resumed without the other threads */
    unsigned releases;
};

static struct pyx_stop *top;  /* the GIL's */
static PyThreadState *owner;  /* thread of the innermost stop; the GIL's */
static uint64_t stop_numbers; /* the GIL's */

static pthread_mutex_t stops_mu = PTHREAD_MUTEX_INITIALIZER; /* rank 1; guards top_box and boxes */
static struct stop_box *top_box;
static _Atomic int64_t job_began_ms; /* 0: no job runs */

void pyx_stops_after_fork(void)
{
    top = NULL;
    owner = NULL;
    top_box = NULL;
    job_began_ms = 0;
    (void)pthread_mutex_init(&stops_mu, NULL);
}

struct pyx_stop *pyx_stop_current(void)
{
    return top;
}

bool pyx_stop_is_mine(void)
{
    return top != NULL && owner == PyThreadState_Get();
}

static int64_t now_ms(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* An evaluation may need a lock that a parked thread holds: after this long the others go on. */
#define PYX_SLOW_JOB_MS 150

bool pyx_job_is_slow(void)
{
    const int64_t began = atomic_load_explicit(&job_began_ms, memory_order_relaxed);
    return began != 0 && now_ms() - began > PYX_SLOW_JOB_MS;
}

/* ---- notes ---- */

void pyx_note(enum engine_note_kind kind, int owner_id, json_t *body_owned)
{
    struct engine_note *n = calloc(1, sizeof *n);
    if (n == NULL || body_owned == NULL) {
        json_decref(body_owned);
        free(n);
        return;
    }
    pyx_log_close();
    n->kind = kind;
    n->owner = owner_id;
    n->body = body_owned;
    if (kind == ENGINE_STOPPED || kind == ENGINE_OUTPUT) {
        n->iopub_count = pyx_control.host->output_mark(pyx_control.host->ctx);
    }
    json_t *id = json_object_get(body_owned, "threadId");
    n->thread_id = (int)json_integer_value(id);
    pyx_control.host->note(pyx_control.host->ctx, n);
}

static void job_back(struct dbg_job *job, bool ran)
{
    struct engine_note *n = calloc(1, sizeof *n);
    if (n == NULL) {
        abort(); /* a job that is lost would be a request without its reply */
    }
    job->ran = ran;
    n->kind = ENGINE_JOB_DONE;
    n->job = job;
    pyx_control.host->note(pyx_control.host->ctx, n);
}

/* ---- from the debug thread, no GIL ---- */

static bool put(struct stop_box *box, struct ticket want)
{
    struct ticket *t = malloc(sizeof *t);
    if (t == NULL) {
        return false;
    }
    *t = want;
    return cd_queue_push(box->tickets, t) == CD_OK;
}

void pyx_post_stopped(struct dbg_job *job_owned)
{
    pthread_mutex_lock(&stops_mu);
    const bool taken = top_box != NULL && !top_box->resumed &&
                       put(top_box, (struct ticket){.kind = TICKET_JOB, .job = job_owned});
    pthread_mutex_unlock(&stops_mu);
    if (!taken) {
        job_back(job_owned, false);
    }
}

bool pyx_resume(int thread_id, const struct engine_step *step)
{
    pthread_mutex_lock(&stops_mu);
    bool done =
        top_box != NULL && !top_box->resumed && (thread_id == 0 || thread_id == top_box->thread_id);
    if (done) {
        (void)pyx_pause_take(); /* one that was asked for before this stop was known */
        done = put(
            top_box,
            (struct ticket){.kind = TICKET_RESUME, .step = *step, .releases = pyx_park_releases()});
        top_box->resumed = done;
    }
    pthread_mutex_unlock(&stops_mu);
    return done;
}

/* ---- on the stopped thread ---- */

static void open_box(struct running_stop *s)
{
    s->box.thread_id = s->pub.thread_id;
    s->box.number = s->pub.number;
    pthread_mutex_lock(&stops_mu);
    s->box.outer = top_box;
    top_box = &s->box;
    pthread_mutex_unlock(&stops_mu);
}

static void close_box(struct running_stop *s)
{
    pthread_mutex_lock(&stops_mu);
    top_box = s->box.outer;
    pthread_mutex_unlock(&stops_mu);
    for (struct ticket *t; (t = cd_queue_pop(s->box.tickets)) != NULL;) {
        if (t->kind == TICKET_JOB) {
            job_back(t->job, false);
        }
        free(t);
    }
    cd_queue_free(s->box.tickets);
}

static void run_job(struct dbg_job *job)
{
    const int64_t outer = atomic_load_explicit(&job_began_ms, memory_order_relaxed);
    atomic_store_explicit(&job_began_ms, now_ms(), memory_order_relaxed);
    pyx_quiet_enter();
    job->run(job);
    pyx_quiet_leave();
    pyx_error_drop();
    atomic_store_explicit(&job_began_ms, outer, memory_order_relaxed);
    job_back(job, true);
}

/* Waits for a ticket or a signal. Every signal is blocked between the look and the wait. */
static int wait_ticket(struct running_stop *s)
{
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = PyErr_CheckSignals();
    if (failed == 0) {
        struct pollfd fd = {.fd = cd_queue_fd(s->box.tickets), .events = POLLIN};
        Py_BEGIN_ALLOW_THREADS ppoll(&fd, 1, NULL, &before);
        Py_END_ALLOW_THREADS
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failed != 0 ? failed : PyErr_CheckSignals();
}

/* true: the exception that a signal handler raised ends the stop. */
static bool ends_stop(struct running_stop *s)
{
    if (PyErr_ExceptionMatches(PyExc_KeyboardInterrupt) || pyx_was_broken_off()) {
        return true; /* the latter: the evaluation that this stop is inside of was cancelled */
    }
    PyObject *e = PyErr_GetRaisedException(); /* new */
    if (s->kept == NULL) {
        s->kept = e;
    } else {
        Py_DECREF(e);
    }
    return false;
}

/* 0: resumed by a ticket; -1: an exception is set that ends the stop. */
static int serve(struct running_stop *s)
{
    for (;;) {
        struct ticket *t = cd_queue_pop(s->box.tickets);
        if (t == NULL) {
            if (wait_ticket(s) != 0 && ends_stop(s)) {
                return -1;
            }
            continue;
        }
        const struct ticket got = *t;
        free(t);
        if (got.kind == TICKET_JOB) {
            run_job(got.job);
            continue;
        }
        s->alone = got.step.single_thread;
        s->releases = got.releases;
        pyx_step_begin(&got.step, (PyFrameObject *)s->pub.frame, s->pub.tstate);
        return 0;
    }
}

static void tell_stopped(const struct running_stop *s, const struct pyx_stop_request *req)
{
    json_t *ids = json_array();
    for (size_t i = 0; i < req->hit_count; i++) {
        json_array_append_new(ids, json_integer(req->hit_ids[i]));
    }
    json_t *text = req->text != NULL ? cd_json_textz(req->text) : NULL;
    if (req->exception != NULL && text == NULL) {
        pyx_auto PyObject *name = PyType_GetName(Py_TYPE(req->exception)); /* new */
        const char *utf8 = name != NULL ? PyUnicode_AsUTF8(name) : NULL;
        text = cd_json_textz(utf8 != NULL ? utf8 : "exception");
        pyx_error_drop();
    }
    pyx_note(ENGINE_STOPPED, 0,
             json_pack("{s:s, s:s*, s:i, s:o*, s:b, s:o}", "reason", req->reason, "description",
                       req->description, "threadId", s->pub.thread_id, "text", text,
                       "allThreadsStopped", 1, "hitBreakpointIds", ids));
}

uint64_t pyx_stop_number_next(void)
{
    return ++stop_numbers;
}

static void begin(struct running_stop *s, const struct pyx_stop_request *req)
{
    pyx_post_mortem_close();
    pyx_step_clear();
    s->place = req->place;
    s->pub = (struct pyx_stop){
        .outer = top,
        .number = pyx_stop_number_next(),
        .thread_id = pyx_thread_number(PyThreadState_Get()),
        .tstate = PyThreadState_Get(),
        .frame = Py_NewRef(req->frame),
        .exception = Py_XNewRef(req->exception),
        .traceback = Py_XNewRef(req->traceback),
        .break_mode = req->break_mode,
        .return_value = Py_XNewRef(req->return_value),
        .return_name = Py_XNewRef(req->return_name),
        .in_callback = req->place != PYX_AT_SIGNAL,
        .at_line = req->place == PYX_AT_LINE,
    };
    top = &s->pub;
    owner = s->pub.tstate;
    if (s->pub.outer == NULL) {
        pyx_park_begin();
    }
    open_box(s);
    tell_stopped(s, req);
}

/* The exception that ends the stop is set where there is one, and stays so. */
static void end(struct running_stop *s, bool interrupted)
{
    PyObject *saved = PyErr_GetRaisedException();
    close_box(s);
    top = s->pub.outer;
    owner = top != NULL ? top->tstate : NULL;
    if (top == NULL) {
        pyx_inspect_release();
    }
    Py_CLEAR(s->pub.frame);
    Py_CLEAR(s->pub.exception);
    Py_CLEAR(s->pub.traceback);
    Py_CLEAR(s->pub.return_value);
    Py_CLEAR(s->pub.return_name);
    if (interrupted) {
        pyx_note(ENGINE_CONTINUED, 0,
                 json_pack("{s:i, s:b}", "threadId", s->pub.thread_id, "allThreadsContinued", 1));
    }
    if (top == NULL) {
        pyx_park_end(s->alone ? s->pub.tstate : NULL, s->releases);
        if (!interrupted) {
            pyx_pause_again();
        }
    }
    PyErr_SetRaisedException(saved);
}

int pyx_stop_here(const struct pyx_stop_request *req)
{
    struct running_stop s = {.kept = NULL};
    pyx_auto PyObject *hold = Py_NewRef(req->frame);
    if (pyx_stop_current() != NULL && !pyx_stop_is_mine() && pyx_park_here(req->place, true) != 0) {
        return -1; /* another thread is stopped: this hit waits for its turn */
    }
    s.box.tickets = cd_queue_new(0, NULL);
    if (s.box.tickets == NULL) {
        return 0;
    }
    const int quiet =
        pyx_quiet_set(0); /* a traced evaluation stopped: its job's depth comes back */
    begin(&s, req);
    const bool interrupted = serve(&s) != 0;
    end(&s, interrupted);
    pyx_quiet_set(quiet);
    if (!interrupted && s.kept != NULL) {
        PyErr_SetRaisedException(s.kept);
        return pyx_raise_from(req->place, (PyFrameObject *)hold);
    }
    Py_XDECREF(s.kept);
    return interrupted ? pyx_raise_from(req->place, (PyFrameObject *)hold) : 0;
}

PyObject *pyx_call_traced(PyObject *(*fn)(void *arg), void *arg)
{
    PyThreadState *tstate = PyThreadState_Get();
    const bool suppressed = top != NULL && owner == tstate && top->in_callback;
    const int quiet = pyx_quiet_set(0);
    if (suppressed) {
        PyThreadState_LeaveTracing(tstate);
    }
    PyObject *value = fn(arg);
    if (suppressed) {
        PyThreadState_EnterTracing(tstate);
    }
    if (top != NULL) {
        pyx_step_clear(); /* a step inside the evaluation ends with it */
    }
    pyx_quiet_set(quiet);
    return value;
}
