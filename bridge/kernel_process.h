/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A celldap-kernel of ours: started with a connection file in a private folder, watched until its
 * ports are known, its own words read, its end noticed, and killed with its whole process group.
 * Bridge loop only; callbacks come from the loop, never from inside a call.
 */
#ifndef BRIDGE_KERNEL_PROCESS_H
#define BRIDGE_KERNEL_PROCESS_H

#include "dap/base/json.h"
#include "kernel/wire/connection.h"

#include <uv.h>

struct bridge_process;

struct bridge_process_events {
    void *ctx;
    /* Once: the kernel has bound its sockets. */
    void (*ports)(void *ctx, const struct wire_connection *connection);
    /* Bytes that the process wrote to its fd 1 or 2, past Python's streams. */
    void (*words)(void *ctx, bool is_stderr, const char *bytes, size_t len);
    /* Once, after the last words: exit status, or the signal that killed it (else 0). */
    void (*exited)(void *ctx, int64_t status, int signal);
};

struct bridge_process_config {
    const char
        *folder; /* private folder (bridge/private_folder.h); the connection file goes there */
    const char *file_name;     /* of the connection file there; NULL: connection.json */
    bool known_connection;     /* that file is there, with ports and key to be used again */
    int alone_s;               /* ends when it was alone for so long; 0: never */
    const char *python;        /* interpreter for --python; NULL: the kernel's default */
    const char *cwd;           /* NULL: ours */
    const json_t *env;         /* object name -> string or null (unset); NULL: ours as it is */
    bool plain;                /* --plain */
    bool outlive;              /* does not end when we are gone (keepKernel) */
    const char *log_file;      /* --log, NULL: none */
    const json_t *python_args; /* array of strings, or NULL */
    const json_t
        *foreign;     /* {argv, env} of bridge_kernelspec_foreign: not celldap-kernel; or NULL */
    bool in_terminal; /* does not spawn: a terminal is to run bridge_process_command */
    bool show_output; /* IN_TERMINAL: what is printed comes to us too */
};

/* Spawns. The process is its own session and process group. */
cd_result bridge_process_start(uv_loop_t *loop, const struct bridge_process_config *config,
                               const struct bridge_process_events *events,
                               struct bridge_process **ret, struct cd_error *reterr) CD_MUST_CHECK;
/* IN_TERMINAL: {args, cwd, env} of DAP's runInTerminal; borrowed. */
json_t *bridge_process_command(const struct bridge_process *p);
int bridge_process_pid(const struct bridge_process *p); /* 0 when it has ended */
const char *bridge_process_connection_file(const struct bridge_process *p);
/* SIGKILL to the whole group; `exited` follows. Also for what a dead leader left behind. */
void bridge_process_kill(struct bridge_process *p);
/* The last lines it wrote itself, NUL-terminated, at most 2 KiB; "" when none. */
const char *bridge_process_last_words(const struct bridge_process *p);
/* No callback any more; kills nothing. Memory goes when its handles are closed. */
void bridge_process_close(struct bridge_process *p);

#endif
