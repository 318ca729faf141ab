/// What tests need and Swift cannot do: frames of any size, memory that is watched, C++ exceptions, a system that
/// refuses calls.
#ifndef CTESTFUNCTIONS_H
#define CTESTFUNCTIONS_H

#include <stdbool.h>
#include <stddef.h>

#if defined(__cplusplus)
extern "C" {
#endif

#pragma clang assume_nonnull begin

// MARK: - Frames

/// Takes a frame of `size` bytes and writes to the lowest 64 of them only.
void touch_far_end_of_frame(size_t size);
/// The same, and writes to all of it.
void fill_frame(size_t size);

// MARK: - Memory barriers

/// From now on the process handles SIGSEGV itself: an access to `barrier_page()` is counted, and allowed from then on.
void barrier_install(void);
/// A page that cannot be accessed before the next fault.
char *barrier_page(void);
/// How many signals have come.
int barrier_count(void);

// MARK: - C++ exceptions

/// Throws `text`, catches it, calls `meanwhile` in the `catch` block, throws it again and writes what comes to `found`.
void rethrow_after(const char *text, void (*meanwhile)(void *_Nullable), void *_Nullable argument, char *found,
                   size_t size);
/// Throws, calls `meanwhile` in a destructor on the way, and returns how many exceptions are on their way after that.
int uncaught_exceptions_in_cleanup(void (*meanwhile)(void *_Nullable), void *_Nullable argument);
/// How many exceptions are on their way.
int uncaught_exceptions(void);
/// Whether a `catch` block runs.
bool is_handling_exception(void);

// MARK: - Memory

/// How many bytes the process has from `malloc`.
long bytes_allocated(void);

// MARK: - A terminal

/// A new terminal: the descriptor of its window, and that of the program's side.
bool terminal_open(int *window, int *program);
/// Where the program's side is.
const char *terminal_path(int window);
/// Gives it a size, which is a signal to who has it as its own.
bool terminal_resize(int window, int columns, int rows);
/// Whether it gives lines, and shows what is typed.
bool terminal_gives_lines(int program);

// MARK: - A container's filter

/// From now on the system refuses `membarrier` to the process, as the filter of a container may. False when that
/// has no effect.
bool refuse_membarrier(void);

#pragma clang assume_nonnull end

#if defined(__cplusplus)
}
#endif

#endif
