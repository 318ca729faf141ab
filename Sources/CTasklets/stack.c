// Stacks: address ranges with a guard at the low end, many in one region.

#define _GNU_SOURCE
#include "CTasklets.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

void stack_start(void);

stack_context stack_prepare(void *top, void (*entry)(void *), void *argument) {
    // See start_x86_64.S for the picture.
    void **base = (void **)((uintptr_t)top & ~(uintptr_t)15);
    base[-1] = NULL;
    base[-2] = NULL;
    base[-3] = (void *)entry;
    base[-4] = argument;
    return (stack_context){.stack_pointer = &base[-4], .instruction = (void *)stack_start};
}

// Linux 6.13 and later: a guard inside a mapping, without splitting it in two. The headers of most systems are older.
#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102
#endif

// Linux 6.14 and later: the calling process, where a descriptor of one is asked for.
#ifndef PIDFD_SELF
#define PIDFD_SELF (-10000)
#endif

size_t stack_page_size(void) { return (size_t)sysconf(_SC_PAGESIZE); }

void *stack_region_map(size_t length, bool is_accessible) {
    // NORESERVE: a stack reserves far more than it touches; the reservation must not count as memory in use.
    void *region = mmap(NULL, length, is_accessible ? PROT_READ | PROT_WRITE : PROT_NONE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
    if (region == MAP_FAILED) return NULL;
    // A huge page would give eight stacks two megabytes at the first touch of one.
    madvise(region, length, MADV_NOHUGEPAGE);
    stack_sanitizer_region(region, length, true);
    return region;
}

void stack_region_unmap(void *region, size_t length) {
    stack_sanitizer_region(region, length, false);
    munmap(region, length);
}

bool stack_open(void *bottom, size_t length) { return mprotect(bottom, length, PROT_READ | PROT_WRITE) == 0; }

static bool markers_exist;

static bool system_has_markers(void) {
    void *page = mmap(NULL, stack_page_size(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) return false;
    const bool has = madvise(page, stack_page_size(), MADV_GUARD_INSTALL) == 0;
    munmap(page, stack_page_size());
    return has;
}

static void look_for_markers(void) {
    // LeakSanitizer reads regions as a whole, and only the list of mappings tells it where it must not.
    markers_exist = !stack_is_sanitized() && system_has_markers();
    const char *asked = getenv("TASKLETS_GUARDS");
    if (asked == NULL) return;
    if (strcmp(asked, "mprotect") == 0) {
        markers_exist = false;
    } else {
        fprintf(stderr, "Tasklets: TASKLETS_GUARDS=%s is not known and has no effect: it may be \"mprotect\".\n", asked);
    }
}

bool stack_markers_exist(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, look_for_markers);
    return markers_exist;
}

size_t stack_markers_install(void *first, size_t stride, size_t length, size_t count) {
    // All in one call, where the system has that.
    enum { batch = 64 };
    struct iovec guards[batch];
    size_t done = 0;
    if (count > 1 && count <= batch) {
        for (size_t index = 0; index < count; index++) {
            guards[index] = (struct iovec){(char *)first + index * stride, length};
        }
        const long advised = syscall(SYS_process_madvise, PIDFD_SELF, guards, count, MADV_GUARD_INSTALL, 0);
        if (advised > 0) done = (size_t)advised / length;
    }
    while (done < count && madvise((char *)first + done * stride, length, MADV_GUARD_INSTALL) == 0) done++;
    return done;
}

void stack_discard(void *bottom, size_t length) { madvise(bottom, length, MADV_DONTNEED); }

bool stack_is_touched(void *bottom, size_t length) {
    unsigned char pages[256];
    const size_t page_size = stack_page_size();
    if (length > sizeof pages * page_size) length = sizeof pages * page_size;
    if (mincore(bottom, length, pages) != 0) return false;
    for (size_t index = 0; index < length / page_size; index++) {
        if (pages[index] & 1) return true;
    }
    return false;
}
