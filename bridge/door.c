/* SPDX-License-Identifier: BSD-3-Clause
 *
 * See door.h. A loopback port can be reached by every user of the machine, and by web pages in a
 * browser: who connects must be ours, and the framing behind it takes no HTTP (dap/framing.h).
 */
#include "bridge/door.h"

#include "dap/base/log.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* A line of /proc/net/tcp: number, local and remote address, state, queues, timer, retransmits,
 * uid; hexadecimal but for the first and the last. */
struct tcp_line {
    unsigned long local_ip, local_port, remote_ip, remote_port, uid;
};

static bool read_line(const char *line, struct tcp_line *ret)
{
    enum { FIELDS = 12 };
    unsigned long n[FIELDS];
    const char *at = line;

    for (int i = 0; i < FIELDS; i++) {
        char *end = NULL;

        n[i] = strtoul(at, &end, i == 0 || i == FIELDS - 1 ? 10 : 16);
        if (end == at) {
            return false;
        }
        at = *end == ':' ? end + 1 : end;
    }
    *ret = (struct tcp_line){n[1], n[2], n[3], n[4], n[FIELDS - 1]};
    return true;
}

/* Whose the other end of a loopback connection is: in the table its local address is our peer's.
 * -1: not found. */
static long uid_of_peer(const struct sockaddr_in *peer, const struct sockaddr_in *own)
{
    char line[512];
    long uid = -1;
    FILE *f = fopen("/proc/net/tcp", "re");

    while (f && uid < 0 && fgets(line, sizeof line, f)) {
        struct tcp_line t;

        if (read_line(line, &t) && t.local_ip == peer->sin_addr.s_addr &&
            t.local_port == ntohs(peer->sin_port) && t.remote_ip == own->sin_addr.s_addr &&
            t.remote_port == ntohs(own->sin_port)) {
            uid = (long)t.uid;
        }
    }
    if (f) {
        (void)fclose(f);
    }
    return uid;
}

static bool is_ours_tcp(int fd)
{
    struct sockaddr_in peer = {0}, own = {0};
    socklen_t peer_len = sizeof peer, own_len = sizeof own;

    return getpeername(fd, (struct sockaddr *)&peer, &peer_len) == 0 &&
           getsockname(fd, (struct sockaddr *)&own, &own_len) == 0 &&
           uid_of_peer(&peer, &own) == (long)getuid();
}

static bool is_ours_unix(int fd)
{
    struct ucred who = {0};
    socklen_t len = sizeof who;

    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) == 0 && who.uid == getuid();
}

static int accept_ours(int listener, bool (*is_ours)(int fd), struct cd_error *reterr)
{
    for (;;) {
        int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

        if (fd < 0 && errno != EINTR && errno != ECONNABORTED) {
            cd_error_errno(reterr, errno, "cannot accept a connection");
            return -1;
        }
        if (fd >= 0 && is_ours(fd)) {
            return fd;
        }
        if (fd >= 0) {
            cd_log(CD_LOG_WARN, "door", "a connection of another user was closed");
            close(fd);
        }
    }
}

static int listening(int fd, const struct sockaddr *address, socklen_t len, const char *what,
                     struct cd_error *reterr)
{
    if (fd < 0 || bind(fd, address, len) != 0 || listen(fd, 8) != 0) {
        cd_error_errno(reterr, errno, "cannot listen on %s", what);
        if (fd >= 0) {
            close(fd);
        }
        return -1;
    }
    return fd;
}

int bridge_door_port(int port, struct cd_error *reterr)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    const int yes = 1;
    char what[40];
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    (void)snprintf(what, sizeof what, "127.0.0.1:%d", port);
    (void)setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    listener = listening(listener, (const struct sockaddr *)&at, len, what, reterr);
    if (listener < 0) {
        return -1;
    }
    (void)getsockname(listener, (struct sockaddr *)&at, &len);
    (void)printf("DAP server listening at: 127.0.0.1:%d\n", ntohs(at.sin_port));
    (void)fflush(stdout);
    int fd = accept_ours(listener, is_ours_tcp, reterr);
    close(listener);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    return fd;
}

/* A socket that is left over from an adapter that was killed. */
static void remove_stale(const struct sockaddr_un *at)
{
    struct stat st;
    cd_autofd int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd >= 0 && lstat(at->sun_path, &st) == 0 && S_ISSOCK(st.st_mode) &&
        connect(fd, (const struct sockaddr *)at, sizeof *at) != 0 && errno == ECONNREFUSED) {
        (void)unlink(at->sun_path);
    }
}

int bridge_door_pipe(const char *path, struct cd_error *reterr)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    mode_t before;
    int listener;

    if (strlen(path) >= sizeof at.sun_path) {
        cd_error_set(reterr, CD_E_LIMIT,
                     "--pipe: the path is longer than the %zu bytes that a "
                     "socket's may have",
                     sizeof at.sun_path - 1);
        return -1;
    }
    memcpy(at.sun_path, path, strlen(path) + 1);
    remove_stale(&at);
    before = umask(0177);
    listener = listening(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0),
                         (const struct sockaddr *)&at, sizeof at, path, reterr);
    (void)umask(before);
    if (listener < 0) {
        return -1;
    }
    (void)printf("DAP server listening at: %s\n", path);
    (void)fflush(stdout);
    int fd = accept_ours(listener, is_ours_unix, reterr);
    close(listener);
    (void)unlink(path);
    return fd;
}
