/* SPDX-License-Identifier: BSD-3-Clause
 *
 * dotenv files: NAME=value lines, as the editors' envFile has them.
 */
#ifndef BRIDGE_ENV_FILE_H
#define BRIDGE_ENV_FILE_H

#include "dap/base/json.h"

/* Text of such a file: *ret is a new object name -> string. Blank lines and # comments, `export`
 * before a name; '…' is literal, "…" knows \n \r \t \" \\ \$ and may be of several lines; ${NAME}
 * is a name before it or in the environment. An error names the line. Pure but for getenv. */
cd_result bridge_env_read(const char *text, json_t **ret, struct cd_error *reterr) CD_MUST_CHECK;
/* The file at path; errors name it. */
cd_result bridge_env_load(const char *path, json_t **ret, struct cd_error *reterr) CD_MUST_CHECK;

#endif
