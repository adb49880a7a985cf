/* SPDX-License-Identifier: BSD-3-Clause
 *
 * readMemory and writeMemory: the bytes of Python's own buffers (bytes, bytearray, memoryview,
 * array, mmap) and of numpy arrays. A memoryReference is the number of the value's path, so it is
 * good at a later stop too. Runs with the GIL; runs no code of the user's.
 */
#include "kernel/python/inspect.h"

#include <string.h>

#define MAX_READ   (16u * 1024 * 1024)      /* bytes of one reply */
#define MAX_NUMBER ((INT64_C(1) << 53) - 1) /* that JSON's readers know exactly */

bool pyx_has_memory(PyObject *value)
{
    static const char *const others[] = {"array.array", "mmap.mmap"};
    if (PyBytes_CheckExact(value) || PyByteArray_CheckExact(value) || PyMemoryView_Check(value)) {
        return true;
    }
    for (size_t i = 0; i < CD_ARRAY_LEN(others); i++) {
        if (strcmp(Py_TYPE(value)->tp_name, others[i]) == 0) {
            return true;
        }
    }
    return pyx_array_kind(value) == PYX_ARRAY_ND;
}

/* A buffer that is open while a request reads or writes it. */
struct memory {
    Py_buffer view;
    bool open;
    int64_t offset;
};

static void memory_done(struct memory *m)
{
    if (m->open) {
        PyBuffer_Release(&m->view);
    }
}

static cd_result open_buffer(struct memory *m, PyObject *value, bool write, struct cd_error *reterr)
{
    if (!pyx_has_memory(value)) {
        return cd_error_set(reterr, CD_E_NOT_FOUND,
                            "a '%s' at arguments.memoryReference has no memory to show",
                            pyx_type_name(value));
    }
    if (PyObject_GetBuffer(value, &m->view, PyBUF_FULL_RO) < 0) {
        return pyx_error_fetch(reterr, CD_E_BAD_VALUE);
    }
    m->open = true;
    if (!PyBuffer_IsContiguous(&m->view, 'A')) {
        return cd_error_set(reterr, CD_E_BAD_VALUE,
                            "the memory of this '%s' is not in one piece: copy it first",
                            pyx_type_name(value));
    }
    if (write && m->view.readonly) {
        return cd_error_set(reterr, CD_E_BAD_VALUE, "the memory of this '%s' is read-only",
                            pyx_type_name(value));
    }
    return CD_OK;
}

static cd_result open_memory(struct memory *m, const json_t *args, bool write,
                             struct cd_error *reterr)
{
    const char *reference = NULL;
    if (cd_json_str(args, "arguments.memoryReference", &reference, reterr) != CD_OK ||
        cd_json_int_opt(args, "arguments.offset", -MAX_NUMBER, MAX_NUMBER, &m->offset, reterr) !=
            CD_OK) {
        return CD_ERR;
    }
    int64_t number = 0;
    for (const char *p = reference; *p && number <= INT32_MAX; p++) {
        number = *p >= '0' && *p <= '9' ? number * 10 + (*p - '0') : (int64_t)INT32_MAX + 1;
    }
    if (number == 0 || number > INT32_MAX) {
        return cd_error_set(reterr, CD_E_NOT_FOUND,
                            "no memory '%.40s' at arguments.memoryReference", reference);
    }
    pyx_autotarget struct pyx_target t = {0};
    if (pyx_target_find((int)number, "arguments.memoryReference", &t, reterr) != CD_OK) {
        return CD_ERR;
    }
    if (!t.value || t.scope || t.lazy) {
        return cd_error_set(reterr, CD_E_NOT_FOUND,
                            "no memory '%.40s' at arguments.memoryReference", reference);
    }
    return open_buffer(m, t.value, write, reterr);
}

static json_t *address_of(const struct memory *m, int64_t offset)
{
    char text[32];
    snprintf(text, sizeof(text), "0x%llx",
             (unsigned long long)(uintptr_t)m->view.buf + (unsigned long long)offset);
    return json_string(text);
}

/* How many of count bytes from the offset on are there. */
static int64_t there(const struct memory *m, int64_t count)
{
    if (m->offset < 0 || m->offset >= m->view.len) {
        return 0;
    }
    const int64_t left = m->view.len - m->offset;
    return count < left ? count : left;
}

cd_result pyx_read_memory(const json_t *args, json_t **ret, struct cd_error *reterr)
{
    __attribute__((cleanup(memory_done))) struct memory m = {.open = false};
    int64_t count = 0;
    if (cd_json_int(args, "arguments.count", 0, MAX_NUMBER, &count, reterr) != CD_OK ||
        open_memory(&m, args, false, reterr) != CD_OK) {
        return CD_ERR;
    }
    const int64_t n = there(&m, count);
    if (n > (int64_t)MAX_READ) {
        return cd_error_set(reterr, CD_E_LIMIT,
                            "%lld at arguments.count is more than the %u bytes of one reply",
                            (long long)count, MAX_READ);
    }
    pyx_auto PyObject *bytes =
        PyBytes_FromStringAndSize(n ? (const char *)m.view.buf + m.offset : NULL, n); /* new */
    pyx_auto PyObject *text = bytes ? pyx_base64(bytes) : NULL;
    json_t *data = text ? pyx_str_json(text) : NULL;
    int64_t missing = count - n;
    if (m.offset < 0 && missing > -m.offset) {
        missing = -m.offset; /* what comes then can be read */
    }
    *ret = json_pack("{s:o,s:o,s:I}", "address", address_of(&m, m.offset), "data", data,
                     "unreadableBytes", (json_int_t)missing);
    return *ret ? CD_OK : cd_oom(reterr);
}

static PyObject *decoded(const char *text) /* new / NULL with an exception */
{
    pyx_auto PyObject *module = PyImport_ImportModule("binascii"); /* new */
    pyx_auto PyObject *decode =
        module ? PyObject_GetAttrString(module, "a2b_base64") : NULL;           /* new */
    pyx_auto PyObject *args = Py_BuildValue("(s)", text);                       /* new */
    pyx_auto PyObject *strict = Py_BuildValue("{s:O}", "strict_mode", Py_True); /* new */
    return decode && args && strict ? PyObject_Call(decode, args, strict) : NULL;
}

cd_result pyx_write_memory(const json_t *args, json_t **ret, struct cd_error *reterr)
{
    __attribute__((cleanup(memory_done))) struct memory m = {.open = false};
    const char *data = NULL;
    bool partial = false;
    if (cd_json_str(args, "arguments.data", &data, reterr) != CD_OK ||
        cd_json_bool_opt(args, "arguments.allowPartial", &partial, reterr) != CD_OK ||
        open_memory(&m, args, true, reterr) != CD_OK) {
        return CD_ERR;
    }
    pyx_auto PyObject *bytes = decoded(data); /* new */
    if (!bytes) {
        pyx_error_drop();
        return cd_error_set(reterr, CD_E_BAD_VALUE, "arguments.data is not base64");
    }
    const int64_t n = there(&m, PyBytes_GET_SIZE(bytes));
    if (n < PyBytes_GET_SIZE(bytes) && !partial) {
        return cd_error_set(reterr, CD_E_BAD_VALUE,
                            "%zd bytes at arguments.offset %lld do not fit into %zd; nothing was "
                            "written (allowPartial is false)",
                            PyBytes_GET_SIZE(bytes), (long long)m.offset, m.view.len);
    }
    if (n > 0) {
        memcpy((char *)m.view.buf + m.offset, PyBytes_AS_STRING(bytes), (size_t)n);
    }
    *ret = json_pack("{s:I,s:I}", "offset", (json_int_t)m.offset, "bytesWritten", (json_int_t)n);
    return *ret ? CD_OK : cd_oom(reterr);
}
