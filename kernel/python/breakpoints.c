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

/* str file name → True/False: does any source have it? Emptied when the sources change. */
static PyObject *file_matches;

bool pyx_breakpoints_any(void)
{
    return source_count > 0 || pyx_functions_any() || pyx_data_everywhere();
}

/* ---- which code belongs to which source ---- */

static bool source_in_file(const struct source *s, PyCodeObject *code)
{
    const char *name = PyUnicode_AsUTF8(code->co_filename);
    if (name == NULL) {
        pyx_error_drop();
        return false;
    }
    return pyx_code_in_file(s->path, s->real, name);
}

/* A cell's breakpoint is in the code of that cell; in code that no cell is told of (a front end
 * that sends no cellId) its text decides, as for a breakpoint without a cell (ADR 0006). */
static bool source_has(const struct source *s, const struct pyx_code *entry, PyCodeObject *code)
{
    if (s->cell_id != NULL && entry != NULL && entry->cell_id != NULL) {
        return PyUnicode_CompareWithASCIIString(entry->cell_id, s->cell_id) == 0;
    }
    return source_in_file(s, code);
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
        may = source_in_file(&sources[i], code);
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

/* A generator expression or a class body on the line of its statement: that one stops there
 * already. */
static bool is_inner(PyCodeObject *code)
{
    PyObject *names = code->co_names; /* a class body begins with `__module__ = __name__` */
    const bool class_body =
        (code->co_flags & (CO_OPTIMIZED | CO_NEWLOCALS)) == 0 && PyTuple_GET_SIZE(names) > 1 &&
        PyUnicode_CompareWithASCIIString(PyTuple_GET_ITEM(names, 1), "__module__") == 0;
    return class_body || PyUnicode_CompareWithASCIIString(code->co_name, "<genexpr>") == 0;
}

static void bind_place(PyCodeObject *code, struct pyx_bp *bp)
{
    int offsets[8];
    const size_t n = pyx_place_offsets(code, &bp->place, offsets, CD_ARRAY_LEN(offsets));
    struct pyx_code *entry = n > 0 ? pyx_code_entry(code) : NULL;
    for (size_t i = 0; entry != NULL && i < n; i++) {
        pyx_bp_put(entry, bp->place.position[0], offsets[i], bp);
        entry->has_places = true;
    }
}

static void bind_line(PyCodeObject *code, struct pyx_bp *bp)
{
    struct pyx_code *entry = pyx_code_entry(code);
    if (entry != NULL) {
        pyx_bp_put(entry, bp->line, -1, bp);
        entry->start_line = pyx_start_line(code);
    }
}

static void bind_lines(PyCodeObject *code, const struct source *s)
{
    struct pyx_code_lines lines;
    const bool inner = is_inner(code);
    if (s->count == 0 || pyx_code_lines_get(code, &lines) != 0) {
        pyx_error_drop();
        return;
    }
    for (size_t i = 0; i < s->count; i++) {
        struct pyx_bp *bp = s->bps[i];
        if (bp->place.line > 0 && pyx_code_lines_has(&lines, bp->place.position[0])) {
            bind_place(code, bp);
        } else if (bp->place.line == 0 && pyx_code_lines_has(&lines, bp->line) &&
                   !(inner && bp->line == lines.first)) {
            bind_line(code, bp);
        }
    }
    pyx_code_lines_done(&lines);
}

void pyx_breakpoints_bind(PyCodeObject *code)
{
    struct pyx_code *entry = pyx_code_find(code);
    const size_t before = entry != NULL ? entry->bp_count : 0;
    if (entry != NULL) {
        entry->bp_count = 0;
        entry->has_places = false;
    }
    const bool file = file_may_match(code);
    for (size_t i = 0; i < source_count; i++) {
        const bool tagged = sources[i].cell_id != NULL && entry != NULL && entry->cell_id != NULL;
        if ((tagged || file) && source_has(&sources[i], entry, code)) {
            bind_lines(code, &sources[i]);
        }
    }
    pyx_functions_bind(code);
    entry = pyx_code_find(code);
    if (entry != NULL && (entry->bp_count > 0 || before > 0)) {
        pyx_monitor_refresh(entry, true);
    }
    pyx_data_bind(code);
}

static void bind_one(PyCodeObject *code, void *arg)
{
    (void)arg;
    const struct pyx_code *entry = pyx_code_find(code);
    if (entry != NULL || pyx_functions_any() || file_may_match(code)) {
        pyx_breakpoints_bind(code);
    }
}

static void unbind_one(PyCodeObject *code, void *arg)
{
    (void)arg;
    struct pyx_code *entry = pyx_code_find(code);
    if (entry != NULL) {
        entry->has_places = false;
        entry->bp_count = 0; /* the old breakpoints are freed before the new ones are bound */
    }
}

void pyx_breakpoints_unbind(void)
{
    pyx_code_each(unbind_one, NULL);
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
void pyx_breakpoints_rebind(void)
{
    forget_files();
    pyx_code_each(bind_one, NULL);
    pyx_code_each(unarm_one, NULL);
}

/* ---- setting ---- */

/* A cell keeps its id when its text, and so its path, changes. */
static bool source_is(const struct source *s, const struct engine_source *want)
{
    if (s->cell_id != NULL && want->cell_id != NULL) {
        return strcmp(s->cell_id, want->cell_id) == 0;
    }
    return s->cell_id == want->cell_id && strcmp(s->path, want->path) == 0;
}

/* Both or neither are replaced. */
static bool source_set_path(struct source *s, const char *path)
{
    char resolved[PATH_MAX];
    char *copy = strdup(path);
    char *real = strdup(realpath(path, resolved) != NULL ? resolved : path);
    if (copy == NULL || real == NULL) {
        free(copy);
        free(real);
        return false;
    }
    free(s->path);
    free(s->real);
    s->path = copy;
    s->real = real;
    return true;
}

static struct source *source_get(const struct engine_source *want)
{
    for (size_t i = 0; i < source_count; i++) {
        struct source *s = &sources[i];
        if (source_is(s, want)) {
            const bool named = strcmp(s->path, want->path) == 0 || source_set_path(s, want->path);
            return named ? s : NULL;
        }
    }
    struct source *p = realloc(sources, (source_count + 1) * sizeof *p);
    if (p == NULL) {
        return NULL;
    }
    sources = p;
    struct source *s = &sources[source_count];
    *s = (struct source){.cell_id = want->cell_id != NULL ? strdup(want->cell_id) : NULL};
    if ((want->cell_id != NULL && s->cell_id == NULL) || !source_set_path(s, want->path)) {
        free(s->cell_id);
        return NULL;
    }
    source_count++;
    return s;
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

/* Places of all lines that a column was asked for on. */
struct places {
    struct pyx_place *list;
    size_t count;
};

static void places_of(const char *path, const struct engine_breakpoint *list, size_t count,
                      struct places *ret)
{
    struct cd_error ignored = CD_ERROR_INIT;
    int first = INT_MAX;
    int last = 0;
    pyx_auto PyObject *lines = PyList_New(0); /* new */
    for (size_t i = 0; lines != NULL && i < count; i++) {
        const int line = list[i].line_1based;
        pyx_auto PyObject *number = list[i].column_1based > 0 ? PyLong_FromLong(line) : NULL;
        if (number != NULL && PyList_Append(lines, number) == 0) {
            first = line < first ? line : first;
            last = line > last ? line : last;
        }
    }
    *ret = (struct places){0};
    if (last > 0 &&
        pyx_places_find(path, first, last, lines, &ret->list, &ret->count, &ignored) != CD_OK) {
        cd_error_clear(&ignored); /* the line alone is taken */
    }
    pyx_error_drop();
}

/* The line itself or the next one that can stop; where nothing is below, the beginning of the
 * statement that the line is part of. <= 0: none. */
static int line_for(PyObject *root, const char *path, int asked)
{
    int line = pyx_lines_resolve((PyCodeObject *)root, asked);
    if (line == 0) {
        const int first = pyx_place_statement(path, asked);
        line = first > 0 ? pyx_lines_resolve((PyCodeObject *)root, first) : 0;
    }
    pyx_error_drop();
    return line;
}

static struct pyx_bp *bp_place(struct engine_breakpoint *out, PyObject *root, const char *path,
                               const struct places *places, const struct pyx_bp *old)
{
    const struct pyx_place *place =
        out->column_1based > 0
            ? pyx_place_pick(places->list, places->count, out->line_1based, out->column_1based)
            : NULL;
    const int line = place != NULL ? place->line : line_for(root, path, out->line_1based);
    if (line <= 0) {
        pyx_bp_fail(out, "failed", "no code can stop on this line or below it in the same scope");
        return NULL;
    }
    struct pyx_bp *b = pyx_bp_new(out, old);
    if (b != NULL) {
        b->line = line;
        b->place = place != NULL ? *place : (struct pyx_place){0};
        out->verified = true;
        memset(out->reason, 0, sizeof out->reason);
        memset(out->message, 0, sizeof out->message);
        out->actual_line = line;
        out->column = b->place.column;
        out->end_line = b->place.end_column > 0 ? b->place.end_line : 0;
        out->end_column = b->place.end_column;
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
            pyx_bp_fail(&list[i], "failed", "out of memory");
        }
        free(bps);
        return;
    }
    struct cd_error err = CD_ERROR_INIT;
    pyx_auto PyObject *root = count > 0 ? pyx_lines_root(want->path, &err) : NULL;
    struct places places = {0};
    size_t n = 0;
    if (root != NULL) {
        places_of(want->path, list, count, &places);
    }
    for (size_t i = 0; i < count; i++) {
        if (root == NULL) {
            pyx_bp_fail(&list[i], err.id == CD_E_NOT_FOUND ? "pending" : "failed", err.text);
            continue;
        }
        struct pyx_bp *b =
            bp_place(&list[i], root, want->path, &places, find_id(s->bps, s->count, list[i].id));
        if (b != NULL) {
            bps[n++] = b;
        }
    }
    free(places.list);
    pyx_breakpoints_unbind();
    for (size_t i = 0; i < s->count; i++) {
        pyx_bp_free(s->bps[i]);
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
    pyx_breakpoints_rebind();
}
