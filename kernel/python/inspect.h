/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What the inspection files know of each other. Everything needs the GIL. Objects are held only
 * while something is stopped (pyx_inspect_release); references are paths (kernel/debug/refs.h) that
 * are walked anew by each request, so a value is always fresh.
 */
#ifndef PYX_INSPECT_H
#define PYX_INSPECT_H

#include "kernel/debug/refs.h"
#include "kernel/python/engine.h"

/* Letters of path steps. */
enum pyx_step {
    PYX_STEP_THREAD = 'T',  /* root; key: thread number */
    PYX_STEP_FRAME = 'F',   /* "file:line:qualname" below its caller or its thread */
    PYX_STEP_SCOPE = 'S',   /* below a frame; enum pyx_scope */
    PYX_STEP_USER_NS = 'N', /* root: the user's namespace, without a frame */
    PYX_STEP_EXPR = 'E',    /* an evaluated expression, below a frame or a root */
    PYX_STEP_NAME = 'n',    /* name in a scope */
    PYX_STEP_ATTR = 'a',    /* attribute that is read without running user code */
    PYX_STEP_LAZY = 'p',    /* attribute whose getter is the user's: not read yet */
    PYX_STEP_VALUE = 'v',   /* what that getter returned */
    PYX_STEP_INDEX = 'i',   /* obj[decimal] */
    PYX_STEP_STR_KEY = 's', /* dict entry with this str key */
    PYX_STEP_ENTRY = 'o',   /* dict entry "position:repr of key" */
    PYX_STEP_ELEMENT = 'e', /* position in iteration order (sets) */
    PYX_STEP_COLUMN = 'c',  /* column by position (DataFrame) */
    PYX_STEP_GROUP = 'g',   /* enum pyx_group of the value itself */
    PYX_STEP_REST = 'r',    /* the same container from this position on */
    PYX_STEP_SOURCE = '@'   /* root: a source without a file; key: its name */
};

enum pyx_scope {
    PYX_SCOPE_LOCALS = 'L',
    PYX_SCOPE_CLOSURE = 'C',
    PYX_SCOPE_GLOBALS = 'G',
    PYX_SCOPE_RETURN = 'R'
};
enum pyx_group {
    PYX_GROUP_NONE = 0,
    PYX_GROUP_SPECIAL = 's',
    PYX_GROUP_FUNCTION = 'f',
    PYX_GROUP_CLASS = 'c',
    PYX_GROUP_PROTECTED = 'p',
    PYX_GROUP_HIDDEN = 'h' /* not shown at all */
};
#define PYX_GROUPS 4

/* debugpy's variablePresentation: 'g' group, 'i' inline, 'h' hide; 0: the default. */
struct pyx_presentation {
    char special, function, class_, protected;
};

#define PYX_VALUE_BYTES 1000u               /* shown of a value */
#define PYX_FULL_BYTES  (10u * 1024 * 1024) /* clipboard, repl */
#define PYX_EXPR_BYTES  2000u               /* longest evaluateName */
#define PYX_REPR_MS     400                 /* one __repr__, __str__ */

/* ---- inspect.c: the table of paths and what is held while stopped ---- */
struct dbg_refs *pyx_refs(void);
/* Keeps an object by its number until the stop ends; replaces an older one. */
void pyx_held_set(int ref, PyObject *value);
/* new / NULL, no exception */
PyObject *pyx_held_get(int ref);

/* ---- limit.c: how long code of the user's may run ---- */
/* Around code of the user's that a job runs; limit 0: as long as the job has. false: not now. */
bool pyx_user_begin(int64_t limit_ms);
void pyx_user_end(void);
/* -1 with an exception that says that pyx_user_begin was false. */
int pyx_no_time(void);
/* Is there time left? */
bool pyx_user_may(void);
/* The exception that is set is ours: the time was over. */
bool pyx_was_broken_off(void);
/* str(value): new / NULL without an exception. */
PyObject *pyx_str_limited(PyObject *value);
/* What stands in the reply for what is being made, should that not end: asked for once, when code
 * of the user's is about to run. */
struct pyx_instead {
    json_t *(*make)(void *ctx);
    void *ctx;
    bool made;
};
/* Of this thread; returns what was. */
struct pyx_instead *pyx_instead_set(struct pyx_instead *now);

/* ---- repr.c ---- */
struct pyx_format {
    bool no_code; /* no code of the user's: "<Point object at …: repr timed out>" */
    bool hex, raw_string;
    bool full; /* unclipped (up to PYX_FULL_BYTES), Python's own repr */
};
/* arguments.format and the context: full for repl and clipboard. */
cd_result pyx_format_read(const json_t *args, struct pyx_format *ret, struct cd_error *reterr)
    CD_MUST_CHECK;
/* Text of a value as a JSON string; never fails but for memory, never leaves an exception. */
json_t *pyx_value_json(PyObject *value, const struct pyx_format *format);
/* The same as bytes; out's max is the clip. */
void pyx_repr_into(struct cd_buf *out, PyObject *value, const struct pyx_format *format);
/* JSON string of a str, whatever is in it; NULL only when out of memory. */
json_t *pyx_str_json(PyObject *str);
/* UTF-8 (surrogates passed) of a str: new bytes, or NULL with no exception. */
PyObject *pyx_str_bytes(PyObject *str);
const char *pyx_type_name(PyObject *value);

/* ---- frames.c ---- */
struct pyx_frames {
    struct pyx_frames *next;
    uint64_t stop;
    int thread;
    int count;
    struct pyx_frame_entry {
        PyObject *frame; /* strong */
        int ref;
        int lasti; /* where an exception left it; -1: where it is now */
    } *list;       /* innermost first */
};
/* Shown frames of a thread at the current stop; borrowed until pyx_frames_release. */
struct pyx_frames *pyx_frames_of(int thread, struct cd_error *reterr);
/* The frame of a frameId: new reference. NOT_FOUND names the field. */
PyObject *pyx_frame_find(int frame_id, const char *field, struct cd_error *reterr);
void pyx_frames_release(void);
/* f_locals is f_globals: a module, a cell. */
bool pyx_frame_is_module(PyObject *frame);
cd_result pyx_stack_trace(const json_t *args, json_t **ret, struct cd_error *reterr);

/* ---- scopes.c ---- */
/* A name in a scope of a frame: new / NULL without an exception when unbound or unknown. */
PyObject *pyx_scope_get(PyObject *frame, enum pyx_scope scope, PyObject *name);
/* Names of a scope in their order: new list of str, or NULL with an exception. */
PyObject *pyx_scope_names(PyObject *frame, enum pyx_scope scope);
/* What an inlined comprehension at module level binds just now (PEP 709): new list / NULL. */
PyObject *pyx_inlined_names(PyObject *frame);
/* IPython's own names, hidden in the user's namespace. */
bool pyx_name_hidden(PyObject *ns, PyObject *name);
cd_result pyx_scopes(const json_t *args, json_t **ret, struct cd_error *reterr);

/* ---- target.c: walking a path ---- */
struct pyx_target {
    int ref;
    PyObject *value; /* strong; NULL for a scope read by names */
    PyObject *frame; /* strong: the frame that the path begins in, or NULL */
    int frame_ref;
    enum pyx_scope scope; /* 0: value is an object */
    enum pyx_group group;
    PyObject *lazy;  /* strong: the attribute of value that is to be read, or NULL */
    Py_ssize_t rest; /* first position to show */
    bool has_expr;
    struct cd_buf expr; /* evaluateName of the value; empty for a scope */
};
void pyx_target_done(struct pyx_target *t);
#define pyx_autotarget __attribute__((cleanup(pyx_target_done)))
/* ret must be zeroed. */
cd_result pyx_target_find(int ref, const char *field, struct pyx_target *ret,
                          struct cd_error *reterr) CD_MUST_CHECK;

/* ---- attributes.c: attributes without the user's code ---- */
enum pyx_attr { PYX_ATTR_NONE, PYX_ATTR_VALUE, PYX_ATTR_LAZY };
/* VALUE: *ret is new. LAZY: a getter of the user's would run. Never an exception. */
enum pyx_attr pyx_attr_get(PyObject *obj, PyObject *name, PyObject **ret);
/* The object's own dict: new / NULL, no exception, no user code. */
PyObject *pyx_own_dict(PyObject *obj);
/* Calls visit for each attribute: own dict first, then classes in MRO order, each name once.
 * own: found in the instance. stops when visit is not 0. */
typedef int (*pyx_attr_visit)(void *ctx, PyObject *name, PyObject *raw, bool own);
void pyx_attrs_each(PyObject *obj, pyx_attr_visit visit, void *ctx);
enum pyx_group pyx_group_of(PyObject *name, PyObject *value, const struct pyx_presentation *p);
enum pyx_group pyx_group_of_value(PyObject *value);
/* Kind of a raw class attribute: a getter of the user's? */
bool pyx_attr_is_lazy(PyObject *raw);

/* ---- children.c ---- */
struct pyx_child {
    PyObject *name_str; /* borrowed str, or NULL: name */
    const char *name;
    enum pyx_step step;
    const char *key; /* NULL: the name */
    size_t key_len;
    PyObject *value;  /* borrowed; NULL for what has only children */
    const char *expr; /* evaluateName, or NULL */
    const char *kind; /* presentationHint.kind, or NULL: by value */
    bool attribute;   /* underscores say how private it is */
    bool read_only;
    int64_t indexed; /* of what has only children */
};
/* One variables request while it is filled. */
struct pyx_page {
    json_t *list; /* NULL with progress */
    int parent;
    const struct pyx_target *target;
    struct pyx_format format;
    int64_t start, count; /* count 0: all */
    int64_t seen;
    bool indexed, named; /* what is asked for */
    struct pyx_presentation presentation;
    bool count_only;              /* only seen counts up */
    struct cd_progress *progress; /* NULL, or what gets the children instead of list */
};
cd_result pyx_child_add(struct pyx_page *page, const struct pyx_child *child,
                        struct cd_error *reterr) CD_MUST_CHECK;
/* The part of n items, the first being at position `first`, that the page shows: [*from, *to).
 * *rest: the position from which on an unpaged request leaves them out, or -1. */
void pyx_page_range(struct pyx_page *page, Py_ssize_t first, Py_ssize_t n, Py_ssize_t *from,
                    Py_ssize_t *to, Py_ssize_t *rest);
/* A child that holds the items from `rest` on; nothing when rest is -1. */
cd_result pyx_child_add_rest(struct pyx_page *page, Py_ssize_t rest, Py_ssize_t n,
                             struct cd_error *reterr) CD_MUST_CHECK;
/* "len()" and its like: a value of ours; its evaluateName is prefix, the parent's, suffix. */
cd_result pyx_child_add_virtual(struct pyx_page *page, const char *name, PyObject *value,
                                const char *prefix, const char *suffix, struct cd_error *reterr)
    CD_MUST_CHECK;
/* New object: value (under value_key), type, variablesReference, counts. NULL: out of memory. */
json_t *pyx_variable_body(PyObject *value, const char *value_key, int parent, enum pyx_step step,
                          const char *key, size_t key_len, const struct pyx_format *format,
                          int *ret_ref);
/* presentationHint of a value by its type: new, NULL when there is nothing to say. */
json_t *pyx_hint_json(PyObject *value, const char *kind, const char *visibility, bool read_only,
                      bool lazy);
/* Counts of children, without user code; false: no children. */
bool pyx_child_counts(PyObject *value, int64_t *indexed, int64_t *named);
cd_result pyx_children_of(struct pyx_page *page, struct cd_error *reterr) CD_MUST_CHECK;

/* ---- children_seq.c children_dict.c: Python's own containers and what derives from them ---- */
enum pyx_items { PYX_ITEMS_NONE, PYX_ITEMS_SEQ, PYX_ITEMS_SET, PYX_ITEMS_DICT };
enum pyx_items pyx_items_kind(PyObject *value, Py_ssize_t *ret_size);
cd_result pyx_children_seq(struct pyx_page *page, Py_ssize_t size, struct cd_error *reterr)
    CD_MUST_CHECK;
cd_result pyx_children_set(struct pyx_page *page, Py_ssize_t size, struct cd_error *reterr)
    CD_MUST_CHECK;
cd_result pyx_children_dict(struct pyx_page *page, Py_ssize_t size, struct cd_error *reterr)
    CD_MUST_CHECK;
#define PYX_NAMED_ENTRIES 1000 /* a larger dict is paged as indexed */
/* obj[position] of a sequence; the element at a position of a set: new / NULL, no exception */
PyObject *pyx_seq_get(PyObject *seq, Py_ssize_t position);
PyObject *pyx_set_get(PyObject *set, Py_ssize_t position);
/* Value of a dict step: new / NULL. *ret_key (may be NULL): new reference to the key. */
PyObject *pyx_entry_get(PyObject *dict, char step, const char *key, size_t len, PyObject **ret_key);
/* Is the entry of this key shown under this name? */
bool pyx_key_is_named(PyObject *key, const char *name);
/* The path step of an entry, its key in out (initialised here). */
enum pyx_step pyx_key_step(struct cd_buf *out, PyObject *key, Py_ssize_t position,
                           const char *name);
/* "[repr]" of a key whose repr is Python that gives it back; false: no such text. */
bool pyx_key_expr(struct cd_buf *out, PyObject *key);

/* ---- children_array.c: ndarray, Series, DataFrame, by their names (nothing is imported) ---- */
enum pyx_array { PYX_ARRAY_NONE, PYX_ARRAY_ND, PYX_ARRAY_SERIES, PYX_ARRAY_FRAME };
enum pyx_array pyx_array_kind(PyObject *value);
int64_t pyx_array_len(PyObject *value, enum pyx_array kind);
cd_result pyx_children_array(struct pyx_page *page, enum pyx_array kind, struct cd_error *reterr)
    CD_MUST_CHECK;
/* Column at a position: new / NULL, no exception. *ret_label: new. */
PyObject *pyx_column_get(PyObject *table, Py_ssize_t position, PyObject **ret_label);
/* Its first cells, at most max, as a list, and its dtype's name: both new, or NULL with an
 * exception (or none, where it is no Series as we know it). */
PyObject *pyx_series_head(PyObject *series, Py_ssize_t max, PyObject **ret_dtype);
PyObject *pyx_array_item(PyObject *array, enum pyx_array kind, Py_ssize_t position);

/* ---- children_object.c children_scope.c ---- */
cd_result pyx_children_object(struct pyx_page *page, struct cd_error *reterr) CD_MUST_CHECK;
cd_result pyx_children_scope(struct pyx_page *page, struct cd_error *reterr) CD_MUST_CHECK;
cd_result pyx_groups_add(struct pyx_page *page, const bool present[PYX_GROUPS],
                         struct cd_error *reterr) CD_MUST_CHECK;
/* arguments.variablePresentation */
cd_result pyx_presentation_read(const json_t *args, struct pyx_presentation *ret,
                                struct cd_error *reterr) CD_MUST_CHECK;
/* Index of a group in such an array, -1 for none. */
int pyx_group_index(enum pyx_group group);

/* ---- eval_frame.c, evaluate.c ---- */
/* text: str. frame NULL: the user's namespace. *ret_statement: it was no expression. new / NULL. */
PyObject *pyx_eval_text(PyObject *frame, PyObject *text, bool statements_too, bool *ret_statement);
/* An expression, in the time that the job has: new / NULL with an exception. */
PyObject *pyx_eval_limited(PyObject *frame, PyObject *text);
/* eval_module.c: an AST compiled; new / NULL. awaits: running it gives a coroutine. */
PyObject *pyx_compile_tree(PyObject *tree, const char *mode);
bool pyx_awaits(PyObject *code);
/* Takes the last statement's expression out of a Module: 1 *ret_last, 0 none, -1 exception. */
int pyx_take_last(PyObject *tree, PyObject **ret_last);
/* Expression where it is one, else a Module (*statement). new / NULL */
PyObject *pyx_parse_either(PyObject *text, bool statements_too, bool *statement);
/* new / NULL */
PyObject *pyx_eval_module(PyObject *tree, bool statement, PyObject *globals);
PyObject *pyx_eval_class(PyObject *frame, PyObject *tree, bool statement);
/* AST of a text; start is Py_eval_input or Py_file_input. New / NULL with an exception. */
PyObject *pyx_parse(PyObject *text, int start);
PyObject *pyx_parse_text(const char *text, int start);
/* The class whose private names (`__x`) the frame's code spells without the class: "C" of "C.f" and
 * of "C.f.<locals>.g". New str / NULL: none, or the text has no such name; no exception. */
PyObject *pyx_private_class(PyObject *frame, PyObject *text);
/* await.c: runs a coroutine to its end: new / NULL with an exception. */
PyObject *pyx_await(PyObject *coro_owned);
/* May evaluations of this thread await? Returns what was. */
bool pyx_await_allow(bool now);
/* Binds name to value while target (an assignment target's text) is assigned. -1: exception. */
int pyx_assign_text(PyObject *frame, PyObject *target, PyObject *value);
/* Names, attributes and items that run nothing: new / NULL with an exception. */
PyObject *pyx_eval_safe(PyObject *frame, PyObject *text);
/* Writes a local, closure or global name of the frame. -1: exception. */
int pyx_frame_assign(PyObject *frame, PyObject *name, PyObject *value);
/* "NameError: name 'x' is not defined" and, where ret_trace is not NULL, the traceback's text. */
cd_result pyx_eval_failed(json_t **ret_trace, struct cd_error *reterr);
/* optional arguments.frameId: *ret_frame new or NULL; *ret_ref its number or the namespace's root.
 */
cd_result pyx_frame_arg(const json_t *args, const char *field, PyObject **ret_frame, int *ret_ref,
                        struct cd_error *reterr) CD_MUST_CHECK;

#define PYX_EVAL_FILE "<evaluate>"
/* What evaluations at an exception stop may call the exception (exceptionInfo's evaluateName). */
#define PYX_EXCEPTION_NAME "__exception__"

/* ---- memory.c, locations.c, jupyter_inspect.c ---- */
bool pyx_has_memory(PyObject *value);
bool pyx_has_location(PyObject *value);
/* new str / NULL */
PyObject *pyx_base64(PyObject *bytes);
/* modules.c */
bool pyx_module_is_ours(PyObject *name); /* also where it is no str */
/* new / NULL */
json_t *pyx_module_json(PyObject *name, PyObject *module);
/* sources.c: the text of a source by its name: new str, NULL without an exception. */
PyObject *pyx_source_text(PyObject *name);

/* ---- slots ---- */
cd_result pyx_read_memory(const json_t *args, json_t **ret, struct cd_error *reterr);
cd_result pyx_write_memory(const json_t *args, json_t **ret, struct cd_error *reterr);
cd_result pyx_locations(const json_t *args, json_t **ret, struct cd_error *reterr);
cd_result pyx_loaded_sources(const json_t *args, json_t **ret, struct cd_error *reterr);
json_t *pyx_threads(struct cd_error *reterr);
cd_result pyx_variables(const json_t *args, json_t **ret, struct cd_error *reterr);
cd_result pyx_set_variable(const json_t *args, json_t **ret, struct cd_error *reterr);
cd_result pyx_set_expression(const json_t *args, json_t **ret, struct cd_error *reterr);
cd_result pyx_evaluate(const json_t *args, json_t **ret, json_t **ret_extra,
                       struct cd_error *reterr);
cd_result pyx_completions(const json_t *args, json_t **ret, struct cd_error *reterr);
cd_result pyx_exception_info(const json_t *args, json_t **ret, struct cd_error *reterr);
cd_result pyx_source(const json_t *args, json_t **ret, struct cd_error *reterr);
cd_result pyx_modules(const json_t *args, json_t **ret, struct cd_error *reterr);
cd_result pyx_inspect_variables(json_t **ret, struct cd_error *reterr);
cd_result pyx_rich_inspect_variables(const json_t *args, json_t **ret, struct cd_error *reterr);
cd_result pyx_copy_to_globals(const json_t *args, json_t **ret, struct cd_error *reterr);

#endif
