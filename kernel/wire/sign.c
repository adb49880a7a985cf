/* SPDX-License-Identifier: BSD-3-Clause
 *
 * HMAC-SHA256 of Jupyter messages by OpenSSL: the one file that includes it. One EVP_MAC_CTX per
 * signer, used again for every message (0.45 us instead of 1.4 for 500 bytes, measured).
 * Runs on the signer's owner thread; must never log a key.
 */
#include "kernel/wire/sign.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#define DIGEST_BYTES (WIRE_SIGNATURE_CHARS / 2)

struct wire_signer {
    EVP_MAC_CTX *mac; /* NULL: the key is empty, nothing is signed */
};

void wire_signer_free(struct wire_signer *s)
{
    if (!s) {
        return;
    }
    EVP_MAC_CTX_free(s->mac);
    free(s);
}

static EVP_MAC_CTX *mac_new(const char *key)
{
    EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    EVP_MAC_CTX *ctx = hmac ? EVP_MAC_CTX_new(hmac) : NULL;
    EVP_MAC_free(hmac); /* the context holds its own reference */
    if (!ctx) {
        return NULL;
    }
    char digest[] = "SHA256";
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string("digest", digest, 0),
        OSSL_PARAM_construct_end(),
    };
    if (EVP_MAC_init(ctx, (const unsigned char *)key, strlen(key), params) != 1) {
        EVP_MAC_CTX_free(ctx);
        return NULL;
    }
    return ctx;
}

struct wire_signer *wire_signer_new(const char *key, struct cd_error *reterr)
{
    struct wire_signer *s = calloc(1, sizeof *s);
    if (!s) {
        (void)cd_oom(reterr);
        return NULL;
    }
    if (*key && !(s->mac = mac_new(key))) {
        (void)cd_error_set(reterr, CD_E_SYSTEM, "openssl has no HMAC-SHA256 to sign with");
        free(s);
        return NULL;
    }
    return s;
}

cd_result wire_signer_sign(struct wire_signer *s, const struct wire_blob parts[4],
                           char ret_hex[WIRE_SIGNATURE_CHARS + 1], struct cd_error *reterr)
{
    ret_hex[0] = '\0';
    if (!s->mac) {
        return CD_OK;
    }
    /* No key, no parameters: starts again with those of mac_new. */
    int ok = EVP_MAC_init(s->mac, NULL, 0, NULL);
    for (int i = 0; ok == 1 && i < 4; i++) {
        ok = EVP_MAC_update(s->mac, (const unsigned char *)parts[i].data, parts[i].len);
    }
    unsigned char digest[DIGEST_BYTES];
    size_t len = 0;
    if (ok != 1 || EVP_MAC_final(s->mac, digest, &len, sizeof digest) != 1 ||
        len != sizeof digest) {
        return cd_error_set(reterr, CD_E_SYSTEM, "openssl cannot sign a message");
    }
    static const char hex[] = "0123456789abcdef";
    for (size_t i = 0; i < sizeof digest; i++) {
        ret_hex[2 * i] = hex[digest[i] >> 4];
        ret_hex[2 * i + 1] = hex[digest[i] & 15];
    }
    ret_hex[WIRE_SIGNATURE_CHARS] = '\0';
    return CD_OK;
}

bool wire_signer_check(struct wire_signer *s, const struct wire_blob parts[4], const char *hex,
                       size_t hex_len)
{
    if (!s->mac) {
        return true;
    }
    char want[WIRE_SIGNATURE_CHARS + 1];
    return hex_len == WIRE_SIGNATURE_CHARS && wire_signer_sign(s, parts, want, NULL) == CD_OK &&
           CRYPTO_memcmp(want, hex, WIRE_SIGNATURE_CHARS) == 0;
}

const char *wire_crypto_version(void)
{
    return OpenSSL_version(OPENSSL_VERSION);
}
