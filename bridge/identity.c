/* SPDX-License-Identifier: BSD-3-Clause
 *
 * See identity.h.
 */
#include "bridge/identity.h"

#include <errno.h>
#include <stdio.h>
#include <sys/random.h>

cd_result bridge_uuid(char out[BRIDGE_UUID_BYTES], struct cd_error *reterr)
{
    unsigned char b[16];

    if (getrandom(b, sizeof b, 0) != (ssize_t)sizeof b) {
        return cd_error_errno(reterr, errno, "no random bytes for an identity");
    }
    b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
    b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
    (void)snprintf(out, BRIDGE_UUID_BYTES,
                   "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0],
                   b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13],
                   b[14], b[15]);
    return CD_OK;
}
