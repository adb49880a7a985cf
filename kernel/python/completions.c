/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Completions of the debug console: names, and attributes of what can be evaluated without running
 * anything. Runs with the GIL; runs no code of the user's.
 */
#include "kernel/python/inspect.h"

#include <ctype.h>
#include <string.h>

#define MAX_TARGETS 500

struct search {
    json_t *list;
    const char *prefix;
    size_t len;
    int64_t start;  /* 1-based UTF-16 column of the prefix */
    int64_t units;  /* its length */
    PyObject *seen; /* set */
};

/* Bytes of the first `units` UTF-16 units of a text. */
static size_t bytes_of_units(const char *text, int64_t units)
{
    const unsigned char *p = (const unsigned char *)text;
    while (units > 0 && *p) {
        units -= *p >= 0xF0 ? 2 : 1;
        p++;
        while ((*p & 0xC0) == 0x80) {
            p++;
        }
    }
    return (size_t)(p - (const unsigned char *)text);
}

static int64_t units_of(const char *text, size_t len)
{
    int64_t units = 0;
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        units += (c & 0xC0) == 0x80 ? 0 : c >= 0xF0 ? 2 : 1;
    }
    return units;
}

static bool word_char(char c)
{
    return isalnum((unsigned char)c) || c == '_' || (c & 0x80);
}

static const char *kind_of(PyObject *value, const char *otherwise)
{
    if (value && PyModule_Check(value)) {
        return "module";
    }
    enum pyx_group group = value ? pyx_group_of_value(value) : PYX_GROUP_NONE;
    return group == PYX_GROUP_CLASS      ? "class"
           : group == PYX_GROUP_FUNCTION ? "function"
                                         : otherwise;
}

static void offer(struct search *s, PyObject *name, PyObject *value, const char *otherwise)
{
    pyx_auto PyObject *bytes = PyUnicode_Check(name) ? pyx_str_bytes(name) : NULL;
    if (!bytes || json_array_size(s->list) >= MAX_TARGETS ||
        strncmp(PyBytes_AS_STRING(bytes), s->prefix, s->len) != 0 ||
        (s->len == 0 && PyBytes_AS_STRING(bytes)[0] == '_') || !PyUnicode_IsIdentifier(name) ||
        PySet_Contains(s->seen, name) != 0 || PySet_Add(s->seen, name) < 0) {
        PyErr_Clear();
        return;
    }
    json_array_append_new(s->list, json_pack("{s:o,s:s,s:I,s:I}", "label", pyx_str_json(name),
                                             "type", kind_of(value, otherwise), "start",
                                             (json_int_t)s->start, "length", (json_int_t)s->units));
}

static int visit(void *ctx, PyObject *name, PyObject *raw, bool own)
{
    (void)own;
    offer(ctx, name, raw, "property");
    return 0;
}

static void offer_dict(struct search *s, PyObject *dict)
{
    Py_ssize_t at = 0;
    PyObject *name, *value; /* borrowed; offer runs no code that changes the dict */
    while (dict && PyDict_Check(dict) && PyDict_Next(dict, &at, &name, &value)) {
        offer(s, name, value, "variable");
    }
}

static void offer_keywords(struct search *s)
{
    static const char *const words[] = {
        "False", "None",     "True",  "and",    "as",   "assert", "async",  "await",    "break",
        "class", "continue", "def",   "del",    "elif", "else",   "except", "finally",  "for",
        "from",  "global",   "if",    "import", "in",   "is",     "lambda", "nonlocal", "not",
        "or",    "pass",     "raise", "return", "try",  "while",  "with",   "yield"};
    for (size_t i = 0; i < CD_ARRAY_LEN(words); i++) {
        if (s->len && strncmp(words[i], s->prefix, s->len) == 0) {
            json_array_append_new(s->list, json_pack("{s:s,s:s,s:I,s:I}", "label", words[i], "type",
                                                     "keyword", "start", (json_int_t)s->start,
                                                     "length", (json_int_t)s->units));
        }
    }
}

static void offer_names(struct search *s, PyObject *frame)
{
    for (int pass = 0; frame && pass < 2; pass++) {
        enum pyx_scope scope = pass ? PYX_SCOPE_CLOSURE : PYX_SCOPE_LOCALS;
        pyx_auto PyObject *names = pyx_scope_names(frame, scope); /* new */
        for (Py_ssize_t i = 0; names && i < PyList_GET_SIZE(names); i++) {
            pyx_auto PyObject *value = pyx_scope_get(frame, scope, PyList_GET_ITEM(names, i));
            if (value) {
                offer(s, PyList_GET_ITEM(names, i), value, "variable");
            }
        }
        PyErr_Clear();
    }
    pyx_auto PyObject *globals =
        frame ? PyFrame_GetGlobals((PyFrameObject *)frame) : Py_XNewRef(pyx_user_ns()); /* new */
    offer_dict(s, globals);
    offer_keywords(s);
    offer_dict(s, PyEval_GetBuiltins());
}

/* Where the expression before the dot begins: names, dots and subscripts, back from `end`. */
static const char *base_start(const char *line, const char *end)
{
    int depth = 0;
    const char *p = end;
    while (p > line) {
        char c = p[-1];
        if (c == ']') {
            depth++;
        } else if (c == '[' && depth > 0) {
            depth--;
        } else if (depth == 0 && !word_char(c) && c != '.') {
            break;
        }
        p--;
    }
    return p;
}

static const char *line_start(const char *text, int64_t line_1based)
{
    for (; line_1based > 1; line_1based--) {
        const char *next = strchr(text, '\n');
        if (!next) {
            break;
        }
        text = next + 1;
    }
    return text;
}

cd_result pyx_completions(const json_t *args, json_t **ret, struct cd_error *reterr)
{
    const char *text = NULL;
    int64_t column = 0, line = 1;
    int frame_ref = 0;
    pyx_auto PyObject *frame = NULL;
    if (cd_json_str(args, "arguments.text", &text, reterr) != CD_OK ||
        cd_json_int(args, "arguments.column", 0, INT32_MAX, &column, reterr) != CD_OK ||
        cd_json_int_opt(args, "arguments.line", 0, INT32_MAX, &line, reterr) != CD_OK ||
        pyx_frame_arg(args, "arguments.frameId", &frame, &frame_ref, reterr) != CD_OK) {
        return CD_ERR;
    }
    const char *begin = line_start(text, line);
    const char *end = begin + bytes_of_units(begin, column > 0 ? column - 1 : 0);
    const char *word = end;
    while (word > begin && word_char(word[-1])) {
        word--;
    }
    json_auto_t *list = json_array();
    pyx_auto PyObject *seen = PySet_New(NULL); /* new */
    struct search s = {list,
                       word,
                       (size_t)(end - word),
                       units_of(begin, (size_t)(word - begin)) + 1,
                       units_of(word, (size_t)(end - word)),
                       seen};
    if (!list || !seen) {
        return cd_oom(reterr);
    }
    if (word > begin && word[-1] == '.') {
        const char *base = base_start(begin, word - 1);
        pyx_auto PyObject *source = PyUnicode_DecodeUTF8(base, word - 1 - base, "replace");
        pyx_auto PyObject *value = source ? pyx_eval_safe(frame, source) : NULL;
        PyErr_Clear();
        if (value) {
            pyx_attrs_each(value, visit, &s);
        }
    } else {
        offer_names(&s, frame);
    }
    *ret = json_pack("{s:O}", "targets", list);
    return *ret ? CD_OK : cd_oom(reterr);
}
