/* SPDX-License-Identifier: BSD-3-Clause
 *
 * DAP base protocol framing. Pure: bytes in, bodies out; one owner.
 * Every limit is checked before a byte over it is kept, and what comes out does not depend on how
 * the bytes were cut into chunks. A stream that broke once never gives another body: after a wrong
 * length nobody knows where the next message begins.
 */
#include "dap/framing.h"

#include "dap/base/limits.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define KEEP_BYTES (1024u * 1024) /* memory that an idle stream may hold on to */

struct dap_framing {
    enum dap_framing_mode mode;
    struct cd_buf in;
    size_t pos;          /* of the first byte that is not consumed */
    size_t header_bytes; /* of this message's header lines so far */
    bool has_length;
    bool in_body;  /* the header is complete, the body is not yet given out */
    bool given;    /* the body at pos was given out and goes at the next call */
    size_t length; /* Content-Length */
    struct cd_error broken;
};

void dap_framing_free(struct dap_framing *f)
{
    if (!f) {
        return;
    }
    cd_buf_done(&f->in);
    free(f);
}

struct dap_framing *dap_framing_new(enum dap_framing_mode mode)
{
    struct dap_framing *f = calloc(1, sizeof(*f));

    if (!f) {
        return NULL;
    }
    f->mode = mode;
    /* The message that is coming in, and whatever was read together with its end. */
    cd_buf_init(&f->in, 2 * (size_t)(CD_MAX_BODY_BYTES + CD_MAX_HEADER_BYTES));
    return f;
}

static int still_broken(const struct dap_framing *f, struct cd_error *reterr)
{
    return cd_error_set(reterr, (enum cd_error_id)f->broken.id, "%s", f->broken.text);
}

/* Remembers the error for good; returns -1. */
static int broken(struct dap_framing *f, struct cd_error *reterr)
{
    cd_buf_done(&f->in);
    f->pos = 0;
    f->in_body = false;
    return still_broken(f, reterr);
}

static void drop_given(struct dap_framing *f)
{
    if (f->given) {
        f->pos += f->length;
        f->given = false;
        f->in_body = false;
    }
}

cd_result dap_framing_feed(struct dap_framing *f, const char *bytes, size_t len,
                           struct cd_error *reterr)
{
    if (f->broken.id != CD_E_NONE) {
        return still_broken(f, reterr);
    }
    drop_given(f);
    if (f->pos == f->in.len && f->in.cap > KEEP_BYTES) {
        cd_buf_done(&f->in);
    } else {
        cd_buf_consume(&f->in, f->pos);
    }
    f->pos = 0;
    return cd_buf_append(&f->in, bytes, len, reterr);
}

/* RFC 9110 token characters: what a header's name is made of. */
static bool is_token(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static size_t name_length(const char *line, size_t len)
{
    size_t n = 0;

    while (n < len && is_token(line[n])) {
        n++;
    }
    return n;
}

static int no_header(struct dap_framing *f, const char *line, size_t len, struct cd_error *reterr)
{
    char shown[41];
    size_t n = 0;

    for (; n < len && n < sizeof(shown) - 1 && line[n] != '\r' && line[n] != '\n'; n++) {
        shown[n] = line[n] >= 0x20 && line[n] < 0x7F ? line[n] : '?';
    }
    shown[n] = '\0';
    cd_error_set(&f->broken, CD_E_BAD_FRAME, "expected a header like 'Content-Length: 2', got '%s'",
                 shown);
    return broken(f, reterr);
}

static bool name_is(const char *line, size_t name_len, const char *name)
{
    return strlen(name) == name_len && strncasecmp(line, name, name_len) == 0;
}

static int parse_length(struct dap_framing *f, const char *value, size_t len,
                        struct cd_error *reterr)
{
    size_t n = 0;

    if (f->has_length) {
        cd_error_set(&f->broken, CD_E_BAD_FRAME, "two Content-Length headers in one message");
        return broken(f, reterr);
    }
    for (size_t i = 0; i < len; i++) {
        if (value[i] < '0' || value[i] > '9') {
            len = 0;
            break;
        }
        n = n * 10 + (size_t)(value[i] - '0');
        if (n > CD_MAX_BODY_BYTES) {
            cd_error_set(&f->broken, CD_E_LIMIT, "Content-Length is over the limit of %u bytes",
                         CD_MAX_BODY_BYTES);
            return broken(f, reterr);
        }
    }
    if (len == 0) {
        cd_error_set(&f->broken, CD_E_BAD_FRAME, "Content-Length is not a number of bytes");
        return broken(f, reterr);
    }
    f->has_length = true;
    f->length = n;
    return 1;
}

/* A header line without its line end. 1: taken; -1: broken. */
static int parse_header(struct dap_framing *f, const char *line, size_t len,
                        struct cd_error *reterr)
{
    size_t name_len = name_length(line, len);
    const char *value = line + name_len + 1;
    const char *end = line + len;

    if (name_len == 0 || name_len == len || line[name_len] != ':') {
        return no_header(f, line, len, reterr);
    }
    while (value < end && (*value == ' ' || *value == '\t')) {
        value++;
    }
    while (end > value && (end[-1] == ' ' || end[-1] == '\t')) {
        end--;
    }
    if (name_is(line, name_len, "Content-Length")) {
        return parse_length(f, value, (size_t)(end - value), reterr);
    }
    if (f->mode == DAP_FRAMING_STRICT && !name_is(line, name_len, "Content-Type")) {
        return no_header(f, line, len, reterr);
    }
    return 1;
}

/* The blank line. 1: the body follows; 0: it was a stray one; -1: broken. */
static int end_header(struct dap_framing *f, struct cd_error *reterr)
{
    bool stray = f->header_bytes == 0;

    f->header_bytes = 0;
    if (f->has_length) {
        f->has_length = false;
        f->in_body = true;
        return 1;
    }
    if (stray && f->mode == DAP_FRAMING_STDIO) {
        return 0;
    }
    cd_error_set(&f->broken, CD_E_BAD_FRAME, "a message without a Content-Length header");
    return broken(f, reterr);
}

static int header_too_long(struct dap_framing *f, struct cd_error *reterr)
{
    cd_error_set(&f->broken, CD_E_LIMIT, "header is over the limit of %u bytes",
                 CD_MAX_HEADER_BYTES);
    return broken(f, reterr);
}

/* A line whose end has not come: what can be said already, so that a client that speaks another
 * protocol does not wait for an answer. 0 or -1. */
static int check_part(struct dap_framing *f, const char *line, size_t len, struct cd_error *reterr)
{
    size_t name_len = name_length(line, len);
    bool blank = len == 1 && line[0] == '\r';

    if (name_len == len || blank || (name_len > 0 && line[name_len] == ':')) {
        return 0;
    }
    return no_header(f, line, len, reterr);
}

/* 1: the header is complete; 0: more bytes are needed; -1: broken. */
static int read_header(struct dap_framing *f, struct cd_error *reterr)
{
    int found = 0;

    while (found == 0) {
        const char *line = f->in.data + f->pos;
        size_t avail = f->in.len - f->pos;
        size_t room = CD_MAX_HEADER_BYTES - f->header_bytes;
        const char *feed = memchr(line, '\n', avail < room ? avail : room);
        size_t len = feed ? (size_t)(feed - line) : 0;

        if (!feed) {
            return avail >= room ? header_too_long(f, reterr)
                   : avail > 0   ? check_part(f, line, avail, reterr)
                                 : 0;
        }
        f->pos += len + 1;
        if (len > 0 && line[len - 1] == '\r') {
            len--;
        } else if (f->mode == DAP_FRAMING_STRICT) {
            return no_header(f, line, len, reterr);
        }
        if (len == 0) {
            found = end_header(f, reterr);
        } else {
            f->header_bytes += (size_t)(feed - line) + 1;
            found = parse_header(f, line, len, reterr) < 0 ? -1 : 0;
        }
    }
    return found;
}

int dap_framing_next(struct dap_framing *f, const char **ret_body, size_t *ret_len,
                     struct cd_error *reterr)
{
    if (f->broken.id != CD_E_NONE) {
        return still_broken(f, reterr);
    }
    drop_given(f);
    for (;;) {
        if (!f->in_body) {
            int found = read_header(f, reterr);

            if (found <= 0) {
                return found;
            }
        }
        if (f->length == 0) {
            f->in_body = false;
            continue;
        }
        if (f->in.len - f->pos < f->length) {
            return 0;
        }
        *ret_body = f->in.data + f->pos;
        *ret_len = f->length;
        f->given = true;
        return 1;
    }
}

cd_result dap_framing_eof(struct dap_framing *f, struct cd_error *reterr)
{
    if (f->broken.id != CD_E_NONE) {
        return still_broken(f, reterr);
    }
    drop_given(f);
    if (f->in_body) {
        return cd_error_set(reterr, CD_E_BAD_FRAME,
                            "input ended after %zu of %zu bytes of a message", f->in.len - f->pos,
                            f->length);
    }
    if (f->header_bytes > 0 || f->pos < f->in.len) {
        return cd_error_set(reterr, CD_E_BAD_FRAME, "input ended in the header of a message");
    }
    return CD_OK;
}

cd_result dap_framing_write(struct cd_buf *out, const char *body, size_t len,
                            struct cd_error *reterr)
{
    /* One reserve, so that a failure leaves no header without its body. */
    if (cd_buf_reserve(out, len + sizeof("Content-Length: 18446744073709551615\r\n\r\n"), reterr) <
            0 ||
        cd_buf_appendf(out, reterr, "Content-Length: %zu\r\n\r\n", len) < 0) {
        return CD_ERR;
    }
    return cd_buf_append(out, body, len, reterr);
}
