/* SPDX-License-Identifier: BSD-3-Clause
 *
 * JSON as Jupyter writes it into a notebook: one member or element a line, unicode as it is.
 */
#ifndef BRIDGE_NOTEBOOK_PRETTY_H
#define BRIDGE_NOTEBOOK_PRETTY_H

#include "dap/base/json.h"

/* Appends v; its inner lines are indented by (depth + n) * unit spaces. unit 0: on one line. */
cd_result bridge_pretty_dump(const json_t *v, unsigned unit, unsigned depth, struct cd_buf *out,
                             struct cd_error *reterr) CD_MUST_CHECK;

#endif
