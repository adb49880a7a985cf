/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The inspection half of the engine: its table of paths, the objects it holds while something is
 * stopped, and its slots. Runs with the GIL on the stopped thread or on assist; quiet, so that the
 * user's breakpoints are not hit by a repr.
 */
#include "kernel/python/inspect.h"

#include <stdlib.h>

#define MAX_PATHS   (1u << 20) /* numbers at a time */
#define CLEAR_PATHS (1u << 17) /* at the end of a stop a larger table starts anew */
#define MAX_HELD    4096
#define MAX_IDLE    32 /* results of evaluations while nothing is stopped */

static struct dbg_refs *the_refs;

/* Values that cannot be reached again without running code: evaluated ones, properties. */
static struct held {
    int ref;
    PyObject *value; /* strong */
} held_list[MAX_HELD];
static int held_count, held_next;

struct dbg_refs *pyx_refs(void)
{
    if (!the_refs) {
        the_refs = dbg_refs_new(MAX_PATHS);
        if (!the_refs) {
            abort(); /* nothing was stopped yet and there is no memory for 40 bytes */
        }
    }
    return the_refs;
}

void pyx_held_set(int ref, PyObject *value)
{
    if (ref <= 0) {
        return;
    }
    for (int i = 0; i < held_count; i++) {
        if (held_list[i].ref == ref) {
            PyObject *old = held_list[i].value; /* steals */
            held_list[i].value = Py_NewRef(value);
            Py_DECREF(old);
            return;
        }
    }
    int max = pyx_stop_current() ? MAX_HELD : MAX_IDLE;
    int at = held_count < max ? held_count++ : held_next++ % max;
    PyObject *old = held_list[at].value; /* steals */
    held_list[at] = (struct held){ref, Py_NewRef(value)};
    Py_XDECREF(old);
}

PyObject *pyx_held_get(int ref)
{
    for (int i = 0; i < held_count; i++) {
        if (held_list[i].ref == ref) {
            return Py_NewRef(held_list[i].value);
        }
    }
    return NULL;
}

void pyx_inspect_release(void)
{
    pyx_frames_release();
    while (held_count > 0) {
        PyObject *value = held_list[--held_count].value; /* steals */
        held_list[held_count] = (struct held){0, NULL};
        Py_XDECREF(value);
    }
    held_next = 0;
    if (the_refs && dbg_refs_count(the_refs) > CLEAR_PATHS) {
        dbg_refs_clear(the_refs);
    }
}

/* A slot that runs quietly and leaves no exception behind. */
#define QUIET(name)                                                                                \
    static cd_result quiet_##name(const json_t *args, json_t **ret, struct cd_error *reterr)       \
    {                                                                                              \
        pyx_quiet_enter();                                                                         \
        cd_result rc = pyx_##name(args, ret, reterr);                                              \
        pyx_error_drop();                                                                          \
        pyx_quiet_leave();                                                                         \
        return rc;                                                                                 \
    }
QUIET(stack_trace)
QUIET(scopes)
QUIET(variables)
QUIET(set_variable)
QUIET(set_expression)
QUIET(completions)
QUIET(exception_info)
QUIET(source)
QUIET(modules)
QUIET(loaded_sources)
QUIET(locations)
QUIET(read_memory)
QUIET(write_memory)
QUIET(rich_inspect_variables)
QUIET(copy_to_globals)
#undef QUIET

static json_t *quiet_threads(struct cd_error *reterr)
{
    pyx_quiet_enter();
    json_t *body = pyx_threads(reterr);
    pyx_error_drop();
    pyx_quiet_leave();
    return body;
}

static cd_result quiet_inspect_variables(json_t **ret, struct cd_error *reterr)
{
    pyx_quiet_enter();
    cd_result rc = pyx_inspect_variables(ret, reterr);
    pyx_error_drop();
    pyx_quiet_leave();
    return rc;
}

void pyx_inspect_fill(struct engine_ops *ops)
{
    ops->threads = quiet_threads;
    ops->stack_trace = quiet_stack_trace;
    ops->scopes = quiet_scopes;
    ops->variables = quiet_variables;
    ops->set_variable = quiet_set_variable;
    ops->set_expression = quiet_set_expression;
    ops->evaluate = pyx_evaluate;
    ops->completions = quiet_completions;
    ops->exception_info = quiet_exception_info;
    ops->source = quiet_source;
    ops->modules = quiet_modules;
    ops->loaded_sources = quiet_loaded_sources;
    ops->locations = quiet_locations;
    ops->read_memory = quiet_read_memory;
    ops->write_memory = quiet_write_memory;
    ops->inspect_variables = quiet_inspect_variables;
    ops->rich_inspect_variables = quiet_rich_inspect_variables;
    ops->copy_to_globals = quiet_copy_to_globals;
}
