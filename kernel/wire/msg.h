/* SPDX-License-Identifier: BSD-3-Clause
 *
 * One Jupyter message (Jupyter messaging 5.5, "The wire protocol"). Messages cross threads by
 * moving; json_t values inside are never shared. What we make ourselves is text from the start: a
 * tree of small blocks, made on one thread and freed on another, costs more than all the rest.
 */
#ifndef WIRE_MSG_H
#define WIRE_MSG_H

#include "dap/base/json.h"
#include "kernel/wire/sign.h"

struct wire_msg {
    struct wire_blob *idents; /* routing identities; for iopub one topic frame */
    size_t ident_count;
    json_t *header;     /* owned; of a message that came: msg_id, session, msg_type, … */
    char *header_text;  /* owned; its serialised header, as it came or as it will go */
    json_t *parent;     /* owned; of a message that came; {} when there is none */
    char *parent_text;  /* owned; of one to send: its parent's header_text, NULL: none */
    json_t *metadata;   /* owned; of one to send NULL until wire_msg_metadata is asked for it */
    json_t *content;    /* owned; NULL when content_text is set */
    char *type;         /* owned; of one to send */
    char *id;           /* inside of type's block */
    char *content_text; /* owned serialised content, sent as it is: what Python made */
    size_t content_len;
    struct wire_blob *buffers;
    size_t buffer_count;
    int channel; /* enum wire_channel: where it was received */
};

void wire_msg_free(struct wire_msg *m);
#define wire_automsg __attribute__((cleanup(wire_msg_autofree_)))
void wire_msg_autofree_(struct wire_msg **m);

/* New outgoing message: fresh msg_id (unique in this process), date, session and username as given
 * to wire_msg_session. parent: a message that came, or NULL; its header is copied. content_owned is
 * taken even on failure. NULL: out of memory. */
struct wire_msg *wire_msg_new(const char *msg_type, const struct wire_msg *parent,
                              json_t *content_owned) CD_NEW(wire_msg_free);
/* As wire_msg_new, and addressed to where the request came from (its idents copied). */
struct wire_msg *wire_msg_reply_new(const char *msg_type, const struct wire_msg *request,
                                    json_t *content_owned) CD_NEW(wire_msg_free);
/* As wire_msg_new with serialised JSON: content and parent_header, which may be NULL, are copied.
 */
struct wire_msg *wire_msg_text_new(const char *msg_type, const char *parent_header,
                                   const char *content, size_t len) CD_NEW(wire_msg_free);
/* Once, before the first thread; session: a uuid string that all our messages carry. */
void wire_msg_session(const char *session, const char *username);

/* ISO 8601, UTC, microseconds; 28 bytes are enough till the year 9999. */
void wire_date_now(char *out, size_t out_bytes);

/* "" when there is none. */
const char *wire_msg_type(const struct wire_msg *m);
const char *wire_msg_id(const struct wire_msg *m);
/* Of a message to send: the object to set members in; NULL: out of memory. */
json_t *wire_msg_metadata(struct wire_msg *m);
cd_result wire_msg_add_ident(struct wire_msg *m, const void *bytes, size_t len,
                             struct cd_error *reterr) CD_MUST_CHECK;
cd_result wire_msg_add_buffer(struct wire_msg *m, const void *bytes, size_t len,
                              struct cd_error *reterr) CD_MUST_CHECK;

/* parts ↔ message (frames.c). Parsing checks caps, the delimiter, the signature, and that header,
 * parent, metadata and content are objects. CD_E_BAD_SIGNATURE, CD_E_BAD_FRAME, CD_E_BAD_JSON. */
cd_result wire_msg_parse(const struct wire_blob *parts, size_t count, struct wire_signer *signer,
                         struct wire_msg **ret, struct cd_error *reterr) CD_MUST_CHECK;

#endif
