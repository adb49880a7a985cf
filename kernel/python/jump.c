/* SPDX-License-Identifier: BSD-3-Clause
 *
 * goto, gotoTargets, restartFrame: CPython moves a frame (f_lineno) only while it handles a LINE
 * event, and only the innermost one: the caller's frame segfaults (facts: engine.md §12.3, §14). So
 * these are jobs on a thread that stopped at a line, and what CPython refuses is told in its own
 * words.
 */
#include "kernel/python/control.h"
#include "kernel/python/inspect.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* After a jump the target's own LINE event comes: it is where the user stands already. */
static PyObject *landed_frame; /* strong */
static int landed_line;

bool pyx_jump_landed(PyFrameObject *frame, int line)
{
    const bool yes = landed_frame == (PyObject *)frame && landed_line == line;
    if (landed_frame != NULL) {
        Py_CLEAR(landed_frame);
    }
    return yes;
}

static cd_result movable(const struct pyx_stop *stop, PyCodeObject *code, struct cd_error *reterr)
{
    if (stop == NULL) {
        return cd_error_set(reterr, CD_E_NOT_STOPPED, "a jump needs a stopped program");
    }
    if (!stop->at_line) {
        return cd_error_set(
            reterr, CD_E_BAD_STATE,
            "Python moves a frame only where it stopped at the beginning of a line: "
            "step once, then jump");
    }
    if ((code->co_flags & (CO_GENERATOR | CO_COROUTINE | CO_ASYNC_GENERATOR)) != 0) {
        return cd_error_set(reterr, CD_E_BAD_STATE,
                            "a generator's or coroutine's frame cannot be moved");
    }
    return CD_OK;
}

static bool has_line(PyCodeObject *code, int line)
{
    struct pyx_code_lines lines;
    if (pyx_code_lines_get(code, &lines) != 0) {
        pyx_error_drop();
        return false;
    }
    const bool yes = pyx_code_lines_has(&lines, line);
    pyx_code_lines_done(&lines);
    return yes;
}

static cd_result move(struct pyx_stop *stop, int line, struct cd_error *reterr)
{
    pyx_auto PyObject *number = PyLong_FromLong(line);
    if (number == NULL || PyObject_SetAttrString(stop->frame, "f_lineno", number) != 0) {
        return pyx_error_fetch(reterr, CD_E_BAD_VALUE);
    }
    Py_XSETREF(landed_frame, Py_NewRef(stop->frame));
    landed_line = line;
    return CD_OK;
}

cd_result pyx_goto_targets(const json_t *args, json_t **ret, struct cd_error *reterr)
{
    json_t *source = NULL;
    const char *path = NULL;
    int64_t line = 0;
    const struct pyx_stop *stop = pyx_stop_current();
    if (cd_json_obj(args, "arguments.source", &source, reterr) != CD_OK ||
        cd_json_str(source, "arguments.source.path", &path, reterr) != CD_OK ||
        cd_json_int(args, "arguments.line", 1, INT32_MAX, &line, reterr) != CD_OK) {
        return CD_ERR;
    }
    pyx_auto PyObject *code = (PyObject *)PyFrame_GetCode((PyFrameObject *)stop->frame); /* new */
    if (movable(stop, (PyCodeObject *)code, reterr) != CD_OK) {
        return CD_ERR;
    }
    char real[PATH_MAX];
    const char *name = PyUnicode_AsUTF8(((PyCodeObject *)code)->co_filename);
    json_t *targets = json_array();
    if (name == NULL) {
        pyx_error_drop();
    } else if (pyx_code_in_file(path, realpath(path, real) != NULL ? real : path, name) &&
               has_line((PyCodeObject *)code, (int)line)) {
        char label[40];
        snprintf(label, sizeof label, "line %d", (int)line);
        json_array_append_new(targets, json_pack("{s:i, s:s, s:i}", "id", (int)line, "label", label,
                                                 "line", (int)line));
    }
    *ret = json_pack("{s:o}", "targets", targets);
    return *ret != NULL ? CD_OK : cd_oom(reterr);
}

cd_result pyx_goto(const json_t *args, json_t **ret, struct cd_error *reterr)
{
    int64_t line = 0;
    struct pyx_stop *stop = pyx_stop_current();
    if (cd_json_int(args, "arguments.targetId", 1, INT32_MAX, &line, reterr) != CD_OK) {
        return CD_ERR;
    }
    pyx_auto PyObject *code = (PyObject *)PyFrame_GetCode((PyFrameObject *)stop->frame); /* new */
    if (movable(stop, (PyCodeObject *)code, reterr) != CD_OK) {
        return CD_ERR;
    }
    if (!has_line((PyCodeObject *)code, (int)line)) {
        return cd_error_set(reterr, CD_E_NOT_FOUND,
                            "line %d at arguments.targetId is no target in the innermost frame",
                            (int)line);
    }
    if (move(stop, (int)line, reterr) != CD_OK) {
        return CD_ERR;
    }
    *ret = json_object();
    return CD_OK;
}

cd_result pyx_restart_frame(const json_t *args, json_t **ret, struct cd_error *reterr)
{
    int64_t frame_id = 0;
    struct pyx_stop *stop = pyx_stop_current();
    if (cd_json_int(args, "arguments.frameId", 1, INT32_MAX, &frame_id, reterr) != CD_OK) {
        return CD_ERR;
    }
    pyx_auto PyObject *frame = pyx_frame_find((int)frame_id, "arguments.frameId", reterr);
    if (frame == NULL) {
        return CD_ERR;
    }
    if (frame != stop->frame) {
        return cd_error_set(
            reterr, CD_E_BAD_STATE,
            "only the innermost frame can be restarted; step out to this one first");
    }
    pyx_auto PyObject *code = (PyObject *)PyFrame_GetCode((PyFrameObject *)frame); /* new */
    const int first = pyx_lines_first((PyCodeObject *)code);
    if (movable(stop, (PyCodeObject *)code, reterr) != CD_OK ||
        move(stop, first, reterr) != CD_OK) {
        return CD_ERR;
    }
    pyx_note(ENGINE_OUTPUT, 0,
             json_pack("{s:s, s:s}", "category", "console", "output",
                       "The frame is at its first line again; its variables keep their values.\n"));
    *ret = json_object();
    return CD_OK;
}
