/* SPDX-License-Identifier: BSD-3-Clause
 *
 * execute_request on a shell's thread: execute_input, the cell (or a file,
 * metadata.celldap.runFile), the reply. A failed cell with stop_on_error aborts what its client had
 * queued: the shell sets drain_shell, then replies; the shell thread fetches what is still in its
 * socket before it sends that reply, and marks the end, so that exactly the requests sent before
 * the reply are aborted.
 */
#include "dap/base/limits.h"
#include "dap/base/log.h"
#include "kernel/handlers/handlers.h"
#include "kernel/shells.h"

#include <stdlib.h>
#include <string.h>

struct execution {
    struct interp_execute req;
    struct cd_buf expressions;
    json_t *run_file; /* borrowed, NULL: a cell */
    struct interp_run_file file;
    const char **argv; /* owned; the strings are borrowed */
};

static cd_result parse_run_file(struct execution *e, struct cd_error *reterr)
{
    json_t *args = NULL;
    if (cd_json_str_opt(e->run_file, "celldap.runFile.program", &e->file.program, reterr) ||
        cd_json_str_opt(e->run_file, "celldap.runFile.module", &e->file.module, reterr) ||
        cd_json_str_opt(e->run_file, "celldap.runFile.code", &e->file.code, reterr) ||
        cd_json_arr_opt(e->run_file, "celldap.runFile.args", &args, reterr)) {
        return CD_ERR;
    }
    if ((e->file.program != NULL) + (e->file.module != NULL) + (e->file.code != NULL) != 1) {
        return cd_error_set(reterr, CD_E_BAD_VALUE,
                            "celldap.runFile needs one of 'program', 'module' and 'code'");
    }
    e->file.argc = json_array_size(args);
    e->argv = calloc(e->file.argc + 1, sizeof *e->argv);
    if (!e->argv) {
        return cd_oom(reterr);
    }
    for (size_t i = 0; i < e->file.argc; i++) {
        e->argv[i] = json_string_value(json_array_get(args, i));
        if (!e->argv[i]) {
            return cd_error_set(reterr, CD_E_BAD_TYPE,
                                "expected string at celldap.runFile.args[%zu]", i);
        }
    }
    e->file.argv = e->argv;
    return CD_OK;
}

static cd_result parse_code(const json_t *content, struct interp_execute *req,
                            struct cd_error *reterr)
{
    const json_t *code = json_object_get(content, "code");
    if (!json_is_string(code)) {
        return cd_error_set(reterr, CD_E_BAD_TYPE, "expected string at content.code");
    }
    req->code = json_string_value(code);
    req->code_len = json_string_length(code);
    return CD_OK;
}

static cd_result parse(const struct wire_msg *m, struct execution *e, struct cd_error *reterr)
{
    struct interp_execute *req = &e->req;
    json_t *expressions = NULL, *ours = NULL;
    req->allow_stdin = req->stop_on_error = true;
    if (parse_code(m->content, req, reterr) ||
        cd_json_bool_opt(m->content, "content.silent", &req->silent, reterr)) {
        return CD_ERR;
    }
    req->store_history = !req->silent;
    if (cd_json_bool_opt(m->content, "content.store_history", &req->store_history, reterr) ||
        cd_json_bool_opt(m->content, "content.allow_stdin", &req->allow_stdin, reterr) ||
        cd_json_bool_opt(m->content, "content.stop_on_error", &req->stop_on_error, reterr) ||
        cd_json_obj_opt(m->content, "content.user_expressions", &expressions, reterr) ||
        cd_json_str_opt(m->metadata, "metadata.cellId", &req->cell_id, reterr) ||
        cd_json_obj_opt(m->metadata, "metadata.celldap", &ours, reterr) ||
        cd_json_obj_opt(ours, "celldap.runFile", &e->run_file, reterr)) {
        return CD_ERR;
    }
    if (expressions && json_object_size(expressions) > 0) {
        if (cd_json_dump(expressions, &e->expressions, reterr)) {
            return CD_ERR;
        }
        req->user_expressions = e->expressions.data;
    }
    return e->run_file ? parse_run_file(e, reterr) : CD_OK;
}

static void publish_input(struct kernel *k, const struct wire_msg *m,
                          const struct interp_execute *req, int count)
{
    json_t *content =
        json_pack("{s:o, s:i}", "code", json_stringn_nocheck(req->code, req->code_len),
                  "execution_count", count);
    struct wire_msg *input = wire_msg_new("execute_input", m, content);
    if (input && req->cell_id) {
        (void)json_object_set_new(wire_msg_metadata(input), "cellId", cd_json_textz(req->cell_id));
    }
    kernel_publish(k, input);
}

static void reply(struct kernel *k, const struct wire_msg *m, const struct interp_result *result,
                  const char *started)
{
    struct wire_msg *r =
        wire_msg_text_new("execute_reply", m->header_text, result->reply, strlen(result->reply));
    for (size_t i = 0; r && i < m->ident_count; i++) {
        if (wire_msg_add_ident(r, m->idents[i].data, m->idents[i].len, NULL)) {
            wire_msg_free(cd_take(r));
        }
    }
    if (r) {
        (void)json_object_set_new(wire_msg_metadata(r), "started", json_string(started));
        (void)json_object_set_new(wire_msg_metadata(r), "status",
                                  json_string(result->failed ? "error" : "ok"));
    }
    kernel_send(k, (enum wire_channel)m->channel, r);
}

static void run(struct kernel *k, const struct wire_msg *m, struct execution *e)
{
    struct interp_result result = {0};
    char started[80];
    wire_date_now(started, sizeof started);
    kernel_python_settle(k);
    kernel_input_client(k, e->req.allow_stdin ? m : NULL);
    if (e->run_file) {
        kernel_output_let_go(k);
        k->ran_file = true;
        k->interp->run_file(&e->file, &result);
    } else {
        if (!e->req.silent) {
            publish_input(k, m, &e->req, k->interp->execution_count());
        }
        kernel_output_let_go(k);
        k->interp->execute(&e->req, &result);
    }
    kernel_leave_fork(k);
    kernel_input_client(k, NULL);
    (void)kernel_output_mark(k);
    if (atomic_load(&k->terminated)) { /* as a process that has no handler: no reply any more */
        free(result.reply);
        return;
    }
    if (result.failed && e->req.stop_on_error && !e->req.silent && m->channel == WIRE_SHELL) {
        struct kernel_shell *shell = kernel_shell_current(k);
        shell->aborting = true;
        atomic_store(&shell->drain, true);
        atomic_store(&k->drain_shell, true);
    }
    if (result.reply) {
        reply(k, m, &result, started);
    } else {
        kernel_reply(k, (enum wire_channel)m->channel, m, "execute_reply", NULL);
    }
    free(result.reply);
}

static void refuse(struct kernel *k, const struct wire_msg *m, const struct cd_error *err)
{
    kernel_reply(k, (enum wire_channel)m->channel, m, "execute_reply",
                 json_pack("{s:s, s:i, s:s, s:s, s:[]}", "status", "error", "execution_count",
                           k->interp->execution_count() - 1, "ename", "InvalidRequest", "evalue",
                           err->text, "traceback"));
}

void kernel_run_execute(struct kernel *k, const struct wire_msg *m)
{
    struct execution e = {0};
    struct cd_error err = CD_ERROR_INIT;
    cd_buf_init(&e.expressions, CD_MAX_WIRE_BYTES);
    if (parse(m, &e, &err)) {
        refuse(k, m, &err);
    } else {
        const bool main_runs = kernel_shell_current(k) == k->main;
        if (main_runs) {
            atomic_store(&k->cell_runs, true);
        }
        run(k, m, &e);
        if (main_runs) {
            atomic_store(&k->cell_runs, false);
        }
    }
    cd_buf_done(&e.expressions);
    free(e.argv);
}
