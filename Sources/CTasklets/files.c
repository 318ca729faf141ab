#define _GNU_SOURCE
#include "files.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static inline int64_t outcome(int64_t result) { return result < 0 ? -errno : result; }

#define REPEAT(call) \
    ({ \
        int64_t result; \
        do result = (call); \
        while (result < 0 && errno == EINTR); \
        outcome(result); \
    })

int file_open(const char *path, int how, uint32_t permissions) {
    int flags = O_CLOEXEC | (how & file_reads ? (how & file_writes ? O_RDWR : O_RDONLY) : O_WRONLY);
    if (how & file_makes) flags |= O_CREAT;
    if (how & file_is_new) flags |= O_CREAT | O_EXCL;
    if (how & file_empties) flags |= O_TRUNC;
    if (how & file_appends) flags |= O_APPEND;
    // Nobody waits until a named pipe has another end.
    int descriptor = (int)REPEAT(open(path, flags | O_NONBLOCK, permissions));
    // Reading and writing wait, as ever. This can only take flags away.
    if (descriptor >= 0) fcntl(descriptor, F_SETFL, flags & O_APPEND);
    return descriptor;
}

int64_t file_read(int descriptor, void *buffer, size_t capacity, int64_t position) {
    int64_t count = REPEAT(pread(descriptor, buffer, capacity, position));
    // A pipe or a terminal, which has no positions.
    return count == -ESPIPE ? REPEAT(read(descriptor, buffer, capacity)) : count;
}

int64_t file_write(int descriptor, const void *bytes, size_t count, int64_t position) {
    int64_t written = REPEAT(pwrite(descriptor, bytes, count, position));
    return written == -ESPIPE ? REPEAT(write(descriptor, bytes, count)) : written;
}

// Whatever stands in the way of doing it at once, the slow way says what is really wrong.
static int64_t at_once(int64_t result) { return result < 0 ? -EAGAIN : result; }

int64_t file_read_at_once(int descriptor, void *buffer, size_t capacity, int64_t position) {
    struct iovec piece = {buffer, capacity};
    return at_once(REPEAT(preadv2(descriptor, &piece, 1, position, RWF_NOWAIT)));
}

int64_t file_write_at_once(int descriptor, const void *bytes, size_t count, int64_t position) {
    struct iovec piece = {(void *)bytes, count};
    return at_once(REPEAT(pwritev2(descriptor, &piece, 1, position, RWF_NOWAIT)));
}

int64_t file_size(int descriptor) {
    struct stat status;
    return fstat(descriptor, &status) < 0 ? -errno : status.st_size;
}

int file_truncate(int descriptor, int64_t size) { return (int)REPEAT(ftruncate(descriptor, size)); }
int file_sync(int descriptor) { return (int)REPEAT(fsync(descriptor)); }
int file_set_permissions(int descriptor, uint32_t permissions) { return (int)outcome(fchmod(descriptor, permissions)); }

int file_permissions(const char *path, bool *is_regular) {
    struct stat status;
    if (stat(path, &status) < 0) return -errno;
    *is_regular = S_ISREG(status.st_mode);
    return (int)(status.st_mode & 07777);
}

_Static_assert(file_longest_path >= PATH_MAX, "there is room for what realpath says");

int file_real_path(const char *path, void *real) { return realpath(path, real) ? (int)strlen(real) : -errno; }

int file_rename(const char *from, const char *to) { return (int)outcome(rename(from, to)); }
int file_remove(const char *path) { return (int)outcome(unlink(path)); }

int directory_make(const char *path, uint32_t permissions) { return (int)outcome(mkdir(path, permissions)); }
int directory_remove(const char *path) { return (int)outcome(rmdir(path)); }

int directory_sync(const char *path) {
    int descriptor = (int)REPEAT(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (descriptor < 0) return descriptor;
    int result = file_sync(descriptor);
    close(descriptor);
    // Some file systems have nothing to do there.
    return result == -EINVAL ? 0 : result;
}

int directory_list(const char *path, void (*found)(void *, const char *), void *argument) {
    DIR *directory = opendir(path);
    if (directory == NULL) return -errno;
    struct dirent *entry;
    errno = 0;
    while ((entry = readdir(directory)) != NULL) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) found(argument, entry->d_name);
        errno = 0;
    }
    int error = errno;
    closedir(directory);
    return -error;
}
