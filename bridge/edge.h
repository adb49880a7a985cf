/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What is changed where messages pass between client and bridge: inside, lines and columns count
 * from 1, and text may hold ANSI escape sequences. Pure.
 */
#ifndef BRIDGE_EDGE_H
#define BRIDGE_EDGE_H

#include "dap/base/json.h"

/* Adds `lines` to every line and endLine, `columns` to every column and endColumn in v, and in
 * setBreakpoints' old `lines`. In place; at any depth. */
void bridge_edge_shift(json_t *v, int lines, int columns);
/* Replaces the member `key` of object, if it is a string, by itself without escape sequences. */
void bridge_edge_strip_ansi(json_t *object, const char *key);
/* In place; returns the new length. */
size_t bridge_strip_ansi(char *text, size_t len);

#endif
