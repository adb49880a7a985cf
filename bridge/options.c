/* SPDX-License-Identifier: BSD-3-Clause
 *
 * See options.h. Pure.
 */
#include "bridge/options.h"

#include <stdio.h>
#include <string.h>

#define REFUSED 4

struct option {
    const char *name;
    int where;
    unsigned types, of;
    const char *values;
    const char *fallback;
    const char *text;
};

#define BOOLEAN BRIDGE_OPTION_BOOLEAN
#define INTEGER BRIDGE_OPTION_INTEGER
#define STRING  BRIDGE_OPTION_STRING
#define ARRAY   BRIDGE_OPTION_ARRAY
#define OBJECT  BRIDGE_OPTION_OBJECT
#define NUL     BRIDGE_OPTION_NUL
#define ANY     BRIDGE_OPTION_ANY
#define OPTION(name, where, types, of, values, fallback, text)                                     \
    {#name, BRIDGE_OPTION_##where, types, of, values, fallback, text},
static const struct option options[] = {
#include "bridge/options.def"
};

static const struct {
    unsigned type;
    const char *name;
} type_names[] = {{BOOLEAN, "boolean"}, {INTEGER, "integer"}, {STRING, "string"},
                  {ARRAY, "array"},     {OBJECT, "object"},   {NUL, "null"}};

static unsigned type_of(const json_t *v)
{
    switch (json_typeof(v)) {
    case JSON_TRUE:
    case JSON_FALSE:
        return BOOLEAN;
    case JSON_INTEGER:
        return INTEGER;
    case JSON_STRING:
        return STRING;
    case JSON_ARRAY:
        return ARRAY;
    case JSON_OBJECT:
        return OBJECT;
    case JSON_NULL:
        return NUL;
    default:
        return 0;
    }
}

/* "string or array" */
static void describe(unsigned types, char *out, size_t out_bytes)
{
    size_t used = 0;

    out[0] = '\0';
    for (size_t i = 0; i < CD_ARRAY_LEN(type_names) && used < out_bytes; i++) {
        if (types & type_names[i].type) {
            used += (size_t)snprintf(out + used, out_bytes - used, "%s%s", used ? " or " : "",
                                     type_names[i].name);
        }
    }
}

/* values: "a|b|c" */
static bool is_one_of(const char *word, const char *values)
{
    const size_t len = strlen(word);

    for (const char *at = values; *at; at += *at == '|') {
        const size_t n = strcspn(at, "|");

        if (n == len && strncmp(at, word, n) == 0) {
            return true;
        }
        at += n;
    }
    return false;
}

static cd_result check_value(const json_t *v, unsigned types, const char *values, const char *path,
                             struct cd_error *reterr)
{
    char expected[80];

    if (!(type_of(v) & types)) {
        describe(types, expected, sizeof expected);
        return cd_error_set(reterr, CD_E_BAD_TYPE, "expected %s at %s", expected, path);
    }
    if (!json_is_string(v)) {
        return CD_OK;
    }
    if (strlen(json_string_value(v)) != json_string_length(v)) {
        return cd_error_set(reterr, CD_E_BAD_VALUE, "expected string without NUL at %s", path);
    }
    if (values && json_string_length(v) > 0 && !is_one_of(json_string_value(v), values)) {
        return cd_error_set(reterr, CD_E_BAD_VALUE, "'%.40s' at %s is none of %s",
                            json_string_value(v), path, values);
    }
    return CD_OK;
}

static cd_result check_items(const struct option *row, const json_t *v, struct cd_error *reterr)
{
    char path[160];
    const char *name;
    json_t *item;
    size_t i;

    json_array_foreach(v, i, item)
    {
        (void)snprintf(path, sizeof path, "arguments.%s[%zu]", row->name, i);
        if (check_value(item, row->of, row->values, path, reterr) != CD_OK) {
            return CD_ERR;
        }
    }
    json_object_foreach((json_t *)(uintptr_t)v, name, item)
    {
        (void)snprintf(path, sizeof path, "arguments.%s.%.100s", row->name, name);
        if (check_value(item, row->of, row->values, path, reterr) != CD_OK) {
            return CD_ERR;
        }
    }
    return CD_OK;
}

cd_result bridge_options_check(const json_t *arguments, enum bridge_option_where where,
                               struct cd_error *reterr)
{
    for (size_t i = 0; i < CD_ARRAY_LEN(options); i++) {
        const struct option *row = &options[i];
        const json_t *v = json_object_get(arguments, row->name);
        char path[80];

        if ((row->where & (int)where) == 0 || (row->where & REFUSED) != 0 || !v ||
            json_is_null(v)) {
            continue;
        }
        (void)snprintf(path, sizeof path, "arguments.%s", row->name);
        if (check_value(v, row->types, row->of ? NULL : row->values, path, reterr) != CD_OK ||
            (row->of && check_items(row, v, reterr) != CD_OK)) {
            return CD_ERR;
        }
    }
    return CD_OK;
}

static bool asked_for(const json_t *v)
{
    return v && !json_is_null(v) && !json_is_false(v) &&
           !(json_is_array(v) && json_array_size(v) == 0) &&
           !(json_is_object(v) && json_object_size(v) == 0) &&
           !(json_is_string(v) && strcmp(json_string_value(v), "none") == 0);
}

void bridge_options_note(const json_t *arguments, char *out, size_t out_bytes)
{
    size_t used = 0;

    out[0] = '\0';
    for (size_t i = 0; i < CD_ARRAY_LEN(options) && used < out_bytes; i++) {
        if (options[i].where == BRIDGE_OPTION_REFUSED &&
            asked_for(json_object_get(arguments, options[i].name))) {
            used += (size_t)snprintf(out + used, out_bytes - used, "%soption '%s'",
                                     used ? ", " : "", options[i].name);
        }
    }
}

static const struct option *find(const char *name)
{
    for (size_t i = 0; i < CD_ARRAY_LEN(options); i++) {
        if (strcmp(options[i].name, name) == 0) {
            return &options[i];
        }
    }
    return NULL;
}

bool bridge_option_bool(const json_t *arguments, const char *name)
{
    const json_t *v = json_object_get(arguments, name);
    const struct option *row = find(name);

    if (json_is_boolean(v)) {
        return json_is_true(v);
    }
    return row && row->fallback && strcmp(row->fallback, "true") == 0;
}

const char *bridge_option_str(const json_t *arguments, const char *name)
{
    const char *text = json_string_value(json_object_get(arguments, name));

    return text && text[0] ? text : NULL;
}

static json_t *names_of(unsigned types)
{
    json_t *list = json_array();

    for (size_t i = 0; i < CD_ARRAY_LEN(type_names); i++) {
        if (types & type_names[i].type) {
            json_array_append_new(list, json_string(type_names[i].name));
        }
    }
    return list;
}

static json_t *words_of(const char *values)
{
    json_t *list = values ? json_array() : NULL;

    for (const char *at = values; at && *at; at += *at == '|') {
        const size_t n = strcspn(at, "|");

        json_array_append_new(list, json_stringn(at, n));
        at += n;
    }
    return list;
}

json_t *bridge_options_describe(void)
{
    json_t *list = json_array();

    for (size_t i = 0; i < CD_ARRAY_LEN(options); i++) {
        const struct option *row = &options[i];
        json_t *fallback = row->fallback ? json_loads(row->fallback, JSON_DECODE_ANY, NULL) : NULL;

        json_array_append_new(list, json_pack("{s:s, s:o, s:o*, s:s, s:b, s:b, s:b, s:o*, s:o*}",
                                              "name", row->name, "types", names_of(row->types),
                                              "items", row->of ? names_of(row->of) : NULL,
                                              "description", row->text, "launch",
                                              (row->where & BRIDGE_OPTION_LAUNCH) != 0, "attach",
                                              (row->where & BRIDGE_OPTION_ATTACH) != 0, "supported",
                                              !(row->where & REFUSED), "default", fallback,
                                              "values", words_of(row->values)));
    }
    return list;
}
