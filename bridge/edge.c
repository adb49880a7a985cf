/* SPDX-License-Identifier: BSD-3-Clause
 *
 * See edge.h.
 */
#include "bridge/edge.h"

#include <stdlib.h>
#include <string.h>

static int shift_of(const char *key, int lines, int columns)
{
    if (strcmp(key, "line") == 0 || strcmp(key, "endLine") == 0) {
        return lines;
    }
    if (strcmp(key, "column") == 0 || strcmp(key, "endColumn") == 0) {
        return columns;
    }
    return 0;
}

static void shift_integer(json_t *v, int by)
{
    json_int_t n = json_integer_value(v);

    if (by != 0 && n < INT32_MAX && n + by >= 0) {
        json_integer_set(v, n + by);
    }
}

static void shift_array(json_t *array, int lines, int columns)
{
    size_t i;
    json_t *item;

    json_array_foreach(array, i, item)
    {
        bridge_edge_shift(item, lines, columns);
    }
}

void bridge_edge_shift(json_t *v, int lines, int columns)
{
    const char *key;
    json_t *item;
    size_t i;

    if (json_is_array(v)) {
        shift_array(v, lines, columns);
        return;
    }
    json_object_foreach(v, key, item)
    {
        if (json_is_integer(item)) {
            shift_integer(item, shift_of(key, lines, columns));
        } else if (strcmp(key, "lines") == 0 && json_is_array(item)) {
            json_t *line;

            json_array_foreach(item, i, line)
            {
                if (json_is_integer(line)) {
                    shift_integer(line, lines);
                }
            }
        } else {
            bridge_edge_shift(item, lines, columns);
        }
    }
}

/* Length of the escape sequence at s[0] == ESC: CSI, OSC (to BEL or ST), or two bytes. */
static size_t escape_length(const char *s, size_t len)
{
    size_t i = 2;

    if (len < 2) {
        return len;
    }
    if (s[1] == '[') {
        while (i < len && (s[i] < 0x40 || s[i] > 0x7e)) {
            i++;
        }
        return i < len ? i + 1 : len;
    }
    if (s[1] == ']') {
        while (i < len && s[i] != '\a' && !(s[i] == '\\' && s[i - 1] == '\x1b')) {
            i++;
        }
        return i < len ? i + 1 : len;
    }
    return 2;
}

size_t bridge_strip_ansi(char *text, size_t len)
{
    size_t out = 0;

    for (size_t i = 0; i < len;) {
        if (text[i] == '\x1b') {
            i += escape_length(text + i, len - i);
        } else {
            text[out++] = text[i++];
        }
    }
    text[out] = '\0';
    return out;
}

void bridge_edge_strip_ansi(json_t *object, const char *key)
{
    const json_t *v = json_object_get(object, key);
    size_t len = json_string_length(v);

    if (!json_is_string(v) || !memchr(json_string_value(v), '\x1b', len)) {
        return;
    }
    cd_autofree char *text = malloc(len + 1);
    if (text) {
        memcpy(text, json_string_value(v), len + 1);
        len = bridge_strip_ansi(text, len);
        json_object_set_new(object, key, cd_json_text(text, len));
    }
}
