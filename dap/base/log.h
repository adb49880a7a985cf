/* SPDX-License-Identifier: BSD-3-Clause
 *
 * One line per entry: `time level category thread: text`. Never a key, a token or a user's value;
 * no payloads above trace. Any thread. stdout is never written to.
 */
#ifndef CD_LOG_H
#define CD_LOG_H

#include "dap/base/attrs.h"

enum cd_log_level { CD_LOG_ERROR, CD_LOG_WARN, CD_LOG_INFO, CD_LOG_DEBUG, CD_LOG_TRACE };

/* Before the first thread. fd is borrowed; level: entries above it are dropped. Default: stderr,
 * WARN. */
void cd_log_init(int fd, enum cd_log_level level);
/* "error".."trace"; false when the word is unknown. */
int cd_log_level_parse(const char *word, enum cd_log_level *ret);
int cd_log_on(enum cd_log_level level);
void cd_log(enum cd_log_level level, const char *category, const char *format, ...) CD_PRINTF(3, 4);

#endif
