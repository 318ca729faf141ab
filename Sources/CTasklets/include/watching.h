/// Looking at a thread that runs: where it is right now.
#ifndef CTASKLETS_WATCHING_H
#define CTASKLETS_WATCHING_H

#include "CTasklets.h"

#pragma clang assume_nonnull begin

enum { sample_most_addresses = 64, sample_most_words = 256 };

/// Where a thread was.
typedef struct stack_sample {
    /// The instruction, then where its callers go on, as `stack_frames` finds them.
    void *_Nullable addresses[sample_most_addresses];
    size_t count;
    /// What lies between the stack pointer and the innermost frame that is known: in there is where a function goes on whose
    /// callee has no frame pointer, one of C's as a rule.
    void *_Nullable words[sample_most_words];
    size_t word_count;
} stack_sample;

/// Interrupts another thread of this process by a signal, SIGURG, which does nothing where nobody asks for it, and notes where
/// it is. False when it does not answer within `patience` nanoseconds, as one that blocks the signal, and when it does not stand on
/// the stack between these bounds. The caller sees to it that the thread does not end and does not leave that stack. A call to the system
/// that the thread is in may end early, with EINTR.
bool stack_sample_take(int thread, stack_bounds bounds, int64_t patience, stack_sample *sample);

/// Lets the calling thread be interrupted for that: some threads block all signals, those of Dispatch among them.
void stack_sample_allow(void);

/// Whether the instruction in front of that address, which is one of a function that is loaded, is a call.
bool stack_follows_call(const void *address);

/// The function that this call calls, if it is named in it; NULL when the instruction is none, or takes the address from elsewhere.
const void *_Nullable stack_called(const void *address);

void thread_sleep(int64_t nanoseconds);

#pragma clang assume_nonnull end

#endif
