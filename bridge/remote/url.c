/* SPDX-License-Identifier: BSD-3-Clause
 *
 * See url.h. Must never put a token where it could be shown.
 */
#include "bridge/remote/url.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static cd_result bad(struct cd_error *reterr, const char *why)
{
    return cd_error_set(reterr, CD_E_BAD_VALUE,
                        "no server's address: %s; one looks like http://127.0.0.1:8888/ or "
                        "https://hub.example/user/ada/",
                        why);
}

static bool has_odd_bytes(const char *text)
{
    for (; *text; text++) {
        if ((unsigned char)*text <= ' ' || *text == 0x7f || *text == '\\' || *text == '"') {
            return true;
        }
    }
    return false;
}

/* *io moves behind "http://" or "https://". */
static cd_result read_scheme(const char **io, struct remote_url *url, struct cd_error *reterr)
{
    url->tls = strncmp(*io, "https://", 8) == 0;
    if (!url->tls && strncmp(*io, "http://", 7) != 0) {
        return bad(reterr, "it begins with neither http:// nor https://");
    }
    *io += url->tls ? 8 : 7;
    return CD_OK;
}

static cd_result read_host(const char **io, struct remote_url *url, struct cd_error *reterr)
{
    const char *from = *io, *end;
    size_t len;

    if (*from == '[') {
        from++;
        end = strchr(from, ']');
        len = end ? (size_t)(end - from) : 0;
        *io = end ? end + 1 : from;
    } else {
        len = strcspn(from, ":/?#@");
        *io = from + len;
    }
    if (**io == '@') {
        return bad(reterr, "a name and password before '@' are not supported, use 'token'");
    }
    if (len == 0 || len >= sizeof url->host) {
        return bad(reterr, "it names no host");
    }
    memcpy(url->host, from, len);
    url->host[len] = '\0';
    return CD_OK;
}

static cd_result read_port(const char **io, struct remote_url *url, struct cd_error *reterr)
{
    char *end = NULL;
    long port;

    url->port = url->tls ? 443 : 80;
    if (**io != ':') {
        return CD_OK;
    }
    port = isdigit((unsigned char)(*io)[1]) ? strtol(*io + 1, &end, 10) : 0;
    if (port < 1 || port > 65535) {
        return bad(reterr, "its port is none of 1 to 65535");
    }
    url->port = (int)port;
    *io = end;
    return CD_OK;
}

/* What a browser shows is below the server's path. */
static size_t without_page(const char *path, size_t len)
{
    static const char *const pages[] = {"/lab", "/tree", "/notebooks", "/doc", "/api"};

    for (size_t i = 0; i < CD_ARRAY_LEN(pages); i++) {
        const size_t n = strlen(pages[i]);

        for (size_t at = 0; at + n <= len; at++) {
            if (memcmp(path + at, pages[i], n) == 0 && (at + n == len || path[at + n] == '/')) {
                return at;
            }
        }
    }
    return len;
}

static cd_result read_base(const char **io, struct remote_url *url, struct cd_error *reterr)
{
    const size_t all = strcspn(*io, "?#");
    size_t len = without_page(*io, all);

    if (all > 0 && **io != '/') {
        return bad(reterr, "its port is none of 1 to 65535");
    }
    while (len > 0 && (*io)[len - 1] == '/') {
        len--;
    }
    if (len + 2 > sizeof url->base) {
        return bad(reterr, "its path is too long");
    }
    (void)snprintf(url->base, sizeof url->base, "%.*s/", (int)len, *io);
    *io += all;
    return CD_OK;
}

static cd_result read_token(const char *query, struct remote_url *url, struct cd_error *reterr)
{
    const char *at = query;

    if (*at != '?') {
        return CD_OK;
    }
    do {
        at++;
        if (strncmp(at, "token=", 6) == 0) {
            const size_t len = strcspn(at + 6, "&#");

            if (len >= sizeof url->token) {
                return bad(reterr, "its token is too long");
            }
            memcpy(url->token, at + 6, len);
            url->token[len] = '\0';
        }
        at += strcspn(at, "&#");
    } while (*at == '&');
    return CD_OK;
}

void remote_url_host(const struct remote_url *url, char *out, size_t out_bytes)
{
    const bool v6 = strchr(url->host, ':') != NULL;

    (void)snprintf(out, out_bytes, "%s%s%s:%d", v6 ? "[" : "", url->host, v6 ? "]" : "", url->port);
}

cd_result remote_url_parse(const char *text, struct remote_url *ret, struct cd_error *reterr)
{
    struct remote_url url = {0};
    char host[300];

    if (has_odd_bytes(text)) {
        return bad(reterr, "it holds a space or another byte that no address holds");
    }
    if (read_scheme(&text, &url, reterr) != CD_OK || read_host(&text, &url, reterr) != CD_OK ||
        read_port(&text, &url, reterr) != CD_OK || read_base(&text, &url, reterr) != CD_OK ||
        read_token(text, &url, reterr) != CD_OK) {
        return CD_ERR;
    }
    remote_url_host(&url, host, sizeof host);
    (void)snprintf(url.text, sizeof url.text, "%s://%s%s", url.tls ? "https" : "http", host,
                   url.base);
    *ret = url;
    return CD_OK;
}
