/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The request table, expanded from requests.def: one row per client request of the DAP schema, and
 * the Jupyter commands that a kernel serves besides. Both sides look a command up here before
 * anything else, so capability, legality and code cannot drift apart.
 */
#ifndef DAP_REQUESTS_H
#define DAP_REQUESTS_H

#include "dap/base/json.h"

/* DAP_CMD_next; a name with a slash has '_' there: DAP_CMD_celldap_cell. */
enum dap_command {
#define DAP_REQUEST(name, states, bridge, kernel, capability) DAP_CMD_##name,
#define DAP_CUSTOM(id, name, states, bridge, kernel)          DAP_CMD_##id,
#include "dap/requests.def"
#undef DAP_CUSTOM
#undef DAP_REQUEST
    DAP_CMD_COUNT
};

/* When a request is legal. */
enum dap_state {
    DAP_S_NEW = 1 << 0,     /* before initialize */
    DAP_S_CONFIG = 1 << 1,  /* initialized, launch or attach not done */
    DAP_S_RUNNING = 1 << 2, /* something runs, nothing is stopped */
    DAP_S_IDLE = 1 << 3,    /* a notebook session between cells */
    DAP_S_STOPPED = 1 << 4,
    DAP_S_ENDED = 1 << 5, /* after terminated, before disconnect */
    DAP_S_LIVE = DAP_S_RUNNING | DAP_S_IDLE | DAP_S_STOPPED,
    DAP_S_ANY = DAP_S_CONFIG | DAP_S_LIVE | DAP_S_ENDED,
    DAP_S_ALWAYS = DAP_S_NEW | DAP_S_ANY
};

enum dap_bridge_role {
    DAP_B_HANDLE,  /* the bridge has a handler */
    DAP_B_FORWARD, /* goes to the kernel, sources and lines mapped both ways */
    DAP_B_REFUSE,  /* an error reply "not supported", never forwarded */
    DAP_B_NONE     /* a Jupyter command: no DAP client may send it to the bridge */
};

enum dap_kernel_role {
    DAP_K_DEBUG,   /* answered by the debug thread alone, no GIL */
    DAP_K_STOPPED, /* a job on the stopped thread; else notStopped */
    DAP_K_PYTHON,  /* needs the interpreter: on the stopped thread, else on assist */
    DAP_K_REFUSE   /* an error reply */
};

struct dap_command_row {
    const char *name; /* as on the wire; custom ones with their slash, e.g. "celldap/cell" */
    unsigned states;  /* enum dap_state bits */
    enum dap_bridge_role bridge;
    enum dap_kernel_role kernel;
    const char *capability; /* DAP: Capabilities member this row proves, or NULL */
};

/* NULL when the command is in no row. */
const struct dap_command_row *dap_command_find(const char *name);
const struct dap_command_row *dap_command_row(enum dap_command cmd);
enum dap_command dap_command_id(const struct dap_command_row *row);

/* Fails with NOT_STOPPED (row legal only while stopped) or BAD_STATE, naming command and state. */
cd_result dap_command_check_state(const struct dap_command_row *row, enum dap_state state,
                                  struct cd_error *reterr) CD_MUST_CHECK;

/* New body of the initialize response: every capability of a row that the bridge does not refuse,
 * and the fixed ones (exception filters, completion triggers, value formatting …). */
json_t *dap_capabilities_new(void);
/* The same for a client that speaks to the kernel itself: rows that the kernel does not refuse. */
json_t *dap_kernel_capabilities_new(void);

#endif
