/* SPDX-License-Identifier: BSD-3-Clause
 *
 * libFuzzer: any bytes as a DAP message. What loads must dump to a text that loads to an equal
 * value (also for jansson's own reader); every message gets an envelope or an error that names a
 * field, a row or none, and an error reply that can be sent.
 */
#include "dap/message.h"
#include "dap/requests.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool condition)
{
    if (!condition) {
        abort();
    }
}

static void check_round_trip(const json_t *v, struct cd_buf *text)
{
    struct cd_error err = CD_ERROR_INIT;
    json_t *again = NULL, *other;

    cd_buf_clear(text);
    must(cd_json_dump(v, text, &err) == CD_OK);
    must(cd_json_load(text->data, text->len, &again, &err) == CD_OK);
    must(json_equal(v, again));
    other = json_loadb(text->data, text->len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    must(other && json_equal(v, other));
    json_decref(again);
    json_decref(other);
}

static void check_reply(json_t *reply, struct cd_buf *text)
{
    must(reply != NULL);
    cd_buf_clear(text);
    must(cd_json_dump(reply, text, NULL) == CD_OK);
    json_decref(reply);
}

static void check_request(const json_t *v, struct cd_buf *text)
{
    struct cd_error err = CD_ERROR_INIT;
    struct dap_request req;
    const struct dap_command_row *row;

    if (dap_request_parse(v, &req, &err) == CD_OK) {
        row = dap_command_find(req.command);
        for (int s = 0; row && s < 6; s++) {
            struct cd_error why = CD_ERROR_INIT;

            must((dap_command_check_state(row, (enum dap_state)(1 << s), &why) == CD_OK) ==
                 (why.id == CD_E_NONE));
        }
        check_reply(dap_response_new(&req, NULL), text);
    } else {
        must(err.id != CD_E_NONE && req.command != NULL);
    }
    check_reply(dap_error_response_new(&req, &err, NULL), text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cd_error err = CD_ERROR_INIT;
    struct cd_buf text;
    json_t *v = NULL, *repaired;

    cd_buf_init(&text, SIZE_MAX / 4);
    if (cd_json_load((const char *)data, size, &v, &err) == CD_OK) {
        check_round_trip(v, &text);
        check_request(v, &text);
        json_decref(v);
    } else {
        must(err.id == CD_E_BAD_JSON);
    }
    repaired = cd_json_text((const char *)data, size);
    must(repaired != NULL);
    check_round_trip(repaired, &text);
    json_decref(repaired);
    cd_buf_done(&text);
    return 0;
}
