/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The page's own files, as the build made them: GET and HEAD of what lies in the web folder, with
 * ETags, and in a compressed form where the build left one beside the file and the browser takes
 * it.
 */
#include "bridge/kernel_spawn.h"
#include "bridge/notebook/file_bytes.h"
#include "bridge/serve/http.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

static const char *type_of(const char *path)
{
    static const struct {
        const char *ending, *type;
    } types[] = {
        {".html", "text/html; charset=utf-8"},
        {".js", "text/javascript; charset=utf-8"},
        {".css", "text/css; charset=utf-8"},
        {".json", "application/json"},
        {".svg", "image/svg+xml"},
        {".png", "image/png"},
        {".ico", "image/x-icon"},
        {".ttf", "font/ttf"},
        {".woff", "font/woff"},
        {".woff2", "font/woff2"},
        {".webmanifest", "application/manifest+json"},
        {".map", "application/json"},
    };
    const char *dot = strrchr(path, '.');

    for (size_t i = 0; dot && i < CD_ARRAY_LEN(types); i++) {
        if (strcmp(dot, types[i].ending) == 0) {
            return types[i].type;
        }
    }
    return "application/octet-stream";
}

/* No way out of the folder: a plain path, no dots that lead up or hide. */
static bool is_plain(const char *path)
{
    return path[0] == '/' && !strstr(path, "/.") && !strchr(path, '\\');
}

static bool has_word(const char *list, const char *word)
{
    const char *at = strstr(list, word);

    return at && (at == list || at[-1] == ' ' || at[-1] == ',');
}

/* Reads file, or its compressed sibling, into the reply. */
static bool read_best(struct http_call *c, const char *file)
{
    static const struct {
        const char *encoding, *ending;
    } forms[] = {{"br", ".br"}, {"gzip", ".gz"}, {"", ""}};
    char path[PATH_MAX];

    for (size_t i = 0; i < CD_ARRAY_LEN(forms); i++) {
        (void)snprintf(path, sizeof path, "%s%s", file, forms[i].ending);
        if ((forms[i].encoding[0] == '\0' || has_word(c->encodings, forms[i].encoding)) &&
            bridge_file_read(path, &c->reply, c->etag, NULL) == CD_OK) {
            (void)snprintf(c->encoding, sizeof c->encoding, "%s", forms[i].encoding);
            return true;
        }
    }
    return false;
}

void http_serve_file(struct http_call *c)
{
    const char *name = strcmp(c->path, "/") == 0 ? "/index.html" : c->path;
    char own[PATH_MAX - 1200], file[PATH_MAX];

    if (c->method != HTTP_GET && c->method != HTTP_HEAD) {
        http_fail(c, 405, "only GET is served here");
        return;
    }
    if (!is_plain(name) || bridge_own_folder(own, sizeof own, NULL) != CD_OK) {
        http_fail(c, 404, "there is no such page");
        return;
    }
    (void)snprintf(file, sizeof file, "%s/../share/celldap/web%s", own, name);
    if (!read_best(c, file)) {
        http_fail(c, 404,
                  strcmp(name, "/index.html") == 0
                      ? "the page is not installed: this celldap was built without node"
                      : "there is no such page");
        return;
    }
    (void)snprintf(c->type, sizeof c->type, "%s", type_of(name));
    c->sandboxed = strcmp(name, "/sandbox.html") == 0;
    c->page = !c->sandboxed && strncmp(c->type, "text/html", 9) == 0;
    c->immutable = strncmp(name, "/assets/", 8) == 0;
    if (c->etag_known[0] && strcmp(c->etag_known, c->etag) == 0) {
        cd_buf_clear(&c->reply);
        http_send(c, 304);
    } else {
        http_send(c, 200);
    }
}
