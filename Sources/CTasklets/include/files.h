/// Files and directories. `file_` and `directory_` are the prefixes. What fails gives the system's number of the error, negated.
/// All of these may wait for a disk or a network, but those that say otherwise.
#ifndef CTASKLETS_FILES_H
#define CTASKLETS_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

enum {
    file_reads = 1,
    file_writes = 2,
    /// Made if it is not there.
    file_makes = 4,
    /// Made, and an error if it is there.
    file_is_new = 8,
    file_empties = 16,
    /// What is written goes to the end.
    file_appends = 32,
};

/// A descriptor that is closed in children. Does not wait for the other end of a named pipe: `-ENXIO` when that is to be written
/// and nobody reads it.
int file_open(const char *path, int how, uint32_t permissions);

/// As many bytes as are there up to `capacity`; 0 at the end.
int64_t file_read(int descriptor, void *_Nullable buffer, size_t capacity, int64_t position);

/// The same without waiting: `-EAGAIN` when the system would have to fetch them, or does not know.
int64_t file_read_at_once(int descriptor, void *_Nullable buffer, size_t capacity, int64_t position);

/// Writes at least one byte; at the end of a file that appends.
int64_t file_write(int descriptor, const void *_Nullable bytes, size_t count, int64_t position);

/// The same without waiting: `-EAGAIN` when it might wait, or the system does not know.
int64_t file_write_at_once(int descriptor, const void *_Nullable bytes, size_t count, int64_t position);

int64_t file_size(int descriptor);
int file_truncate(int descriptor, int64_t size);
/// Waits until the disk has it.
int file_sync(int descriptor);
int file_set_permissions(int descriptor, uint32_t permissions);

/// What may be done with what the path leads to, and whether that is a regular file.
int file_permissions(const char *path, bool *is_regular);
enum { file_longest_path = 4096 };
/// Puts the path without symbolic links into `real`, which has room for the longest one, and gives its length.
int file_real_path(const char *path, void *real);
/// Puts `from` in the place of what `to` is, in one step.
int file_rename(const char *from, const char *to);
int file_remove(const char *path);

int directory_make(const char *path, uint32_t permissions);
/// An empty one.
int directory_remove(const char *path);
/// Waits until the disk has the names.
int directory_sync(const char *path);
/// Calls `found` with each name in it, but for itself and the one above.
int directory_list(const char *path, void (*found)(void *argument, const char *name), void *argument);

#pragma clang assume_nonnull end

#endif
