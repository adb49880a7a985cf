/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The way out of a message: its four signed frames. The way in is wire_msg_parse (msg.h).
 */
#ifndef WIRE_FRAMES_H
#define WIRE_FRAMES_H

#include "kernel/wire/msg.h"

#define WIRE_DELIMITER "<IDS|MSG>"

enum { WIRE_HEADER, WIRE_PARENT, WIRE_METADATA, WIRE_CONTENT, WIRE_JSON_FRAMES };

/* Serialises header, parent, metadata and content. ret's blobs are new; wire_frames_done. */
cd_result wire_msg_frames(const struct wire_msg *m, struct wire_blob ret[WIRE_JSON_FRAMES],
                          struct cd_error *reterr) CD_MUST_CHECK;
void wire_frames_done(struct wire_blob frames[WIRE_JSON_FRAMES]);

#endif
