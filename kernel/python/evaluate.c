/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The evaluate request: in a frame or in the user's namespace. hover runs nothing of the user's;
 * repl runs statements, and breakpoints in what it calls stop. Runs with the GIL.
 */
#include "kernel/python/inspect.h"

#include <string.h>

struct evaluation {
    PyObject *frame; /* borrowed or NULL */
    PyObject *text;  /* borrowed */
    bool statement;
};

cd_result pyx_frame_arg(const json_t *args, const char *field, PyObject **ret_frame, int *ret_ref,
                        struct cd_error *reterr)
{
    int64_t id = 0;
    if (cd_json_int_opt(args, field, 0, INT32_MAX, &id, reterr) != CD_OK) {
        return CD_ERR;
    }
    if (id == 0) {
        *ret_ref = dbg_refs_number(pyx_refs(), 0, PYX_STEP_USER_NS, "", 0);
        return CD_OK;
    }
    *ret_frame = pyx_frame_find((int)id, field, reterr);
    *ret_ref = (int)id;
    return *ret_frame ? CD_OK : CD_ERR;
}

static json_t *traceback_text(PyObject *exc) /* new / NULL */
{
    pyx_auto PyObject *module = PyImport_ImportModule("traceback"); /* new */
    pyx_auto PyObject *lines =
        module ? PyObject_CallMethod(module, "format_exception", "O", exc) : NULL;  /* new */
    pyx_auto PyObject *empty = PyUnicode_FromString("");                            /* new */
    pyx_auto PyObject *text = lines && empty ? PyUnicode_Join(empty, lines) : NULL; /* new */
    PyErr_Clear();
    return text ? pyx_str_json(text) : NULL;
}

/* What does not parse: the message says where. */
static bool bad_place(PyObject *exc, struct cd_error *reterr)
{
    const PySyntaxErrorObject *e = (const PySyntaxErrorObject *)exc;
    if (!e->filename || !PyUnicode_Check(e->filename) || !e->msg || !PyUnicode_Check(e->msg) ||
        PyUnicode_CompareWithASCIIString(e->filename, PYX_EVAL_FILE) != 0 || !e->lineno ||
        !e->offset || !PyLong_Check(e->lineno) || !PyLong_Check(e->offset)) {
        return false;
    }
    pyx_auto PyObject *text = pyx_str_bytes(e->msg);
    long line = PyLong_AsLong(e->lineno), column = PyLong_AsLong(e->offset);
    PyErr_Clear();
    if (column < 1) { /* the end of the text came too soon */
        column = e->text && PyUnicode_Check(e->text) ? (long)PyUnicode_GET_LENGTH(e->text) + 1 : 1;
        line = line < 1 ? 1 : line;
    }
    cd_error_set(reterr, CD_E_EVALUATE, "SyntaxError: %s (line %ld, column %ld)",
                 text ? PyBytes_AS_STRING(text) : "invalid syntax", line, column);
    return true;
}

cd_result pyx_eval_failed(json_t **ret_trace, struct cd_error *reterr)
{
    if (pyx_was_broken_off()) {
        PyErr_Clear();
        return cd_error_set(reterr, CD_E_TIMEOUT, "the evaluation took too long and was stopped");
    }
    pyx_auto PyObject *exc = PyErr_GetRaisedException(); /* new */
    if (!exc) {
        return cd_error_set(reterr, CD_E_INTERNAL, "the evaluation failed without an exception");
    }
    if (ret_trace) {
        *ret_trace = traceback_text(exc);
    }
    if (Py_IS_TYPE(exc, (PyTypeObject *)PyExc_SyntaxError) && bad_place(exc, reterr)) {
        return CD_ERR;
    }
    pyx_auto PyObject *message = pyx_str_limited(exc);
    pyx_auto PyObject *bytes = message ? pyx_str_bytes(message) : NULL;
    bool some = bytes && PyBytes_GET_SIZE(bytes) > 0;
    return cd_error_set(reterr, CD_E_EVALUATE, "%s%s%s", pyx_type_name(exc), some ? ": " : "",
                        some ? PyBytes_AS_STRING(bytes) : "");
}

static PyObject *run_traced(void *arg)
{
    struct evaluation *e = arg;
    return pyx_eval_text(e->frame, e->text, true, &e->statement);
}

/* What looks at values shows no warnings: the first of the filters ignores all. New: the filters.
 */
static PyObject *hush(PyObject *ignore)
{
    pyx_auto PyObject *name = PyUnicode_FromString("warnings");                    /* new */
    pyx_auto PyObject *module = name ? PyImport_GetModule(name) : NULL;            /* new */
    PyObject *filters = module ? PyObject_GetAttrString(module, "filters") : NULL; /* new */
    if (!filters || !ignore || !PyList_Check(filters) || PyList_Insert(filters, 0, ignore) < 0) {
        Py_CLEAR(filters);
    }
    PyErr_Clear();
    return filters;
}

static void unhush(PyObject *filters, PyObject *ignore)
{
    PyObject *exc = PyErr_GetRaisedException(); /* new */
    for (Py_ssize_t i = 0; filters && i < PyList_GET_SIZE(filters); i++) {
        if (PyList_GET_ITEM(filters, i) == ignore) {
            (void)PyList_SetSlice(filters, i, i + 1, NULL);
            break;
        }
    }
    PyErr_SetRaisedException(exc); /* steals */
}

static PyObject *run_inside(struct evaluation *e, const char *context)
{
    if (strcmp(context, "repl") == 0) {
        /* Only a stopped thread has something to stop inside of. */
        return pyx_stop_current() ? pyx_call_traced(run_traced, e) : run_traced(e);
    }
    pyx_auto PyObject *ignore =
        Py_BuildValue("(sOOOi)", "ignore", Py_None, PyExc_Warning, Py_None, 0); /* new */
    pyx_quiet_enter();
    pyx_auto PyObject *filters = hush(ignore);
    PyObject *value = strcmp(context, "hover") == 0
                          ? pyx_eval_safe(e->frame, e->text)
                          : pyx_eval_text(e->frame, e->text, false, &e->statement);
    unhush(filters, ignore);
    pyx_quiet_leave();
    return value;
}

/* A builtin for the time of one evaluation: new reference to the builtins, NULL: not at one. */
static PyObject *lend_exception(void)
{
    const struct pyx_stop *stop = pyx_stop_shown();
    PyObject *builtins = stop && stop->exception ? PyEval_GetBuiltins() : NULL; /* borrowed */
    if (!builtins || !PyDict_Check(builtins) ||
        PyDict_SetItemString(builtins, PYX_EXCEPTION_NAME, stop->exception) < 0) {
        PyErr_Clear();
        return NULL;
    }
    return Py_NewRef(builtins);
}

static void take_back(PyObject *builtins)
{
    PyObject *exc = PyErr_GetRaisedException(); /* new */
    if (builtins && PyDict_DelItemString(builtins, PYX_EXCEPTION_NAME) < 0) {
        PyErr_Clear();
    }
    PyErr_SetRaisedException(exc); /* steals */
}

static PyObject *run(struct evaluation *e, const char *context)
{
    if (!pyx_user_begin(0)) {
        pyx_no_time();
        return NULL;
    }
    pyx_auto PyObject *lent = lend_exception();
    PyObject *value = run_inside(e, context);
    take_back(lent);
    pyx_user_end();
    return value;
}

PyObject *pyx_eval_limited(PyObject *frame, PyObject *text)
{
    if (!pyx_user_begin(0)) {
        pyx_no_time();
        return NULL;
    }
    PyObject *value = pyx_eval_text(frame, text, false, NULL);
    pyx_user_end();
    return value;
}

/* How a value is shown. */
struct showing {
    const struct evaluation *e;
    PyObject *value; /* borrowed */
    int frame_ref;
    const char *text, *context;
    struct pyx_format format;
};

static json_t *result_body(const struct showing *v,
                           const struct pyx_format *format) /* new / NULL */
{
    int ref = 0;
    json_t *body = pyx_variable_body(v->value, "result", v->frame_ref, PYX_STEP_EXPR, v->text,
                                     strlen(v->text), format, &ref);
    json_t *hint = pyx_hint_json(v->value, NULL, NULL, false, false);
    bool nothing = v->value == Py_None && (v->e->statement || strcmp(v->context, "repl") == 0);
    if (!body || (hint && json_object_set_new(body, "presentationHint", hint)) ||
        (nothing && json_object_set_new(body, "result", json_string("")))) {
        json_decref(body);
        return NULL;
    }
    if (ref) {
        pyx_held_set(ref, v->value);
    }
    return body;
}

static json_t *result_instead(void *ctx)
{
    const struct showing *v = ctx;
    struct pyx_format format = v->format;
    format.no_code = true;
    return result_body(v, &format);
}

static cd_result answer(struct showing *v, json_t **ret, struct cd_error *reterr)
{
    struct pyx_instead instead = {.make = result_instead, .ctx = v};
    struct pyx_instead *outer = pyx_instead_set(&instead);
    pyx_quiet_enter();
    *ret = result_body(v, &v->format);
    pyx_quiet_leave();
    (void)pyx_instead_set(outer);
    return *ret ? CD_OK : cd_oom(reterr);
}

cd_result pyx_evaluate(const json_t *args, json_t **ret, json_t **ret_extra,
                       struct cd_error *reterr)
{
    const char *text = NULL, *context = "";
    struct pyx_format format = {0};
    pyx_auto PyObject *frame = NULL;
    int frame_ref = 0;
    if (cd_json_str(args, "arguments.expression", &text, reterr) != CD_OK ||
        cd_json_str_opt(args, "arguments.context", &context, reterr) != CD_OK ||
        pyx_format_read(args, &format, reterr) != CD_OK ||
        pyx_frame_arg(args, "arguments.frameId", &frame, &frame_ref, reterr) != CD_OK) {
        return CD_ERR;
    }
    pyx_auto PyObject *str = PyUnicode_FromString(text); /* new */
    struct evaluation e = {.frame = frame, .text = str};
    pyx_auto PyObject *value = str ? run(&e, context) : NULL; /* new */
    if (!value) {
        json_t *trace = NULL;
        bool repl = strcmp(context, "repl") == 0;
        pyx_quiet_enter();
        pyx_eval_failed(repl && ret_extra ? &trace : NULL, reterr);
        pyx_quiet_leave();
        if (trace) {
            *ret_extra = json_pack("{s:o}", "traceback", trace);
        }
        return CD_ERR;
    }
    struct showing v = {.e = &e,
                        .value = value,
                        .frame_ref = frame_ref,
                        .text = text,
                        .context = context,
                        .format = format};
    cd_result rc = answer(&v, ret, reterr);
    pyx_error_drop();
    return rc;
}
