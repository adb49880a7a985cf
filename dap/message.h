/* SPDX-License-Identifier: BSD-3-Clause
 *
 * DAP ProtocolMessage envelopes: read a request, build a response or an event. Pure.
 * `seq` is filled by whoever sends (each side counts its own from 1): builders leave it out.
 */
#ifndef DAP_MESSAGE_H
#define DAP_MESSAGE_H

#include "dap/base/json.h"

#include <stdint.h>

struct dap_request {
    int64_t seq;         /* 0 is allowed (JupyterLab sends it) and echoed */
    const char *command; /* borrowed from the message */
    json_t *arguments;   /* borrowed; NULL when missing */
};

/* Fails when it is no request object, or seq/command/arguments have wrong types; ret->seq and
 * ret->command are then what could be read (0, ""), so that an error reply can still be built. */
cd_result dap_request_parse(const json_t *message, struct dap_request *ret, struct cd_error *reterr)
    CD_MUST_CHECK;

/* New message, or NULL when out of memory. body_owned may be NULL (no body). */
json_t *dap_response_new(const struct dap_request *req, json_t *body_owned);
/* success:false, message = cd_error_word() or the text, body.error {id, format, showUser}.
 * body_extra_owned (may be NULL): further members of body, e.g. details of an evaluation. */
json_t *dap_error_response_new(const struct dap_request *req, const struct cd_error *err,
                               json_t *body_extra_owned);
json_t *dap_event_new(const char *event, json_t *body_owned);

#endif
