/// Children: other programs that this one starts. What fails gives the system's number of the error, negated.
#ifndef CTASKLETS_CHILDREN_H
#define CTASKLETS_CHILDREN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

enum {
    /// The child has what the program has under that number.
    child_inherits = -1,
    /// The child has /dev/null.
    child_null = -2,
};

/// How a child is started. Texts lie one behind the other, each with a zero at its end.
typedef struct child_call {
    /// The first one is the program: with a slash a path, else looked for in the PATH.
    const char *arguments;
    int argument_count;
    /// As `NAME=value`.
    const char *environment;
    int environment_count;
    /// Whether it also has the program's own environment, as far as the other one says nothing else.
    bool keeps_environment;
    const char *_Nullable folder;
    /// A descriptor, or one of the values above.
    int input;
    int output;
    int errors;
    /// Whether it leads a group of processes of its own.
    bool has_group;
} child_call;

/// Starts a child. It inherits no other descriptor, no signal is blocked in it, and each does what it does by default.
///
/// - Returns: a descriptor that becomes readable when the child ends.
int child_start(const child_call *call, int *number);

/// Kills a child that was started a moment ago, and waits for its end.
void child_abandon(int number);

/// How a child has ended: 0 while it has not. Afterwards its number may be used again.
///
/// - Parameter group: the number of a group that is killed just before the number becomes free; 0 for none.
int child_take_end(int process, int group, int *code, bool *was_signalled);

/// Sends a signal to the child, and to all of its group if that is not 0. No error when it has ended.
int child_signal(int process, int group, int signal);

/// Waits until the child has ended, in the system; false when the time was too short.
bool child_wait(int process, int64_t nanoseconds);

#pragma clang assume_nonnull end

#endif
