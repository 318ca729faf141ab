/// Signals as bytes that can be waited for. What fails gives the system's number of the error, negated.
#ifndef CTASKLETS_SIGNALS_H
#define CTASKLETS_SIGNALS_H

#include <stdint.h>

#pragma clang assume_nonnull begin

/// From now on each of these signals that comes to the process, on whatever thread, is a byte in a pipe: its number. It does
/// nothing else any more. Several listeners each get it.
///
/// - Returns: the end of the pipe that is read. `-EINVAL` for a signal that cannot be caught, or that says that the program
///   itself has done something wrong.
int signals_listen(const int *numbers, int count, int *listener);

/// Ends that, but does not close the pipe's end. With the last listener of a signal it does again what it did before.
void signals_stop(int listener);

#pragma clang assume_nonnull end

#endif
