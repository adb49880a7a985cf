/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The notebook of a `celldap run`: loaded before the kernel starts, saved with its outputs after it
 * ended. Run's one thread.
 */
#include "bridge/run_impl.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

void bridge_run_file_done(struct bridge_run_file *f)
{
    bridge_outputs_free(f->outputs);
    bridge_notebook_free(f->nb);
    free(f->chosen);
    free(f->msg_ids);
    free(f->cwd);
}

cd_result bridge_run_file_load(const struct bridge_run_options *options, struct bridge_run_file *f,
                               struct cd_error *reterr)
{
    if (bridge_notebook_is_name(options->file)
            ? bridge_notebook_load(options->file, &f->nb, reterr)
            : bridge_notebook_load_script(options->file, &f->nb, reterr)) {
        return CD_ERR;
    }
    const char *language = bridge_notebook_language(f->nb);
    if (*language && strcasecmp(language, "python") != 0) {
        return cd_error_set(reterr, CD_E_BAD_NOTEBOOK,
                            "'%s': its language is '%.60s', celldap runs "
                            "Python",
                            options->file, language);
    }
    size_t n = (size_t)bridge_notebook_count(f->nb) + 1;
    f->chosen = calloc(n, sizeof(*f->chosen));
    f->msg_ids = calloc(n, sizeof(*f->msg_ids));
    f->cwd = strdup(bridge_notebook_path(f->nb));
    if (!f->chosen || !f->msg_ids || !f->cwd) {
        return cd_oom(reterr);
    }
    char *slash = strrchr(f->cwd, '/');
    slash[slash == f->cwd] = '\0';
    f->outputs = bridge_outputs_new((int)n - 1, reterr);
    return f->outputs ? CD_OK : CD_ERR;
}

cd_result bridge_run_file_save(struct bridge_run_file *f, const char *path, struct cd_error *reterr)
{
    for (int i = 0; i < bridge_notebook_count(f->nb); i++) {
        if (!*f->msg_ids[i]) {
            continue;
        }
        json_t *outputs = bridge_outputs_nbformat(f->outputs, i);
        if (!outputs) {
            return cd_oom(reterr);
        }
        if (bridge_notebook_set_outputs(f->nb, i, outputs,
                                        bridge_outputs_execution_count(f->outputs, i), reterr)) {
            return CD_ERR;
        }
    }
    return bridge_notebook_save(f->nb, path, reterr);
}

/* Blank cells are passed over as by Jupyter's front ends: they take no number. */
bool bridge_run_file_runs(const struct bridge_run_file *f, int index)
{
    const struct bridge_notebook_cell *cell = bridge_notebook_cell(f->nb, index);
    bool blank = strspn(cell->source, " \t\r\n") == cell->source_len;
    return f->chosen[index] && !cell->skip_execution && !blank;
}

int bridge_run_file_left(const struct bridge_run_file *f, int after)
{
    int n = 0;
    for (int i = after + 1; i < bridge_notebook_count(f->nb); i++) {
        n += bridge_run_file_runs(f, i);
    }
    return n;
}
