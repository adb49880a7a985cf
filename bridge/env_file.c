/* SPDX-License-Identifier: BSD-3-Clause
 *
 * See env_file.h. Values are never logged, nor named in an error.
 */
#include "bridge/env_file.h"

#include "bridge/notebook/file_bytes.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define MAX_ENV_BYTES (1024u * 1024)

struct reader {
    const char *at;
    int line_1based;
    json_t *env; /* borrowed */
    struct cd_buf value;
    struct cd_error *reterr;
};

static cd_result bad(struct reader *r, const char *what)
{
    return cd_error_set(r->reterr, CD_E_BAD_VALUE, "line %d: %s", r->line_1based, what);
}

static cd_result add(struct reader *r, const char *text, size_t len)
{
    return cd_buf_append(&r->value, text, len, r->reterr);
}

static bool is_name(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '.' || c == '-';
}

/* ${NAME} at r->at is replaced; anything else of that beginning is text. */
static cd_result add_reference(struct reader *r)
{
    const char *end = r->at[1] == '{' ? r->at + 2 : r->at;
    const char *value;

    while (is_name(*end)) {
        end++;
    }
    if (*end != '}' || end == r->at + 2) {
        return add(r, r->at++, 1);
    }
    cd_autofree char *name = strndup(r->at + 2, (size_t)(end - r->at - 2));
    if (!name) {
        return cd_oom(r->reterr);
    }
    value = json_string_value(json_object_get(r->env, name));
    value = value ? value : getenv(name);
    r->at = end + 1;
    return value ? add(r, value, strlen(value)) : CD_OK;
}

static cd_result read_escape(struct reader *r)
{
    static const char from[] = "nrt", to[] = "\n\r\t";
    const char *known = r->at[1] ? strchr(from, r->at[1]) : NULL;
    cd_result result;

    if (known) {
        result = add(r, to + (known - from), 1);
    } else if (r->at[1] && strchr("\"\\$", r->at[1])) {
        result = add(r, r->at + 1, 1);
    } else {
        result = add(r, r->at, 1);
        r->at--;
    }
    r->at += 2;
    return result;
}

static cd_result read_quoted(struct reader *r)
{
    const char quote = *r->at++;
    const int begun = r->line_1based;

    while (*r->at != quote) {
        cd_result result;

        if (!*r->at) {
            r->line_1based = begun;
            return bad(r, "a quote is not closed");
        }
        r->line_1based += *r->at == '\n';
        if (quote == '"' && *r->at == '\\') {
            result = read_escape(r);
        } else if (quote == '"' && *r->at == '$') {
            result = add_reference(r);
        } else {
            result = add(r, r->at++, 1);
        }
        if (result != CD_OK) {
            return CD_ERR;
        }
    }
    r->at++;
    r->at += strspn(r->at, " \t\r");
    return *r->at && *r->at != '\n' && *r->at != '#' ? bad(r, "there is text after a quote")
                                                     : CD_OK;
}

/* To the end of the line, or to a # after a blank. */
static cd_result read_plain(struct reader *r)
{
    while (*r->at && *r->at != '\n' && !(*r->at == '#' && isspace((unsigned char)r->at[-1]))) {
        if ((*r->at == '$' ? add_reference(r) : add(r, r->at++, 1)) != CD_OK) {
            return CD_ERR;
        }
    }
    while (r->value.len > 0 && isspace((unsigned char)r->value.data[r->value.len - 1])) {
        r->value.data[--r->value.len] = '\0';
    }
    return CD_OK;
}

static cd_result read_line(struct reader *r)
{
    const char *name;
    size_t len = 0;

    if (strncmp(r->at, "export", 6) == 0 && (r->at[6] == ' ' || r->at[6] == '\t')) {
        r->at += 6;
        r->at += strspn(r->at, " \t");
    }
    name = r->at;
    while (is_name(name[len])) {
        len++;
    }
    r->at += len;
    r->at += strspn(r->at, " \t");
    if (len == 0 || *r->at != '=') {
        return bad(r, "expected NAME=value");
    }
    r->at++;
    r->at += strspn(r->at, " \t");
    cd_buf_clear(&r->value);
    if ((*r->at == '"' || *r->at == '\'' ? read_quoted(r) : read_plain(r)) != CD_OK) {
        return CD_ERR;
    }
    json_t *value = json_stringn(r->value.data ? r->value.data : "", r->value.len);
    if (!value) {
        return bad(r, "the value is not UTF-8");
    }
    return json_object_setn_new(r->env, name, len, value) == 0 ? CD_OK : cd_oom(r->reterr);
}

cd_result bridge_env_read(const char *text, json_t **ret, struct cd_error *reterr)
{
    json_auto_t *env = json_object();
    struct reader r = {.at = text, .line_1based = 1, .env = env, .reterr = reterr};
    cd_result result = env ? CD_OK : cd_oom(reterr);

    cd_buf_init(&r.value, MAX_ENV_BYTES);
    while (result == CD_OK && *r.at) {
        r.at += strspn(r.at, " \t\r");
        if (*r.at && *r.at != '\n' && *r.at != '#') {
            result = read_line(&r);
        }
        r.at += result == CD_OK ? strcspn(r.at, "\n") : 0;
        r.at += *r.at == '\n';
        r.line_1based++;
    }
    cd_buf_done(&r.value);
    if (result == CD_OK) {
        *ret = json_incref(env);
    }
    return result;
}

cd_result bridge_env_load(const char *path, json_t **ret, struct cd_error *reterr)
{
    cd_autobuf struct cd_buf text;

    cd_buf_init(&text, MAX_ENV_BYTES);
    if (bridge_file_read(path, &text, NULL, reterr) != CD_OK) {
        return CD_ERR;
    }
    if (text.len == 0) {
        *ret = json_object();
        return *ret ? CD_OK : cd_oom(reterr);
    }
    if (bridge_env_read(text.data, ret, reterr) != CD_OK) {
        cd_error_prefix(reterr, "'%s'", path);
        return CD_ERR;
    }
    return CD_OK;
}
