/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Kernels that are not celldap's (ipykernel, xeus-python): what they offer, and what must never be
 * sent to them, since they wedge on it for good (facts: jupyter.md §4). Bridge loop only.
 */
#ifndef BRIDGE_FOREIGN_H
#define BRIDGE_FOREIGN_H

#include "dap/requests.h"

struct bridge_session;

/* The body of its initialize response: what it lacks is withdrawn, and the client told so. */
void bridge_foreign_learn(struct bridge_session *s, const json_t *capabilities);
/* Whether the session's kernel takes this request; before a kernel is known: yes. */
bool bridge_kernel_offers(const struct bridge_session *s, enum dap_command cmd);

#endif
