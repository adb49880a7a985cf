/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The breakpoints of all owners, by source and by function, and which code objects they are on.
 * Set on the arm thread; reached inside monitoring callbacks. Guarded by the GIL.
 */
#include "kernel/python/control.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

struct source {
    char *path;    /* as the client names it: a hash file or an absolute path */
    char *real;    /* resolved, or a copy of path */
    char *cell_id; /* NULL: any code of that path */
    struct pyx_bp **bps;
    size_t count;
};

static struct source *sources;
static size_t source_count;

static struct function_bp {
    char *name;
    struct pyx_bp *bp;
} *functions;
static size_t function_count;
static bool setting_functions; /* their reply says what is bound: no event besides */

/* str file name → True/False: does any source have it? Emptied when the sources change. */
static PyObject *file_matches;

bool pyx_breakpoints_any(void)
{
    return source_count > 0 || function_count > 0;
}

static void bp_free(struct pyx_bp *b)
{
    if (b != NULL) {
        pyx_expr_free(b->condition);
        pyx_log_free(b->log);
        free(b->condition_text);
        free(b->log_text);
        free(b);
    }
}

/* ---- which code belongs to which source ---- */

static bool source_has(const struct source *s, const struct pyx_code *entry, PyCodeObject *code)
{
    if (s->cell_id != NULL) {
        return entry != NULL && entry->cell_id != NULL &&
               PyUnicode_CompareWithASCIIString(entry->cell_id, s->cell_id) == 0;
    }
    const char *name = PyUnicode_AsUTF8(code->co_filename);
    if (name == NULL) {
        pyx_error_drop();
        return false;
    }
    return pyx_code_in_file(s->path, s->real, name);
}

/* A quick "no" for the many code objects of files without breakpoints. */
static bool file_may_match(PyCodeObject *code)
{
    pyx_auto PyObject *known = NULL;
    if (file_matches == NULL && (file_matches = PyDict_New()) == NULL) {
        pyx_error_drop();
        return true;
    }
    if (pyx_dict_get(file_matches, code->co_filename, &known) == 1) {
        return known == Py_True;
    }
    bool may = false;
    for (size_t i = 0; i < source_count && !may; i++) {
        may = sources[i].cell_id == NULL && source_has(&sources[i], NULL, code);
    }
    PyDict_SetItem(file_matches, code->co_filename, may ? Py_True : Py_False);
    pyx_error_drop();
    return may;
}

static void forget_files(void)
{
    if (file_matches != NULL) {
        PyDict_Clear(file_matches);
    }
}

/* ---- binding ---- */

static void put(struct pyx_code *entry, int line, struct pyx_bp *bp)
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
    p[i] = (struct pyx_line_bp){line, bp};
}

/* A generator expression on the line of its statement: that one stops there already. */
static bool is_inner_loop(PyCodeObject *code)
{
    return PyUnicode_CompareWithASCIIString(code->co_name, "<genexpr>") == 0;
}

static void bind_lines(PyCodeObject *code, const struct source *s)
{
    struct pyx_code_lines lines;
    const bool inner = is_inner_loop(code);
    if (s->count == 0 || pyx_code_lines_get(code, &lines) != 0) {
        pyx_error_drop();
        return;
    }
    for (size_t i = 0; i < s->count; i++) {
        const int line = s->bps[i]->line;
        const bool here = pyx_code_lines_has(&lines, line) && !(inner && line == lines.first);
        struct pyx_code *entry = here ? pyx_code_entry(code) : NULL;
        if (entry != NULL) {
            put(entry, line, s->bps[i]);
            entry->start_line = pyx_start_line(code);
        }
    }
    pyx_code_lines_done(&lines);
}

static void bind_function(PyCodeObject *code, const struct function_bp *f)
{
    if ((code->co_flags & CO_NEWLOCALS) == 0 || !pyx_code_has_name(code, f->name)) {
        return;
    }
    const int line = pyx_lines_first(code);
    struct pyx_code *entry = line > 0 ? pyx_code_entry(code) : NULL;
    if (entry == NULL) {
        return;
    }
    put(entry, line, f->bp);
    entry->start_line = pyx_start_line(code);
    if (f->bp->line == 0) {
        f->bp->line = line;
        if (setting_functions) {
            return;
        }
        pyx_note(ENGINE_BREAKPOINT, f->bp->owner,
                 json_pack("{s:s, s:{s:i, s:b, s:i, s:o}}", "reason", "changed", "breakpoint", "id",
                           f->bp->id, "verified", 1, "line", line, "source",
                           pyx_source_json(code->co_filename)));
    }
}

void pyx_breakpoints_bind(PyCodeObject *code)
{
    struct pyx_code *entry = pyx_code_find(code);
    const size_t before = entry != NULL ? entry->bp_count : 0;
    if (entry != NULL) {
        entry->bp_count = 0;
    }
    const bool file = file_may_match(code);
    for (size_t i = 0; i < source_count; i++) {
        if (sources[i].cell_id != NULL ? source_has(&sources[i], entry, code)
                                       : file && source_has(&sources[i], entry, code)) {
            bind_lines(code, &sources[i]);
        }
    }
    for (size_t i = 0; i < function_count; i++) {
        bind_function(code, &functions[i]);
    }
    entry = pyx_code_find(code);
    if (entry != NULL && (entry->bp_count > 0 || before > 0)) {
        pyx_monitor_refresh(entry, true);
    }
}

static void bind_one(PyCodeObject *code, void *arg)
{
    (void)arg;
    const struct pyx_code *entry = pyx_code_find(code);
    if (entry != NULL || function_count > 0 || file_may_match(code)) {
        pyx_breakpoints_bind(code);
    }
}

static void unbind_one(PyCodeObject *code, void *arg)
{
    (void)arg;
    struct pyx_code *entry = pyx_code_find(code);
    if (entry != NULL) {
        entry->bp_count = 0; /* the old breakpoints are freed before the new ones are bound */
    }
}

static void unarm_one(PyCodeObject *code, void *arg)
{
    (void)arg;
    struct pyx_code *entry = pyx_code_find(code);
    if (entry != NULL && entry->bp_count == 0 && entry->events != 0) {
        pyx_monitor_refresh(entry, true);
    }
}

/* After any change: every code object gets what applies to it now. */
static void rebind_all(void)
{
    forget_files();
    pyx_code_each(bind_one, NULL);
    pyx_code_each(unarm_one, NULL);
}

/* ---- setting ---- */

static char *copy(const char *text)
{
    return text != NULL ? strdup(text) : NULL;
}

static struct source *source_get(const struct engine_source *want)
{
    for (size_t i = 0; i < source_count; i++) {
        const struct source *s = &sources[i];
        if (strcmp(s->path, want->path) == 0 && (s->cell_id == NULL) == (want->cell_id == NULL) &&
            (s->cell_id == NULL || strcmp(s->cell_id, want->cell_id) == 0)) {
            return &sources[i];
        }
    }
    struct source *p = realloc(sources, (source_count + 1) * sizeof *p);
    if (p == NULL) {
        return NULL;
    }
    sources = p;
    char real[PATH_MAX];
    struct source *s = &sources[source_count];
    *s = (struct source){.path = strdup(want->path), .cell_id = copy(want->cell_id)};
    s->real = strdup(realpath(want->path, real) != NULL ? real : want->path);
    if (s->path == NULL || s->real == NULL) {
        free(s->path);
        free(s->real);
        free(s->cell_id);
        return NULL;
    }
    source_count++;
    return s;
}

static void fail(struct engine_breakpoint *out, const char *reason, const char *message)
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
static struct pyx_bp *bp_make(struct engine_breakpoint *out, const struct pyx_bp *old)
{
    struct cd_error err = CD_ERROR_INIT;
    struct pyx_bp *b = calloc(1, sizeof *b);
    if (b == NULL) {
        fail(out, "failed", "out of memory");
        return NULL;
    }
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
        fail(out, "failed", err.text);
        bp_free(b);
        return NULL;
    }
    return b;
}

static struct pyx_bp *find_id(struct pyx_bp *const *list, size_t count, int id)
{
    for (size_t i = 0; i < count; i++) {
        if (list[i]->id == id) {
            return list[i];
        }
    }
    return NULL;
}

static struct pyx_bp *bp_place(struct engine_breakpoint *out, PyObject *root,
                               const struct pyx_bp *old)
{
    const int line = pyx_lines_resolve((PyCodeObject *)root, out->line_1based);
    pyx_error_drop();
    if (line <= 0) {
        fail(out, "failed", "no code can stop on this line or below it in the same scope");
        return NULL;
    }
    struct pyx_bp *b = bp_make(out, old);
    if (b != NULL) {
        b->line = line;
        out->verified = true;
        memset(out->reason, 0, sizeof out->reason);
        memset(out->message, 0, sizeof out->message);
        out->actual_line = line;
    }
    return b;
}

void pyx_set_breakpoints(const struct engine_source *want, struct engine_breakpoint *list,
                         size_t count)
{
    struct source *s = source_get(want);
    struct pyx_bp **bps = count > 0 ? calloc(count, sizeof(struct pyx_bp *)) : NULL;
    if (s == NULL || (count > 0 && bps == NULL)) {
        for (size_t i = 0; i < count; i++) {
            fail(&list[i], "failed", "out of memory");
        }
        free(bps);
        return;
    }
    struct cd_error err = CD_ERROR_INIT;
    pyx_auto PyObject *root = count > 0 ? pyx_lines_root(want->path, &err) : NULL;
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        if (root == NULL) {
            fail(&list[i], err.id == CD_E_NOT_FOUND ? "pending" : "failed", err.text);
            continue;
        }
        struct pyx_bp *b = bp_place(&list[i], root, find_id(s->bps, s->count, list[i].id));
        if (b != NULL) {
            bps[n++] = b;
        }
    }
    pyx_code_each(unbind_one, NULL);
    for (size_t i = 0; i < s->count; i++) {
        bp_free(s->bps[i]);
    }
    free(s->bps);
    s->bps = bps;
    s->count = n;
    if (n == 0) {
        free(s->bps);
        free(s->path);
        free(s->real);
        free(s->cell_id);
        *s = sources[--source_count];
    }
    rebind_all();
}

static void functions_clear(void)
{
    pyx_code_each(unbind_one, NULL);
    for (size_t i = 0; i < function_count; i++) {
        free(functions[i].name);
        bp_free(functions[i].bp);
    }
    free(functions);
    functions = NULL;
    function_count = 0;
}

void pyx_set_function_breakpoints(char *const *names, struct engine_breakpoint *list, size_t count)
{
    functions_clear();
    functions = count > 0 ? calloc(count, sizeof *functions) : NULL;
    for (size_t i = 0; functions != NULL && i < count; i++) {
        struct pyx_bp *b = bp_make(&list[i], NULL);
        char *name = b != NULL ? strdup(names[i]) : NULL;
        if (name == NULL) {
            bp_free(b);
            continue;
        }
        b->is_function = true;
        functions[function_count++] = (struct function_bp){name, b};
    }
    setting_functions = true;
    rebind_all();
    setting_functions = false;
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < function_count; k++) {
            if (functions[k].bp->id == list[i].id) {
                list[i].verified = functions[k].bp->line > 0;
                list[i].actual_line = functions[k].bp->line;
                if (!list[i].verified) {
                    fail(&list[i], "pending", "no function of this name was seen yet");
                }
            }
        }
    }
}
