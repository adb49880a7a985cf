/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What a kernel process is started with: its program, arguments, environment and connection file.
 */
#ifndef BRIDGE_KERNEL_SPAWN_H
#define BRIDGE_KERNEL_SPAWN_H

#include "bridge/kernel_process.h"

struct bridge_strings {
    char **v; /* NULL-terminated; owned */
    size_t count;
};
void bridge_strings_done(struct bridge_strings *s);
cd_result bridge_strings_add(struct bridge_strings *s, struct cd_error *reterr, const char *format,
                             ...) CD_PRINTF(3, 4) CD_MUST_CHECK;

/* Folder of our own executable, without a final slash. */
cd_result bridge_own_folder(char *out, size_t out_bytes, struct cd_error *reterr) CD_MUST_CHECK;
/* A new connection file on the loopback: a random key and every port to be chosen by the kernel;
 * with_ports: chosen here, as Jupyter's launchers do it for kernels that cannot. */
cd_result bridge_connection_new(const char *path, bool with_ports, struct cd_error *reterr)
    CD_MUST_CHECK;
cd_result bridge_kernel_arguments(const struct bridge_process_config *config,
                                  const char *connection, struct bridge_strings *ret,
                                  struct cd_error *reterr) CD_MUST_CHECK;
/* Ours, with config->env over it. */
cd_result bridge_kernel_environment(const struct bridge_process_config *config,
                                    struct bridge_strings *ret, struct cd_error *reterr)
    CD_MUST_CHECK;

#endif
