/* SPDX-License-Identifier: BSD-3-Clause
 *
 * completions: of a stopped frame by the debugger, else of the kernel's namespace by the kernel
 * (also while a cell runs), else of the console's dot words.
 */
#include "bridge/requests/requests.h"

#include <string.h>

#define COMPLETE_MS 1000

/* Byte length of the character at c, and how many UTF-16 units it takes. */
static size_t char_bytes(const char *c, int *ret_units)
{
    unsigned char b = (unsigned char)*c;
    size_t want = b < 0x80 ? 1 : b < 0xe0 ? 2 : b < 0xf0 ? 3 : 4, n = 1;

    *ret_units = want == 4 ? 2 : 1;
    while (n < want && ((unsigned char)c[n] & 0xc0) == 0x80) {
        n++;
    }
    return n;
}

/* The start of the line, 1-based. */
static const char *line_start(const char *text, int64_t line)
{
    for (; line > 1; line--) {
        const char *end = strchr(text, '\n');

        if (!end) {
            break;
        }
        text = end + 1;
    }
    return text;
}

/* Code points from the start of text to the given UTF-16 offset of a line in it. */
static int cursor_of(const char *text, const char *line, int64_t units)
{
    int points = 0, unit;

    for (const char *c = text; *c && (c < line || units > 0); points++) {
        size_t n = char_bytes(c, &unit);

        units -= c >= line ? unit : 0;
        c += n;
    }
    return points;
}

/* UTF-16 units from the start of its line to the given code point of text. */
static int units_of(const char *text, int64_t points)
{
    int units = 0, unit;

    for (const char *c = text; *c && points > 0; points--) {
        size_t n = char_bytes(c, &unit);

        units = *c == '\n' ? 0 : units + unit;
        c += n;
    }
    return units;
}

static const char *item_type(const json_t *reply, const char *match)
{
    static const struct {
        const char *jedi, *dap;
    } rows[] = {{"function", "function"},  {"class", "class"},       {"module", "module"},
                {"keyword", "keyword"},    {"property", "property"}, {"instance", "variable"},
                {"statement", "variable"}, {"param", "variable"},    {"path", "file"}};
    const json_t *types =
        json_object_get(json_object_get(reply, "metadata"), "_jupyter_types_experimental");
    size_t i;
    json_t *item;

    json_array_foreach(types, i, item)
    {
        const char *text = json_string_value(json_object_get(item, "text"));
        const char *type = json_string_value(json_object_get(item, "type"));

        for (size_t k = 0; text && type && strcmp(text, match) == 0 && k < CD_ARRAY_LEN(rows);
             k++) {
            if (strcmp(rows[k].jedi, type) == 0) {
                return rows[k].dap;
            }
        }
    }
    return NULL;
}

static json_t *targets_of(const struct bridge_session *s, const char *text, const json_t *reply)
{
    int64_t from = json_integer_value(json_object_get(reply, "cursor_start"));
    int64_t to = json_integer_value(json_object_get(reply, "cursor_end"));
    int start = units_of(text, from), length = units_of(text, to) - start;
    json_t *targets = json_array(), *match;
    size_t i;

    json_array_foreach(json_object_get(reply, "matches"), i, match)
    {
        const char *label = json_string_value(match);

        if (label) {
            json_array_append_new(
                targets, json_pack("{s:s, s:i, s:i, s:s*}", "label", label, "start",
                                   start + (s->client.columns_at_0 ? 0 : 1), "length",
                                   length > 0 ? length : 0, "type", item_type(reply, label)));
        }
    }
    return json_pack("{s:o}", "targets", targets);
}

static void on_complete(void *ctx, const struct wire_msg *reply, const struct cd_error *err)
{
    struct bridge_request *req = ctx;

    if (!reply) {
        bridge_fail(req, err);
    } else {
        const char *text = json_string_value(json_object_get(req->dap.arguments, "text"));

        bridge_reply(req, targets_of(req->session, text, reply->content));
    }
    bridge_request_unref(req);
}

void bridge_req_completions(struct bridge_request *req)
{
    struct bridge_session *s = req->session;
    const json_t *args = req->dap.arguments;
    struct cd_error err = CD_ERROR_INIT;
    const char *text = NULL;
    int64_t column = 0, line = 1, frame = 0;
    json_t *body;

    if (cd_json_str(args, "arguments.text", &text, &err) != CD_OK ||
        cd_json_int(args, "arguments.column", 0, INT32_MAX, &column, &err) != CD_OK ||
        cd_json_int_opt(args, "arguments.line", 0, INT32_MAX, &line, &err) != CD_OK ||
        cd_json_int_opt(args, "arguments.frameId", INT32_MIN, INT32_MAX, &frame, &err) != CD_OK) {
        bridge_fail(req, &err);
    } else if ((body = bridge_console_complete(s, text)) != NULL) {
        bridge_reply(req, body);
    } else if (bridge_state(s) == DAP_S_STOPPED) {
        bridge_forward(req, 5 * COMPLETE_MS);
    } else if (s->kernel_state != BRIDGE_KERNEL_READY) {
        bridge_failf(req, CD_E_BAD_STATE, "'completions' is not possible: the kernel is ending");
    } else {
        const char *at = line_start(text, line);

        bridge_client_request(
            s->kernel, WIRE_SHELL, "complete_request",
            json_pack("{s:s, s:i}", "code", text, "cursor_pos", cursor_of(text, at, column - 1)),
            NULL, COMPLETE_MS, on_complete, bridge_request_ref(req), NULL);
    }
}
