/* SPDX-License-Identifier: BSD-3-Clause
 *
 * From a message of the client to its handler: row, state, role, and that it is answered.
 */
#ifndef BRIDGE_DISPATCH_H
#define BRIDGE_DISPATCH_H

#include "bridge/request.h"

/* Takes message_owned: any JSON value. */
void bridge_dispatch(struct bridge_session *s, json_t *message_owned);

/* One for each row that the bridge handles itself; requests/<name>.c. A handler answers req, or
 * keeps a reference and answers later. */
typedef void (*bridge_handler_fn)(struct bridge_request *req);

void bridge_req_attach(struct bridge_request *req);
void bridge_req_cancel(struct bridge_request *req);
void bridge_req_cell(struct bridge_request *req);
void bridge_req_cells(struct bridge_request *req);
void bridge_req_completions(struct bridge_request *req);
void bridge_req_configuration_done(struct bridge_request *req);
void bridge_req_continue(struct bridge_request *req);
void bridge_req_disconnect(struct bridge_request *req);
void bridge_req_evaluate(struct bridge_request *req);
void bridge_req_initialize(struct bridge_request *req);
void bridge_req_input(struct bridge_request *req);
void bridge_req_interrupt(struct bridge_request *req);
void bridge_req_launch(struct bridge_request *req);
void bridge_req_loaded_sources(struct bridge_request *req);
void bridge_req_restart(struct bridge_request *req);
void bridge_req_restart_kernel(struct bridge_request *req);
void bridge_req_run_cell(struct bridge_request *req);
void bridge_req_save_outputs(struct bridge_request *req);
void bridge_req_set_breakpoints(struct bridge_request *req);
void bridge_req_set_exception_breakpoints(struct bridge_request *req);
void bridge_req_set_data_breakpoints(struct bridge_request *req);
void bridge_req_set_function_breakpoints(struct bridge_request *req);
void bridge_req_source(struct bridge_request *req);
void bridge_req_terminate(struct bridge_request *req);
void bridge_req_threads(struct bridge_request *req);

#endif
