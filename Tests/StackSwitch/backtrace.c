#include "backtrace.h"
#include "flow.h"

#include <stdlib.h>
#include <string.h>

static volatile int after;

// Makes its caller one that calls somebody.
__attribute__((noinline)) static void count_return(void) { after++; }

// Linked by name, so that the symbol table has them; what follows the calls keeps them from being jumps.
__attribute__((noinline)) void park_here(void) {
    flow_switch(&flow_main);
    count_return();
    after++;
}

__attribute__((noinline)) void go_deeper(int depth) {
    if (depth == 0) {
        park_here();
    } else {
        go_deeper(depth - 1);
    }
    count_return();
    after++;
}

__attribute__((noinline)) void parking_body(flow *self) {
    (void)self;
    go_deeper(2);
    count_return();
    after++;
}

static stack_bounds bounds_of(const flow *parked) {
    return (stack_bounds){parked->region, (char *)parked->region + flow_stack_size};
}

static bool is_in(const void *address, const char *function) {
    // The call lies before the place that it returns to.
    char *name = stack_symbol((const char *)address - 1);
    const bool is_it = name != NULL && strcmp(name, function) == 0;
    free(name);
    return is_it;
}

void test_backtrace(void) {
    flow *parked = flow_make(parking_body, NULL);
    void *addresses[20];
    EXPECT(stack_frames(&parked->context, bounds_of(parked), addresses, 20) == 0);
    flow_switch(parked);
    const char *const names[] = {"park_here",    "go_deeper",  "go_deeper", "go_deeper",
                                 "parking_body", "flow_entry", "stack_start"};
    const size_t count = sizeof names / sizeof names[0];
    const size_t found = stack_frames(&parked->context, bounds_of(parked), addresses, 20);
    // Without optimization flow_switch is a function of its own; on AArch64 it has no frame then, since it calls nobody,
    // and hides its caller.
    const size_t first = is_in(addresses[0], "flow_switch") ? 1 : 0;
    const size_t hidden = found == count ? first : 0;
    EXPECT(found == first + count - hidden);
    for (size_t i = hidden; i < count; i++) EXPECT(is_in(addresses[first + i - hidden], names[i]));
    // No more than there is room for.
    EXPECT(stack_frames(&parked->context, bounds_of(parked), addresses, 3) == 3);
    EXPECT(stack_frames(&parked->context, bounds_of(parked), addresses, 0) == 0);
    flow_switch(parked);
    flow_free(parked);

    stack_context here = {0};
    stack_here(&here);
    EXPECT(is_in(here.instruction, "test_backtrace"));
    EXPECT(stack_symbol(&here) == NULL);
}

// What a function without frame pointers may leave in the register, and in the words where frames are looked for.
void test_garbage_in_frames(void) {
    uintptr_t memory[20] = {0};
    uintptr_t *const words = memory + 2;
    const stack_bounds bounds = {words, words + 16};
    void *addresses[20];
    stack_context context = {.stack_pointer = words, .instruction = (void *)1};
    void *const starts[] = {(void *)1, (void *)(UINTPTR_MAX - 7), (char *)words + 1,
                            words - 2, words + 15, words + 16};
    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++) {
        context.frame_pointer = starts[i];
        EXPECT(stack_frames(&context, bounds, addresses, 20) == 1);
    }
    // A frame whose caller's frame is itself, or lies below.
    words[8] = (uintptr_t)&words[8];
    words[9] = 42;
    context.frame_pointer = &words[8];
    EXPECT(stack_frames(&context, bounds, addresses, 20) == 2 && addresses[1] == (void *)42);
    words[8] = (uintptr_t)&words[2];
    EXPECT(stack_frames(&context, bounds, addresses, 20) == 2);
    // A stack pointer that belongs to another stack.
    context.stack_pointer = (char *)words - 1;
    EXPECT(stack_frames(&context, bounds, addresses, 20) == 1);
}

// Frames at 6, 9, 12 and 14 that lead on; at 3 what the register was before, and around it other registers that were saved.
void test_nearest_frame(void) {
    uintptr_t words[16] = {0};
    const stack_bounds bounds = {words, words + 16};
    const stack_context context = {.stack_pointer = words, .instruction = (void *)1, .frame_pointer = (void *)1};
    const size_t frames[] = {6, 9, 12, 14};
    for (size_t i = 0; i < 4; i++) {
        words[frames[i]] = i < 3 ? (uintptr_t)&words[frames[i + 1]] : 0;
        words[frames[i] + 1] = 40 + i;
    }
    words[3] = (uintptr_t)&words[6];
    words[2] = words[4] = 1;
    words[5] = 39;  // where the caller goes on
    EXPECT(stack_nearest_frame(&context, bounds, 16) == &words[6]);
    // Not as far as that.
    EXPECT(stack_nearest_frame(&context, bounds, 3) == NULL);
    // What points to one frame, or to itself, or out of the stack.
    words[1] = (uintptr_t)&words[14];
    words[2] = (uintptr_t)&words[2];
    words[4] = (uintptr_t)&words[16];
    EXPECT(stack_nearest_frame(&context, bounds, 16) == &words[6]);
    // A chain that is too short.
    words[9] = 0;
    EXPECT(stack_nearest_frame(&context, bounds, 16) == NULL);
}

static void use_a_kilobyte(flow *self) {
    volatile char memory[1024];
    for (size_t i = 0; i < sizeof memory; i++) memory[i] = 1;
    (void)self;
}

void test_stack_marks(void) {
    flow *used = flow_make(use_a_kilobyte, NULL);
    const stack_bounds bounds = bounds_of(used);
    flow_switch(used);
    char *const bottom = (char *)used->region + stack_page_size();
    const stack_bounds above_guard = {bottom, bounds.highest};
    const ptrdiff_t touched = (char *)bounds.highest - (char *)stack_lowest_used(above_guard);
    EXPECT(touched >= 1024 && touched < 8192);
    stack_clear(bottom, flow_stack_size - stack_page_size());
    EXPECT(stack_lowest_used(above_guard) == bounds.highest);
    flow_free(used);
}
