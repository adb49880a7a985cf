/* SPDX-License-Identifier: BSD-3-Clause
 *
 * libFuzzer: a message of a Jupyter Server's websocket. The first byte says which framing and which
 * kind of websocket message; what can be read can be written and read again.
 */
#include "bridge/remote/ws_frame.h"
#include "dap/base/limits.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool condition)
{
    if (!condition) {
        abort();
    }
}

static void check_again(const struct wire_msg *m, struct wire_signer *signer)
{
    for (int framing = REMOTE_FRAMING_LEGACY; framing <= REMOTE_FRAMING_V1; framing++) {
        enum wire_channel channel = WIRE_HB;
        struct wire_msg *again = NULL;
        struct cd_buf out;
        bool binary = false;

        cd_buf_init(&out, CD_MAX_BODY_BYTES);
        must(remote_frame_write((enum remote_framing)framing, WIRE_SHELL, m, &out, &binary, NULL) ==
             CD_OK);
        must(remote_frame_read((enum remote_framing)framing, binary, out.data, out.len, signer,
                               &channel, &again, NULL) == CD_OK);
        must(channel == WIRE_SHELL && json_equal(m->content, again->content));
        must(strcmp(wire_msg_type(m), wire_msg_type(again)) == 0);
        wire_msg_free(again);
        cd_buf_done(&out);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cd_error err = CD_ERROR_INIT;
    struct wire_signer *signer = wire_signer_new("", &err);
    enum wire_channel channel = WIRE_HB;
    struct wire_msg *m = NULL;
    char *bytes = malloc(size ? size : 1);

    must(signer && bytes);
    if (size > 0) {
        memcpy(bytes, data + 1, size - 1);
        if (remote_frame_read(data[0] & 1 ? REMOTE_FRAMING_V1 : REMOTE_FRAMING_LEGACY,
                              (data[0] & 2) != 0, bytes, size - 1, signer, &channel, &m,
                              &err) == CD_OK) {
            must(channel != WIRE_HB);
            check_again(m, signer);
            wire_msg_free(m);
        } else {
            must(err.id != CD_E_NONE && m == NULL);
        }
    }
    free(bytes);
    wire_signer_free(signer);
    return 0;
}
