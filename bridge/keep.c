/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What the cells of this session put out, kept so that it can be saved into the notebook. Cells
 * that the file does not have are run, not kept.
 */
#include "bridge/session_impl.h"
#include "dap/base/log.h"

#include <string.h>

/* Whether the file's cell at this index is the one: an editor may have moved its cells, or have
 * more of them. */
static bool is_at(const struct bridge_session *s, const struct bridge_cell_view *cell, int index)
{
    const struct bridge_notebook_cell *at = bridge_notebook_cell(s->notebook, index);

    return at && strcmp(at->id, cell->id) == 0;
}

static int index_of(const struct bridge_session *s, const struct bridge_exec *e)
{
    struct bridge_cell_view cell;
    int i = 0;

    bridge_cells_view(s->cells, e->cell, &cell);
    if (!s->outputs || !s->notebook) {
        return -1;
    }
    if (is_at(s, &cell, cell.index)) {
        return cell.index;
    }
    while (i < bridge_notebook_count(s->notebook) && !is_at(s, &cell, i)) {
        i++;
    }
    return i < bridge_notebook_count(s->notebook) ? i : -1;
}

void bridge_keep_begin(struct bridge_session *s, const struct bridge_exec *e)
{
    int index = index_of(s, e);

    if (index >= 0 && bridge_outputs_begin(s->outputs, index, NULL) != CD_OK) {
        cd_log(CD_LOG_WARN, "keep", "outputs of cell %d are not kept", index);
    }
}

void bridge_keep_message(struct bridge_session *s, const struct bridge_exec *e,
                         const struct wire_msg *m)
{
    struct cd_error err = CD_ERROR_INIT;
    int index = index_of(s, e);

    if (index >= 0 && bridge_outputs_message(s->outputs, index, wire_msg_type(m), e->msg_id,
                                             m->content, &err) != CD_OK) {
        cd_log(CD_LOG_WARN, "keep", "an output of cell %d is not kept: %s", index, err.text);
    }
}

cd_result bridge_keep_save(struct bridge_session *s, const char *path, int *ret_cells,
                           struct cd_error *reterr)
{
    *ret_cells = 0;
    if (!s->notebook) {
        return cd_error_set(reterr, CD_E_BAD_STATE, "no notebook was launched: nothing to save");
    }
    for (int i = 0; i < bridge_notebook_count(s->notebook); i++) {
        int count = bridge_outputs_execution_count(s->outputs, i);

        if (count > 0) {
            ++*ret_cells;
            if (bridge_notebook_set_outputs(s->notebook, i, bridge_outputs_nbformat(s->outputs, i),
                                            count, reterr) != CD_OK) {
                return CD_ERR;
            }
        }
    }
    return bridge_notebook_save(s->notebook, path, reterr);
}
