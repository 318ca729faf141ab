/// Descriptors: hearing what happens at them, and moving bytes. Everything that fails gives the system's number of the error,
/// negated; nothing touches `errno` of Swift's side.
///
/// - `poll_`: which descriptors are ready (epoll, edge-triggered), and how another thread interrupts the wait for that.
/// - `descriptor_`: what any descriptor does.
#ifndef CTASKLETS_DESCRIPTORS_H
#define CTASKLETS_DESCRIPTORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

/// What has happened at a descriptor.
typedef struct poll_event {
    /// What `poll_add` was told.
    uint64_t key;
    /// Bits of `poll_happening`.
    uint32_t happened;
} poll_event;

enum {
    poll_readable = 1,
    poll_writable = 2,
    /// The other side has finished writing: a read will come to the end, and a short one does not say that it was reached.
    poll_finished = 4,
};

/// A new set of descriptors.
int poll_make(void);

/// From now on each change to readable or writable is an event with that key. `-EPERM` for what is always ready, a regular file.
int poll_add(int set, int descriptor, uint64_t key);

int poll_remove(int set, int descriptor);

/// Sleeps until something has happened or so many nanoseconds have passed; 0 does not sleep, -1 has no end. The number of events
/// may be 0 before that: after a signal, which is no error, and after an hour.
int poll_wait(int set, poll_event *events, int capacity, int64_t nanoseconds);

/// A descriptor that becomes readable when another thread calls `poll_alarm_ring`.
int poll_alarm_make(void);
int poll_alarm_ring(int alarm);
void poll_alarm_stop(int alarm);

/// A piece of memory to be written, as `struct iovec`.
typedef struct descriptor_piece {
    const void *_Nullable start;
    size_t length;
} descriptor_piece;

/// `-EAGAIN` when there is nothing yet, 0 at the end.
int64_t descriptor_read(int descriptor, void *_Nullable buffer, size_t capacity);

/// Writes as much as there is room for. Never raises SIGPIPE: `-EPIPE` when nobody reads any more.
int64_t descriptor_write(int descriptor, const descriptor_piece *pieces, int count);

/// Never interrupted: the descriptor is gone in any case.
void descriptor_close(int descriptor);

/// The same descriptor under another number, which is closed in children.
int descriptor_duplicate(int descriptor);

/// Opens /dev/null in place of the standard streams that the program was started without.
int descriptor_fill_standard(void);

/// A pipe: the ends are closed in children and do not block.
int descriptor_pipe(int ends[_Nonnull 2]);

/// What the system calls an error, as "Connection refused".
const char *descriptor_error_text(int number);

#pragma clang assume_nonnull end

#endif
