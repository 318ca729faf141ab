// Looking at stacks: who called whom, and how much has been used.

#define _GNU_SOURCE
#include "CTasklets.h"

#include <string.h>
#include <sys/mman.h>

// Reads words between the variables of other functions, which a sanitizer would take for a fault.
#if defined(__clang__)
#define UNCHECKED __attribute__((disable_sanitizer_instrumentation))
#else
#define UNCHECKED
#endif

__attribute__((noinline)) void stack_here(stack_context *here) {
    void **frame = __builtin_frame_address(0);
    here->stack_pointer = frame;
    here->instruction = __builtin_return_address(0);
    here->frame_pointer = frame[0];
}

// What the frame pointer points to, on both processors:
//
//      higher   return address
//      fp ->    the caller's frame pointer, higher than this one; 0 at the root
//      lower
//
// A function that was compiled without frame pointers may have left anything in the register. So no word is believed:
// each frame has to lie above the one before and inside the stack.
UNCHECKED size_t stack_frames(const stack_context *fiber, stack_bounds bounds, void **addresses, size_t capacity) {
    if (capacity == 0 || fiber->frame_pointer == NULL) return 0;
    size_t count = 0;
    addresses[count++] = fiber->instruction;
    uintptr_t lowest = (uintptr_t)fiber->stack_pointer;
    if (lowest < (uintptr_t)bounds.lowest) return count;
    uintptr_t frame = (uintptr_t)fiber->frame_pointer;
    while (count < capacity && frame >= lowest && frame % sizeof(void *) == 0 &&
           frame <= (uintptr_t)bounds.highest - 2 * sizeof(void *)) {
        uintptr_t *words = (uintptr_t *)frame;
        uintptr_t caller = words[1];
#if defined(__aarch64__)
        caller &= 0xffffffffffff;  // without the signature that the processor may have put there
#endif
        if (caller == 0) break;
        addresses[count++] = (void *)caller;
        lowest = frame + 2 * sizeof(void *);
        frame = words[0];
    }
    return count;
}

// A function that uses the frame pointer for something else has saved it, somewhere below its caller's frame:
//
//      sp ->    words of the functions without frames
//               ...
//               a word that points to a frame higher up: the register's former content
//               ...
//               where the caller goes on
//      there    the caller's frame, which points to the next one
//
// A word may point to what looks like a frame by chance, or is what is left of one. Three in a row hardly do.
UNCHECKED void *stack_nearest_frame(const stack_context *fiber, stack_bounds bounds, size_t words) {
    enum { enough = 4 };
    void *addresses[enough];
    uintptr_t word = ((uintptr_t)fiber->stack_pointer + sizeof(void *) - 1) & ~(sizeof(void *) - 1);
    for (; words > 0 && word + sizeof(void *) <= (uintptr_t)bounds.highest; words--, word += sizeof(void *)) {
        stack_context from = *fiber;
        from.frame_pointer = *(void **)word;
        if ((uintptr_t)from.frame_pointer > word && stack_frames(&from, bounds, addresses, enough) == enough)
            return from.frame_pointer;
    }
    return NULL;
}

void stack_clear(void *bottom, size_t length) {
    // The pages come back as zeros when they are touched again. Locked ones stay.
    if (madvise(bottom, length, MADV_DONTNEED) != 0) memset(bottom, 0, length);
}

UNCHECKED void *stack_lowest_used(stack_bounds bounds) {
    uintptr_t *word = bounds.lowest;
    while (word < (uintptr_t *)bounds.highest && *word == 0) word++;
    return word;
}
