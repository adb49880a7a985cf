/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Whole files, in and out, with an ETag that tells one state of a file from another.
 */
#ifndef BRIDGE_NOTEBOOK_FILE_BYTES_H
#define BRIDGE_NOTEBOOK_FILE_BYTES_H

#include "dap/base/buf.h"

#define BRIDGE_ETAG_BYTES 64

/* Appends a regular file's bytes to out. etag (BRIDGE_ETAG_BYTES, may be NULL): of what was read.
 * CD_E_NOT_FOUND: there is no such file. */
cd_result bridge_file_read(const char *path, struct cd_buf *out, char *etag,
                           struct cd_error *reterr) CD_MUST_CHECK;
/* The file's state now, without reading it; "" where there is none. */
void bridge_file_etag(const char *path, char etag[BRIDGE_ETAG_BYTES]);
/* Whole or not at all: written beside it, synced, renamed over it. The mode of an existing file is
 * kept, a symlink stays one. The error does not name the path. */
cd_result bridge_file_replace(const char *path, const char *bytes, size_t len,
                              struct cd_error *reterr) CD_MUST_CHECK;

/* The folder and those above it, where they are not there. path is as it was afterwards. */
cd_result bridge_make_folders(char *path, unsigned mode, struct cd_error *reterr) CD_MUST_CHECK;

#endif
