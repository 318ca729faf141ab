#define _GNU_SOURCE
#include "descriptors.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

_Static_assert(sizeof(descriptor_piece) == sizeof(struct iovec), "a piece is an iovec");
_Static_assert(offsetof(descriptor_piece, length) == offsetof(struct iovec, iov_len), "a piece is an iovec");

static inline int64_t outcome(int64_t result) { return result < 0 ? -errno : result; }

// MARK: - Polling

int poll_make(void) { return outcome(epoll_create1(EPOLL_CLOEXEC)); }

int poll_add(int set, int descriptor, uint64_t key) {
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.u64 = key};
    return outcome(epoll_ctl(set, EPOLL_CTL_ADD, descriptor, &event));
}

int poll_remove(int set, int descriptor) { return outcome(epoll_ctl(set, EPOLL_CTL_DEL, descriptor, NULL)); }

/// Nanoseconds where the system knows them (Linux 5.11), else milliseconds, rounded up: one that wakes too early would spin.
static int wait_for(int set, struct epoll_event *events, int capacity, int64_t nanoseconds) {
#ifdef SYS_epoll_pwait2
    static _Atomic bool knows_nanoseconds = true;
    if (nanoseconds > 0 && knows_nanoseconds) {
        struct timespec time = {.tv_sec = nanoseconds / 1000000000, .tv_nsec = nanoseconds % 1000000000};
        int count = (int)syscall(SYS_epoll_pwait2, set, events, capacity, &time, NULL, 0);
        // The filter of a container may refuse a call that it does not know.
        if (count >= 0 || (errno != ENOSYS && errno != EPERM)) return count;
        knows_nanoseconds = false;
    }
#endif
    int64_t milliseconds = nanoseconds < 0 ? -1 : (nanoseconds + 999999) / 1000000;
    return epoll_wait(set, events, capacity, milliseconds > 3600000 ? 3600000 : (int)milliseconds);
}

_Static_assert(sizeof(struct epoll_event) <= sizeof(poll_event), "the system's events have room in the caller's");

int poll_wait(int set, poll_event *events, int capacity, int64_t nanoseconds) {
    // Into the caller's memory, not into this frame: a thread sleeps on the stack of the tasklet that has waited last, and each
    // page that is touched there stays with that tasklet.
    int count = wait_for(set, (struct epoll_event *)events, capacity, nanoseconds);
    if (count < 0) return errno == EINTR ? 0 : -errno;
    // From the end, since the system's events are smaller: what is written covers none that is still to be read.
    for (int i = count - 1; i >= 0; i--) {
        struct epoll_event event;
        memcpy(&event, (const char *)events + (size_t)i * sizeof event, sizeof event);
        uint32_t bits = event.events;
        // An error ends both waits: the read or the write says which.
        bool is_over = bits & (EPOLLERR | EPOLLHUP);
        events[i].key = event.data.u64;
        events[i].happened = (bits & (EPOLLIN | EPOLLRDHUP) || is_over ? poll_readable : 0) |
                             (bits & EPOLLOUT || is_over ? poll_writable : 0) |
                             (bits & EPOLLRDHUP || is_over ? poll_finished : 0);
    }
    return count;
}

int poll_alarm_make(void) { return outcome(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)); }

int poll_alarm_ring(int alarm) {
    uint64_t one = 1;
    // It would block only if the alarm rings already.
    return write(alarm, &one, sizeof one) < 0 && errno != EAGAIN ? -errno : 0;
}

void poll_alarm_stop(int alarm) {
    uint64_t count;
    (void)!read(alarm, &count, sizeof count);
}

// MARK: - Descriptors

int64_t descriptor_read(int descriptor, void *buffer, size_t capacity) {
    ssize_t count;
    do count = read(descriptor, buffer, capacity);
    while (count < 0 && errno == EINTR);
    return outcome(count);
}

/// There is no flag against SIGPIPE for what is no socket. The signal goes to the thread that writes: it is blocked meanwhile,
/// and taken back unless one was pending before.
int64_t descriptor_write(int descriptor, const descriptor_piece *pieces, int count) {
    sigset_t pipe_signal, former, pending;
    sigemptyset(&pipe_signal);
    sigaddset(&pipe_signal, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_signal, &former);
    sigpending(&pending);
    ssize_t written;
    do written = writev(descriptor, (const struct iovec *)pieces, count);
    while (written < 0 && errno == EINTR);
    int64_t result = outcome(written);
    if (result == -EPIPE && !sigismember(&pending, SIGPIPE)) {
        struct timespec now = {0};
        while (sigtimedwait(&pipe_signal, NULL, &now) < 0 && errno == EINTR) {}
    }
    pthread_sigmask(SIG_SETMASK, &former, NULL);
    return result;
}

void descriptor_close(int descriptor) { close(descriptor); }

int descriptor_duplicate(int descriptor) { return outcome(fcntl(descriptor, F_DUPFD_CLOEXEC, 0)); }

int descriptor_fill_standard(void) {
    // Each takes the lowest number that is free.
    for (int number = 0; number <= 2; number++) {
        if (fcntl(number, F_GETFD) < 0 && open("/dev/null", O_RDWR) < 0) return -errno;
    }
    return 0;
}

int descriptor_pipe(int ends[2]) { return outcome(pipe2(ends, O_CLOEXEC | O_NONBLOCK)); }

const char *descriptor_error_text(int number) {
    const char *text = strerrordesc_np(number);
    return text ? text : "an error unknown to the system";
}
