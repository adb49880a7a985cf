/* SPDX-License-Identifier: BSD-3-Clause
 *
 * `celldap terminal FOLDER PROGRAM ARGS…`: what an editor's terminal runs (DAP: runInTerminal), so
 * that the bridge hears of a program that is nobody's child of its own. Writes
 * FOLDER/connection.running (our process id) before the program starts and connection.ended
 * ("status signal") after it. One thread.
 */
#include "bridge/cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Whole or not at all: the bridge may look at any moment. */
static cd_result put(const char *folder, const char *name, int first, int second,
                     struct cd_error *reterr)
{
    cd_autofree char *made = NULL, *path = NULL;
    FILE *f;

    if (asprintf(&path, "%s/connection.%s", folder, name) < 0 ||
        asprintf(&made, "%s/connection.%s-new", folder, name) < 0) {
        return cd_oom(reterr);
    }
    f = fopen(made, "we");
    if (!f) {
        return cd_error_errno(reterr, errno, "cannot write '%s'", made);
    }
    const bool written = fprintf(f, "%d %d\n", first, second) > 0;
    if (fclose(f) != 0 || !written || rename(made, path) != 0) {
        return cd_error_errno(reterr, errno, "cannot write '%s'", path);
    }
    return CD_OK;
}

static bool is_cancelled(const char *folder)
{
    cd_autofree char *path = NULL;

    return asprintf(&path, "%s/connection.cancelled", folder) < 0 || access(path, F_OK) == 0;
}

/* The group that is killed as a whole is ours alone, and in the terminal's foreground. Returns the
 * group that was there; 0: ours already. */
static pid_t lead_group(void)
{
    const pid_t before = getpgrp();

    if (before == getpid() || setpgid(0, 0) != 0) {
        return 0;
    }
    (void)tcsetpgrp(STDIN_FILENO, getpid());
    return before;
}

static void run_program(char **argv, pid_t parent)
{
    static const int reset[] = {SIGINT, SIGQUIT, SIGPIPE, SIGTTOU};

    (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* we are killed: it ends, as if we were not there */
    for (size_t i = 0; i < CD_ARRAY_LEN(reset); i++) {
        (void)signal(reset[i], SIG_DFL);
    }
    if (getppid() == parent) {
        (void)execv(argv[0], argv);
        bridge_cli_say("cannot start '%s': %s", argv[0], strerror(errno));
    }
    _exit(127);
}

int bridge_terminal_main(int argc, char **argv)
{
    struct cd_error err = CD_ERROR_INIT;
    const pid_t parent = getpid();
    pid_t before, child;
    int status = 0;

    if (argc < 3) {
        bridge_cli_say("terminal: it is the adapter's own way to start a program");
        return 2;
    }
    (void)signal(SIGINT, SIG_IGN); /* the program's: it is in the foreground too */
    (void)signal(SIGQUIT, SIG_IGN);
    (void)signal(SIGTTOU, SIG_IGN);
    before = lead_group();
    if (is_cancelled(argv[1]) || put(argv[1], "running", (int)parent, 0, &err) != CD_OK) {
        bridge_cli_say("the debug session is over");
        return 1;
    }
    child = fork();
    if (child == 0) {
        run_program(argv + 2, parent);
    }
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    (void)put(argv[1], "ended", WIFEXITED(status) ? WEXITSTATUS(status) : 0,
              WIFSIGNALED(status) ? WTERMSIG(status) : 0, NULL);
    if (before > 0) {
        (void)tcsetpgrp(STDIN_FILENO, before);
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
