/* SPDX-License-Identifier: BSD-3-Clause
 *
 * See file_bytes.h.
 */
#include "bridge/notebook/file_bytes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void etag_of(const struct stat *st, char *etag)
{
    (void)snprintf(etag, BRIDGE_ETAG_BYTES, "\"%llx-%llx%08lx-%llx\"",
                   (unsigned long long)st->st_ino, (unsigned long long)st->st_mtim.tv_sec,
                   (unsigned long)st->st_mtim.tv_nsec, (unsigned long long)st->st_size);
}

void bridge_file_etag(const char *path, char etag[BRIDGE_ETAG_BYTES])
{
    struct stat st;

    etag[0] = '\0';
    if (stat(path, &st) == 0 && S_ISREG(st.st_mode)) {
        etag_of(&st, etag);
    }
}

cd_result bridge_file_read(const char *path, struct cd_buf *out, char *etag,
                           struct cd_error *reterr)
{
    /* O_NONBLOCK: a fifo must not hold us */
    cd_autofd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    char chunk[65536];
    struct stat st;
    ssize_t n;

    if (fd < 0 || fstat(fd, &st) != 0) {
        return errno == ENOENT || errno == ENOTDIR
                   ? cd_error_set(reterr, CD_E_NOT_FOUND, "there is no file '%s'", path)
                   : cd_error_errno(reterr, errno, "cannot read '%s'", path);
    }
    if (!S_ISREG(st.st_mode)) {
        return cd_error_set(reterr, CD_E_NOT_FOUND, "'%s' is no file", path);
    }
    while ((n = read(fd, chunk, sizeof chunk)) > 0) {
        if (cd_buf_append(out, chunk, (size_t)n, reterr) != CD_OK) {
            cd_error_prefix(reterr, "'%s'", path);
            return CD_ERR;
        }
    }
    if (n < 0) {
        return cd_error_errno(reterr, errno, "cannot read '%s'", path);
    }
    if (etag) {
        etag_of(&st, etag);
    }
    return CD_OK;
}

static cd_result write_all(int fd, const char *bytes, size_t len, struct cd_error *reterr)
{
    while (len > 0) {
        ssize_t n = write(fd, bytes, len);

        if (n < 0 && errno != EINTR) {
            return cd_error_errno(reterr, errno, "cannot be written");
        }
        bytes += n > 0 ? n : 0;
        len -= n > 0 ? (size_t)n : 0;
    }
    return fsync(fd) ? cd_error_errno(reterr, errno, "cannot be written") : CD_OK;
}

/* The mode of the file that is replaced, else what umask leaves of 0666. */
static mode_t mode_for(const char *target)
{
    struct stat st;
    mode_t mask;

    if (stat(target, &st) == 0) {
        return st.st_mode & 07777;
    }
    mask = umask(0);
    (void)umask(mask);
    return 0666 & ~mask;
}

cd_result bridge_file_replace(const char *path, const char *bytes, size_t len,
                              struct cd_error *reterr)
{
    cd_autofree char *real = realpath(path, NULL);
    const char *target = real ? real : path;
    cd_autofree char *temporary = NULL;
    cd_result r;

    if (asprintf(&temporary, "%s.XXXXXX", target) < 0) {
        temporary = NULL;
        return cd_oom(reterr);
    }
    cd_autofd int fd = mkostemp(temporary, O_CLOEXEC);
    if (fd < 0) {
        return cd_error_errno(reterr, errno, "no new file can be made beside it");
    }
    r = write_all(fd, bytes, len, reterr);
    if (!r && (fchmod(fd, mode_for(target)) || rename(temporary, target))) {
        r = cd_error_errno(reterr, errno, "cannot be replaced");
    }
    if (r) {
        (void)unlink(temporary);
    }
    return r;
}

cd_result bridge_make_folders(char *path, unsigned mode, struct cd_error *reterr)
{
    for (char *slash = strchr(path + 1, '/');; slash = strchr(slash + 1, '/')) {
        if (slash) {
            *slash = '\0';
        }
        if (mkdir(path, (mode_t)mode) != 0 && errno != EEXIST) {
            return cd_error_errno(reterr, errno, "cannot make the folder '%.300s'", path);
        }
        if (!slash) {
            return CD_OK;
        }
        *slash = '/';
    }
}
