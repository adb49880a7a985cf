/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Python text line by line: whether a line begins a statement, or is inside of a string, a bracket
 * or behind a backslash. A comment in there is no comment. Pure.
 */
#ifndef BRIDGE_NOTEBOOK_PYTHON_LINES_H
#define BRIDGE_NOTEBOOK_PYTHON_LINES_H

#include <stdbool.h>
#include <stddef.h>

struct bridge_python_lines {
    char quote; /* of the triple-quoted string that is open; 0: none */
    int depth;  /* of brackets */
    bool continued;
};

/* Before a line is walked: it is not inside of anything. */
bool bridge_python_lines_free(const struct bridge_python_lines *p);
/* Walks over one line, without its line end. */
void bridge_python_lines_walk(struct bridge_python_lines *p, const char *line, size_t len);

#endif
