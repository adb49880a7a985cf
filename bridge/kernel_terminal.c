/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A kernel that an editor's terminal runs (kernel_process.h, in_terminal): it is not our child, so
 * that `celldap terminal` stands between (cli/terminal.c) and tells its process id and the end by
 * files in the private folder. Bridge loop only.
 */
#include "bridge/kernel_process_impl.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define RUNNING_MS 60000 /* the terminal may ask its user first */

static json_t *strings(const struct bridge_strings *from)
{
    json_t *list = json_array();

    for (size_t i = 0; i < from->count; i++) {
        json_array_append_new(list, cd_json_textz(from->v[i]));
    }
    return list;
}

/* What the terminal's environment does not have: the configuration's, and whose the kernel is. */
static json_t *environment(const struct bridge_process_config *config)
{
    json_t *env = config->env ? json_deep_copy(config->env) : json_object();
    char pid[24];

    (void)snprintf(pid, sizeof pid, "%ld", (long)getpid());
    if (env) {
        json_object_set_new(env, "JPY_PARENT_PID", json_string(pid));
    }
    return env;
}

static void on_not_run(uv_timer_t *t)
{
    struct bridge_process *p = t->data;

    p->ended = true;
    p->status = 127;
    if (!p->words[0]) {
        (void)snprintf(p->words, sizeof p->words, "the terminal did not start it");
    }
    bridge_process_report_end(p);
}

/* Also a terminal that comes to it later finds that it is not wanted. */
void bridge_terminal_give_up(struct bridge_process *p)
{
    char path[1200];

    (void)snprintf(path, sizeof path, "%s/connection.cancelled", p->folder);
    FILE *f = fopen(path, "we");
    if (f) {
        (void)fclose(f);
    }
    uv_timer_start(&p->drain, on_not_run, 0, 0);
}

/* Of the kernel before, when it is restarted. */
static void forget_files(const struct bridge_process *p)
{
    static const char *const names[] = {"running", "ended", "cancelled"};
    char path[1200];

    for (size_t i = 0; i < CD_ARRAY_LEN(names); i++) {
        (void)snprintf(path, sizeof path, "%s/connection.%s", p->folder, names[i]);
        (void)unlink(path);
    }
}

cd_result bridge_terminal_prepare(struct bridge_process *p,
                                  const struct bridge_process_config *config,
                                  struct cd_error *reterr)
{
    struct bridge_strings argv = {0};
    char own[4096], here[4096];
    cd_result r = CD_ERR;

    p->in_terminal = true;
    forget_files(p);
    if (bridge_own_folder(own, sizeof own, reterr) == CD_OK &&
        bridge_strings_add(&argv, reterr, "%s/celldap", own) == CD_OK &&
        bridge_strings_add(&argv, reterr, "terminal") == CD_OK &&
        bridge_strings_add(&argv, reterr, "%s", p->folder) == CD_OK &&
        bridge_kernel_arguments(config, p->connection_file, &argv, reterr) == CD_OK) {
        const char *cwd = config->cwd ? config->cwd : getcwd(here, sizeof here);

        p->command = json_pack("{s:s, s:o, s:o}", "cwd", cwd ? cwd : "/", "args", strings(&argv),
                               "env", environment(config));
        r = p->command ? CD_OK : cd_oom(reterr);
    }
    bridge_strings_done(&argv);
    uv_timer_start(&p->drain, on_not_run, RUNNING_MS, 0);
    return r;
}

/* The two numbers of a file that `celldap terminal` wrote. */
static bool numbers(const struct bridge_process *p, const char *name, int *first, int *second)
{
    char path[1200];
    char text[64] = "";
    char *end = NULL;

    (void)snprintf(path, sizeof path, "%s/connection.%s", p->folder, name);
    FILE *f = fopen(path, "re");
    if (!f) {
        return false;
    }
    const bool read = fgets(text, sizeof text, f) != NULL;
    (void)fclose(f);
    *first = (int)strtol(text, &end, 10);
    *second = (int)strtol(end, NULL, 10);
    return read && end != text;
}

/* Killed with the terminal, where nobody told how it ended. */
static void on_runner_ended(uv_poll_t *poll, int status, int events)
{
    struct bridge_process *p = poll->data;
    int code = 0, number = 0;

    (void)status;
    (void)events;
    (void)uv_poll_stop(poll);
    if (!numbers(p, "ended", &code, &number)) {
        number = SIGKILL;
    }
    (void)kill(-p->pid, SIGKILL);
    p->pid = 0;
    p->ended = true;
    p->status = code;
    p->signal = number;
    bridge_process_report_end(p);
}

void bridge_terminal_look(struct bridge_process *p)
{
    int pid = 0, unused;

    if (p->runner_open || p->ended || !numbers(p, "running", &pid, &unused) || pid <= 1) {
        return;
    }
    p->runner_fd = (int)syscall(SYS_pidfd_open, (pid_t)pid, 0u);
    if (p->runner_fd < 0) { /* ended already */
        on_not_run(&p->drain);
        return;
    }
    uv_timer_stop(&p->drain);
    p->pid = pid;
    p->runner_open = true;
    p->open_handles++;
    p->runner.data = p;
    (void)uv_poll_init(p->watch.loop, &p->runner, p->runner_fd);
    (void)uv_poll_start(&p->runner, UV_READABLE, on_runner_ended);
}

static void on_runner_closed(uv_handle_t *h)
{
    struct bridge_process *p = h->data;

    close(p->runner_fd);
    bridge_process_closed(h);
}

void bridge_terminal_close(struct bridge_process *p)
{
    if (p->runner_open) {
        uv_close((uv_handle_t *)&p->runner, on_runner_closed);
    }
}
