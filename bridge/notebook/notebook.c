/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Loading a notebook and reading what was loaded (notebook.h). Bridge loop, or `celldap run`.
 * Must never keep a pointer into the file's bytes.
 */
#include "bridge/notebook/notebook_impl.h"
#include "dap/base/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

cd_result bridge_nb_read_file(const char *path, struct cd_buf *out, struct cd_error *reterr)
{
    cd_autofd int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) < 0) {
        int why = errno;
        if (why == ENOENT || why == ENOTDIR) {
            return cd_error_set(reterr, CD_E_NOT_FOUND, "no such file");
        }
        return cd_error_errno(reterr, why, "cannot be opened");
    }
    if (!S_ISREG(st.st_mode)) {
        return cd_error_set(reterr, CD_E_BAD_NOTEBOOK, "is not a regular file");
    }
    if (st.st_size > (off_t)CD_MAX_NOTEBOOK_BYTES) {
        return cd_error_set(reterr, CD_E_LIMIT, "is larger than %u MiB",
                            CD_MAX_NOTEBOOK_BYTES >> 20);
    }
    for (;;) {
        if (cd_buf_reserve(out, 64 * 1024, reterr)) {
            return CD_ERR;
        }
        ssize_t n = read(fd, out->data + out->len, 64 * 1024);
        if (n < 0 && errno != EINTR) {
            return cd_error_errno(reterr, errno, "cannot be read");
        }
        if (n == 0) {
            out->data[out->len] = '\0';
            return CD_OK;
        }
        out->len += n > 0 ? (size_t)n : 0;
    }
}

static cd_result make_absolute(const char *path, char **ret, struct cd_error *reterr)
{
    if (path[0] == '/') {
        *ret = strdup(path);
        return *ret ? CD_OK : cd_oom(reterr);
    }
    cd_autofree char *cwd = getcwd(NULL, 0);
    if (!cwd) {
        return cd_error_errno(reterr, errno, "no working directory");
    }
    while (strncmp(path, "./", 2) == 0) {
        path += 2;
    }
    *ret = NULL;
    if (asprintf(ret, "%s/%s", cwd, path) < 0) {
        *ret = NULL;
        return cd_oom(reterr);
    }
    return CD_OK;
}

void bridge_notebook_free(struct bridge_notebook *nb)
{
    if (!nb) {
        return;
    }
    for (int i = 0; i < nb->count; i++) {
        free((char *)(uintptr_t)nb->cells[i].id);
        free((char *)(uintptr_t)nb->cells[i].source);
        json_decref(nb->outputs[i].outputs);
    }
    free(nb->cells);
    free(nb->outputs);
    bridge_line_table_free(nb->lines);
    bridge_percent_done(&nb->script);
    free(nb->kernel_name);
    free(nb->language);
    free(nb->path);
    free(nb);
}

/* A string inside metadata, "" when it is not there or no string. */
static cd_result read_text(const char *text, const struct bridge_nb_value *object, const char *name,
                           char **ret, struct cd_error *reterr)
{
    struct bridge_nb_value where;
    json_auto_t *value = NULL;
    bridge_nb_member(text, object, name, &where);
    if (where.line_1based && bridge_nb_load_value(text, &where, &value, reterr)) {
        cd_error_prefix(reterr, "line %u: metadata", where.line_1based);
        return CD_ERR;
    }
    free(*ret);
    *ret = strdup(json_is_string(value) ? json_string_value(value) : "");
    return *ret ? CD_OK : cd_oom(reterr);
}

static cd_result read_metadata(struct bridge_notebook *nb, const char *text,
                               const struct bridge_nb_layout *l, struct cd_error *reterr)
{
    struct bridge_nb_value kernelspec;
    struct bridge_nb_value language;
    bridge_nb_member(text, &l->metadata, "kernelspec", &kernelspec);
    bridge_nb_member(text, &l->metadata, "language_info", &language);
    if (read_text(text, &kernelspec, "name", &nb->kernel_name, reterr) ||
        read_text(text, &language, "name", &nb->language, reterr)) {
        return CD_ERR;
    }
    return nb->language[0] ? CD_OK
                           : read_text(text, &kernelspec, "language", &nb->language, reterr);
}

/* An id that stands twice would let two cells share breakpoints: the later ones get "idx-N". */
static cd_result make_ids_unique(struct bridge_notebook *nb, struct cd_error *reterr)
{
    json_auto_t *seen = json_object();
    for (int i = 0; i < nb->count; i++) {
        if (json_object_get(seen, nb->cells[i].id)) {
            free((char *)(uintptr_t)nb->cells[i].id);
            nb->cells[i].id = NULL;
            char *id = NULL;
            if (asprintf(&id, "idx-%d", i) < 0) {
                return cd_oom(reterr);
            }
            nb->cells[i].id = id;
        }
        if (json_object_set_new(seen, nb->cells[i].id, json_true())) {
            return cd_error_set(reterr, CD_E_BAD_NOTEBOOK, "cells[%d].id is not valid UTF-8", i);
        }
    }
    return CD_OK;
}

static cd_result read_cells(struct bridge_notebook *nb, const char *text,
                            const struct bridge_nb_layout *l, struct cd_error *reterr)
{
    cd_autofree bool *is_code = calloc(l->cell_count + 1, sizeof(*is_code));
    nb->cells = calloc(l->cell_count + 1, sizeof(*nb->cells));
    nb->outputs = calloc(l->cell_count + 1, sizeof(*nb->outputs));
    if (!is_code || !nb->cells || !nb->outputs) {
        return cd_oom(reterr);
    }
    for (size_t i = 0; i < l->cell_count; i++) {
        nb->count = (int)i + 1;
        nb->cells[i].index = (int)i;
        if (bridge_nb_read_cell(text, l, &nb->cells[i], reterr)) {
            return CD_ERR;
        }
        is_code[i] = nb->cells[i].type == BRIDGE_CELL_CODE;
    }
    nb->lines = bridge_line_table_new(text, l, is_code, reterr);
    return nb->lines ? make_ids_unique(nb, reterr) : CD_ERR;
}

static cd_result load(struct bridge_notebook *nb, struct cd_error *reterr)
{
    struct bridge_nb_layout layout = {0};
    cd_autobuf struct cd_buf text;
    cd_buf_init(&text, CD_MAX_NOTEBOOK_BYTES + 128u * 1024);
    if (bridge_nb_read_file(nb->path, &text, reterr)) {
        return CD_ERR;
    }
    cd_result r = CD_ERR;
    if (!bridge_nb_layout_read(text.data, text.len, &layout, reterr) &&
        !bridge_nb_check(text.data, &layout, reterr) &&
        !read_cells(nb, text.data, &layout, reterr)) {
        r = read_metadata(nb, text.data, &layout, reterr);
    }
    bridge_nb_layout_done(&layout);
    return r;
}

static cd_result load_script(struct bridge_notebook *nb, struct cd_error *reterr)
{
    cd_autobuf struct cd_buf text;
    cd_buf_init(&text, CD_MAX_NOTEBOOK_BYTES + 128u * 1024);
    if (bridge_nb_read_file(nb->path, &text, reterr) ||
        bridge_percent_read(text.data, text.len, &nb->script, reterr)) {
        return CD_ERR;
    }
    nb->is_script = true;
    return bridge_nb_cells_of_script(nb, reterr);
}

static cd_result load_as(const char *path,
                         cd_result (*read)(struct bridge_notebook *, struct cd_error *),
                         struct bridge_notebook **ret, struct cd_error *reterr)
{
    struct cd_error why = CD_ERROR_INIT;
    struct bridge_notebook *nb = calloc(1, sizeof(*nb));
    if (!nb || make_absolute(path, &nb->path, &why)) {
        free(nb);
        return why.id ? cd_error_set(reterr, CD_E_SYSTEM, "%s", why.text) : cd_oom(reterr);
    }
    char *slash = strrchr(nb->path, '/');
    nb->name = slash ? slash + 1 : nb->path;
    if (read(nb, &why)) {
        bool content = why.id == CD_E_BAD_JSON || why.id == CD_E_BAD_NOTEBOOK;
        (void)cd_error_set(reterr, content ? CD_E_BAD_NOTEBOOK : (enum cd_error_id)why.id,
                           "'%s': %s", path, why.text);
        bridge_notebook_free(nb);
        return CD_ERR;
    }
    *ret = nb;
    return CD_OK;
}

cd_result bridge_notebook_load(const char *path, struct bridge_notebook **ret,
                               struct cd_error *reterr)
{
    return load_as(path, load, ret, reterr);
}

cd_result bridge_notebook_load_script(const char *path, struct bridge_notebook **ret,
                                      struct cd_error *reterr)
{
    return load_as(path, load_script, ret, reterr);
}

bool bridge_notebook_is_name(const char *path)
{
    size_t n = strlen(path);
    return n > 6 && strcmp(path + n - 6, ".ipynb") == 0;
}

const char *bridge_notebook_path(const struct bridge_notebook *nb)
{
    return nb->path;
}

int bridge_notebook_count(const struct bridge_notebook *nb)
{
    return nb->count;
}

const struct bridge_notebook_cell *bridge_notebook_cell(const struct bridge_notebook *nb, int index)
{
    return index >= 0 && index < nb->count ? &nb->cells[index] : NULL;
}

const char *bridge_notebook_kernel_name(const struct bridge_notebook *nb)
{
    return nb->kernel_name;
}

const char *bridge_notebook_language(const struct bridge_notebook *nb)
{
    return nb->language;
}

bool bridge_notebook_from_json_line(const struct bridge_notebook *nb, int json_line_1based,
                                    int *ret_index, int *ret_line_1based, struct cd_error *reterr)
{
    return nb->is_script ? bridge_percent_from_line(&nb->script, nb->name, json_line_1based,
                                                    ret_index, ret_line_1based, reterr)
                         : bridge_line_table_from_json(nb->lines, nb->name, json_line_1based,
                                                       ret_index, ret_line_1based, reterr);
}

int bridge_notebook_to_json_line(const struct bridge_notebook *nb, int index, int line_1based)
{
    return nb->is_script ? bridge_percent_to_line(&nb->script, index, line_1based)
                         : bridge_line_table_to_json(nb->lines, index, line_1based);
}

int bridge_notebook_to_json_column(const struct bridge_notebook *nb, int index, int line_1based,
                                   int column_1based)
{
    return nb->is_script
               ? column_1based
               : bridge_line_table_column_to_json(nb->lines, index, line_1based, column_1based);
}

int bridge_notebook_from_json_column(const struct bridge_notebook *nb, int json_line_1based,
                                     int json_column_1based)
{
    return nb->is_script ? json_column_1based
                         : bridge_line_table_column_from_json(nb->lines, json_line_1based,
                                                              json_column_1based);
}

cd_result bridge_notebook_set_outputs(struct bridge_notebook *nb, int index, json_t *outputs_owned,
                                      int execution_count, struct cd_error *reterr)
{
    if (index < 0 || index >= nb->count || nb->cells[index].type != BRIDGE_CELL_CODE ||
        !json_is_array(outputs_owned)) {
        json_decref(outputs_owned);
        return cd_error_set(reterr, CD_E_BAD_VALUE, "cell %d takes no outputs", index);
    }
    json_decref(nb->outputs[index].outputs);
    nb->outputs[index] = (struct bridge_nb_outputs){outputs_owned, execution_count};
    return CD_OK;
}
