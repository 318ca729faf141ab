#define _GNU_SOURCE
#include "pipes.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/// The other side of a terminal in a window: opening it once more would make a new terminal.
static bool is_terminal_master(const struct stat *status) {
    return major(status->st_rdev) == 5 && minor(status->st_rdev) == 2;
}

int pipe_borrow(int descriptor, bool writes, bool *may_block) {
    *may_block = false;
    struct stat status;
    if (fstat(descriptor, &status) < 0) return -errno;
    int flags = fcntl(descriptor, F_GETFL);
    if (flags < 0) return -errno;
    bool is_terminal = S_ISCHR(status.st_mode) && !is_terminal_master(&status) && isatty(descriptor);
    if (S_ISFIFO(status.st_mode) || is_terminal) {
        char path[32];
        snprintf(path, sizeof path, "/proc/self/fd/%d", descriptor);
        int own = open(path, (writes ? O_WRONLY : O_RDONLY) | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
        if (own >= 0) return own;
    }
    // A regular file is always ready.
    *may_block = !(flags & O_NONBLOCK) && !S_ISREG(status.st_mode);
    int copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 3);
    return copy < 0 ? -errno : copy;
}

int descriptor_is_ready(int descriptor, bool writes) {
    struct pollfd polled = {.fd = descriptor, .events = writes ? POLLOUT : POLLIN | POLLRDHUP};
    int count;
    do count = poll(&polled, 1, 0);
    while (count < 0 && errno == EINTR);
    return count < 0 ? -errno : count;
}

int64_t pipe_read_if_ready(int descriptor, void *buffer, size_t capacity) {
    int is_ready = descriptor_is_ready(descriptor, false);
    if (is_ready <= 0) return is_ready < 0 ? is_ready : -EAGAIN;
    return descriptor_read(descriptor, buffer, capacity);
}

int64_t pipe_write_if_ready(int descriptor, const descriptor_piece *piece) {
    int is_ready = descriptor_is_ready(descriptor, true);
    if (is_ready <= 0) return is_ready < 0 ? is_ready : -EAGAIN;
    descriptor_piece first = *piece;
    // A pipe is ready to be written to when that much has room.
    if (first.length > PIPE_BUF) first.length = PIPE_BUF;
    return descriptor_write(descriptor, &first, 1);
}

int pipe_for_child(int ends[2], int ours) {
    if (pipe2(ends, O_CLOEXEC) < 0) return -errno;
    // The ends are two open files: the flag of one is not that of the other.
    if (fcntl(ends[ours], F_SETFL, O_NONBLOCK) == 0) return 0;
    int error = errno;
    close(ends[0]);
    close(ends[1]);
    return -error;
}
