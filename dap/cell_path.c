/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Jupyter's hash file names (facts: jupyter.md §2). Pure.
 * MurmurHash2 by its definition (32 bits, x86 byte order on every machine).
 */
#include "dap/cell_path.h"

#define MIX   0x5bd1e995u
#define SHIFT 24

static uint32_t load_le32(const unsigned char *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

uint32_t dap_murmur2(const void *bytes, size_t len, uint32_t seed)
{
    const unsigned char *p = bytes;
    uint32_t h = seed ^ (uint32_t)len;

    for (; len >= 4; p += 4, len -= 4) {
        uint32_t k = load_le32(p);

        k *= MIX;
        k ^= k >> SHIFT;
        k *= MIX;
        h *= MIX;
        h ^= k;
    }
    if (len > 0) {
        h ^= len > 2 ? (uint32_t)p[2] << 16 : 0;
        h ^= len > 1 ? (uint32_t)p[1] << 8 : 0;
        h ^= p[0];
        h *= MIX;
    }
    h ^= h >> 13;
    h *= MIX;
    h ^= h >> 15;
    return h;
}

cd_result dap_cell_path(const char *prefix, const char *code, size_t len, struct cd_buf *out,
                        struct cd_error *reterr)
{
    return cd_buf_appendf(out, reterr, "%s%u%s", prefix, dap_murmur2(code, len, DAP_CELL_HASH_SEED),
                          DAP_CELL_SUFFIX);
}
