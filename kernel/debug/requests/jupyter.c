/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Jupyter's own debugger commands (facts: jupyter.md §2): debugInfo and dumpCell. dump() is called
 * on the arm thread with the GIL; the rest is the debug thread's.
 */
#include "dap/base/limits.h"
#include "dap/cell_path.h"
#include "kernel/debug/state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static json_t *stopped_threads(const struct dbg_session *s)
{
    json_t *list = json_array();
    for (const struct dbg_stop *stop = dbg__is_stopped(s) ? s->stop : NULL; stop;
         stop = stop->outer) {
        bool there = false;
        for (size_t i = 0; i < json_array_size(list); i++) {
            there = there || json_integer_value(json_array_get(list, i)) == stop->thread_id;
        }
        if (!there) {
            json_array_append_new(list, json_integer(stop->thread_id));
        }
    }
    return list;
}

void dbg__req_debug_info(struct dbg_session *s, struct dbg_client *c, struct dbg_request *r)
{
    dbg__answer(r, json_pack("{s:b, s:s, s:I, s:o, s:s, s:o, s:o, s:b, s:b, s:[s]}", //
                             "isStarted", c->attached,                               //
                             "hashMethod", DAP_CELL_HASH_METHOD,                     //
                             "hashSeed", (json_int_t)DAP_CELL_HASH_SEED,             //
                             "tmpFilePrefix", cd_json_textz(s->cell_prefix),         //
                             "tmpFileSuffix", DAP_CELL_SUFFIX,                       //
                             "breakpoints", dbg__breakpoints_info(s),                //
                             "stoppedThreads", stopped_threads(s),                   //
                             "richRendering", true, "copyToGlobals", true,           //
                             "exceptionPaths", "Python Exceptions"));
}

struct dump_work {
    struct dbg_work work;
    char *path;
    char *temporary;
    char *code;
    size_t len;
};

static void dump_done(struct dbg_work *work)
{
    struct dump_work *w = (struct dump_work *)work;
    free(w->path);
    free(w->temporary);
    free(w->code);
}

static cd_result write_all(int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, bytes, len);
        if (n < 0 && errno != EINTR) {
            return CD_ERR;
        }
        if (n > 0) {
            bytes += n;
            len -= (size_t)n;
        }
    }
    return CD_OK;
}

/* Whole or not at all: a front end may read it at any time. */
static cd_result write_file(const struct dump_work *w, struct cd_error *reterr)
{
    int fd = open(w->temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        return cd_error_errno(reterr, errno, "cannot write '%.200s'", w->temporary);
    }
    cd_result result = write_all(fd, w->code, w->len);
    int err = errno;
    if (close(fd) != 0 && result == CD_OK) {
        result = CD_ERR;
        err = errno;
    }
    if (result == CD_OK && rename(w->temporary, w->path) != 0) {
        result = CD_ERR;
        err = errno;
    }
    if (result != CD_OK) {
        unlink(w->temporary);
        return cd_error_errno(reterr, err, "cannot write '%.200s'", w->path);
    }
    return CD_OK;
}

static void dump(struct dbg_job *job)
{
    const struct dump_work *w = job->data;
    struct cd_error err = CD_ERROR_INIT;
    json_t *body = NULL;
    cd_result result = job->engine->dump_cell(w->code, w->len, w->path, &err);
    if (result == CD_OK) {
        result = write_file(w, &err);
    }
    if (result == CD_OK) {
        body = json_pack("{s:o}", "sourcePath", cd_json_textz(w->path));
    }
    dbg__job_answer(job, result, body, NULL, &err);
}

static struct dump_work *dump_new(const struct dbg_session *s, const char *code,
                                  struct cd_error *reterr)
{
    struct dump_work *w = calloc(1, sizeof(*w));
    struct cd_buf path;
    if (!w) {
        cd_oom(reterr);
        return NULL;
    }
    w->work.finish = dbg__finish_plain;
    w->work.done = dump_done;
    w->len = strlen(code);
    w->code = strdup(code);
    cd_buf_init(&path, CD_MAX_HEADER_BYTES);
    if (dap_cell_path(s->cell_prefix, code, w->len, &path, reterr) == CD_OK) {
        w->path = strdup(path.data);
        if (cd_buf_append(&path, ".new", 4, reterr) == CD_OK) {
            w->temporary = cd_buf_steal(&path);
        }
    }
    cd_buf_done(&path);
    if (!w->code || !w->path || !w->temporary) {
        cd_oom(reterr);
        dump_done(&w->work);
        free(w);
        return NULL;
    }
    return w;
}

void dbg__req_dump_cell(struct dbg_session *s, struct dbg_client *c, struct dbg_request *r)
{
    struct cd_error err = CD_ERROR_INIT;
    const char *code = NULL;
    (void)c;
    struct dump_work *w = NULL;
    if (cd_json_str(r->dap.arguments, "arguments.code", &code, &err) == CD_OK) {
        w = dump_new(s, code, &err);
    }
    if (!w) {
        dbg__fail(r, &err);
        return;
    }
    // the path is known already: a busy interpreter need not hold up the answer
    dbg__blanks_note(s, w->path, code);
    r->late_body = json_pack("{s:o}", "sourcePath", cd_json_textz(w->path));
    dbg__post_arm(s, r, dbg__job_new(s, dump, &w->work));
}
