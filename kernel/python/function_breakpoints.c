/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Function breakpoints: by qualified name, pending until a function of that name is seen. Set on
 * the arm thread; bound inside the code watcher. Guarded by the GIL.
 */
#include "kernel/python/control.h"

#include <stdlib.h>
#include <string.h>

static struct function_bp {
    char *name;
    struct pyx_bp *bp;
} *functions;
static size_t function_count;
static bool setting_functions; /* their reply says what is bound: no event besides */

bool pyx_functions_any(void)
{
    return function_count > 0;
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
    pyx_bp_put(entry, line, -1, f->bp);
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

void pyx_functions_bind(PyCodeObject *code)
{
    for (size_t i = 0; i < function_count; i++) {
        bind_function(code, &functions[i]);
    }
}

static void functions_clear(void)
{
    pyx_breakpoints_unbind();
    for (size_t i = 0; i < function_count; i++) {
        free(functions[i].name);
        pyx_bp_free(functions[i].bp);
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
        struct pyx_bp *b = pyx_bp_new(&list[i], NULL);
        char *name = b != NULL ? strdup(names[i]) : NULL;
        if (name == NULL) {
            pyx_bp_free(b);
            continue;
        }
        b->is_function = true;
        functions[function_count++] = (struct function_bp){name, b};
    }
    setting_functions = true;
    pyx_breakpoints_rebind();
    setting_functions = false;
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < function_count; k++) {
            if (functions[k].bp->id == list[i].id) {
                list[i].verified = functions[k].bp->line > 0;
                list[i].actual_line = functions[k].bp->line;
                if (!list[i].verified) {
                    pyx_bp_fail(&list[i], "pending", "no function of this name was seen yet");
                }
            }
        }
    }
}
