/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The pipes behind the file descriptors 1 and 2. The iopub thread reads them, and whoever puts
 * other output into its buffer does so first, so that order holds: reads never wait, and are made
 * under the buffer's mutex. Log and loader write to the descriptors of before.
 */
#include "kernel/channels/capture.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FIRST_FREE_FD 3

/* For the crash handler, which knows no kernel. */
static volatile int crash_read_fd = -1;
static volatile int crash_saved_fd = -1;
static volatile pid_t crash_pid;

/* Async-signal-safe: the last words (of faulthandler, of abort) are in a pipe that dies with us. */
static void on_crash(int sig)
{
    char text[4096];
    ssize_t n;
    while (getpid() == crash_pid && (n = read(crash_read_fd, text, sizeof text)) > 0) {
        (void)!write(crash_saved_fd, text, (size_t)n);
    }
    (void)raise(sig); /* SA_RESETHAND: the default action now */
}

static void watch_crashes(const struct kernel_capture *c)
{
    static const int signals[] = {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL};
    crash_read_fd = c->read_fd[1];
    crash_saved_fd = c->saved_fd[1];
    crash_pid = getpid();
    struct sigaction action = {.sa_handler = on_crash,
                               .sa_flags = (int)(SA_RESETHAND | SA_NODEFER | SA_ONSTACK)};
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) {
        struct sigaction before;
        if (sigaction(signals[i], NULL, &before) == 0 && before.sa_handler == SIG_DFL) {
            (void)sigaction(signals[i], &action, NULL);
        }
    }
}

void kernel_capture_init(struct kernel_capture *c)
{
    *c = (struct kernel_capture){.read_fd = {-1, -1}, .saved_fd = {-1, -1}};
}

static cd_result capture_one(struct kernel_capture *c, int which, struct cd_error *reterr)
{
    const int fd = which + 1;
    int ends[2];
    c->saved_fd[which] = fcntl(fd, F_DUPFD_CLOEXEC, FIRST_FREE_FD);
    if (c->saved_fd[which] < 0 || pipe2(ends, O_CLOEXEC) != 0) {
        return cd_error_errno(reterr, errno, "cannot take in file descriptor %d", fd);
    }
    const int read_end = fcntl(ends[0], F_DUPFD_CLOEXEC, FIRST_FREE_FD); /* not 0, 1 or 2 */
    const int flags = fcntl(read_end, F_GETFL);
    const bool taken = read_end >= 0 && fcntl(read_end, F_SETFL, flags | O_NONBLOCK) == 0 &&
                       dup2(ends[1], fd) == fd;
    const int failed = errno;
    close(ends[0]);
    if (ends[1] != fd) {
        close(ends[1]);
    }
    if (!taken) {
        return cd_error_errno(reterr, failed, "cannot take in file descriptor %d", fd);
    }
    c->read_fd[which] = read_end;
    return CD_OK;
}

bool kernel_capture_waits(const struct kernel_capture *c)
{
    struct pollfd fds[] = {{.fd = c->read_fd[0], .events = POLLIN},
                           {.fd = c->read_fd[1], .events = POLLIN}};

    return c->read_fd[0] >= 0 && poll(fds, 2, 0) != 0;
}

cd_result kernel_capture_start(struct kernel_capture *c, struct cd_error *reterr)
{
    (void)fflush(NULL);
    if (capture_one(c, 0, reterr) || capture_one(c, 1, reterr)) {
        return CD_ERR;
    }
    (void)setvbuf(stdout, NULL, _IOLBF, 0); /* a pipe would get 4 KB at a time */
    watch_crashes(c);
    return CD_OK;
}

/* How many bytes at the end begin a character whose rest has not come. */
static size_t unfinished(const char *text, size_t len)
{
    for (size_t back = 1; back <= 3 && back <= len; back++) {
        const unsigned char b = (unsigned char)text[len - back];
        if (b >= 0xc0) {
            const size_t whole = b >= 0xf0 ? 4 : b >= 0xe0 ? 3 : 2;
            return whole > back ? back : 0;
        }
        if (b < 0x80) {
            return 0;
        }
    }
    return 0;
}

size_t kernel_capture_read(struct kernel_capture *c, int which, char *out, size_t size)
{
    size_t len = c->tail_len[which];
    if (c->read_fd[which] < 0) {
        return 0;
    }
    memcpy(out, c->tail[which], len);
    ssize_t n;
    do {
        n = read(c->read_fd[which], out + len, size - len);
    } while (n < 0 && errno == EINTR);
    if (n <= 0) {
        return 0;
    }
    len += (size_t)n;
    const size_t rest = unfinished(out, len);
    memcpy(c->tail[which], out + len - rest, rest);
    c->tail_len[which] = rest;
    return len - rest;
}

void kernel_capture_restore(struct kernel_capture *c)
{
    (void)fflush(stdout);
    for (int i = 0; i < 2; i++) {
        if (c->read_fd[i] >= 0) {
            (void)dup2(c->saved_fd[i], i + 1);
        }
    }
}

void kernel_capture_done(struct kernel_capture *c)
{
    crash_pid = 0;
    for (int i = 0; i < 2; i++) {
        if (c->read_fd[i] >= 0) {
            close(c->read_fd[i]);
        }
        if (c->saved_fd[i] >= 0) {
            close(c->saved_fd[i]);
        }
    }
    kernel_capture_init(c);
}
