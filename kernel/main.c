/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The kernel's start, main loop and end. Main thread: it only executes, so that a cell that never
 * ends, a stop or input() keeps nobody else from answering. Everything that has to end the kernel
 * goes through the control thread (channels/control.c).
 */
#include "kernel/main.h"

#include "dap/base/log.h"
#include "kernel/channels/channels.h"
#include "kernel/children.h"
#include "kernel/folders.h"
#include "kernel/host.h"
#include "kernel/shells.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#define CHILDREN_MS 1000 /* for the user's processes to end after SIGTERM */

/* One per process, as Python is. */
static struct kernel the_kernel = {.stop_fd = -1,
                                   .nudge_fd = -1,
                                   .settled_fd = -1,
                                   .run_mu = PTHREAD_MUTEX_INITIALIZER,
                                   .threads_mu = PTHREAD_MUTEX_INITIALIZER,
                                   .shells_mu = PTHREAD_MUTEX_INITIALIZER};

static void on_sigterm(int sig)
{
    const int saved = errno;
    if (getpid() == the_kernel.pid) {
        atomic_store(&the_kernel.terminated, true);
        kernel_ask_stop(&the_kernel);
    } else { /* a forked child has no control thread: it ends as if there were no handler */
        (void)signal(sig, SIG_DFL);
        (void)raise(sig);
    }
    errno = saved;
}

static cd_result start_log(const struct kernel_options *options, struct cd_error *reterr)
{
    enum cd_log_level level = CD_LOG_WARN;
    int fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3); /* 2 is going to be the user's */
    if (options->log_level && !cd_log_level_parse(options->log_level, &level)) {
        return cd_error_set(reterr, CD_E_BAD_VALUE,
                            "--log-level is '%.40s', expected error, warn, info, debug or trace",
                            options->log_level);
    }
    if (options->log_file) {
        if (fd >= 0) {
            close(fd);
        }
        fd = open(options->log_file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        if (fd < 0) {
            return cd_error_errno(reterr, errno, "cannot write the log '%s'", options->log_file);
        }
    }
    cd_log_init(fd, level);
    return CD_OK;
}

/* 16 random bytes in the usual groups; lower-case hex. */
static cd_result uuid_new(char ret[37], struct cd_error *reterr)
{
    unsigned char b[16];
    if (getrandom(b, sizeof b, 0) != (ssize_t)sizeof b) {
        return cd_error_errno(reterr, errno, "no random numbers");
    }
    (void)snprintf(ret, 37, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
                   b[0], b[1], b[2], b[3], b[4], b[5], (b[6] & 0x0f) | 0x40, b[7],
                   (b[8] & 0x3f) | 0x80, b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
    return CD_OK;
}

/* Reads the connection file; makes one that is not there, with a new key and ports to be chosen. */
static cd_result load_connection(struct kernel *k, struct cd_error *reterr)
{
    const char *path = k->options.connection_file;
    if (access(path, F_OK) == 0) {
        return wire_connection_read(path, &k->connection, reterr);
    }
    (void)snprintf(k->connection.ip, sizeof k->connection.ip, "127.0.0.1");
    (void)snprintf(k->connection.kernel_name, sizeof k->connection.kernel_name, "celldap");
    return uuid_new(k->connection.key, reterr);
}

static cd_result prepare(struct kernel *k, struct cd_error *reterr)
{
    if (start_log(&k->options, reterr) || load_connection(k, reterr) ||
        uuid_new(k->session, reterr) ||
        kernel_package_dir(k->package_dir, sizeof k->package_dir, reterr) ||
        kernel_cell_folder(k->cell_prefix, sizeof k->cell_prefix, reterr)) {
        return CD_ERR;
    }
    wire_msg_session(k->session, "celldap");
    const struct wire_connection asked = k->connection;
    if (kernel_init(k, reterr)) {
        return CD_ERR;
    }
    if (memcmp(asked.port, k->connection.port, sizeof asked.port) == 0) {
        return CD_OK;
    }
    return wire_connection_write(k->options.connection_file, &k->connection, reterr);
}

static cd_result start_python(struct kernel *k, struct cd_error *reterr)
{
    kernel_host_fill(k);
    k->interp = pyx_interp_ops();
    k->engine = pyx_engine_ops(&k->engine_host);
    const struct interp_config config = {
        .python = k->python,
        .package_dir = k->package_dir,
        .cell_prefix = k->cell_prefix,
        .session = k->session,
        .connection_file = k->options.connection_file,
        .profile_dir = k->options.profile_dir,
        .plain = k->options.plain,
        .terminal = k->options.terminal || k->options.tee,
        .tee = k->options.tee,
        .python_args = k->options.python_args,
        .python_arg_count = k->options.python_arg_count,
        .host = &k->interp_host,
    };
    return k->interp->start(&config, reterr);
}

static int fail(const struct kernel *k, const struct cd_error *err)
{
    (void)fprintf(stderr, "celldap-kernel: %s\n", err->text);
    kernel_cell_folder_remove(k->cell_prefix);
    return 1;
}

static int run(struct kernel *k)
{
    struct cd_error err = CD_ERROR_INIT;
    if (prepare(k, &err) || start_python(k, &err)) {
        kernel_done(k);
        return fail(k, &err);
    }
    const bool terminal = k->options.terminal || k->options.tee;
    if ((!terminal && kernel_output_capture(k, &err)) || kernel_threads_start(k, &err)) {
        kernel_output_restore(k);
        (void)fail(k, &err);
        _exit(1); /* some threads run, none of them knows an end yet */
    }
    atomic_store(&k->last_active, (long long)time(NULL));
    kernel_publish_status(k, NULL, "starting");
    kernel_publish_status(k, NULL, "idle");
    kernel_shell_run(k->main);
    kernel_python_threads_join(k);
    k->interp->finish();
    if (!k->ran_file) {
        kernel_children_end(CHILDREN_MS);
    }
    (void)fflush(NULL);
    kernel_threads_join(k);
    if (atomic_load(&k->subshells_busy) == 0) {
        kernel_done(k);
    }
    kernel_cell_folder_remove(k->cell_prefix);
    kernel_cell_folders_sweep();
    if (atomic_load(&the_kernel.terminated)) {
        sigset_t term;
        (void)sigemptyset(&term);
        (void)sigaddset(&term, SIGTERM);
        (void)signal(SIGTERM, SIG_DFL);
        (void)pthread_sigmask(SIG_UNBLOCK, &term, NULL);
        (void)raise(SIGTERM);
    }
    _exit(0); /* the user's daemon threads still run: no destructor may pull the ground from them */
}

int celldap_kernel_main(int argc, char **argv, const struct kernel_loader_info *loader)
{
    struct kernel *k = &the_kernel;
    if (kernel_options_parse(argc, argv, &k->options)) {
        return 2;
    }
    if (loader && loader->version != KERNEL_LOADER_VERSION) {
        (void)fprintf(stderr,
                      "celldap-kernel: the loader has version %d, the module %d: build again\n",
                      loader->version, KERNEL_LOADER_VERSION);
        return 2;
    }
    k->python = loader ? loader->python : k->options.python;
    if (!k->python) {
        (void)fprintf(stderr, "celldap-kernel: --python PATH is missing\n");
        return 2;
    }
    k->pid = getpid();
    json_object_seed(0); /* before the first thread */
    kernel_role_enter("celldap-main");
    struct sigaction on_term = {.sa_handler = on_sigterm, .sa_flags = SA_RESTART};
    (void)sigaction(SIGTERM, &on_term, NULL);
    return run(k);
}
