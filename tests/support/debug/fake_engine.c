/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The engine half of the fake: what kernel/python would do, remembered and answered by rote.
 */
#include "support/debug/fake_engine.h"

#include "support/debug/fake_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct fake *fake_current;

static void say(const char *what, const char *detail)
{
    fake_timeline(fake_current, what, detail);
}

static void post_stopped(struct dbg_job *job)
{
    fake_queue_job(fake_current, FAKE_STOPPED, job);
}

static bool resume(int thread_id, const struct engine_step *step)
{
    static const char *const NAMES[] = {"continue", "next", "stepIn", "stepOut"};
    (void)thread_id;
    fake_current->last_step = *step;
    fake_current->resumes++;
    say("resume", NAMES[step->kind]);
    return fake_current->resume_result &&
           (fake_current->resume_limit == 0 || fake_current->resumes <= fake_current->resume_limit);
}

static void pause_thread(int thread_id)
{
    (void)thread_id;
    fake_current->pauses++;
    say("pause", "");
}

static void pause_cancel(void)
{
    fake_current->pause_cancels++;
}

static void set_attached(bool attached, bool just_my_code)
{
    fake_current->attached = attached;
    fake_current->just_my_code = just_my_code;
    say(attached ? "attached" : "detached", "");
}

static void interrupt(void)
{
    fake_current->interrupts++;
    say("interrupt", "");
}

/* Thread 1 is the main thread. */
static bool break_off(unsigned long thread)
{
    fake_current->broken_off++;
    say("break", thread == 1 ? "main" : "");
    return thread == 1;
}

static json_t *loaded_since(bool first)
{
    say("loaded", first ? "first" : "");
    return first ? NULL
                 : fake_json("[{'event':'module','reason':'new','module':{'id':1,'name':'os'}},"
                             "{'event':'loadedSource','reason':'new','source':{'path':'/a.py'}}]");
}

static void break_off_locked(struct cd_progress *progress)
{
    unsigned long thread = 0;
    if (cd_progress_to_break(progress, &thread)) {
        say("broken", "");
    }
}

void fake_forget_breakpoints(struct fake *f)
{
    engine_breakpoints_free(f->bps, f->bp_count);
    free(f->bp_names);
    f->bps = NULL;
    f->bp_names = NULL;
    f->bp_count = 0;
}

/* Lines over 1000 do not exist, odd hundreds move down by one. */
static void remember(const char *const *names, struct engine_breakpoint *list, size_t count)
{
    struct fake *f = fake_current;
    fake_forget_breakpoints(f);
    f->set_calls++;
    f->bps = calloc(count + 1, sizeof(*f->bps));
    f->bp_names = calloc(count + 1, sizeof(*f->bp_names));
    f->bp_count = count;
    for (size_t i = 0; i < count; i++) {
        list[i].verified = list[i].line_1based <= 1000;
        list[i].actual_line = list[i].line_1based;
        list[i].reason[0] = '\0';
        list[i].message[0] = '\0';
        if (!list[i].verified) {
            snprintf(list[i].reason, sizeof(list[i].reason), "failed");
            snprintf(list[i].message, sizeof(list[i].message), "%s", f->bp_message);
        } else if (list[i].line_1based % 200 == 100) {
            list[i].actual_line++;
        }
        f->bps[i] = list[i];
        f->bps[i].condition = list[i].condition ? strdup(list[i].condition) : NULL;
        f->bps[i].log_message = list[i].log_message ? strdup(list[i].log_message) : NULL;
        snprintf(f->bp_names[i], sizeof(f->bp_names[i]), "%s", names && names[i] ? names[i] : "");
    }
}

static void set_breakpoints(const struct engine_source *source, struct engine_breakpoint *list,
                            size_t count)
{
    snprintf(fake_current->bp_path, sizeof(fake_current->bp_path), "%s",
             source->path ? source->path : "");
    snprintf(fake_current->bp_cell, sizeof(fake_current->bp_cell), "%s",
             source->cell_id ? source->cell_id : "");
    remember(NULL, list, count);
}

static void set_function_breakpoints(char *const *names, struct engine_breakpoint *list,
                                     size_t count)
{
    remember((const char *const *)names, list, count);
}

static void set_data_breakpoints(char *const *ids, struct engine_breakpoint *list, size_t count)
{
    remember((const char *const *)ids, list, count);
}

static char *dup_or_null(const char *text)
{
    return text ? strdup(text) : NULL;
}

void fake_forget_filters(struct fake *f)
{
    free(f->filters.raised_condition);
    free(f->filters.uncaught_condition);
    free(f->filters.user_unhandled_condition);
    memset(&f->filters, 0, sizeof(f->filters));
}

static void set_exception_filters(const struct engine_exception_filters *given)
{
    struct fake *f = fake_current;
    fake_forget_filters(f);
    f->filters = *given;
    f->filters.raised_condition = dup_or_null(given->raised_condition);
    f->filters.uncaught_condition = dup_or_null(given->uncaught_condition);
    f->filters.user_unhandled_condition = dup_or_null(given->user_unhandled_condition);
    f->set_calls++;
}

static cd_result fail(struct cd_error *reterr)
{
    fake_current->fail_ops--;
    return cd_error_set(reterr, CD_E_EVALUATE, "NameError: name 'x' is not defined");
}

static cd_result dump_cell(const char *code, size_t len, const char *path, struct cd_error *reterr)
{
    (void)code;
    (void)len;
    (void)path;
    return fake_current->fail_ops ? fail(reterr) : CD_OK;
}

static json_t *threads(struct cd_error *reterr)
{
    if (fake_current->fail_ops) {
        fail(reterr);
        return NULL;
    }
    return fake_json("{'threads':[{'id':1,'name':'MainThread'},{'id':2,'name':'worker'}]}");
}

static cd_result body(const char *text, json_t **ret, struct cd_error *reterr)
{
    if (fake_current->fail_ops) {
        return fail(reterr);
    }
    *ret = fake_json(text);
    return CD_OK;
}

#define OP(name, text)                                                                             \
    static cd_result name(const json_t *args, json_t **ret, struct cd_error *reterr)               \
    {                                                                                              \
        (void)args;                                                                                \
        return body(text, ret, reterr);                                                            \
    }

OP(stack_trace, "{'stackFrames':[{'id':1,'name':'f','line':3,'column':1}],'totalFrames':1}")
OP(breakpoint_locations, "{'breakpoints':[{'line':1,'column':1}]}")
OP(data_breakpoint_info, "{'dataId':'global:m:x','description':'x'}")
OP(scopes, "{'scopes':[{'name':'Locals','variablesReference':3,'expensive':false}]}")
OP(variables, "{'variables':[{'name':'a','value':'1','variablesReference':0}]}")
OP(set_variable, "{'value':'1'}")
OP(set_expression, "{'value':'1'}")
OP(go_to, "{}")
OP(goto_targets, "{'targets':[{'id':1,'label':'line 1','line':1}]}")
OP(restart_frame, "{}")
OP(step_in_targets, "{'targets':[]}")
OP(completions, "{'targets':[{'label':'abc'}]}")
OP(exception_info, "{'exceptionId':'ValueError','breakMode':'always'}")
OP(source, "{'content':'a = 1'}")
OP(loaded_sources, "{'sources':[]}")
OP(locations, "{'source':{'path':'/a.py'},'line':1}")
OP(read_memory, "{'address':'0x1','data':''}")
OP(write_memory, "{'offset':1,'bytesWritten':2}")
OP(modules, "{'modules':[{'id':1,'name':'os'}],'totalModules':1}")
OP(rich_inspect_variables, "{'data':{'text/plain':'1'},'metadata':{}}")
OP(copy_to_globals, "{'value':'1','type':'int','variablesReference':0}")

static cd_result inspect_variables(json_t **ret, struct cd_error *reterr)
{
    return body("{'variables':[{'name':'a','value':'1','type':'int','variablesReference':0}]}", ret,
                reterr);
}

static cd_result evaluate(const json_t *args, json_t **ret, json_t **ret_extra,
                          struct cd_error *reterr)
{
    (void)args;
    if (fake_current->fail_ops) {
        *ret_extra = fake_json("{'traceback':'Traceback ...'}");
        return fail(reterr);
    }
    *ret = fake_json("{'result':'1','type':'int','variablesReference':0}");
    return CD_OK;
}

static void set_rules(int owner, struct engine_rules *rules_owned)
{
    (void)owner;
    engine_rules_free(rules_owned);
}

OP(run_cell, "{'status':'ok','execution_count':1}")

static cd_result post_mortem(json_t **ret, struct cd_error *reterr)
{
    return body("{'reason':'exception','threadId':1,'text':'ValueError','view':1}", ret, reterr);
}

static void post_mortem_end(void)
{
}

const struct engine_ops fake_ops = {
    .run_cell = run_cell,
    .set_rules = set_rules,
    .post_mortem = post_mortem,
    .post_mortem_end = post_mortem_end,
    .post_stopped = post_stopped,
    .resume = resume,
    .pause = pause_thread,
    .pause_cancel = pause_cancel,
    .set_attached = set_attached,
    .interrupt = interrupt,
    .break_off = break_off,
    .break_off_locked = break_off_locked,
    .set_breakpoints = set_breakpoints,
    .set_function_breakpoints = set_function_breakpoints,
    .breakpoint_locations = breakpoint_locations,
    .set_data_breakpoints = set_data_breakpoints,
    .data_breakpoint_info = data_breakpoint_info,
    .set_exception_filters = set_exception_filters,
    .dump_cell = dump_cell,
    .threads = threads,
    .stack_trace = stack_trace,
    .scopes = scopes,
    .variables = variables,
    .set_variable = set_variable,
    .set_expression = set_expression,
    .evaluate = evaluate,
    .go_to = go_to,
    .goto_targets = goto_targets,
    .restart_frame = restart_frame,
    .step_in_targets = step_in_targets,
    .completions = completions,
    .exception_info = exception_info,
    .source = source,
    .modules = modules,
    .loaded_sources = loaded_sources,
    .locations = locations,
    .read_memory = read_memory,
    .write_memory = write_memory,
    .loaded_since = loaded_since,
    .inspect_variables = inspect_variables,
    .rich_inspect_variables = rich_inspect_variables,
    .copy_to_globals = copy_to_globals,
};
