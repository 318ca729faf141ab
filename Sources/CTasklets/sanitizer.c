// What AddressSanitizer, ThreadSanitizer and LeakSanitizer must be told about stacks. In a C file, since a header does
// not see the sanitizers when Swift imports it; without them everything here is empty and never called.

#include "CTasklets.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ADDRESS_SANITIZER 1
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#include <sanitizer/lsan_interface.h>
#endif
#if __has_feature(thread_sanitizer)
#define THREAD_SANITIZER 1
#include <sanitizer/tsan_interface.h>
#endif
#endif

bool stack_is_sanitized(void) {
#if ADDRESS_SANITIZER || THREAD_SANITIZER
    return true;
#else
    return false;
#endif
}

void stack_sanitizer_region(void *region, size_t length, bool is_mapped) {
#if ADDRESS_SANITIZER
    if (is_mapped) {
        __lsan_register_root_region(region, length);
    } else {
        __lsan_unregister_root_region(region, length);
        // Whoever gets these addresses next must not inherit our poison.
        __asan_unpoison_memory_region(region, length);
    }
#else
    (void)region, (void)length, (void)is_mapped;
#endif
}

void stack_sanitizer_prepare(stack_sanitizer *fresh, void *bottom, size_t size) {
#if ADDRESS_SANITIZER
    // The frames of the tasklet that had the stack before were left without returning.
    __asan_unpoison_memory_region(bottom, size);
#endif
    fresh->bottom = bottom;
    fresh->size = size;
    fresh->fake_stack = NULL;
#if THREAD_SANITIZER
    fresh->fiber = __tsan_create_fiber(0);
#endif
}

// Not instrumented at all: ThreadSanitizer counts calls and returns for each fiber, and this one is called on one fiber
// and returns on another.
#if defined(__clang__)
__attribute__((disable_sanitizer_instrumentation))
#endif
void stack_sanitizer_leave(stack_sanitizer *from, stack_sanitizer *to, bool for_ever) {
#if ADDRESS_SANITIZER
    __sanitizer_start_switch_fiber(for_ever ? NULL : &from->fake_stack, to->bottom, to->size);
#endif
#if THREAD_SANITIZER
    if (from->fiber == NULL) from->fiber = __tsan_get_current_fiber();
    __tsan_switch_to_fiber(to->fiber, 0);
#endif
    (void)from, (void)to, (void)for_ever;
}

void stack_sanitizer_arrive(stack_sanitizer *here, stack_sanitizer *_Nullable from) {
#if ADDRESS_SANITIZER
    const void *bottom;
    size_t size;
    __sanitizer_finish_switch_fiber(here->fake_stack, &bottom, &size);
    // The only way to learn the bounds of a stack that is not ours: the thread's own.
    if (from != NULL) {
        from->bottom = (void *)bottom;
        from->size = size;
    }
#endif
    (void)here, (void)from;
}

void stack_sanitizer_end(stack_sanitizer *ended) {
#if THREAD_SANITIZER
    if (ended->fiber != NULL) __tsan_destroy_fiber(ended->fiber);
#endif
    *ended = (stack_sanitizer){0};
}
