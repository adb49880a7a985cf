/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The dot words of the debug console, for editors without celldap's own requests (contracts.md §9).
 * No Python expression begins with a dot and a letter.
 */
#include "bridge/requests/requests.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void reply_text(struct bridge_request *req, const char *text)
{
    bridge_reply(req, json_pack("{s:s, s:i}", "result", text, "variablesReference", 0));
}

static void word_cells(struct bridge_request *req, const char *rest)
{
    const struct bridge_session *s = req->session;
    cd_autobuf struct cd_buf text;

    (void)rest;
    cd_buf_init(&text, (size_t)1024 * 1024);
    for (int i = 0; i < bridge_cells_count(s->cells); i++) {
        struct bridge_cell_view cell;
        size_t first;

        bridge_cells_view(s->cells, i, &cell);
        first = strcspn(cell.code, "\n");
        if (cd_buf_appendf(&text, NULL, "%s%d: %.*s%s", i ? "\n" : "", cell.index,
                           (int)(first < 60 ? first : 60), cell.code,
                           cell.code[first] || first > 60 ? " …" : "") != CD_OK) {
            break;
        }
    }
    reply_text(req, text.len ? text.data : "there are no cells");
}

static void run_all(struct bridge_request *req)
{
    struct bridge_session *s = req->session;

    bridge_run(s);
    reply_text(req, "");
}

static void word_run(struct bridge_request *req, const char *rest)
{
    struct bridge_session *s = req->session;
    struct cd_error err = CD_ERROR_INIT;
    char *end = NULL;
    long index = strtol(rest, &end, 10);
    int cell;

    if (strcmp(rest, "all") == 0) {
        run_all(req);
        return;
    }
    cell = end != rest && !*end ? bridge_cells_by_index(s->cells, (int)index) : -1;
    if (cell < 0) {
        bridge_failf(req, CD_E_NOT_FOUND, "there is no code cell '%.40s': .cells lists them", rest);
        return;
    }
    if (bridge_run_cell(s, cell, NULL, false, &err) != CD_OK) {
        bridge_fail(req, &err);
        return;
    }
    reply_text(req, "");
}

static void word_interrupt(struct bridge_request *req, const char *rest)
{
    (void)rest;
    bridge_interrupt(req->session);
    reply_text(req, "interrupted");
}

static void word_restart(struct bridge_request *req, const char *rest)
{
    struct bridge_session *s = req->session;

    (void)rest;
    reply_text(req, "restarting the kernel");
    bridge_restart(s, false);
}

static void word_save(struct bridge_request *req, const char *rest)
{
    struct bridge_session *s = req->session;
    struct cd_error err = CD_ERROR_INIT;
    char text[80];
    int count = 0;

    if (bridge_keep_save(s, rest[0] ? rest : NULL, &count, &err) != CD_OK) {
        bridge_fail(req, &err);
        return;
    }
    (void)snprintf(text, sizeof text, "saved the outputs of %d cells", count);
    reply_text(req, text);
}

static void word_help(struct bridge_request *req, const char *rest);

static const struct word {
    const char *name, *help;
    void (*run)(struct bridge_request *req, const char *rest);
    bool notebook; /* needs one */
} words[] = {
    {".cells", "lists the notebook's code cells", word_cells, false},
    {".help", "shows this", word_help, false},
    {".interrupt", "interrupts the cell that runs", word_interrupt, false},
    {".restart", "restarts the kernel; breakpoints are kept", word_restart, true},
    {".run", ".run 3 runs cell 3, .run all runs all cells", word_run, true},
    {".save", "saves the outputs into the notebook, or into a given file", word_save, true},
};

static void word_help(struct bridge_request *req, const char *rest)
{
    cd_autobuf struct cd_buf text;

    (void)rest;
    cd_buf_init(&text, 4096);
    for (size_t i = 0; i < CD_ARRAY_LEN(words); i++) {
        if (cd_buf_appendf(&text, NULL, "%s%-11s %s", i ? "\n" : "", words[i].name,
                           words[i].help)) {
            break;
        }
    }
    reply_text(req, text.data);
}

bool bridge_console_word(struct bridge_request *req, const char *line)
{
    const struct bridge_session *s = req->session;
    char rest[512];
    size_t n, len;

    line += strspn(line, " \t");
    n = strcspn(line, " \t\n");
    if (line[0] != '.' || !isalpha((unsigned char)line[1])) {
        return false;
    }
    (void)snprintf(rest, sizeof rest, "%s", line + n + strspn(line + n, " \t\n"));
    for (len = strlen(rest); len > 0 && isspace((unsigned char)rest[len - 1]);) {
        rest[--len] = '\0';
    }
    for (size_t i = 0; i < CD_ARRAY_LEN(words); i++) {
        if (strlen(words[i].name) == n && strncmp(words[i].name, line, n) == 0) {
            if (words[i].notebook && s->launch->kind != BRIDGE_LAUNCH_NOTEBOOK) {
                bridge_failf(req, CD_E_BAD_STATE, "'%s' needs a notebook", words[i].name);
            } else {
                words[i].run(req, rest);
            }
            return true;
        }
    }
    bridge_failf(req, CD_E_UNKNOWN_COMMAND, "unknown command '%.*s': .help lists them", (int)n,
                 line);
    return true;
}

json_t *bridge_console_complete(const struct bridge_session *s, const char *text)
{
    json_t *targets;
    size_t len = strlen(text);

    if (text[0] != '.' || (len > 1 && !isalpha((unsigned char)text[1])) || strpbrk(text, " \n")) {
        return NULL;
    }
    targets = json_array();
    for (size_t i = 0; i < CD_ARRAY_LEN(words); i++) {
        if (strncmp(words[i].name, text, len) == 0) {
            json_array_append_new(targets, json_pack("{s:s, s:s, s:i, s:i, s:s}", "label",
                                                     words[i].name, "detail", words[i].help,
                                                     "start", s->client.columns_at_0 ? 0 : 1,
                                                     "length", (int)len, "type", "keyword"));
        }
    }
    return json_pack("{s:o}", "targets", targets);
}
