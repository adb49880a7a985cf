/* SPDX-License-Identifier: BSD-3-Clause
 *
 * libFuzzer: frames of a Jupyter message. Each byte 0xFF ends a frame (it is in no UTF-8 text); the
 * signature is not checked (empty key), so that what is behind it is reached. What parses must give
 * frames that parse again.
 */
#include "kernel/wire/frames.h"

#include <stdlib.h>
#include <string.h>

#define MAX_PARTS 80

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool condition)
{
    if (!condition) {
        abort();
    }
}

/* The parts point into bytes. */
static size_t split(char *bytes, size_t len, struct wire_blob parts[MAX_PARTS])
{
    size_t count = 0;

    for (char *p = bytes; count < MAX_PARTS; count++) {
        char *end = memchr(p, '\xFF', (size_t)(bytes + len - p));

        parts[count].data = p;
        parts[count].len = (size_t)((end ? end : bytes + len) - p);
        if (!end) {
            return count + 1;
        }
        p = end + 1;
    }
    return count;
}

static void check_again(const struct wire_msg *m, struct wire_signer *signer)
{
    struct wire_blob parts[2 + WIRE_JSON_FRAMES];
    struct wire_msg *again = NULL;

    parts[0] = (struct wire_blob){WIRE_DELIMITER, strlen(WIRE_DELIMITER)};
    parts[1] = (struct wire_blob){"", 0};
    must(wire_msg_frames(m, parts + 2, NULL) == CD_OK);
    must(wire_msg_parse(parts, CD_ARRAY_LEN(parts), signer, &again, NULL) == CD_OK);
    must(json_equal(m->header, again->header) && json_equal(m->content, again->content));
    must(strcmp(wire_msg_type(m), wire_msg_type(again)) == 0);
    wire_msg_free(again);
    wire_frames_done(parts + 2);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cd_error err = CD_ERROR_INIT;
    struct wire_signer *signer = wire_signer_new("", &err);
    struct wire_blob parts[MAX_PARTS];
    struct wire_msg *m = NULL;
    char *bytes = malloc(size + 1);
    size_t count;

    must(signer && bytes);
    memcpy(bytes, data, size);
    count = split(bytes, size, parts);
    if (wire_msg_parse(parts, count, signer, &m, &err) == CD_OK) {
        check_again(m, signer);
        wire_msg_free(m);
    } else {
        must(err.id != CD_E_NONE && m == NULL);
    }
    free(bytes);
    wire_signer_free(signer);
    return 0;
}
