/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The served folder for the page: what is in it, a file's bytes, and saving it, which never
 * overwrites what somebody else wrote meanwhile (If-Match). No path leads out of the folder, by
 * dots or by links.
 */
#include "bridge/notebook/file_bytes.h"
#include "bridge/serve/http.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MAX_ENTRIES 10000

/* Whether path is root or below it; both are real paths. */
static bool is_below(const char *path, const char *root)
{
    const size_t n = strlen(root);

    return strncmp(path, root, n) == 0 &&
           (path[n] == '\0' || path[n] == '/' || (n > 0 && root[n - 1] == '/'));
}

/* ?path= as a real path in the served folder: of what is there, or of a new name in a folder that
 * is there. Answered with an error otherwise. Caller frees. */
static char *real_path(struct http_call *c)
{
    const char *root = bridge_web_config(c->web)->root;
    char asked[PATH_MAX / 2] = "", path[PATH_MAX], *real, *slash;

    (void)http_query(c, "path", asked, sizeof asked);
    (void)snprintf(path, sizeof path, "%s/%s", root, asked);
    real = realpath(path, NULL);
    slash = strrchr(path, '/');
    if (!real && errno == ENOENT && slash[1] && strcmp(slash, "/..") != 0 &&
        strcmp(slash, "/.") != 0) {
        char folder[PATH_MAX];

        (void)snprintf(folder, sizeof folder, "%.*s", (int)(slash - path), path);
        cd_autofree char *real_folder = realpath(folder, NULL);
        if (!real_folder || asprintf(&real, "%s%s", real_folder, slash) < 0) {
            real = NULL;
        }
    }
    if (!real) {
        http_fail(c, 404, "there is no '%s'", asked);
    } else if (!is_below(real, root)) {
        http_fail(c, 403, "'%s' is not in the served folder", asked);
        free(cd_take(real));
    }
    return real;
}

static json_t *entry_of(const char *folder, const char *name)
{
    char path[PATH_MAX];
    struct stat st;

    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    if (stat(path, &st) != 0 || (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))) {
        return NULL;
    }
    return json_pack("{s:o, s:s, s:I, s:I}", "name", cd_json_textz(name), "type",
                     S_ISDIR(st.st_mode) ? "folder" : "file", "size", (json_int_t)st.st_size,
                     "modified",
                     (json_int_t)st.st_mtim.tv_sec * 1000 + st.st_mtim.tv_nsec / 1000000);
}

static int is_shown(const struct dirent *e)
{
    return e->d_name[0] != '.';
}

void http_api_list(struct http_call *c)
{
    cd_autofree char *folder = real_path(c);
    struct dirent **found = NULL;
    json_t *entries;
    int n;

    if (!folder) {
        return;
    }
    n = scandir(folder, &found, is_shown, alphasort);
    if (n < 0) {
        http_fail(c, 404, "'%s' is no folder that can be read", folder);
        return;
    }
    entries = json_array();
    for (int i = 0; i < n; i++) {
        json_t *entry = i < MAX_ENTRIES ? entry_of(folder, found[i]->d_name) : NULL;

        if (entry) {
            json_array_append_new(entries, entry);
        }
        free(found[i]);
    }
    free(found);
    const char *root = bridge_web_config(c->web)->root;
    const char *rest = folder + strlen(root);
    http_json(c, 200,
              json_pack("{s:o, s:o}", "path", cd_json_textz(*rest == '/' ? rest + 1 : rest),
                        "entries", entries));
}

void http_api_file_get(struct http_call *c)
{
    cd_autofree char *path = real_path(c);
    struct cd_error err = CD_ERROR_INIT;

    if (!path) {
        return;
    }
    if (bridge_file_read(path, &c->reply, c->etag, &err) != CD_OK) {
        http_fail(c, err.id == CD_E_NOT_FOUND ? 404 : 403, "%s", err.text);
        return;
    }
    (void)snprintf(c->type, sizeof c->type, "application/octet-stream");
    if (c->etag_known[0] && strcmp(c->etag_known, c->etag) == 0) {
        cd_buf_clear(&c->reply);
        http_send(c, 304);
    } else {
        http_send(c, 200);
    }
}

/* Whether the file is still what the client knows. */
static bool condition_holds(struct http_call *c, const char *now)
{
    if (!c->etag_wanted[0] && strcmp(c->etag_known, "*") != 0) {
        http_fail(c, 428,
                  "say what is known of the file: If-Match with its ETag, or "
                  "If-None-Match: * for a new one");
        return false;
    }
    if (c->etag_wanted[0] ? strcmp(c->etag_wanted, "*") != 0 && strcmp(c->etag_wanted, now) != 0
                          : now[0] != '\0') {
        http_fail(c, 412,
                  now[0] ? "the file was changed by somebody else meanwhile"
                         : "the file is not there any more");
        return false;
    }
    return true;
}

void http_api_file_put(struct http_call *c)
{
    cd_autofree char *path = real_path(c);
    struct cd_error err = CD_ERROR_INIT;
    char now[BRIDGE_ETAG_BYTES];

    if (!path) {
        return;
    }
    bridge_file_etag(path, now);
    if (!condition_holds(c, now)) {
        return;
    }
    if (bridge_file_replace(path, c->body.data, c->body.len, &err) != CD_OK) {
        http_fail(c, 507, "'%s' %s; the old file is as it was", path, err.text);
        return;
    }
    bridge_file_etag(path, c->etag);
    http_json(c, now[0] ? 200 : 201, json_pack("{s:s}", "etag", c->etag));
}
