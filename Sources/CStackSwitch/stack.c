// Stacks: address ranges with a guard at the low end, many in one mapping.

#define _GNU_SOURCE
#include "CStackSwitch.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
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

size_t stack_page_size(void) { return (size_t)sysconf(_SC_PAGESIZE); }

void *stack_region_map(size_t length) {
    // NORESERVE: a stack reserves far more than it touches; the reservation must not count as memory in use.
    void *region = mmap(NULL, length, PROT_READ | PROT_WRITE,
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

static bool guards_split_mappings;

static void choose_guards(void) {
    // LeakSanitizer reads regions as a whole, and only the list of mappings tells it where it must not.
    guards_split_mappings = stack_is_sanitized();
    const char *asked = getenv("TASKLETS_GUARDS");
    if (asked == NULL) return;
    if (strcmp(asked, "mprotect") == 0) {
        guards_split_mappings = true;
    } else {
        fprintf(stderr, "Tasklets: TASKLETS_GUARDS=%s is not known and has no effect: it may be \"mprotect\".\n", asked);
    }
}

bool stack_guard_install(void *address, size_t length) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, choose_guards);
    if (!guards_split_mappings && madvise(address, length, MADV_GUARD_INSTALL) == 0) return true;
    return mprotect(address, length, PROT_NONE) == 0;
}
