/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The text of an evaluation to its AST: blanks before an expression and the common indentation of
 * a block that was copied out of a function do not count, private names are those of the frame's
 * class. Runs with the GIL; runs no code.
 */
#include "kernel/python/inspect.h"

#include <stdlib.h>
#include <string.h>

/* The text without the indentation of its first line, where every line has it: malloced / NULL. */
static char *dedent(const char *text)
{
    text += strspn(text, "\n");
    const size_t indent = strspn(text, " \t");
    char *out = indent ? malloc(strlen(text) + 1) : NULL;
    char *to = out;
    for (const char *line = text; out && *line;) {
        const size_t blank = strspn(line, " \t");
        const size_t len = strcspn(line, "\n");
        const size_t end = len + (line[len] == '\n');
        const bool empty = blank == len;
        if (!empty && (blank < indent || memcmp(line, text, indent) != 0)) {
            free(out);
            return NULL;
        }
        const size_t skip = empty ? len : indent;
        memcpy(to, line + skip, end - skip);
        to += end - skip;
        line += end;
    }
    if (out) {
        *to = '\0';
    }
    return out;
}

PyObject *pyx_parse(PyObject *text, int start)
{
    const char *utf8 = PyUnicode_AsUTF8(text); /* borrowed */
    PyCompilerFlags flags = _PyCompilerFlags_INIT;
    flags.cf_flags = PyCF_ONLY_AST | PyCF_IGNORE_COOKIE;
    if (!utf8) {
        return NULL;
    }
    if (start == Py_eval_input) {
        utf8 += strspn(utf8, " \t");
    }
    cd_autofree char *block = start == Py_file_input ? dedent(utf8) : NULL;
    return Py_CompileStringFlags(block ? block : utf8, PYX_EVAL_FILE, start, &flags);
}

PyObject *pyx_parse_text(const char *text, int start)
{
    pyx_auto PyObject *str = PyUnicode_FromString(text); /* new */
    return str ? pyx_parse(str, start) : NULL;
}

PyObject *pyx_private_class(PyObject *frame, PyObject *text)
{
    static const char locals[] = ".<locals>";
    const char *written = PyUnicode_AsUTF8(text); /* borrowed */
    if (!written || !strstr(written, "__")) {
        PyErr_Clear();
        return NULL;
    }
    PyCodeObject *code = PyFrame_GetCode((PyFrameObject *)frame); /* new */
    const char *qualname = PyUnicode_AsUTF8(code->co_qualname);   /* borrowed */
    cd_autofree char *path = qualname ? strdup(qualname) : NULL;
    Py_DECREF(code);
    PyErr_Clear();
    char *dot = path ? strrchr(path, '.') : NULL;
    while (dot) {
        *dot = '\0';
        const size_t len = strlen(path), tail = sizeof(locals) - 1;
        if (len <= tail || strcmp(path + len - tail, locals) != 0) {
            break;
        }
        path[len - tail] = '\0';
        dot = strrchr(path, '.');
    }
    const char *last = dot ? strrchr(path, '.') : NULL;
    const char *name = dot ? (last ? last + 1 : path) : "";
    name += strspn(name, "_");
    PyObject *found = *name ? PyUnicode_FromString(name) : NULL; /* new */
    if (found && !PyUnicode_IsIdentifier(found)) {
        Py_CLEAR(found);
    }
    PyErr_Clear();
    return found;
}
