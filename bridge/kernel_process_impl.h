/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Inside of struct bridge_process, shared by kernel_process.c and kernel_terminal.c (a kernel that
 * somebody else's terminal runs). Nobody else includes this.
 */
#ifndef BRIDGE_KERNEL_PROCESS_IMPL_H
#define BRIDGE_KERNEL_PROCESS_IMPL_H

#include "bridge/kernel_process.h"
#include "bridge/kernel_spawn.h"

#define BRIDGE_LAST_WORDS_BYTES 2048

struct bridge_process {
    struct bridge_process_events events;
    uv_process_t process;
    uv_pipe_t out, err;
    uv_fs_event_t watch;
    uv_timer_t drain; /* in a terminal: patience until it runs */
    uv_poll_t runner; /* in a terminal: the end of what runs the kernel */
    int open_handles;
    bool spawned; /* process is an initialised handle */
    bool in_terminal, runner_open;
    bool foreign;  /* has no debug socket */
    int runner_fd; /* pidfd; -1: none */
    int pid;       /* leader of the group that is killed; 0 after its end */
    bool closing, ended, ports_known;
    int eof; /* pipes at their end */
    int64_t status;
    int signal;
    char folder[1024];
    char connection_file[1100];
    json_t *command; /* in a terminal: what it is to run; owned */
    char words[BRIDGE_LAST_WORDS_BYTES + 1];
    size_t words_len;
};

/* kernel_process.c: a handle is closed; the last one frees the process. */
void bridge_process_closed(uv_handle_t *h);
void bridge_process_report_end(struct bridge_process *p);

/* kernel_terminal.c */
/* Makes command. */
cd_result bridge_terminal_prepare(struct bridge_process *p,
                                  const struct bridge_process_config *config,
                                  struct cd_error *reterr) CD_MUST_CHECK;
/* It is not to be run any more; it has ended. */
void bridge_terminal_give_up(struct bridge_process *p);
/* Something in the folder changed. */
void bridge_terminal_look(struct bridge_process *p);
void bridge_terminal_close(struct bridge_process *p);

#endif
