/* SPDX-License-Identifier: BSD-3-Clause
 *
 * See python_lines.h. Good enough for text that need not be valid Python: a bracket too many closes
 * nothing, a string that its line does not end ends with it.
 */
#include "bridge/notebook/python_lines.h"

bool bridge_python_lines_free(const struct bridge_python_lines *p)
{
    return p->quote == 0 && p->depth == 0 && !p->continued;
}

static bool triple(const char *line, size_t len, size_t at, char quote)
{
    return at + 2 < len && line[at] == quote && line[at + 1] == quote && line[at + 2] == quote;
}

/* From inside of a triple-quoted string to behind its end, or the end of the line. */
static size_t leave_triple(struct bridge_python_lines *p, const char *line, size_t len, size_t at)
{
    while (at < len) {
        if (line[at] == '\\') {
            at += 2;
        } else if (triple(line, len, at, p->quote)) {
            p->quote = 0;
            return at + 3;
        } else {
            at++;
        }
    }
    return len;
}

/* From a quote to behind the string's end. */
static size_t skip_string(struct bridge_python_lines *p, const char *line, size_t len, size_t at)
{
    const char quote = line[at];

    if (triple(line, len, at, quote)) {
        p->quote = quote;
        return leave_triple(p, line, len, at + 3);
    }
    for (at++; at < len && line[at] != quote; at++) {
        at += line[at] == '\\';
    }
    return at + 1;
}

void bridge_python_lines_walk(struct bridge_python_lines *p, const char *line, size_t len)
{
    size_t at = p->quote ? leave_triple(p, line, len, 0) : 0;

    p->continued = false;
    while (at < len && line[at] != '#') {
        switch (line[at]) {
        case '"':
        case '\'':
            at = skip_string(p, line, len, at);
            break;
        case '(':
        case '[':
        case '{':
            p->depth++;
            at++;
            break;
        case ')':
        case ']':
        case '}':
            p->depth -= p->depth > 0;
            at++;
            break;
        default:
            p->continued = line[at] == '\\' && at + 1 == len;
            at++;
            break;
        }
    }
}
