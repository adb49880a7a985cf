/* SPDX-License-Identifier: BSD-3-Clause
 *
 * See path_map.h. A root with a backslash and no slash is one of Windows: letters match there in
 * either case.
 */
#include "bridge/notebook/path_map.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct root {
    char *path; /* owned; without a separator at its end, but "/" alone is "" */
    bool windows;
};

struct pair {
    struct root local, remote;
};

struct bridge_path_map {
    struct pair *pairs;
    size_t count;
};

void bridge_path_map_free(struct bridge_path_map *m)
{
    for (size_t i = 0; m && i < m->count; i++) {
        free(m->pairs[i].local.path);
        free(m->pairs[i].remote.path);
    }
    if (m) {
        free(m->pairs);
    }
    free(m);
}

static cd_result root_init(struct root *r, const char *path, struct cd_error *reterr)
{
    size_t len = strlen(path);

    r->windows = strchr(path, '\\') != NULL && strchr(path, '/') == NULL;
    while (len > 0 && path[len - 1] == (r->windows ? '\\' : '/')) {
        len--;
    }
    r->path = strndup(path, len);
    return r->path ? CD_OK : cd_oom(reterr);
}

static cd_result read_pair(const json_t *item, size_t i, const char *cwd, struct pair *pair,
                           struct cd_error *reterr)
{
    const char *local = NULL, *remote = NULL;
    char local_path[80], remote_path[80];

    (void)snprintf(local_path, sizeof local_path, "arguments.pathMappings[%zu].localRoot", i);
    (void)snprintf(remote_path, sizeof remote_path, "arguments.pathMappings[%zu].remoteRoot", i);
    if (cd_json_str(item, local_path, &local, reterr) != CD_OK ||
        cd_json_str(item, remote_path, &remote, reterr) != CD_OK) {
        return CD_ERR;
    }
    if (!local[0] || !remote[0]) {
        return cd_error_set(reterr, CD_E_BAD_VALUE, "%s is empty: name a folder",
                            local[0] ? remote_path : local_path);
    }
    if (strcmp(remote, ".") == 0 || strcmp(remote, "./") == 0) {
        if (!cwd) {
            return cd_error_set(reterr, CD_E_BAD_VALUE,
                                "%s is '.': the kernel's folder is not known here, name it",
                                remote_path);
        }
        remote = cwd;
    }
    return root_init(&pair->local, local, reterr) || root_init(&pair->remote, remote, reterr)
               ? CD_ERR
               : CD_OK;
}

cd_result bridge_path_map_new(const json_t *mappings, const char *cwd, struct bridge_path_map **ret,
                              struct cd_error *reterr)
{
    struct bridge_path_map *m;
    size_t i;
    json_t *item;

    *ret = NULL;
    if (json_array_size(mappings) == 0) {
        return CD_OK;
    }
    m = calloc(1, sizeof *m);
    if (m) {
        m->pairs = calloc(json_array_size(mappings), sizeof *m->pairs);
    }
    if (!m || !m->pairs) {
        bridge_path_map_free(m);
        return cd_oom(reterr);
    }
    json_array_foreach(mappings, i, item)
    {
        m->count = i + 1;
        if (read_pair(item, i, cwd, &m->pairs[i], reterr) != CD_OK) {
            bridge_path_map_free(m);
            return CD_ERR;
        }
    }
    *ret = m;
    return CD_OK;
}

json_t *bridge_path_map_json(const struct bridge_path_map *m)
{
    json_t *list = m ? json_array() : NULL;

    for (size_t i = 0; m && i < m->count; i++) {
        const struct root *local = &m->pairs[i].local, *remote = &m->pairs[i].remote;

        json_array_append_new(list, json_pack("{s:s, s:s}", "localRoot",
                                              local->path[0] ? local->path : "/", "remoteRoot",
                                              remote->path[0] ? remote->path : "/"));
    }
    return list;
}

/* What follows the root in the path, with its separator or ""; NULL: the path is not in it. */
static const char *rest_of(const struct root *r, const char *path)
{
    const size_t len = strlen(r->path);
    const bool in = (r->windows ? strncasecmp : strncmp)(path, r->path, len) == 0;
    const char *rest = path + len;

    return in && (*rest == '\0' || *rest == '/' || (r->windows && *rest == '\\')) ? rest : NULL;
}

static char *moved(const struct root *from, const struct root *to, const char *path)
{
    const char *rest = rest_of(from, path);
    char *out = NULL;

    if (!rest || asprintf(&out, "%s%s", to->path, rest) < 0) {
        return NULL;
    }
    for (char *at = out + strlen(to->path); from->windows != to->windows && *at; at++) {
        if (*at == (from->windows ? '\\' : '/')) {
            *at = to->windows ? '\\' : '/';
        }
    }
    if (!out[0]) { /* the root "/" itself */
        free(out);
        out = strdup("/");
    }
    return out;
}

char *bridge_path_to_remote(const struct bridge_path_map *m, const char *local)
{
    for (size_t i = 0; m && i < m->count; i++) {
        char *out = moved(&m->pairs[i].local, &m->pairs[i].remote, local);

        if (out) {
            return out;
        }
    }
    return NULL;
}

char *bridge_path_to_local(const struct bridge_path_map *m, const char *remote)
{
    for (size_t i = 0; m && i < m->count; i++) {
        char *out = moved(&m->pairs[i].remote, &m->pairs[i].local, remote);

        if (out) {
            return out;
        }
    }
    return NULL;
}
