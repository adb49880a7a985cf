/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Log messages: text with {expressions}; {{, }}, \{ and \} are literal braces. Parsed when they
 * are set, so that a bad one is refused then and not told at every hit.
 * Guarded by the GIL; runs inside a monitoring callback, where nothing is traced.
 */
#include "kernel/python/control.h"

#include <stdlib.h>
#include <string.h>

struct pyx_log {
    struct {
        char *text;            /* literal before the expression */
        struct pyx_expr *expr; /* NULL after the last literal */
    } *parts;
    size_t count;
};

void pyx_log_free(struct pyx_log *l)
{
    if (l == NULL) {
        return;
    }
    for (size_t i = 0; i < l->count; i++) {
        free(l->parts[i].text);
        pyx_expr_free(l->parts[i].expr);
    }
    free(l->parts);
    free(l);
}

/* The end of an expression that begins behind its brace: nested brackets and strings are skipped.
 */
static const char *expr_end(const char *p)
{
    int depth = 0;
    for (; *p != '\0'; p++) {
        if (*p == '\'' || *p == '"') {
            const char quote = *p++;
            while (*p != '\0' && *p != quote) {
                p += *p == '\\' && p[1] != '\0' ? 2 : 1;
            }
            if (*p == '\0') {
                return NULL;
            }
        } else if (*p == '{' || *p == '[' || *p == '(') {
            depth++;
        } else if (*p == '}' && depth == 0) {
            return p;
        } else if (*p == '}' || *p == ']' || *p == ')') {
            depth--;
        }
    }
    return NULL;
}

static cd_result add_part(struct pyx_log *l, struct cd_buf *literal, struct pyx_expr *expr_owned,
                          struct cd_error *reterr)
{
    void *p = realloc(l->parts, (l->count + 1) * sizeof *l->parts);
    if (p != NULL) {
        l->parts = p;
        l->parts[l->count].text = cd_buf_steal(literal);
        l->parts[l->count].expr = expr_owned;
        l->count++;
        if (l->parts[l->count - 1].text != NULL) {
            return CD_OK;
        }
        return cd_oom(reterr);
    }
    pyx_expr_free(expr_owned);
    return cd_oom(reterr);
}

static cd_result parse_log(struct pyx_log *l, const char *p, struct cd_buf *literal,
                           struct cd_error *reterr)
{
    while (*p != '\0') {
        const bool doubled = (*p == '{' || *p == '}') && p[1] == *p;
        const bool escaped = *p == '\\' && (p[1] == '{' || p[1] == '}');
        if (doubled || escaped || *p != '{') {
            if (*p == '}' && !doubled) {
                return cd_error_set(
                    reterr, CD_E_BAD_VALUE,
                    "a '}' without its '{' in the log message; write '}}' for a brace");
            }
            if (cd_buf_append(literal, p + (doubled || escaped), 1, reterr) != CD_OK) {
                return CD_ERR;
            }
            p += doubled || escaped ? 2 : 1;
            continue;
        }
        const char *end = expr_end(p + 1);
        if (end == NULL) {
            return cd_error_set(reterr, CD_E_BAD_VALUE,
                                "a '{' without its '}' in the log message; write '{{' for a brace");
        }
        cd_autofree char *text = strndup(p + 1, (size_t)(end - p - 1));
        struct pyx_expr *e = text != NULL ? pyx_expr_new(text, reterr) : NULL;
        if (e == NULL) {
            return text != NULL ? CD_ERR : cd_oom(reterr);
        }
        if (add_part(l, literal, e, reterr) != CD_OK) {
            return CD_ERR;
        }
        p = end + 1;
    }
    return add_part(l, literal, NULL, reterr);
}

struct pyx_log *pyx_log_new(const char *template_text, struct cd_error *reterr)
{
    struct pyx_log *l = calloc(1, sizeof *l);
    if (l == NULL) {
        cd_oom(reterr);
        return NULL;
    }
    cd_autobuf struct cd_buf literal;
    cd_buf_init(&literal, 1u << 20);
    if (parse_log(l, template_text, &literal, reterr) != CD_OK) {
        pyx_log_free(l);
        return NULL;
    }
    return l;
}

/* str(value) of one expression, or "<NameError: …>" in its place. New, or NULL when out of memory.
 */
static PyObject *part_value(struct pyx_expr *e, PyFrameObject *frame, PyCodeObject *code)
{
    pyx_auto PyObject *value = pyx_expr_eval(e, frame, code);
    PyObject *text = value != NULL ? PyObject_Str(value) : NULL;
    if (text == NULL) {
        struct cd_error err = CD_ERROR_INIT;
        pyx_error_fetch(&err, CD_E_EVALUATE);
        text = PyUnicode_FromFormat("<%s>", err.text);
    }
    return text;
}

static cd_result append_str(PyObject *str, struct cd_buf *out)
{
    if (PyUnicode_IS_COMPACT_ASCII(str)) {
        return cd_buf_append(out, PyUnicode_1BYTE_DATA(str), (size_t)PyUnicode_GET_LENGTH(str),
                             NULL);
    }
    pyx_auto PyObject *bytes = PyUnicode_AsEncodedString(str, "utf-8", "surrogatepass");
    return bytes == NULL ? CD_ERR
                         : cd_buf_append(out, PyBytes_AS_STRING(bytes),
                                         (size_t)PyBytes_GET_SIZE(bytes), NULL);
}

cd_result pyx_log_write(struct pyx_log *l, PyFrameObject *frame, PyCodeObject *code,
                        struct cd_buf *out)
{
    for (size_t i = 0; i < l->count; i++) {
        if (cd_buf_append(out, l->parts[i].text, strlen(l->parts[i].text), NULL) != CD_OK) {
            return CD_ERR;
        }
        if (l->parts[i].expr != NULL) {
            pyx_auto PyObject *value = part_value(l->parts[i].expr, frame, code);
            if (value == NULL || append_str(value, out) != CD_OK) {
                return CD_ERR;
            }
        }
    }
    return CD_OK;
}
