/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The request table of requests.def: look-up and state checks. Pure, read-only data: any thread.
 */
#include "dap/requests.h"

#include <stdlib.h>
#include <string.h>

static const struct dap_command_row table[] = {
#define DAP_REQUEST(name, states, bridge, kernel, capability)                                      \
    {#name, (states), (bridge), (kernel), (capability)},
#define DAP_CUSTOM(id, name, states, bridge, kernel) {(name), (states), (bridge), (kernel), NULL},
#include "dap/requests.def"
#undef DAP_CUSTOM
#undef DAP_REQUEST
};

_Static_assert(CD_ARRAY_LEN(table) == DAP_CMD_COUNT, "one row for each command");

static int compare(const void *name, const void *row)
{
    return strcmp(name, ((const struct dap_command_row *)row)->name);
}

const struct dap_command_row *dap_command_find(const char *name)
{
    return bsearch(name, table, CD_ARRAY_LEN(table), sizeof(table[0]), compare);
}

const struct dap_command_row *dap_command_row(enum dap_command cmd)
{
    return &table[cmd];
}

enum dap_command dap_command_id(const struct dap_command_row *row)
{
    return (enum dap_command)(row - table);
}

static const char *state_text(enum dap_state state)
{
    switch (state) {
    case DAP_S_NEW:
        return "before 'initialize'";
    case DAP_S_CONFIG:
        return "before 'launch' or 'attach' is done";
    case DAP_S_RUNNING:
        return "while the program runs";
    case DAP_S_IDLE:
        return "while no cell runs";
    case DAP_S_STOPPED:
        return "while the program is stopped";
    case DAP_S_ENDED:
        return "after the session ended";
    default:
        return "now";
    }
}

cd_result dap_command_check_state(const struct dap_command_row *row, enum dap_state state,
                                  struct cd_error *reterr)
{
    bool later = state == DAP_S_CONFIG || state == DAP_S_RUNNING || state == DAP_S_IDLE;

    if (row->states & (unsigned)state) {
        return CD_OK;
    }
    if (later && (row->states & (DAP_S_LIVE & ~DAP_S_STOPPED)) == 0 &&
        (row->states & DAP_S_STOPPED)) {
        return cd_error_set(reterr, CD_E_NOT_STOPPED,
                            "'%s' is not possible %s: it needs a stopped program, pause it first",
                            row->name, state_text(state));
    }
    /* Legal while stopped and in other states, but not while running. */
    if (state == DAP_S_RUNNING && (row->states & DAP_S_STOPPED)) {
        return cd_error_set(reterr, CD_E_NOT_STOPPED,
                            "'%s' is not possible %s: pause it first, or wait for its end",
                            row->name, state_text(state));
    }
    return cd_error_set(reterr, CD_E_BAD_STATE, "'%s' is not possible %s", row->name,
                        state_text(state));
}
