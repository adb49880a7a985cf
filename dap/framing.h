/* SPDX-License-Identifier: BSD-3-Clause
 *
 * DAP base protocol framing: `Content-Length: N\r\n\r\n` + N bytes of UTF-8 JSON (DAP overview,
 * "Base Protocol"). Incremental: any chunking. Pure: bytes in, bodies out.
 */
#ifndef DAP_FRAMING_H
#define DAP_FRAMING_H

#include "dap/base/buf.h"

enum dap_framing_mode {
    DAP_FRAMING_STDIO, /* header names in any case, unknown headers skipped, stray blank lines
                          skipped */
    DAP_FRAMING_STRICT /* TCP, pipes: only Content-Length and Content-Type (contracts.md §10) */
};

struct dap_framing;

void dap_framing_free(struct dap_framing *f);
struct dap_framing *dap_framing_new(enum dap_framing_mode mode) CD_NEW(dap_framing_free);

/* Takes bytes in. Fails only when out of memory or over the caps. */
cd_result dap_framing_feed(struct dap_framing *f, const char *bytes, size_t len,
                           struct cd_error *reterr) CD_MUST_CHECK;
/* 1: *ret_body (borrowed until the next call) and *ret_len are the next body; 0: more bytes are
 * needed; -1: the stream is broken for good (CD_E_BAD_FRAME, CD_E_LIMIT), every later call fails.
 */
int dap_framing_next(struct dap_framing *f, const char **ret_body, size_t *ret_len,
                     struct cd_error *reterr);
/* At end of input: fails (CD_E_BAD_FRAME) when a message was cut in the middle. */
cd_result dap_framing_eof(struct dap_framing *f, struct cd_error *reterr) CD_MUST_CHECK;

/* Appends header and body in one piece, exactly "Content-Length: N\r\n\r\n". */
cd_result dap_framing_write(struct cd_buf *out, const char *body, size_t len,
                            struct cd_error *reterr) CD_MUST_CHECK;

#endif
