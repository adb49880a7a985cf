/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Frames and values of a foreign kernel: what a request may refer to is what a reply of this stop
 * has named, since ipykernel answers any other number with silence; `variables` is cut to the
 * page that was asked for; and where it hangs (xeus-python on Python 3.13 and later) the same is
 * asked by `evaluate`.
 */
#include "bridge/foreign_impl.h"

#include <stdio.h>
#include <string.h>

#define OUR_FIRST 1000000000 /* numbers of ours are far from what pydevd counts */

/* (v, start, count, expression of v or '' for a scope) -> [[name, value, type, has children,
 * expression], …] */
static const char children_code[] =
    "def f(v, start, count, e):\n"
    "    import itertools, json\n"
    "    def kids(x):\n"
    "        try:\n"
    "            if isinstance(x, (dict, list, tuple, set, frozenset)): return len(x) > 0\n"
    "            return bool(getattr(x, '__dict__', None)) and not isinstance(x, (type, type(json),"
    " type(kids)))\n"
    "        except BaseException: return False\n"
    "    def text(x):\n"
    "        try: return repr(x)\n"
    "        except BaseException as error: return '<repr failed: %s>' % type(error).__name__\n"
    "    if e == '':\n"
    "        items = [(k, x, k) for k, x in sorted(v.items(), key=lambda i: str(i[0]))"
    " if isinstance(k, str) and not (k.startswith(('__', '_i', '_oh', '_dh')) or k in ('_', '___',"
    " 'In', 'Out', 'get_ipython', 'exit', 'quit', 'debugpy', 'open'))]\n"
    "    elif isinstance(v, dict):\n"
    "        items = ((text(k), x, '%s[%r]' % (e, k) if type(k) in (str, int, bool, bytes) else"
    " 'list(%s.values())[%d]' % (e, n)) for n, (k, x) in enumerate(v.items()))\n"
    "    elif isinstance(v, (list, tuple)):\n"
    "        items = ((str(n), x, '%s[%d]' % (e, n)) for n, x in enumerate(v))\n"
    "    elif isinstance(v, (set, frozenset)):\n"
    "        items = ((str(n), x, 'list(%s)[%d]' % (e, n)) for n, x in enumerate(v))\n"
    "    else:\n"
    "        items = ((k, x, '%s.%s' % (e, k)) for k, x in getattr(v, '__dict__', {}).items())\n"
    "    page = itertools.islice(items, start, start + count if count else None)\n"
    "    return json.dumps([[k, text(x)[:2000], type(x).__name__, kids(x), p] for k, x, p in page]"
    ").encode().hex()\n";

static int64_t number(const json_t *arguments, const char *name)
{
    return json_integer_value(json_object_get(arguments, name));
}

static void key_of(json_int_t reference, char key[24])
{
    (void)snprintf(key, 24, "%lld", (long long)reference);
}

static void remember(struct bridge_foreign *f, const json_t *object, json_int_t frame,
                     const char *expression)
{
    json_int_t reference = json_integer_value(json_object_get(object, "variablesReference"));
    char key[24];

    if (reference > 0) {
        key_of(reference, key);
        json_object_set_new(f->refs, key,
                            json_pack("{s:I, s:s*}", "frame", frame, "expression", expression));
    }
}

static json_t *known(const struct bridge_foreign *f, const json_t *arguments)
{
    char key[24];

    key_of(number(arguments, "variablesReference"), key);
    return json_object_get(f->refs, key);
}

void bridge_foreign_resumed(struct bridge_foreign *f)
{
    json_object_clear(f->refs);
    f->global_frame = -1;
    f->on_exception = false;
}

/* ---- before ---- */

static json_t *quoted(const char *text)
{
    json_auto_t *s = json_string(text);
    cd_autofree char *json = s ? json_dumps(s, JSON_ENCODE_ANY | JSON_ENSURE_ASCII) : NULL;

    return json ? json_string(json) : NULL; /* JSON's escapes are Python's too */
}

static json_t *children_arguments(const json_t *ref, const json_t *arguments)
{
    const char *expression = json_string_value(json_object_get(ref, "expression"));
    bool scope = strcmp(expression, "locals()") == 0 || strcmp(expression, "globals()") == 0;
    json_auto_t *code = quoted(children_code), *name = quoted(scope ? "" : expression);
    json_t *whole = json_sprintf("(lambda n: (exec(%s, n), n['f'])[1])({})(%s, %lld, %lld, %s)",
                                 json_string_value(code), expression,
                                 (long long)json_integer_value(json_object_get(arguments, "start")),
                                 (long long)json_integer_value(json_object_get(arguments, "count")),
                                 json_string_value(name));

    return json_pack("{s:o, s:O, s:s, s:{s:b}}", "expression", whole, "frameId",
                     json_object_get(ref, "frame"), "context", "clipboard", "format", "rawString",
                     1);
}

static void replace(json_t **arguments, json_t *others_owned)
{
    json_decref(*arguments);
    *arguments = others_owned;
}

/* debugpy shows a hundred items and then others in groups, whatever page is asked for. */
static bool wants_page(const json_t *arguments)
{
    return number(arguments, "start") > 0 || number(arguments, "count") > 0 ||
           json_object_get(arguments, "filter");
}

static const char *ask_variables(const struct bridge_foreign *f, json_t **arguments,
                                 struct cd_error *reterr)
{
    const json_t *ref = known(f, *arguments);
    bool nameable = json_object_get(ref, "expression") != NULL;

    if (!ref) {
        cd_error_set(reterr, CD_E_BAD_VALUE,
                     "arguments.variablesReference is not one of this stop's");
        return NULL;
    }
    if (f->helper_values && !nameable) {
        cd_error_set(reterr, CD_E_UNSUPPORTED,
                     "xeus-python on this Python cannot show what is inside of that value: its "
                     "debugger would hang");
        return NULL;
    }
    if (f->helper_values || (wants_page(*arguments) && nameable)) {
        replace(arguments, children_arguments(ref, *arguments));
        return "evaluate";
    }
    json_object_del(*arguments, "start"); /* one kernel ignores them, the other does not */
    json_object_del(*arguments, "count");
    return "variables";
}

/* The expression of a child that was listed under this name; NULL: none was. */
static const char *child_expression(const json_t *ref, const json_t *arguments)
{
    const char *name = json_string_value(json_object_get(arguments, "name"));

    return name ? json_string_value(json_object_get(json_object_get(ref, "children"), name)) : NULL;
}

static const char *ask_set_variable(const struct bridge_foreign *f, json_t **arguments,
                                    struct cd_error *reterr)
{
    const json_t *ref = known(f, *arguments);
    const char *expression = child_expression(ref, *arguments);

    if (number(*arguments, "variablesReference") <= OUR_FIRST) {
        return "setVariable";
    }
    if (!expression) {
        cd_error_set(reterr, CD_E_BAD_VALUE, "arguments.name is no variable that was shown");
        return NULL;
    }
    replace(arguments, json_pack("{s:s, s:O, s:O}", "expression", expression, "value",
                                 json_object_get(*arguments, "value"), "frameId",
                                 json_object_get(ref, "frame")));
    return "setExpression";
}

const char *bridge_foreign_ask(const struct bridge_request *req, json_t **arguments,
                               struct cd_error *reterr)
{
    const struct bridge_session *s = req->session;
    const struct bridge_foreign *f = s->foreign;

    switch (dap_command_id(req->row)) {
    case DAP_CMD_variables:
        return ask_variables(f, arguments, reterr);
    case DAP_CMD_setVariable:
        return ask_set_variable(f, arguments, reterr);
    case DAP_CMD_evaluate:
    case DAP_CMD_completions:
        if (!json_object_get(*arguments, "frameId") && f->global_frame >= 0) {
            /* without one it sees none of the user's names */
            json_object_set_new(*arguments, "frameId", json_integer(f->global_frame));
        }
        break;
    case DAP_CMD_exceptionInfo:
        if (!f->on_exception) {
            /* it would print a traceback of its own into the user's cell */
            cd_error_set(reterr, CD_E_BAD_STATE, "the program is not stopped on an exception");
            return NULL;
        }
        break;
    case DAP_CMD_pause:
        if (!s->exec.running && !s->exec.others) {
            /* it would stop in the kernel's own code */
            cd_error_set(reterr, CD_E_BAD_STATE,
                         "nothing runs, and this kernel cannot wait for the next cell");
            return NULL;
        }
        break;
    case DAP_CMD_setExceptionBreakpoints:
        replace(arguments, bridge_foreign_filters(f, *arguments));
        break;
    default:
        break;
    }
    return req->row->name;
}

/* ---- after ---- */

static void answer_scopes(struct bridge_foreign *f, const json_t *arguments, const json_t *body)
{
    json_int_t frame = json_integer_value(json_object_get(arguments, "frameId"));
    size_t i;
    const json_t *item;

    json_array_foreach(json_object_get(body, "scopes"), i, item)
    {
        const char *name = json_string_value(json_object_get(item, "name"));

        remember(f, item, frame,
                 !name                          ? NULL
                 : strcmp(name, "Locals") == 0  ? "locals()"
                 : strcmp(name, "Globals") == 0 ? "globals()"
                                                : NULL);
    }
}

/* One page of a list that came whole. */
static void cut(json_t *body, const char *member, int64_t start, int64_t count)
{
    json_t *page = json_array(), *item;
    size_t i;

    json_array_foreach(json_object_get(body, member), i, item)
    {
        if ((int64_t)i >= start && (count <= 0 || (int64_t)i < start + count)) {
            json_array_append(page, item);
        }
    }
    json_object_set_new(body, member, page);
}

static void children_in(struct bridge_foreign *f, json_t *body)
{
    json_auto_t *list = bridge_foreign_unpack(json_string_value(json_object_get(body, "result")));
    json_t *variables = json_array(), *item;
    size_t i;

    json_object_clear(body);
    json_array_foreach(list, i, item)
    {
        bool inside = json_is_true(json_array_get(item, 3));

        json_array_append_new(
            variables, json_pack("{s:O, s:O, s:O, s:O, s:i}", "name", json_array_get(item, 0),
                                 "value", json_array_get(item, 1), "type", json_array_get(item, 2),
                                 "evaluateName", json_array_get(item, 4), "variablesReference",
                                 inside ? OUR_FIRST + ++f->our_refs : 0));
    }
    json_object_set_new(body, "variables", variables);
}

static void answer_variables(struct bridge_foreign *f, const json_t *arguments, json_t *body)
{
    json_t *ref = known(f, arguments);
    json_t *children = json_object();
    json_int_t frame = number(ref, "frame");
    size_t i;
    const json_t *item;

    if (json_object_get(body, "result")) { /* asked by evaluate */
        children_in(f, body);
    } else {
        cut(body, "variables", number(arguments, "start"), number(arguments, "count"));
    }
    json_array_foreach(json_object_get(body, "variables"), i, item)
    {
        const char *name = json_string_value(json_object_get(item, "name"));
        const char *expression = json_string_value(json_object_get(item, "evaluateName"));

        if (name && expression) {
            json_object_set_new(children, name, json_string(expression));
        }
        remember(f, item, frame, expression);
    }
    json_object_set_new(ref, "children", children);
}

/* debugpy marks the frame where an exception arrived. */
static void plain_name(json_t *frame)
{
    static const char mark[] = " (Current frame)";
    const json_t *name = json_object_get(frame, "name");
    size_t len = json_string_length(name), tail = sizeof mark - 1;

    if (len > tail && strcmp(json_string_value(name) + len - tail, mark) == 0) {
        json_object_set_new(frame, "name", json_stringn(json_string_value(name), len - tail));
    }
}

static void answer_stack(struct bridge_foreign *f, const json_t *arguments, const json_t *body)
{
    const json_t *frames = json_object_get(body, "stackFrames");
    const json_t *found = json_array_get(frames, 0);
    size_t i;
    json_t *item;

    json_array_foreach(frames, i, item)
    {
        plain_name(item);
    }
    if (!found || number(arguments, "startFrame") != 0 ||
        number(arguments, "threadId") != f->stopped_thread) {
        return;
    }
    json_array_foreach(frames, i, item)
    {
        const char *name = json_string_value(json_object_get(item, "name"));

        if (name && strcmp(name, "<module>") == 0) {
            found = item;
            break;
        }
    }
    f->global_frame = number(found, "id");
}

void bridge_foreign_answer(const struct bridge_request *req, json_t *body)
{
    struct bridge_foreign *f = req->session->foreign;
    const json_t *arguments = req->dap.arguments, *ref;

    switch (dap_command_id(req->row)) {
    case DAP_CMD_scopes:
        answer_scopes(f, arguments, body);
        break;
    case DAP_CMD_variables:
        answer_variables(f, arguments, body);
        break;
    case DAP_CMD_evaluate:
    case DAP_CMD_setExpression:
        remember(f, body,
                 json_object_get(arguments, "frameId") ? number(arguments, "frameId")
                                                       : f->global_frame,
                 json_string_value(json_object_get(arguments, "expression")));
        break;
    case DAP_CMD_setVariable:
        ref = known(f, arguments);
        remember(f, body, number(ref, "frame"), child_expression(ref, arguments));
        break;
    case DAP_CMD_stackTrace:
        answer_stack(f, arguments, body);
        break;
    case DAP_CMD_threads:
        bridge_foreign_hide_threads(f, body);
        break;
    case DAP_CMD_modules:
        cut(body, "modules", number(arguments, "startModule"), number(arguments, "moduleCount"));
        break;
    default:
        break;
    }
}
