/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Random names: sessions and clients are known to kernels by a uuid.
 */
#ifndef BRIDGE_IDENTITY_H
#define BRIDGE_IDENTITY_H

#include "dap/base/error.h"

#define BRIDGE_UUID_BYTES 40

/* A new random (version 4) uuid, NUL-terminated. */
cd_result bridge_uuid(char out[BRIDGE_UUID_BYTES], struct cd_error *reterr) CD_MUST_CHECK;

#endif
