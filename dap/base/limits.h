/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Caps on everything that comes from outside. Each has a test at the cap and one above it.
 */
#ifndef CD_LIMITS_H
#define CD_LIMITS_H

#define CD_MAX_HEADER_BYTES          (4u * 1024)           /* DAP header block */
#define CD_MAX_BODY_BYTES            (64u * 1024 * 1024)   /* one DAP message */
#define CD_MAX_WIRE_BYTES            (1024u * 1024 * 1024) /* one Jupyter frame */
#define CD_MAX_WIRE_PARTS            64u    /* frames of one Jupyter message, buffers included */
#define CD_MAX_ID_BYTES              1024u  /* one routing identity */
#define CD_MAX_BREAKPOINTS           10000u /* in one source */
#define CD_MAX_OPEN_REQUESTS         1000u  /* of one client, not answered yet */
#define CD_MAX_NOTEBOOK_BYTES        (512u * 1024 * 1024)
#define CD_MAX_CONNECTION_FILE_BYTES (64u * 1024)
#define CD_MAX_REST_BYTES            (16u * 1024 * 1024) /* one answer of a Jupyter Server */
#define CD_MAX_REMOTE_QUEUE          10000u              /* messages that wait for its websocket */

#endif
