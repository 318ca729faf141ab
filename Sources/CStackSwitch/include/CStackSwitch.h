/// Registers, stacks and threads: everything below Swift that a tasklet needs.
///
/// - `stack_switch` and its first frame: one assembly file for each processor.
/// - stacks: address ranges with a guard, mapped many at a time.
/// - the pointer that each thread keeps to its scheduler, and what runs when a thread ends.
/// - the door: where a thread sleeps until another one wakes it.
#ifndef CSTACKSWITCH_H
#define CSTACKSWITCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if !defined(__x86_64__) && !defined(__aarch64__)
#error "CStackSwitch knows x86-64 and AArch64 only: add a switch_<processor>.S"
#endif

#pragma clang assume_nonnull begin

// MARK: - Switch

/// Parks the running flow and goes on with another one.
///
/// Pushes the callee-saved registers, stores the stack pointer in `*parked`, loads `target` and pops what was
/// pushed there. It returns on the other stack; here it returns when somebody switches back.
void stack_switch(void *_Nullable *_Nonnull parked, void *target);

/// Writes the first frame at the top of an unused stack, so that a `stack_switch` to the returned pointer calls
/// `entry(argument)`. `entry` must not return.
void *stack_first_frame(void *top, void (*entry)(void *), void *argument);

// MARK: - Stacks

/// Maps `length` bytes of zeroed memory that takes no space until it is touched; NULL when the system refuses.
void *_Nullable stack_region_map(size_t length);

/// Gives the whole region back to the system.
void stack_region_unmap(void *region, size_t length);

/// Turns `length` bytes at `address` into a guard: touching it ends the process.
/// False when the system refuses (the limit on mappings, on kernels without guard regions).
bool stack_guard_install(void *address, size_t length);

size_t stack_page_size(void);

// MARK: - The thread's scheduler

/// What `stack_thread_set` keeps. Initial-exec: reading it is one load relative to the thread register.
extern _Thread_local void *_Nullable stack_thread_value __attribute__((tls_model("initial-exec")));

static inline void *_Nullable stack_thread_get(void) { return stack_thread_value; }
static inline void stack_thread_set(void *_Nullable value) { stack_thread_value = value; }

/// Calls `ended` on this thread when it ends, or when the program exits on this thread. Once for each thread.
void stack_thread_at_end(void (*ended)(void));

/// Writes a line to standard error.
void stack_report(const char *text);

// MARK: - Between threads

/// Keeps the compiler from moving memory accesses across this point. No instruction.
static inline void stack_compiler_fence(void) { __asm__ volatile("" ::: "memory"); }

/// The other half of `stack_compiler_fence`: when it returns, every thread of the process has passed a full memory
/// barrier. Costs a system call, so that the frequent side costs nothing.
void stack_barrier_all_threads(void);

/// Lets another thread run.
void stack_thread_yield(void);

/// A lock with a place to sleep at.
typedef struct stack_door stack_door;

stack_door *stack_door_make(void);
void stack_door_free(stack_door *door);
void stack_door_lock(stack_door *door);
void stack_door_unlock(stack_door *door);
/// Unlocks, sleeps until `stack_door_wake`, locks again. May also return without cause: check and call again.
void stack_door_sleep(stack_door *door);
void stack_door_wake(stack_door *door);

#pragma clang assume_nonnull end

#endif
