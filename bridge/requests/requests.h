/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What the handlers share. They run on the bridge loop, on a request whose state was checked.
 */
#ifndef BRIDGE_REQUESTS_H
#define BRIDGE_REQUESTS_H

#include "bridge/dispatch.h"
#include "bridge/session_impl.h"

/* `celldap: {version, events, reverse}` in initialize, launch and attach (contracts.md §9). */
cd_result bridge_read_declaration(struct bridge_session *s, const json_t *arguments,
                                  struct cd_error *reterr) CD_MUST_CHECK;
/* {index, id, uri?} of a cell. New. */
json_t *bridge_cell_name(const struct bridge_session *s, int cell);
/* A line of the debug console that begins with a dot word. false: it is none. */
bool bridge_console_word(struct bridge_request *req, const char *line);
/* Completions of a dot word, as CompletionsResponse body; NULL: it is none. New. */
json_t *bridge_console_complete(const struct bridge_session *s, const char *text);
/* Runs code of the debug console; its end answers req. */
void bridge_console_run(struct bridge_request *req, const char *code);
/* The answer to the input() that waits. */
void bridge_answer_input(struct bridge_session *s, const char *value);

#endif
