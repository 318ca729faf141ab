/// Registers, stacks and threads: everything below Swift that a tasklet needs. The prefixes are the parts:
///
/// - `stack_`: the switch, inline, and where a fresh stack starts: a header and an assembly file for each processor.
///   Address ranges with a guard, mapped many at a time. Who called whom, and names of functions. What the sanitizers are
///   told.
/// - `thread_`: what each thread keeps, what runs when it ends, barriers between threads, processors.
/// - `clock_`: the time.
/// - `lock_`: a lock, and where a thread sleeps until another one wakes it.
/// - `signal_`: a signal that asks for a report. `report_`: what is written to standard error.
/// - `crash_`: what is written when the program crashes under a schedule that is tried.
#ifndef CTASKLETS_H
#define CTASKLETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

// MARK: - Switch

/// Where a parked fiber goes on: stack pointer, instruction, and the two registers a frame may be found by.
/// The assembly knows the offsets.
typedef struct stack_context {
    void *_Nullable stack_pointer;
    void *_Nullable instruction;
    void *_Nullable frame_pointer;
    void *_Nullable base_pointer;
} stack_context;

/// Makes a context that a first switch to calls `entry(argument)` with, on the stack below `top`.
/// `entry` must not return.
stack_context stack_prepare(void *top, void (*entry)(void *), void *argument);

// static inline void stack_switch_registers(stack_context *parked, stack_context *target)
//
// Parks the running fiber in `*parked` and goes on with `*target`. It returns on the other stack; here it returns when
// somebody switches back.
#pragma clang assume_nonnull end

#if defined(__x86_64__)
#include "switch_x86_64.h"
#elif defined(__aarch64__)
#include "switch_aarch64.h"
#else
#error "CTasklets knows x86-64 and AArch64 only: add switch_<processor>.h and start_<processor>.S"
#endif

#pragma clang assume_nonnull begin

/// What C++'s runtime keeps for each thread (`__cxa_eh_globals` of its ABI): the exceptions whose `catch` blocks are
/// running, and how many are on their way up the stack.
typedef struct stack_exceptions {
    void *_Nullable caught;
    unsigned uncaught;
} stack_exceptions;

/// Where that is for the calling thread; before `thread_exceptions_watch`, and in a program without C++, where nothing is.
extern _Thread_local stack_exceptions *thread_exceptions __attribute__((tls_model("initial-exec")));

/// From now on switches on this thread see the exceptions.
void thread_exceptions_watch(void);

/// `stack_switch` for a fiber that is in the middle of an exception: keeps it on the fiber's own stack meanwhile. So there
/// is none after any switch, and the one that arrives puts back its own.
void stack_switch_with_exceptions(stack_context *parked, stack_context *target);

/// Parks the running fiber in `*parked` and goes on with `*target`, its C++ exceptions included. It returns on the other
/// stack; here it returns when somebody switches back.
static inline __attribute__((always_inline)) void stack_switch(stack_context *parked, stack_context *target) {
    const stack_exceptions *exceptions = thread_exceptions;
    if (__builtin_expect(((uintptr_t)exceptions->caught | exceptions->uncaught) != 0, 0)) {
        stack_switch_with_exceptions(parked, target);
    } else {
        stack_switch_registers(parked, target);
    }
}

/// Asks for a line of memory that is needed soon. Any address will do.
static inline void stack_prefetch(const void *_Nullable address) { __builtin_prefetch(address, 1); }

// MARK: - Stacks

/// Maps `length` bytes of zeroed memory that takes no space until it is touched; NULL when the system refuses.
/// One that is not accessible has to be opened part by part.
void *_Nullable stack_region_map(size_t length, bool is_accessible);

/// Gives the whole region back to the system.
void stack_region_unmap(void *region, size_t length);

/// Makes a part of an inaccessible region accessible; what is left closed below it is its guard, of any size. Each costs
/// two mappings, and their number has a limit: false when the system refuses.
bool stack_open(void *bottom, size_t length);

/// Whether a part of an accessible region can be made a guard without splitting the mapping: since Linux 6.13, and not
/// with `TASKLETS_GUARDS=mprotect` in the environment. A marker costs as much memory and time as there are pages in it.
bool stack_markers_exist(void);

/// Makes `length` bytes at `first`, and then at each `stride` above, a guard: touching it ends the process. Returns how
/// many of `count` there are now; less when the system refuses.
size_t stack_markers_install(void *first, size_t stride, size_t length, size_t count);

/// Gives the memory of whole pages back to the system, as far as it takes it; they hold zeros when they are touched again.
void stack_discard(void *bottom, size_t length);

/// Whether one of these pages holds memory. Looks at 256 pages and no more.
bool stack_is_touched(void *bottom, size_t length);

size_t stack_page_size(void);

/// From the lowest address of a stack to the first one behind it.
typedef struct stack_bounds {
    void *_Nullable lowest;
    void *_Nullable highest;
} stack_bounds;

// MARK: - Looking at stacks

/// Where the caller is, as if it were parked there.
void stack_here(stack_context *here);

/// The places that `fiber` is going to return to, the innermost first, then one for each caller; at most `capacity`.
/// Never reads outside `bounds`. Ends early at a function that was compiled without frame pointers.
size_t stack_frames(const stack_context *fiber, stack_bounds bounds, void *_Nullable *_Nonnull addresses,
                    size_t capacity);

/// The frame that one of the next `words` words points to, if frames lead on from there: for when the frame pointer tells nothing.
/// NULL when there is none.
void *_Nullable stack_nearest_frame(const stack_context *fiber, stack_bounds bounds, size_t words);

/// The name of the function around `address` as the linker knows it; the caller frees it. NULL when nobody knows.
/// Reads the symbol table of the file that the function comes from: some hundred microseconds.
char *_Nullable stack_symbol(const void *address);

/// The file that the code at `address` comes from, and where it is in that: "libc.so.6+0x2724a", as `addr2line` takes it; the
/// caller frees it. NULL when nobody knows.
char *_Nullable stack_place(const void *address);

/// Swift's runtime: the name as it is written in a program; the caller frees it. NULL when it is not a name of Swift's.
char *_Nullable swift_demangle(const char *name, size_t length, char *_Nullable buffer, size_t *_Nullable buffer_size,
                               uint32_t flags);

/// Makes whole pages of a stack that nobody stands on as if never touched.
void stack_clear(void *bottom, size_t length);

/// The lowest address that does not hold zero.
void *stack_lowest_used(stack_bounds bounds);

/// What came of an attempt to watch a signal: the system may not let the program handle it, or have no thread left.
typedef enum signal_watching { SIGNAL_WATCHED, SIGNAL_REFUSED, SIGNAL_NO_THREAD } signal_watching;

/// From now on calls `arrival`, on a thread that is there for nothing else, whenever the process gets `signal`.
signal_watching signal_watch(int signal, void (*arrival)(void));

// MARK: - Overflow

/// Is told which address could not be accessed, and where the stack pointer was: NULL when that does not matter.
typedef void stack_describe_overflow(void *address, void *_Nullable stack_pointer);

/// From now on a fault on this thread calls `describe`, on a stack of its own, before it goes where it would have gone
/// anyway: to the handler that was there before, or to the end of the process.
void stack_overflow_watch(stack_describe_overflow *describe);
/// Takes back what the thread got for it; when the thread ends.
void stack_overflow_unwatch(void);

/// The calling thread's own stack; nothing when the system does not say.
stack_bounds thread_bounds(void);

/// Writes to standard error, also in a signal handler.
void report_bytes(const uint8_t *text, size_t length);

// MARK: - Sanitizers

/// What the sanitizers know of a fiber; all zero without them.
typedef struct stack_sanitizer {
    void *_Nullable bottom;
    size_t size;
    void *_Nullable fake_stack;
    void *_Nullable fiber;
} stack_sanitizer;

/// Whether the program is built with AddressSanitizer or ThreadSanitizer: then the calls below are made.
bool stack_is_sanitized(void);

/// A region of stacks has been mapped, or is going to be unmapped.
void stack_sanitizer_region(void *region, size_t length, bool is_mapped);
/// A stack is about to be used for the first time, or again.
void stack_sanitizer_prepare(stack_sanitizer *fresh, void *bottom, size_t size);
/// Right before a switch. `for_ever`: the stack left will not be switched to again.
void stack_sanitizer_leave(stack_sanitizer *from, stack_sanitizer *to, bool for_ever);
/// Right after a switch, on the new stack.
void stack_sanitizer_arrive(stack_sanitizer *here, stack_sanitizer *_Nullable from);
/// A stack has been left for ever; called on another one.
void stack_sanitizer_end(stack_sanitizer *ended);

// MARK: - The thread's scheduler

/// What `thread_set` keeps. Initial-exec: reading it is one load relative to the thread register.
extern _Thread_local void *_Nullable thread_value __attribute__((tls_model("initial-exec")));

static inline void *_Nullable thread_get(void) { return thread_value; }
static inline void thread_set(void *_Nullable value) { thread_value = value; }

/// Calls `ended` on this thread when it ends, or when the program exits on this thread, which it is told. Once for each thread.
void thread_at_end(void (*ended)(bool is_program));

/// Whether the program has begun to exit: what the threads wait for is nobody's affair any more.
bool thread_program_is_ending(void);

/// What the system calls the calling thread.
int thread_number(void);

/// Nanoseconds of a clock that never goes back.
int64_t clock_now(void);

/// Ticks of the processor's counter, of unknown length: a third of the cost of `clock_now`.
static inline uint64_t clock_ticks(void) {
#if defined(__x86_64__)
    return __builtin_ia32_rdtsc();
#else
    uint64_t ticks;
    __asm__ volatile("mrs %0, cntvct_el0" : "=r"(ticks));
    return ticks;
#endif
}

/// Writes a line to standard error.
void report_line(const char *text);

/// The schedule that the calling thread runs: which candidate was taken at each choice so far, and the letters in front of its
/// line.
typedef struct {
    const int32_t *picks;
    int64_t made;
    char letters[4];
} crash_schedule;

/// From now on a crash of the calling thread writes the line of the schedule first; NULL ends that. The memory has to stay.
void crash_watch(const crash_schedule *_Nullable schedule);

// MARK: - Between threads

/// Keeps the compiler from moving memory accesses across this point. No instruction.
static inline void thread_compiler_fence(void) { __asm__ volatile("" ::: "memory"); }

/// Whether the system has what the next function needs: Linux 4.14 has, and the filter of a container may refuse it.
bool thread_barrier_exists(void);

/// The other half of `thread_compiler_fence`: when it returns, every thread of the process has passed a full memory
/// barrier. Costs a system call, so that the frequent side costs nothing. A barrier for the caller alone where
/// `thread_barrier_exists` says no; then the frequent side needs one as well.
void thread_barrier_for_all(void);

/// Lets another thread run.
void thread_yield(void);

/// Runs `body` on a new thread that no signal to the process reaches, and that nobody waits for: a servant, which does nothing of
/// its own accord, or has a scheduler. 0, or the system's number of the error, negated.
int thread_start(void (*body)(void));

/// The same with an argument. What `body` returns goes to nobody.
int thread_start_with(void *_Nullable (*_Nonnull body)(void *_Nullable argument), void *_Nullable argument);

/// On how many processors the process may run.
int thread_processor_count(void);

/// How many threads the process has without those that `thread_start` began; 1 when the system does not tell.
int thread_count_of_program(void);

/// Whether there is no other thread in the process but those that `thread_start` began. A thread that is about to end still counts,
/// and the first thread does until the process ends, also after pthread_exit.
bool thread_is_only_one(void);

/// Tells the processor that the thread is spinning.
static inline void thread_relax(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#else
    __asm__ volatile("yield" ::: "memory");
#endif
}

/// A lock with a place to sleep at.
typedef struct lock lock;

lock *lock_make(void);
void lock_free(lock *self);
void lock_acquire(lock *self);
/// The same without waiting; false when somebody has it.
bool lock_try(lock *self);
void lock_release(lock *self);
/// Unlocks, sleeps until `lock_wake` or `deadline`, a time of `clock_now`; locks again. False when the deadline
/// has passed. May also return without cause: check and call again.
bool lock_sleep(lock *self, int64_t deadline);
void lock_wake(lock *self);

#pragma clang assume_nonnull end

#endif
