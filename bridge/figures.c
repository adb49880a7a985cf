/* SPDX-License-Identifier: BSD-3-Clause
 *
 * See figures.h.
 */
#include "bridge/figures.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_FIGURE_BYTES (256u * 1024 * 1024)

static int digit(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c ? strchr(digits, c) : NULL;

    return at ? (int)(at - digits) : -1;
}

bool bridge_base64(const char *text, size_t len, struct cd_buf *out)
{
    unsigned value = 0;
    int bits = 0;

    for (size_t i = 0; i < len; i++) {
        int d = digit(text[i]);

        if (text[i] == '\n' || text[i] == '\r' || text[i] == ' ') {
            continue;
        }
        if (text[i] == '=') {
            return bits < 8;
        }
        if (d < 0) {
            return false;
        }
        value = (value << 6 | (unsigned)d) & 0xffffff;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            char byte = (char)(value >> bits & 0xff);
            if (cd_buf_append(out, &byte, 1, NULL) != CD_OK) {
                return false;
            }
        }
    }
    return true;
}

static cd_result write_file(const char *path, const struct cd_buf *bytes, struct cd_error *reterr)
{
    cd_autofd int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    size_t done = 0;

    if (fd < 0) {
        return cd_error_errno(reterr, errno, "cannot create '%s'", path);
    }
    while (done < bytes->len) {
        ssize_t n = write(fd, bytes->data + done, bytes->len - done);

        if (n < 0 && errno != EINTR) {
            return cd_error_errno(reterr, errno, "cannot write '%s'", path);
        }
        done += n > 0 ? (size_t)n : 0;
    }
    return CD_OK;
}

cd_result bridge_figure_write(const json_t *data, const char *folder, int number, char **ret,
                              struct cd_error *reterr)
{
    static const struct {
        const char *mime, *suffix;
        bool text;
    } rows[] = {{"image/png", "png", false},
                {"image/jpeg", "jpg", false},
                {"image/svg+xml", "svg", true},
                {"application/pdf", "pdf", false}};
    cd_autobuf struct cd_buf bytes;

    cd_buf_init(&bytes, MAX_FIGURE_BYTES);
    for (size_t i = 0; i < CD_ARRAY_LEN(rows); i++) {
        const json_t *v = json_object_get(data, rows[i].mime);
        cd_autofree char *path = NULL;

        if (!json_is_string(v)) {
            continue;
        }
        if (rows[i].text
                ? cd_buf_append(&bytes, json_string_value(v), json_string_length(v), reterr)
                : !bridge_base64(json_string_value(v), json_string_length(v), &bytes)) {
            return cd_error_set(reterr, CD_E_BAD_VALUE, "the %s of an output cannot be read",
                                rows[i].mime);
        }
        if (asprintf(&path, "%s/figure-%d.%s", folder, number, rows[i].suffix) < 0) {
            path = NULL;
            return cd_oom(reterr);
        }
        if (write_file(path, &bytes, reterr) != CD_OK) {
            return CD_ERR;
        }
        *ret = cd_take(path);
        return CD_OK;
    }
    return CD_OK;
}
