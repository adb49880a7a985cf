/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Bounded text of values. Python's own containers and scalars are written here, so that a list of a
 * million rows costs what is shown of it; anything else answers its own repr, cut. A failing repr
 * is part of the text. Runs with the GIL; never raises, never loops without bound of its own.
 */
#include "kernel/python/inspect.h"

#include <string.h>

#define MAX_DEPTH     6
#define MAX_FULL      100   /* the same for a full text */
#define MAX_BITS      13000 /* below sys.int_info.default_max_str_digits */
#define BIG_CONTAINER 500   /* subclasses with a repr of their own are cut above it */
#define ROOM          24    /* kept for "..." and closing brackets */

struct writer {
    struct cd_buf *out;
    bool hex, full, no_code;
    bool late; /* the time is over */
    unsigned items;
    int depth;
};

static void put(struct writer *w, const char *text, size_t len)
{
    size_t room = w->out->max - w->out->len;
    if (len > room) {
        len = room;
        while (len > 0 && ((unsigned char)text[len] & 0xC0) == 0x80) {
            len--; /* no half characters */
        }
    }
    if (cd_buf_append(w->out, text, len, NULL) != CD_OK) {
        cd_buf_clear(w->out); /* out of memory: an empty text */
    }
}

static void puts_(struct writer *w, const char *text)
{
    put(w, text, strlen(text));
}

static bool full(struct writer *w)
{
    if (w->full && (++w->items & 1023) == 0) {
        w->late = w->late || !pyx_user_may();
    }
    return w->late || w->out->len + ROOM >= w->out->max;
}

PyObject *pyx_str_bytes(PyObject *str)
{
    PyObject *bytes = PyUnicode_AsEncodedString(str, "utf-8", "surrogatepass"); /* new */
    if (!bytes) {
        PyErr_Clear();
    }
    return bytes;
}

static void put_str(struct writer *w, PyObject *str)
{
    /* One character needs at least a byte: no more than that is ever encoded. */
    Py_ssize_t room = (Py_ssize_t)(w->out->max - w->out->len);
    pyx_auto PyObject *part = NULL;
    if (PyUnicode_GET_LENGTH(str) > room) {
        part = PyUnicode_Substring(str, 0, room); /* new */
        if (!part) {
            PyErr_Clear();
            return;
        }
    }
    PyObject *text = part ? part : str; /* borrowed */
    Py_ssize_t len = 0;
    const char *utf8 =
        PyUnicode_IS_COMPACT_ASCII(text) ? PyUnicode_AsUTF8AndSize(text, &len) : NULL;
    if (utf8) {
        put(w, utf8, (size_t)len);
        return;
    }
    PyErr_Clear();
    pyx_auto PyObject *bytes = pyx_str_bytes(text);
    if (bytes) {
        put(w, PyBytes_AS_STRING(bytes), (size_t)PyBytes_GET_SIZE(bytes));
    }
}

static void put_not_run(struct writer *w, PyObject *value)
{
    char text[40];
    puts_(w, "<");
    puts_(w, pyx_type_name(value));
    snprintf(text, sizeof(text), " object at %p", (void *)value);
    puts_(w, text);
    puts_(w, ": repr timed out>");
}

/* The exception that is set, as part of the text. */
static void put_failure(struct writer *w)
{
    pyx_auto PyObject *exc = PyErr_GetRaisedException(); /* new */
    puts_(w, "<");
    puts_(w, exc ? pyx_type_name(exc) : "error");
    puts_(w, " in __repr__");
    if (exc) {
        pyx_auto PyObject *text = pyx_str_limited(exc);
        if (text && PyUnicode_GET_LENGTH(text) > 0) {
            puts_(w, ": ");
            put_str(w, text);
        }
    }
    puts_(w, ">");
}

/* Its repr is C code of Python's own that ends. */
static bool has_core_repr(PyObject *value)
{
    return value == Py_None || PyBool_Check(value) || PyFloat_CheckExact(value) ||
           PyUnicode_CheckExact(value) || PyBytes_CheckExact(value) ||
           PyByteArray_CheckExact(value) || PyModule_CheckExact(value) || PyFunction_Check(value);
}

static void put_repr_of(struct writer *w, PyObject *value)
{
    pyx_auto PyObject *text = NULL;
    if (has_core_repr(value)) {
        text = PyObject_Repr(value); /* new */
    } else if (w->no_code || !pyx_user_begin(PYX_REPR_MS)) {
        put_not_run(w, value);
        return;
    } else {
        text = PyObject_Repr(value); /* new */
        pyx_user_end();
    }
    if (text) {
        put_str(w, text);
    } else if (pyx_was_broken_off()) {
        PyErr_Clear();
        put_not_run(w, value);
    } else {
        put_failure(w);
    }
}

static void put_big_int(struct writer *w, PyObject *value)
{
    pyx_auto PyObject *text = PyNumber_ToBase(value, 16); /* new */
    if (text) {
        put_str(w, text);
    } else {
        put_failure(w);
    }
}

static void put_int(struct writer *w, PyObject *value)
{
    int overflow = 0;
    long long small = PyLong_AsLongLongAndOverflow(value, &overflow);
    if (!overflow) {
        char text[32];
        unsigned long long magnitude =
            small < 0 ? 0ULL - (unsigned long long)small : (unsigned long long)small;
        snprintf(text, sizeof(text), w->hex ? "%s0x%llx" : "%s%llu", small < 0 ? "-" : "",
                 magnitude);
        puts_(w, text);
        return;
    }
    pyx_auto PyObject *bits = PyObject_CallMethod(value, "bit_length", NULL); /* new */
    bool huge = !bits || PyLong_AsLongLong(bits) > MAX_BITS;
    PyErr_Clear();
    if (w->hex || huge) {
        put_big_int(w, value);
        return;
    }
    pyx_auto PyObject *text = PyLong_Type.tp_repr(value); /* new */
    if (text) {
        put_str(w, text);
    } else { /* the limit on digits was lowered */
        PyErr_Clear();
        put_big_int(w, value);
    }
}

static void put_cut_text(struct writer *w, PyObject *value)
{
    Py_ssize_t room = (Py_ssize_t)(w->out->max - w->out->len);
    pyx_auto PyObject *part = NULL;
    Py_ssize_t size =
        PyUnicode_CheckExact(value) ? PyUnicode_GET_LENGTH(value) : PyObject_Size(value);
    if (size > room) {
        part = PySequence_GetSlice(value, 0, room); /* new */
    }
    if (size < 0 || (size > room && !part)) {
        put_failure(w);
        return;
    }
    size_t before = w->out->len;
    put_repr_of(w, part ? part : value);
    if (part && w->out->len + ROOM > w->out->max && w->out->len > before + ROOM) {
        w->out->len = w->out->max - ROOM; /* room for the mark that something is missing */
        while (((unsigned char)w->out->data[w->out->len] & 0xC0) == 0x80) {
            w->out->len--;
        }
        w->out->data[w->out->len] = '\0';
        puts_(w, "...");
        puts_(w, PyUnicode_CheckExact(value) ? "'" : "");
    }
}

static void put_value(struct writer *w, PyObject *value);

static void put_list(struct writer *w, PyObject *list, const char *open, const char *close)
{
    puts_(w, open);
    bool is_tuple = PyTuple_Check(list);
    /* A nested repr may change the list: its size is read anew. */
    for (Py_ssize_t i = 0; i < Py_SIZE(list); i++) {
        if (i) {
            puts_(w, ", ");
        }
        if (full(w)) {
            puts_(w, "...");
            break;
        }
        pyx_auto PyObject *item =
            Py_NewRef(is_tuple ? PyTuple_GET_ITEM(list, i) : PyList_GET_ITEM(list, i));
        put_value(w, item);
    }
    puts_(w, is_tuple && Py_SIZE(list) == 1 ? ",)" : close);
}

static void put_dict(struct writer *w, PyObject *dict)
{
    puts_(w, "{");
    Py_ssize_t at = 0, size = PyDict_GET_SIZE(dict);
    PyObject *key, *value; /* borrowed */
    bool first = true;
    while (PyDict_GET_SIZE(dict) == size && PyDict_Next(dict, &at, &key, &value)) {
        if (!first) {
            puts_(w, ", ");
        }
        first = false;
        if (full(w)) {
            puts_(w, "...");
            break;
        }
        pyx_auto PyObject *k = Py_NewRef(key);
        pyx_auto PyObject *v = Py_NewRef(value);
        put_value(w, k);
        puts_(w, ": ");
        put_value(w, v);
    }
    puts_(w, "}");
}

/* A column's first cells: pandas' own repr takes half a millisecond, and more lines than one. */
static void put_series(struct writer *w, PyObject *series)
{
    enum { SHOWN = 6 };
    if (w->no_code || !pyx_user_begin(PYX_REPR_MS)) {
        put_not_run(w, series);
        return;
    }
    pyx_auto PyObject *dtype = NULL;
    pyx_auto PyObject *cells = pyx_series_head(series, SHOWN, &dtype); /* new */
    const Py_ssize_t size = cells ? PyObject_Size(series) : -1;
    pyx_user_end();
    if (size < 0) {
        PyErr_Clear();
        put_repr_of(w, series);
        return;
    }
    char end[40];
    snprintf(end, sizeof(end), "%s] (%zd, ", size > SHOWN ? ", ..." : "", size);
    put_list(w, cells, "[", end);
    put_str(w, dtype);
    puts_(w, ")");
}

/* Sets and deques: their own C iterators, no user code. */
static void put_iterated(struct writer *w, PyObject *value, const char *open, const char *close)
{
    pyx_auto PyObject *iterator = Py_TYPE(value)->tp_iter(value); /* new */
    if (!iterator) {
        put_failure(w);
        return;
    }
    puts_(w, open);
    bool first = true;
    for (;;) {
        pyx_auto PyObject *item = PyIter_Next(iterator); /* new */
        if (!item) {
            PyErr_Clear(); /* changed while a nested repr ran */
            break;
        }
        puts_(w, first ? "" : ", ");
        first = false;
        if (full(w)) {
            puts_(w, "...");
            break;
        }
        put_value(w, item);
    }
    puts_(w, close);
}

static bool put_container(struct writer *w, PyObject *value)
{
    reprfunc own = Py_TYPE(value)->tp_repr;
    bool list = PyList_Check(value), tuple = PyTuple_Check(value), dict = PyDict_Check(value);
    bool set = PyAnySet_Check(value);
    if (!list && !tuple && !dict && !set) {
        return false;
    }
    Py_ssize_t size = dict ? PyDict_GET_SIZE(value) : set ? PySet_GET_SIZE(value) : Py_SIZE(value);
    bool builtin = own == PyList_Type.tp_repr || own == PyTuple_Type.tp_repr ||
                   own == PyDict_Type.tp_repr || (set && own == PySet_Type.tp_repr);
    if (!builtin && (w->full || size <= BIG_CONTAINER)) {
        return false;
    }
    bool named = !builtin || (set && !PySet_CheckExact(value));
    if (set && size == 0) {
        return false; /* set() and its like */
    }
    if (w->depth >= (w->full ? MAX_FULL : MAX_DEPTH)) {
        puts_(w, list ? "[...]" : tuple ? "(...)" : "{...}");
        return true;
    }
    int seen = Py_ReprEnter(value);
    if (seen != 0) {
        PyErr_Clear();
        puts_(w, list ? "[...]" : tuple ? "(...)" : "{...}");
        return true;
    }
    w->depth++;
    if (named) {
        puts_(w, pyx_type_name(value));
        puts_(w, "(");
    }
    if (list || tuple) {
        put_list(w, value, list ? "[" : "(", list ? "]" : ")");
    } else if (dict) {
        put_dict(w, value);
    } else {
        PyTypeObject *base = PyFrozenSet_Check(value) ? &PyFrozenSet_Type : &PySet_Type;
        if (Py_TYPE(value)->tp_iter == base->tp_iter) {
            put_iterated(w, value, "{", "}");
        } else {
            puts_(w, "...");
        }
    }
    puts_(w, named ? ")" : "");
    w->depth--;
    Py_ReprLeave(value);
    return true;
}

static void put_value(struct writer *w, PyObject *value)
{
    if (PyLong_CheckExact(value)) {
        put_int(w, value);
    } else if (PyUnicode_CheckExact(value) || PyBytes_CheckExact(value) ||
               PyByteArray_CheckExact(value)) {
        put_cut_text(w, value);
    } else if (put_container(w, value)) {
        return;
    } else if (!w->full && pyx_array_kind(value) == PYX_ARRAY_SERIES) {
        put_series(w, value);
    } else {
        put_repr_of(w, value);
    }
}

void pyx_repr_into(struct cd_buf *out, PyObject *value, const struct pyx_format *format)
{
    struct writer w = {
        .out = out, .hex = format->hex, .full = format->full, .no_code = format->no_code};
    if (format->raw_string && PyUnicode_Check(value)) {
        put_str(&w, value);
    } else if (Py_EnterRecursiveCall(" in a debugger's view") == 0) {
        put_value(&w, value);
        Py_LeaveRecursiveCall();
    } else {
        put_failure(&w);
    }
}
