/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A quirk of one client. vscode-jupyter knows that ipykernel drops a cell's blank lines at the top:
 * it subtracts their count from the lines of breakpoints and adds it to those of frames. We keep
 * these lines, so for this client alone the lines of dumped cells are moved on their way in and
 * back on their way out (facts: jupyter.md §2). Debug thread only.
 */
#include "kernel/debug/state.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define CLIENT    "Python Kernel Debug Adapter"
#define MAX_CELLS 10000 /* a session dumps cells for as long as it lasts */

struct dbg_blanks {
    struct dbg_blanks *next;
    int count;
    char path[]; /* of the dumped cell */
};

/* Lines of nothing but white space before the first other one; 0 where there is no other one. */
static int count_blanks(const char *code)
{
    int lines = 0;

    while (isspace((unsigned char)*code)) {
        lines += *code++ == '\n';
    }
    return *code ? lines : 0;
}

static int blanks_of(const struct dbg_session *s, const json_t *source)
{
    const char *path = json_string_value(json_object_get(source, "path"));

    for (const struct dbg_blanks *b = s->blanks; path && b; b = b->next) {
        if (strcmp(b->path, path) == 0) {
            return b->count;
        }
    }
    return 0;
}

void dbg__blanks_client(struct dbg_client *c, const json_t *initialize_arguments)
{
    const char *id = json_string_value(json_object_get(initialize_arguments, "adapterID"));
    c->counts_without_blanks = id && strcmp(id, CLIENT) == 0;
}

void dbg__blanks_note(struct dbg_session *s, const char *path, const char *code)
{
    const int count = count_blanks(code);
    const size_t bytes = strlen(path) + 1;
    int known = 0;

    for (const struct dbg_blanks *b = s->blanks; b; b = b->next, known++) {
        if (strcmp(b->path, path) == 0) {
            return; // the path is the hash of the code
        }
    }
    struct dbg_blanks *b = count && known < MAX_CELLS ? malloc(sizeof(*b) + bytes) : NULL;
    if (b) {
        b->count = count;
        memcpy(b->path, path, bytes);
        b->next = s->blanks;
        s->blanks = b;
    }
}

void dbg__blanks_done(struct dbg_session *s)
{
    while (s->blanks) {
        struct dbg_blanks *b = s->blanks;
        s->blanks = b->next;
        free(b);
    }
}

/* What is no line of a file is refused by who reads it. */
static void move_line(json_t *line, int by)
{
    const json_int_t from = json_integer_value(line);

    if (json_is_integer(line) && from >= 0 && from <= INT32_MAX && from + by <= INT32_MAX &&
        from + by > 0) {
        json_integer_set(line, from + by);
    }
}

static void move(json_t *place, const char *key, int by)
{
    move_line(json_object_get(place, key), by);
}

void dbg__blanks_in(const struct dbg_session *s, const struct dbg_client *c, struct dbg_request *r)
{
    json_t *args = json_object_get(r->message, "arguments");
    const int by = blanks_of(s, json_object_get(args, "source"));
    size_t i;
    json_t *item;

    if (!c->counts_without_blanks || by == 0) {
        return;
    }
    move(args, "line", by);
    move(args, "endLine", by);
    json_array_foreach(json_object_get(args, "breakpoints"), i, item)
    {
        move(item, "line", by);
    }
    json_array_foreach(json_object_get(args, "lines"), i, item)
    {
        move_line(item, by);
    }
}

static void move_place(const struct dbg_session *s, json_t *place)
{
    const int by = -blanks_of(s, json_object_get(place, "source"));

    if (by != 0) {
        move(place, "line", by);
        move(place, "endLine", by);
    }
}

void dbg__blanks_out(const struct dbg_session *s, int client_id, json_t *body)
{
    static const char *const lists[] = {"stackFrames", "scopes", "breakpoints"};
    const struct dbg_client *c = dbg__client_by_id(s, client_id);
    size_t i;
    json_t *item;

    if (!c || !c->counts_without_blanks || !s->blanks) {
        return;
    }
    move_place(s, body);
    move_place(s, json_object_get(body, "breakpoint"));
    for (size_t k = 0; k < CD_ARRAY_LEN(lists); k++) {
        json_array_foreach(json_object_get(body, lists[k]), i, item)
        {
            move_place(s, item);
        }
    }
}
