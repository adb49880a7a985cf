/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Small numbers for Python threads (DAP: Thread.id): main is 1 because JupyterLab's default is 1.
 * Threads of ours (arm, assist) and IPython's history saver have none. Guarded by the GIL, but for
 * the thread-local mark.
 */
#include "kernel/python/control.h"

#include <stdlib.h>
#include <string.h>

static __thread bool ours;

static struct numbered {
    uint64_t id;         /* PyThreadState_GetID */
    unsigned long ident; /* of threading */
    int number;          /* 0: ours */
} *known;
static size_t known_count;
static int last_number = 1;

static unsigned long our_idents[16];
static size_t our_count;

void pyx_threads_after_fork(void)
{
    known_count = our_count = 0;
    last_number = 1;
}

bool pyx_thread_is_ours(void)
{
    return ours;
}

void pyx_thread_mark_ours(void)
{
    if (!ours && our_count < CD_ARRAY_LEN(our_idents)) {
        our_idents[our_count++] = PyThread_get_thread_ident();
    }
    ours = true;
}

static bool is_our_ident(unsigned long ident)
{
    for (size_t i = 0; i < our_count; i++) {
        if (our_idents[i] == ident) {
            return true;
        }
    }
    return false;
}

/* IPython saves its history on a thread of its own that never runs the user's code. */
static bool is_history_saver(unsigned long ident)
{
    pyx_auto PyObject *thread = pyx_thread_object(ident);
    return thread && strcmp(Py_TYPE(thread)->tp_name, "HistorySavingThread") == 0;
}

static PyThreadState *first_state(void)
{
    return PyInterpreterState_ThreadHead(PyInterpreterState_Get());
}

/* Forgets threads that ended. */
static void prune(void)
{
    size_t n = 0;
    for (size_t i = 0; i < known_count; i++) {
        bool alive = false;
        for (PyThreadState *t = first_state(); t != NULL && !alive; t = PyThreadState_Next(t)) {
            alive = PyThreadState_GetID(t) == known[i].id;
        }
        if (alive) {
            known[n++] = known[i];
        }
    }
    known_count = n;
}

int pyx_thread_number(PyThreadState *tstate)
{
    const uint64_t id = PyThreadState_GetID(tstate);
    for (size_t i = 0; i < known_count; i++) {
        if (known[i].id == id) {
            return known[i].number;
        }
    }
    if (known_count >= 64 && known_count % 64 == 0) {
        prune();
    }
    struct numbered *p = realloc(known, (known_count + 1) * sizeof *p);
    if (p == NULL) {
        return 0;
    }
    known = p;
    struct numbered *n = &known[known_count++];
    const unsigned long ident = tstate->thread_id;
    *n = (struct numbered){.id = id, .ident = ident};
    if (ident == pyx_main_thread()) {
        n->number = 1;
    } else if (!is_our_ident(ident) && !is_history_saver(ident)) {
        n->number = ++last_number;
    }
    return known[known_count - 1].number;
}

PyThreadState *pyx_thread_state(int number)
{
    for (PyThreadState *t = first_state(); number > 0 && t != NULL; t = PyThreadState_Next(t)) {
        if (pyx_thread_number(t) == number) {
            return t;
        }
    }
    return NULL;
}

bool pyx_thread_others(void)
{
    const PyThreadState *me = PyThreadState_Get();
    for (PyThreadState *t = first_state(); t != NULL; t = PyThreadState_Next(t)) {
        if (t != me && pyx_thread_number(t) > 0) {
            return true;
        }
    }
    return false;
}
