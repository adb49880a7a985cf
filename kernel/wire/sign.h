/* SPDX-License-Identifier: BSD-3-Clause
 *
 * HMAC-SHA256 of the four JSON frames as on the wire, lower-case hex (facts: jupyter.md §8).
 * A signer has one owner thread. An empty key signs to "" and accepts everything.
 */
#ifndef WIRE_SIGN_H
#define WIRE_SIGN_H

#include "dap/base/error.h"

#include <stdbool.h>

#define WIRE_SIGNATURE_CHARS 64

struct wire_signer;
struct wire_blob {
    char *data; /* owned by whoever owns the blob */
    size_t len;
};

void wire_signer_free(struct wire_signer *s);
struct wire_signer *wire_signer_new(const char *key, struct cd_error *reterr)
    CD_NEW(wire_signer_free);
/* ret_hex: WIRE_SIGNATURE_CHARS + NUL, or "" for the empty key. */
cd_result wire_signer_sign(struct wire_signer *s, const struct wire_blob parts[4],
                           char ret_hex[WIRE_SIGNATURE_CHARS + 1], struct cd_error *reterr)
    CD_MUST_CHECK;
/* Length first, then constant time. */
bool wire_signer_check(struct wire_signer *s, const struct wire_blob parts[4], const char *hex,
                       size_t hex_len);
/* Name and version of the library that signs. */
const char *wire_crypto_version(void);

#endif
