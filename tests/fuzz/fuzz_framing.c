/* SPDX-License-Identifier: BSD-3-Clause
 *
 * libFuzzer: DAP framing. The first byte chooses the mode and how the rest is cut; bodies and
 * errors must be the same as for the bytes in one piece.
 */
#include "dap/base/limits.h"
#include "dap/framing.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Bodies, each behind its length; then how it ended. */
static void read_all(enum dap_framing_mode mode, const char *bytes, size_t len, size_t chunk,
                     struct cd_buf *out)
{
    struct dap_framing *f = dap_framing_new(mode);
    struct cd_error err = CD_ERROR_INIT;
    const char *body;
    size_t n;
    int r = 0;

    if (!f) {
        abort();
    }
    for (size_t pos = 0; pos < len && r >= 0; pos += chunk) {
        size_t part = len - pos < chunk ? len - pos : chunk;

        if (dap_framing_feed(f, bytes + pos, part, &err) < 0) {
            abort();
        }
        while ((r = dap_framing_next(f, &body, &n, &err)) == 1) {
            if (n == 0 || n > CD_MAX_BODY_BYTES || dap_framing_write(out, body, n, NULL) < 0) {
                abort();
            }
        }
    }
    if (r < 0 && (err.id == CD_E_NONE || dap_framing_next(f, &body, &n, NULL) != -1)) {
        abort();
    }
    if (cd_buf_appendf(out, NULL, "%d %d", err.id, dap_framing_eof(f, NULL)) < 0) {
        abort();
    }
    dap_framing_free(f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cd_buf whole, cut;

    if (size < 2) {
        return 0;
    }
    cd_buf_init(&whole, SIZE_MAX / 4);
    cd_buf_init(&cut, SIZE_MAX / 4);
    for (int i = 0; i < 2; i++) {
        read_all(data[0] & 1 ? DAP_FRAMING_STRICT : DAP_FRAMING_STDIO, (const char *)data + 1,
                 size - 1, i == 0 ? size : (size_t)(data[0] >> 1) + 1, i == 0 ? &whole : &cut);
    }
    if (whole.len != cut.len || memcmp(whole.data, cut.data, whole.len) != 0) {
        abort();
    }
    cd_buf_done(&whole);
    cd_buf_done(&cut);
    return 0;
}
