/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Data breakpoints among their own files: data_breakpoints.c (what is asked for), data_places.c
 * (which variable is meant), data_watch.c (when it changed). Guarded by the GIL.
 */
#ifndef PYX_DATA_H
#define PYX_DATA_H

#include "kernel/python/control.h"

/* How a change is seen; what that costs is in docs/architecture.md. */
enum pyx_data_kind {
    PYX_DATA_DICT,  /* by a dict watcher: globals, entries, attributes where Python tells of them */
    PYX_DATA_LOCAL, /* a variable of one frame: looked at at each line of its code */
    PYX_DATA_ATTR,  /* looked at at each line of the user's code */
    PYX_DATA_ITEM
};

/* Where a value is kept. */
struct pyx_data_place {
    enum pyx_data_kind kind;
    PyObject *holder; /* strong: the dict, the frame, the object or the list */
    PyObject *key;    /* strong: name or key; NULL for an item */
    Py_ssize_t index; /* of an item */
    bool persists;    /* a module's global: found again by its name */
};
void pyx_data_place_done(struct pyx_data_place *p);
/* The variable of a dataBreakpointInfo request or of the id that it got. false: *reterr says why
 * none is meant or it cannot be watched. ret must be zeroed. */
bool pyx_data_place_of_child(int ref, const char *name, struct pyx_data_place *ret,
                             struct cd_error *reterr);
bool pyx_data_place_of_expression(int frame_id, const char *text, struct pyx_data_place *ret,
                                  struct cd_error *reterr);
bool pyx_data_place_of_global(const char *module, const char *name, struct pyx_data_place *ret,
                              struct cd_error *reterr);
/* Does code share this variable with functions inside or around it? */
bool pyx_data_code_has(PyCodeObject *code, PyObject *name);
/* The module whose global it is: new str, NULL: none. */
PyObject *pyx_data_module_of(const struct pyx_data_place *p);
/* The value there now: new, NULL (no exception): there is none. */
PyObject *pyx_data_get(const struct pyx_data_place *p);

struct pyx_data {
    struct pyx_bp *bp;
    char *id;
    char *label;                 /* what the user calls it */
    struct pyx_data_place place; /* holder is borrowed where it is watched or weak is set */
    PyObject *weak;              /* strong: a weak reference to the holder of an ATTR, or NULL */
    PyObject *last; /* LOCAL, ATTR, ITEM: strong: value seen last; NULL: there was none */
    bool gone;
    /* a change that no stop has told of yet */
    bool changed;
    PyThreadState *tstate; /* compared only: who changed it */
    PyObject *old, *now;   /* strong or NULL */
    PyCodeObject *armed;   /* strong: the code whose next instruction stops */
    int line;              /* that wrote */
    int seen;              /* line where it was looked at last, 0: not yet */
};

/* ---- data_watch.c ---- */
/* Takes d->place over. false: *reterr says why not. */
bool pyx_data_watch(struct pyx_data *d, struct cd_error *reterr);
void pyx_data_unwatch(struct pyx_data *d);

/* ---- data_compare.c ---- */
/* A dict watcher tells of a change; the next instruction of the calling code stops. */
void pyx_data_changed(struct pyx_data *d, PyObject *old, PyObject *now);
/* Lets go of a change that was not told. */
void pyx_data_forget(struct pyx_data *d);
/* After any change of the list: which code objects are looked at. */
void pyx_data_arm(void);

/* ---- data_breakpoints.c ---- */
extern struct pyx_data **pyx_data_list;
extern size_t pyx_data_count;
/* The variable is not there any more: its owner is told. */
void pyx_data_gone(struct pyx_data *d, const char *why);

#endif
