/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Jupyter's hash file: the name under which a cell's code is compiled (facts: jupyter.md §2).
 */
#ifndef DAP_CELL_PATH_H
#define DAP_CELL_PATH_H

#include "dap/base/buf.h"

#include <stdint.h>

#define DAP_CELL_HASH_METHOD "Murmur2"
#define DAP_CELL_HASH_SEED   0xc70f6907u
#define DAP_CELL_SUFFIX      ".py"

uint32_t dap_murmur2(const void *bytes, size_t len, uint32_t seed);
/* prefix + decimal hash of exactly these bytes + ".py", appended to out. */
cd_result dap_cell_path(const char *prefix, const char *code, size_t len, struct cd_buf *out,
                        struct cd_error *reterr) CD_MUST_CHECK;

#endif
