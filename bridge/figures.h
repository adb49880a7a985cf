/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Pictures for clients that show text: written to the session's folder.
 */
#ifndef BRIDGE_FIGURES_H
#define BRIDGE_FIGURES_H

#include "dap/base/json.h"

/* The first picture of a mimebundle as figure-<number>.<type> in folder. *ret: its path, owned by
 * the caller; NULL when the bundle has none. */
cd_result bridge_figure_write(const json_t *data, const char *folder, int number, char **ret,
                              struct cd_error *reterr) CD_MUST_CHECK;

/* Base64 (RFC 4648, blanks skipped) into out; false: it is none. */
bool bridge_base64(const char *text, size_t len, struct cd_buf *out);

#endif
